"""The parameters of an operation: converts their texts to the types of the contract, and checks them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from mock_sent.contract.document import Document
from mock_sent.contract.schemas import COMBINED, Schemas
from mock_sent.contract.texts import Violation
from mock_sent.contract.violations import Rule, RuleBook
from mock_sent.ground.errors import Steps
from mock_sent.ground.strictjson import Unreadable, loads

_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?", re.ASCII)
_WORDS = {"true": True, "false": False}
# The names that JSON Schema has for the types of values in an `enum`.
_KINDS = {bool: "boolean", int: "integer", float: "number"}
_JSON = "application/json"
# The one style of each place that is supported; it is OpenAPI's default.
_STYLES = {"query": "form", "header": "simple", "path": "simple"}

# A parameter of the document with its place; references are followed.
Described = tuple[Steps, dict[str, Any]]


class TextRule:
    """One described parameter.

    An array of a query comes from repeated parameters, or from a text with commas where `explode` is false; an array of
    a header or a path always has commas. A parameter with `content` is read as JSON if the content is JSON.
    """

    def __init__(self, book: RuleBook, parameter: dict[str, Any], at: Steps, name: str) -> None:
        place = parameter["in"]
        if (style := parameter.get("style", _STYLES[place])) != _STYLES[place]:
            raise book.document.fault((*at, "style"), f"the style {style!r} is not supported; use {_STYLES[place]!r}")
        steps, node, self._is_json = _schema_of(parameter)
        schemas = book.schemas
        schema = schemas.target(node)
        self.required = bool(parameter.get("required"))
        self.default = schema.get("default") if isinstance(schema, dict) else None
        types = types_of(schemas, schema)
        self.is_array = "array" in types and not self._is_json
        self._with_commas = self.is_array and (place != "query" or parameter.get("explode") is False)
        # The white space that may stand around an item: a header has a list of RFC 9110.
        self._around = " \t" if place == "header" else ""
        self.types = types_of(schemas, _items_of(schemas, schema)) if self.is_array else types
        self._rule = book.rule(node, (*at, *steps), name)
        # The rule that the parameter is present; None if it is optional.
        self.presence = presence_rule(book, name, node, at) if self.required else None

    @property
    def of_text(self) -> "Rule | TextRule":
        """The rule for a text: this one, or a simpler one if a text needs no conversion."""
        needs = self._is_json or self.is_array or not self.types.isdisjoint(_KINDS.values())
        return self if needs else self._rule

    def holds(self, text: str) -> bool:
        """Whether a text fits."""
        return self._rule.holds(self.typed([text]))

    def violations(self, text: str) -> list[Violation]:
        """The violations of a text."""
        return self._rule.violations(self.typed([text]))

    def violations_of(self, value: Any) -> list[Violation]:
        """The violations of a value that `typed` returned."""
        return self._rule.violations(value)

    def typed(self, texts: list[str]) -> Any:
        """The value of the given texts. A text that cannot be converted stays a text, which breaks the type's rule."""
        text = texts[0]
        if self._with_commas:
            texts = [item.strip(self._around) for each in texts for item in each.split(",")]
        value = [self._value(each) for each in texts] if self.is_array else self._value(text)
        if value is text or self._rule.holds(value):
            return value
        # One alternative of the schema can be a number, and another one a text of digits.
        return text if len(texts) == 1 and self._rule.holds(text) else value

    def missing(self) -> list[Violation]:
        """The violation if the parameter is absent; empty if it is optional."""
        return self.presence.violations({}) if self.presence else []

    def _value(self, text: str) -> Any:
        if self._is_json:
            try:
                return loads(text.encode("utf-8", "surrogatepass"))
            except Unreadable:
                return text
        if _INTEGER.fullmatch(text) and not self.types.isdisjoint(("integer", "number")):
            return int(text)
        if _NUMBER.fullmatch(text) and "number" in self.types:
            return float(text)
        if "boolean" in self.types:
            return _WORDS.get(text, text)
        return text


