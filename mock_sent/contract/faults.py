"""Judging a request against a schema: a fast yes, and for a no every fault under its documented code and text."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import jsonschema_rs

from mock_sent.contract.document import Document

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

# A body of a megabyte can hold 300,000 wrong entries; nobody reads the answer past this many.
MOST_FAULTS = 1_000
MOST_UNKNOWN = 20

_KINDS = {"string": "a string", "array": "an array", "object": "an object", "boolean": "a boolean"}
_KINDS |= {"integer": "an integer", "number": "a number"}
# Keywords that can refuse a value. Each must have a text, or the file is refused when the server starts.
_RULES = {"type", "required", "enum", "const", "pattern", "minLength", "maxLength", "minItems", "maxItems", "not"}
_RULES |= {"anyOf", "oneOf", "minimum", "maximum", "uniqueItems", "minProperties", "maxProperties"}


class Fault(NamedTuple):
    """One broken rule: where (`to[3]`, `template.id`, a header's name), the error code, and the sentence."""

    at: str
    code: str
    text: str


class Rule:
    """A schema of the contract, compiled.

    `jsonschema-rs` says yes to what is right, which is nearly always; `jsonschema` is asked only about the rest, and
    only then imported. A property test holds the two equal.
    """

    def __init__(self, document: Document, schema: dict[str, Any], at: tuple[str | int, ...], name: str = "") -> None:
        self._schema = schema
        self._name = name
        self._defaults: dict[str, Any] = document.raw.get("x-faults", {})
        _demand_texts(document, schema, at, self._defaults)
        try:
            self.holds = jsonschema_rs.Draft202012Validator(schema, validate_formats=False).is_valid
        except (ValueError, jsonschema_rs.ValidationError) as e:
            raise document.fault(at, f"not a JSON Schema: {str(e).splitlines()[0]}") from None
        # Members that a later edition of the API has, each with a remark for the person who sends it.
        self.later: dict[str, str] = schema.get("x-later", {})
        self._knows_all = jsonschema_rs.Draft202012Validator(_closed(schema)).is_valid
        self._judge: Validator | None = None

    def faults(self, value: Any) -> list[Fault]:
        """Everything that is wrong with the value, each fault once."""
        return [] if self.holds(value) else self.explained(value)

    def explained(self, value: Any) -> list[Fault]:
        """The same by the explaining judge alone."""
        if self._judge is None:
            self._judge = _judge_of(self._schema)
        return list(islice(_each_once(self._named(self._judge.iter_errors(value))), MOST_FAULTS))

    def unknown_members(self, value: Any) -> list[str]:
        """Members of an object that the schema does not describe. They break no rule; a person may want to know."""
        if self._knows_all(value):
            return []
        return [_path("", steps) for steps in islice(_unknown(self._schema, value), MOST_UNKNOWN)]

    def _named(self, errors: Iterable[Any]) -> Iterator[Fault]:
        wrong_type: set[str] = set()
        for error in errors:
            at = _path(self._name, error.absolute_path)
            if error.validator == "type":
                wrong_type.add(at)
            elif at in wrong_type:
                continue  # of a number one need not say that it is none of four words
            if error.validator == "required":
                for member in error.validator_value:
                    if member not in error.instance:
                        inner = error.schema.get("properties", {}).get(member, {})
                        yield self._fault(inner, "required", _path(at, [member]))
            else:
                yield self._fault(error.schema, error.validator, at)

    def _fault(self, schema: dict[str, Any], keyword: str, at: str) -> Fault:
        entry = _entry(schema, keyword, self._defaults)
        return Fault(at, entry["code"], entry["text"].format(at=at, kind=_kind(schema)))


def demand_words(document: Document, text: str, at: tuple[str | int, ...], *words: str) -> None:
    """Refuse a text with a placeholder that nobody will fill."""
    try:
        text.format_map(dict.fromkeys(words, ""))
    except (ValueError, LookupError, AttributeError):
        known = " and ".join(f"{{{word}}}" for word in words)
        raise document.fault(at, f"the text {text!r} may name {known} and no other thing") from None


class RuleBook:
    """Compiles each schema of a document once, however many operations share it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._rules: dict[tuple[int, str], tuple[dict[str, Any], Rule]] = {}

    def rule(self, schema: dict[str, Any], at: tuple[str | int, ...], name: str = "") -> Rule:
        key = (id(schema), name)  # the schema is kept beside the rule, so that its id stays its own
        if key not in self._rules:
            self._rules[key] = schema, Rule(self.document, schema, at, name)
        return self._rules[key][1]


def _unknown(schema: dict[str, Any], value: Any) -> Iterator[list[str]]:
    properties = schema.get("properties")
    if not properties or not isinstance(value, dict):
        return
    for name, inner in value.items():
        if name not in properties:
            yield [name]
        elif isinstance(inner, dict):
            yield from ([name, *steps] for steps in _unknown(properties[name], inner))


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema that holds where every member is known, whatever its value: the fast yes to `_unknown`."""
    properties = schema.get("properties")
    if not properties:
        return {}
    return {"properties": {name: _closed(inner) for name, inner in properties.items()}, "additionalProperties": False}


def _each_once(faults: Iterable[Fault]) -> Iterator[Fault]:
    seen: set[Fault] = set()
    for fault in faults:
        if fault not in seen:
            seen.add(fault)
            yield fault


def _entry(schema: dict[str, Any], keyword: str, defaults: dict[str, Any]) -> Any:
    """Code and text of a broken keyword: beside it, else for all rules of its schema, else by default."""
    own = schema.get("x-faults", {})
    if keyword in own:
        return own[keyword]
    if keyword not in ("type", "required") and "*" in own:
        return own["*"]
    return defaults.get(keyword)


def _demand_texts(document: Document, node: Any, at: tuple[str | int, ...], defaults: dict[str, Any]) -> None:
    """Refuse a schema in which a rule that can be broken has no code and text."""
    if not isinstance(node, dict):
        raise document.fault(at, "a schema must be a mapping")
    for keyword in sorted(_RULES & node.keys()):
        entry = _entry(node, keyword, defaults)
        if not isinstance(entry, dict) or not {"code", "text"} <= entry.keys():
            raise document.fault((*at, keyword), f"the rule {keyword!r} has no text; give it one in x-faults beside it")
        demand_words(document, entry["text"], (*at, keyword), "at", "kind")
    if "pattern" in node:
        _demand_pattern(document, node["pattern"], (*at, "pattern"))
    for name, schema in node.get("properties", {}).items():
        _demand_texts(document, schema, (*at, "properties", name), defaults)
    for keyword in ("items", "additionalProperties"):
        if isinstance(node.get(keyword), dict):
            _demand_texts(document, node[keyword], (*at, keyword), defaults)


def _demand_pattern(document: Document, regex: Any, at: tuple[str | int, ...]) -> None:
    try:
        strict_pattern(str(regex))
    except re.error as e:
        raise document.fault(at, f"the pattern {regex!r} cannot be used: {e}") from None


def _kind(schema: dict[str, Any]) -> str:
    kind = schema.get("type", "")
    kinds = kind if isinstance(kind, list) else [kind]
    return " or ".join(_KINDS.get(k, str(k)) for k in kinds if k != "null")


def _path(start: str, steps: Iterable[str | int]) -> str:
    path = start
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += f".{step}" if path else step
    return path


def _judge_of(schema: dict[str, Any]) -> "Validator":
    from jsonschema import Draft202012Validator, ValidationError
    from jsonschema.validators import extend

    def pattern(validator: Any, regex: str, value: Any, schema: Any) -> Iterator[ValidationError]:
        if isinstance(value, str) and not strict_pattern(regex).search(value):
            yield ValidationError(f"{value!r} does not match {regex!r}")

    strict: Any = extend(Draft202012Validator, {"pattern": pattern})  # type: ignore[no-untyped-call]
    judge: Validator = strict(schema)
    return judge


def strict_pattern(regex: str) -> re.Pattern[str]:
    """A pattern as JSON Schema means it (ECMA 262): `$` is the very end, `\\d` the ten ASCII digits."""
    if regex.endswith("$") and not regex.endswith("\\$"):
        regex = regex[:-1] + r"\Z"
    return re.compile(regex, re.ASCII)
