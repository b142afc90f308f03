"""The contract's operations: what the server routes by, validates with and refuses with."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mock_sent.contract.document import Document
from mock_sent.contract.faults import Fault, Rule, RuleBook, demand_words
from mock_sent.contract.outcomes import Outcomes, read_outcomes
from mock_sent.contract.query import Query, QueryRule, read_query
from mock_sent.contract.shape import demand_shape

# The rules that no schema has, and the words that their texts may name.
_FAULTS = {"given_once": "at", "unreadable": "reason", "not_an_object": "at", "too_large": "limit", "media_type": "at"}
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class Operation:
    """One operation: its parameters, its body, its success and its failures, compiled."""

    def __init__(self, book: RuleBook, path: str, method: str, content: dict[str, Any]) -> None:
        document = book.document
        at = ("paths", path, method)
        self.path, self.method, self.content = path, method.upper(), content
        self.id: str = content.get("operationId", "")
        if not self.id:
            raise document.fault(at, "an operation needs an operationId")
        responses = content.get("responses")
        if not isinstance(responses, dict):
            raise document.fault(at, "an operation needs responses")
        self.headers: dict[str, Rule] = {}
        self.path_rules: dict[str, Rule] = {}
        self.query: dict[str, QueryRule] = {}
        for i, parameter in enumerate(content.get("parameters", [])):
            self._add_parameter(book, parameter, (*at, "parameters", i))
        # What an empty query string says, unless it breaks a rule.
        self._no_query: Query | None = None
        if not any(rule.required for rule in self.query.values()):
            self._no_query = Query({name: rule.default for name, rule in self.query.items()}, [], [])
        self.takes_key = "idempotency-key" in self.headers
        self.body = self._body_rule(book, content, at)
        self.demands_body = bool(content.get("requestBody", {}).get("required"))
        self.success = self._success(document, responses, at)
        content_of_success = responses[str(self.success)].get("content", {}).get("application/json", {})
        self.success_examples: list[str] = list(content_of_success.get("examples", {}))
        self._texts: dict[str, Any] = document.raw.get("x-faults", {})
        self.outcomes: Outcomes = read_outcomes(document, responses.items(), (*at, "responses"))

    def head_faults(self, headers: Mapping[str, str], path: Mapping[str, str]) -> list[Fault]:
        """Everything in headers and path that breaks the contract."""
        found: list[Fault] = []
        for name, rule in self.path_rules.items():
            if not rule.holds(path[name]):
                found += rule.faults(path[name])
        for name, rule in self.headers.items():
            value = headers.get(name)
            if value is not None and not rule.holds(value):
                found += rule.faults(value)
        return found

    def read_query(self, raw: bytes) -> Query:
        """The parameters of a query string, typed, with what is wrong about them."""
        if not raw and self._no_query is not None:
            return self._no_query
        return read_query(self.query, raw, lambda name: self.fault("given_once", name))

    def fault(self, rule: str, at: str, **words: object) -> Fault:
        """A broken rule of those that no schema has: `given_once`, `too_large`, ..."""
        entry = self._texts[rule]
        return Fault(at, entry["code"], entry["text"].format(at=at, **words))

    def _add_parameter(self, book: RuleBook, parameter: dict[str, Any], at: tuple[str | int, ...]) -> None:
        place = parameter.get("in")
        if place == "query":
            self.query[parameter["name"]] = QueryRule(book, parameter, at)
            return
        rules = {"header": self.headers, "path": self.path_rules}.get(str(place))
        if rules is None:
            raise book.document.fault(at, f"a parameter in {place!r} is not supported")
        name = parameter["name"].lower() if place == "header" else parameter["name"]
        if place == "path" and f"{{{name}}}" not in self.path:
            raise book.document.fault(at, f"the path {self.path!r} has no {{{name}}}")
        rules[name] = book.rule(parameter["schema"], (*at, "schema"), name)

    @staticmethod
    def _body_rule(book: RuleBook, content: dict[str, Any], at: tuple[str | int, ...]) -> Rule | None:
        body = content.get("requestBody")
        if body is None:
            return None
        try:
            schema = body["content"]["application/json"]["schema"]
        except (KeyError, TypeError):
            raise book.document.fault(
                (*at, "requestBody"), "a request body needs a schema for application/json"
            ) from None
        return book.rule(schema, (*at, "requestBody", "content", "application/json", "schema"))

    @staticmethod
    def _success(document: Document, responses: dict[str, Any], at: tuple[str, ...]) -> int:
        found = [status for status in responses if status.startswith("2")]
        if len(found) != 1:
            raise document.fault((*at, "responses"), "an operation needs exactly one response of the 2xx")
        return int(found[0])


class Contract:
    """All of it. `document` is what /openapi.json shows."""

    def __init__(self, document: Document) -> None:
        tree = document.resolve()
        if not str(tree.get("openapi", "")).startswith("3.1"):
            raise document.fault(("openapi",), "the contract must be OpenAPI 3.1")
        if not isinstance(tree.get("paths"), dict):
            raise document.fault((), "the contract has no paths")
        self.document = document.raw
        self.paths: dict[str, dict[str, Operation]] = {}
        book = RuleBook(document)
        for path, item in tree["paths"].items():
            methods = {method: item[method] for method in METHODS if method in item}
            self.paths[path] = {m.upper(): Operation(book, path, m, content) for m, content in methods.items()}
        self.common = _common_outcomes(document, tree)
        for rule, word in _FAULTS.items():
            if not {"code", "text"} <= tree.get("x-faults", {}).get(rule, {}).keys():
                raise document.fault(("x-faults", rule), f"x-faults needs {rule!r} with a code and a text")
            demand_words(document, tree["x-faults"][rule]["text"], ("x-faults", rule, "text"), word)

    @property
    def operations(self) -> list[Operation]:
        return [operation for methods in self.paths.values() for operation in methods.values()]


def load(path: Path, *, anonymous: bool = True, envelopes: bool = False) -> Contract:
    """Read and compile the contract. Raises `StartupError` with file, line and reason.

    The settings change the contract before anything is compiled, so that what is served, checked and answered is one:
    `anonymous` lets a request do without a key, `envelopes` gives 401 and 403 the bodies of `x-envelope`.
    """
    document = Document(path)
    demand_shape(document)
    document.raw["servers"] = [{"url": "/"}]
    if anonymous:
        document.raw["security"] = [{}, *document.raw.get("security", [])]
    if envelopes:
        for response in document.raw.get("components", {}).get("responses", {}).values():
            if examples := response.get("x-envelope"):
                schema = {"$ref": "#/components/schemas/ErrorResponse"}
                response["content"] = {"application/json": {"schema": schema, "examples": examples}}
    return Contract(document)


def _common_outcomes(document: Document, tree: dict[str, Any]) -> Outcomes:
    """The failures that belong to no operation: those responses under `components` that say their own status."""
    responses = tree.get("components", {}).get("responses", {})
    by_status = [(str(response["x-status"]), response) for response in responses.values() if "x-status" in response]
    return read_outcomes(document, by_status, ("components", "responses"))
