"""The operations of a document: the rules for their requests, and their possible replies.

An operation is compiled at its first request. `demand` compiles it at once, to find the errors of a user's contract.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from mock_sent.contract.document import Document
from mock_sent.contract.formats import FORMATS, Format
from mock_sent.contract.outcomes import Outcomes, demand_failures, read_outcomes
from mock_sent.contract.parameters import (
    Described,
    Parameters,
    TextRule,
    described_parameters,
    read_parameters,
    types_of,
)
from mock_sent.contract.projection import Projection, needed_values, projection_of
from mock_sent.contract.query import Query, query_of_nothing, read_query
from mock_sent.contract.texts import Violation, demand_words, rule_text
from mock_sent.contract.violations import Rule, RuleBook
from mock_sent.ground.errors import Steps

# The rules that are not in schemas, and the placeholder that the text of each may have.
OTHER_RULES = {
    "given_once": "at",
    "unreadable": "reason",
    "not_an_object": "at",
    "too_large": "limit",
    "media_type": "at",
    "content_coding": "at",
}
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
JSON = "application/json"
# Where a parameter can be. A cookie is ignored.
PLACES = ("query", "header", "path")


class Operation:
    """One operation of a document."""

    def __init__(
        self, book: RuleBook, path: str, method: str, content: dict[str, Any], formats: Mapping[str, Format]
    ) -> None:
        self._book, self._document, self._formats = book, book.document, formats
        self._at: Steps = ("paths", path, method)
        self.path, self.method, self.content = path, method.upper(), content
        self.id: str = content.get("operationId", "")
        if not self.id:
            raise self._document.fault(self._at, "an operation needs an operationId")
        responses = content.get("responses")
        if not isinstance(responses, dict):
            raise self._document.fault(self._at, "an operation needs responses")
        self._responses: dict[str, Any] = responses
        self._successes = [status for status in responses if status.startswith("2") and status.isdigit()]
        if not self._successes:
            raise self._document.fault(
                (*self._at, "responses"), "an operation needs a response of the 2xx, such as '200'"
            )
        # The first one is the usual one.
        self.success = int(self._successes[0])
        self._projections: dict[int, Projection] = {}

    def demand(self, *, handled: bool = True) -> None:
        """Compile the whole operation. Raises `FileError` for the first error.

        If `handled`, the mock has a handler for it, which needs more of the document than an answer by example does.
        """
        _ = self.parameters, self.body, self.success_examples
        if handled:
            self._demand_usable()
            for status in self._successes:
                self.projection_of(int(status))

    def _demand_usable(self) -> None:
        """Raise `FileError` for a part of the document that a handler cannot work with."""
        for at, parameter in self.described_parameters:
            if parameter["in"] not in PLACES:
                raise self._document.fault(at, f"a parameter in {parameter['in']!r} is not supported")
        if self.body is None and "requestBody" in self.content:
            raise self._document.fault((*self._at, "requestBody"), f"a request body needs a schema for {JSON}")
        demand_failures(self._document, self._responses.items(), (*self._at, "responses"))

    # The request

    @cached_property
    def described_parameters(self) -> Sequence[Described]:
        """The parameters in the document: those of the path and those of the operation."""
        return described_parameters(self._document, self.path, self.method.lower())

    @cached_property
    def parameters(self) -> Parameters:
        return read_parameters(self._book, self.path, self.described_parameters)

    @cached_property
    def _no_query(self) -> Query | None:
        return query_of_nothing(self.parameters.query)

    @cached_property
    def takes_key(self) -> bool:
        """Whether the operation accepts an Idempotency-Key."""
        return "idempotency-key" in self.parameters.headers

    @cached_property
    def once(self) -> frozenset[str]:
        """The headers that a request must not repeat: those with one value. `ground.headers` has the table of all."""
        described = self.parameters.headers.items()
        single = {name for name, rule in described if not (isinstance(rule, TextRule) and rule.is_array)}
        return frozenset({"x-api-key", "content-type", *single})

    @cached_property
    def body(self) -> Rule | None:
        """The rule of the request's JSON; None if the operation takes no body, or any."""
        if JSON not in self._request or "schema" not in self._request[JSON]:
            return None
        at = (*self._at, "requestBody", "content", JSON, "schema")
        return self._book.rule(self._request[JSON]["schema"], at)

    @cached_property
    def _request(self) -> Mapping[str, Any]:
        """The media types of the request's body."""
        body = self._document.follow(self.content.get("requestBody", {}), (*self._at, "requestBody"))
        content = body.get("content") if isinstance(body, dict) else None
        return content if isinstance(content, dict) else {}

    @cached_property
    def objects_only(self) -> bool:
        """Whether a body that is not an object breaks the rule `not_an_object`; if not, its schema decides."""
        return "not_an_object" in self._document.raw["x-faults"]

    @cached_property
    def text_types(self) -> frozenset[str]:
        """The media types other than JSON. A body of one of them is a text; the operation's handler reads it."""
        return frozenset(self._request) - {JSON}

    @cached_property
    def closed(self) -> bool:
        """Whether an undescribed query parameter is refused (`x-closed-query` in the document)."""
        return bool(self.content.get("x-closed-query"))

    @cached_property
    def demands_body(self) -> bool:
        return bool(self._document.follow(self.content.get("requestBody", {})).get("required"))

    @cached_property
    def body_defaults(self) -> Mapping[str, Any]:
        """The defaults of the body's members."""
        members = self._members(self._request_schema)
        return {name: member["default"] for name, member in members.items() if "default" in member}

    @cached_property
    def body_members(self) -> tuple[str, ...]:
        """The names of the body's described members."""
        return tuple(self._request_schema.get("properties", {}))

    @cached_property
    def body_integers(self) -> frozenset[str]:
        """The names of the body's members that are integers."""
        types = {name: types_of(self._book.schemas, each) for name, each in self._members(self._request_schema).items()}
        return frozenset(name for name, each in types.items() if "integer" in each and "number" not in each)

    @cached_property
    def _request_schema(self) -> dict[str, Any]:
        schema = self._book.schemas.target(self._request.get(JSON, {}).get("schema", {}))
        return schema if isinstance(schema, dict) else {}

    def head_violations(self, headers: Mapping[str, str], path: Mapping[str, str]) -> list[Violation]:
        """All violations of the contract in headers and path."""
        found: list[Violation] = []
        parameters = self.parameters
        for name, rule in parameters.path.items():
            if not rule.holds(path[name]):
                found += rule.violations(path[name])
        for name, rule in parameters.headers.items():
            value = headers.get(name)
            if value is not None and not rule.holds(value):
                found += rule.violations(value)
        for name, rule in parameters.presence.items():
            if name not in headers:
                found += rule.violations({})
        return found

    def read_query(self, raw: bytes) -> Query:
        """The typed parameters of a query string, with their violations."""
        if not raw and self._no_query is not None:
            return self._no_query
        return read_query(self.parameters.query, raw, lambda name: self.violation("given_once", name))

    def violation(self, rule: str, at: str, **words: object) -> Violation:
        """A violation of a rule that is not in a schema: `given_once`, `too_large`, ..."""
        return rule_text(self._document.raw["x-faults"][rule]).violation(at, {"at": at, **words})

    def code_and_details(self, violations: Sequence[Violation]) -> tuple[str, dict[str, list[str]]]:
        """The code of a failure with these violations (ERR-5), and its details: their texts by place (ERR-4).

        If the violations have several codes, it is the first code in `x-codes-of-several` that occurs, else the last.
        """
        codes, of_several = {violation.code for violation in violations}, self._document.raw["x-codes-of-several"]
        code = codes.pop() if len(codes) == 1 else next((c for c in of_several if c in codes), of_several[-1])
        details: dict[str, list[str]] = {}
        for violation in violations:
            details.setdefault(violation.at, []).append(violation.text)
        return code, details

    # The reply

    @cached_property
    def outcomes(self) -> Outcomes:
        """The documented failures."""
        return read_outcomes(self._document, self._responses.items(), (*self._at, "responses"))

    @cached_property
    def success_examples(self) -> Mapping[str, Any]:
        """The contract's examples of the usual success, by name. An example without a name has the name ""."""
        media = self._media(self.success)
        if "examples" in media:
            at = (*self._at, "responses", str(self.success), "content", JSON, "examples")
            named = {name: self._document.follow(each, (*at, name)) for name, each in media["examples"].items()}
            return {name: each["value"] for name, each in named.items() if "value" in each}
        schema = self._book.schemas.target(media.get("schema", {}))
        schema = schema if isinstance(schema, dict) else {}
        unnamed = [each["example"] for each in (media, schema) if "example" in each] + schema.get("examples", [])[:1]
        return {"": unnamed[0]} if unnamed else {}

    @cached_property
    def example(self) -> Any:
        """The contract's first example of the usual success; None if it has no body."""
        return next(iter(self.success_examples.values()), None)

    @cached_property
    def show(self) -> Projection:
        """The function that makes `data` of the usual success from a handler's values."""
        return self.projection_of(self.success)

    @cached_property
    def shown_defaults(self) -> Mapping[str, Any]:
        """The values that `data` is made of, by our name, each with its default or None."""
        members = self._members(self._shown(self.success))
        return {member.get("x-from", name): member.get("default") for name, member in members.items()}

    @cached_property
    def needed(self) -> frozenset[str]:
        """The values, by our name, without which `data` cannot be made."""
        return needed_values(self._book.schemas, self._shown(self.success))

    @cached_property
    def has_body(self) -> bool:
        """Whether the usual success has a body with a schema."""
        return "schema" in self._media(self.success)

    @cached_property
    def tells_limits(self) -> bool:
        """Whether the usual success has the headers of a limit (HEAD-5)."""
        return "X-RateLimit-Limit" in self.content["responses"][str(self.success)].get("headers", {})

    def projection_of(self, status: int) -> Projection:
        """The function that makes `data` of a success from a handler's values."""
        if status not in self._projections:
            at = (*self._at, "responses", str(status), "content", JSON, "schema", "properties", "data")
            self._projections[status] = projection_of(self._book.schemas, self._shown(status), self._formats, at)
        return self._projections[status]

    def _shown(self, status: int) -> dict[str, Any]:
        """The schema of `data`, or of the whole reply if it has no envelope."""
        schemas = self._book.schemas
        whole = schemas.target(self._media(status).get("schema", {}))
        shown: dict[str, Any] = schemas.target(whole.get("properties", {}).get("data", whole))
        return shown

    def _members(self, schema: Mapping[str, Any]) -> Mapping[str, dict[str, Any]]:
        """The schemas of an object's members; one that is `true` or `false` says nothing more."""
        members = {name: self._book.schemas.target(each) for name, each in schema.get("properties", {}).items()}
        return {name: member if isinstance(member, dict) else {} for name, member in members.items()}

    def _media(self, status: int) -> dict[str, Any]:
        at = (*self._at, "responses", str(status))
        response = self._document.follow(self._responses[str(status)], at)
        media: dict[str, Any] = response.get("content", {}).get(JSON, {})
        return media


def operations_of(book: RuleBook, formats: Mapping[str, Format] = FORMATS) -> Mapping[str, Mapping[str, Operation]]:
    """The operations of a document by path and method, in the document's order."""
    return {
        path: {m.upper(): Operation(book, path, m, item[m], formats) for m in METHODS if m in item}
        for path, item in book.document.raw["paths"].items()
    }


def demand_other_rules(document: Document) -> None:
    """Raise `FileError` if a rule that is not in a schema has no code and text."""
    described = document.raw.get("x-faults", {})
    for rule, word in OTHER_RULES.items():
        if not {"code", "text"} <= described.get(rule, {}).keys():
            raise document.fault(("x-faults", rule), f"x-faults needs {rule!r} with a code and a text")
        demand_words(document, described[rule]["text"], ("x-faults", rule, "text"), word)