class Parameters(NamedTuple):
    """The rules of an operation's parameters by place and name. Names of headers are in lower case."""

    headers: Mapping[str, Rule | TextRule]
    path: Mapping[str, Rule | TextRule]
    query: Mapping[str, TextRule]
    # By header that is required: the rule that it is present.
    presence: Mapping[str, Rule]


def described_parameters(document: Document, path: str, method: str) -> list[Described]:
    """The parameters of a path and of its operation. Of two with one place and name, the operation's counts."""
    found: dict[tuple[str, str], Described] = {}
    item = document.raw["paths"][path]
    for at, nodes in (
        (("paths", path, "parameters"), item.get("parameters", ())),
        (("paths", path, method, "parameters"), item[method].get("parameters", ())),
    ):
        for i, node in enumerate(nodes):
            parameter = document.follow(node, (*at, i))
            if not isinstance(parameter, dict) or not {"in", "name"} <= parameter.keys():
                raise document.fault((*at, i), "a parameter needs `in` and `name`")
            if not ("schema" in parameter or parameter.get("content")):
                raise document.fault((*at, i), "a parameter needs `schema` or `content`")
            found[parameter["in"], parameter["name"]] = (*at, i), parameter
    return list(found.values())


def read_parameters(book: RuleBook, path: str, described: Iterable[Described]) -> Parameters:
    """Compile parameters. Cookies are ignored. Raises `FileError` for a path parameter that the path does not have."""
    headers: dict[str, Rule | TextRule] = {}
    paths: dict[str, Rule | TextRule] = {}
    queries: dict[str, TextRule] = {}
    presence: dict[str, Rule] = {}
    for at, parameter in described:
        place, name = parameter["in"], parameter["name"]
        if place == "query":
            queries[name] = TextRule(book, parameter, at, name)
        elif place == "header":
            rule = TextRule(book, parameter, at, name.lower())
            headers[name.lower()] = rule.of_text
            if rule.presence:
                presence[name.lower()] = rule.presence
        elif place == "path":
            if f"{{{name}}}" not in path:
                raise book.document.fault(at, f"the path {path!r} has no {{{name}}}")
            paths[name] = TextRule(book, {**parameter, "required": False}, at, name).of_text
    return Parameters(headers, paths, queries, presence)


def presence_rule(book: RuleBook, name: str, schema: Any, at: Steps) -> Rule:
    """The rule that a parameter is present. It is checked as a member of an object, to use the contract's text."""
    return book.rule({"type": "object", "required": [name], "properties": {name: schema}}, at)


def _schema_of(parameter: Mapping[str, Any]) -> tuple[Steps, Any, bool]:
    """Where a parameter has its schema, the schema, and whether the text is JSON."""
    if "schema" in parameter:
        return ("schema",), parameter["schema"], False
    media_type, media = next(iter(parameter["content"].items()))
    return ("content", media_type, "schema"), media.get("schema", {}), media_type == _JSON


def types_of(schemas: Schemas, schema: Any) -> frozenset[str]:
    """The types that a value of the schema can have, as far as the schema and its alternatives say."""
    found: set[str] = set()
    for each in _alternatives(schemas, schema):
        own = each.get("type", ())
        types = {own} if isinstance(own, str) else set(own)
        found |= types or {_KINDS[type(value)] for value in _constants(each) if type(value) in _KINDS}
    return frozenset(found)


def _items_of(schemas: Schemas, schema: Any) -> Any:
    """The schema of an array's items; of several alternatives, that of the first array."""
    return next((each["items"] for each in _alternatives(schemas, schema) if "items" in each), {})


def _alternatives(schemas: Schemas, schema: Any) -> Iterator[dict[str, Any]]:
    """The schema and those in its `anyOf`, `oneOf` and `allOf`, each once: they may refer to each other."""
    seen: set[int] = set()
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        target = schemas.target(node)
        if id(node) in seen or not isinstance(target, dict):
            continue
        seen.add(id(node))
        yield target
        waiting += [each for key in reversed(COMBINED) for each in reversed(target.get(key, ()))]


def _constants(schema: Mapping[str, Any]) -> list[Any]:
    return [*schema.get("enum", ()), *([schema["const"]] if "const" in schema else [])]
