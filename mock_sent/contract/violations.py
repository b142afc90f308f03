"""Judging a value against a schema: a fast yes, and for a no every violation under its documented code and text."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from mock_sent.contract.schemas import Schemas
from mock_sent.contract.texts import Violation, demand_texts, text_of
from mock_sent.ground.complaints import short
from mock_sent.ground.errors import did_you_mean

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

# A body of a megabyte can hold 300,000 wrong entries; nobody reads the answer past this many.
MOST_VIOLATIONS = 1_000
MOST_UNKNOWN = 20

# JSON's kinds of value, as a text names them.
_KINDS = {"string": "a string", "array": "an array", "object": "an object", "boolean": "a boolean"}
_KINDS |= {"integer": "an integer", "number": "a number"}


class Rule:
    """A schema of the contract, compiled.

    `jsonschema-rs` says yes to what is right, which is nearly always; `jsonschema` is asked only about the rest, and
    only then imported. A property test holds the two equal.
    """

    def __init__(self, schemas: Schemas, schema: dict[str, Any], at: tuple[str | int, ...], name: str = "") -> None:
        self._schemas = schemas
        self._schema = schemas.whole(schema)
        self._name = name
        self._defaults: dict[str, Any] = schemas.document.raw.get("x-faults", {})
        demand_texts(schemas.document, schema, at, self._defaults)
        try:
            self.holds = jsonschema_rs.Draft202012Validator(self._schema, validate_formats=False).is_valid
        except (ValueError, jsonschema_rs.ValidationError) as e:
            raise schemas.document.fault(at, f"not a JSON Schema: {str(e).splitlines()[0]}") from None
        # Members that a later edition of the API has, each with a remark for the person who sends it.
        self.later: dict[str, str] = schemas.target(schema).get("x-later", {})
        self._knows_all = jsonschema_rs.Draft202012Validator(_closed_whole(self._schema)).is_valid
        self._judge: Validator | None = None

    def violations(self, value: Any) -> list[Violation]:
        """Everything that is wrong with the value, each violation once."""
        return [] if self.holds(value) else self.explained(value)

    def explained(self, value: Any) -> list[Violation]:
        """The same by the explaining judge alone."""
        if self._judge is None:
            self._judge = _judge_of(self._schema)
        return list(islice(_each_once(self._named(self._judge.iter_errors(value))), MOST_VIOLATIONS))

    def unknown_members(self, value: Any) -> list[str]:
        """Members of an object that the schema does not describe. They break no rule; a person may want to know."""
        if self._knows_all(value):
            return []
        unknown = _unknown(self._schema, value, self._schema.get("$defs", {}))
        return [_path("", steps) for steps in islice(unknown, MOST_UNKNOWN)]

    def _named(self, errors: Iterable[Any]) -> Iterator[Violation]:
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
                        yield self._violation(self._target(inner), error, _path(at, [member]))
            else:
                yield self._violation(error.schema, error, at)

    def _target(self, schema: dict[str, Any]) -> dict[str, Any]:
        """What a schema inside `$defs` refers to, with what stands beside the reference."""
        found = schema
        while "$ref" in found:
            name = found["$ref"].rpartition("/")[2].replace("~1", "/").replace("~0", "~")
            beside = {key: value for key, value in found.items() if key != "$ref"}
            found = {**self._schema["$defs"][name], **beside}
        return found

    def _violation(self, schema: Any, error: "ValidationError", at: str) -> Violation:
        described = schema if isinstance(schema, dict) else {}
        return text_of(described, str(error.validator), self._defaults).violation(
            at, _ViolationWords(described, error, at)
        )


class _ViolationWords(dict[str, object]):
    """The words of `texts.WORDS` for one error. Most texts name few of them, so each is made when a text names it."""

    def __init__(self, schema: dict[str, Any], error: "ValidationError", at: str) -> None:
        super().__init__(at=at)
        self._schema, self._error = schema, error

    def __missing__(self, word: str) -> object:
        if word == "kind":
            return _kind(self._schema)
        if word == "place":
            return self["at"] or "the body"
        given, wanted = self._given_and_wanted()
        if word == "given":
            return short(given)
        each = wanted if isinstance(wanted, list) else [wanted]
        return did_you_mean(given, map(str, each)) if word == "near" else ", ".join(map(str, each))

    def _given_and_wanted(self) -> tuple[Any, Any]:
        """Of an object with a member that there is not, the member and those that there are."""
        value: Any = self._error.instance
        if self._error.validator not in ("additionalProperties", "unevaluatedProperties"):
            return value, self._error.validator_value
        known = list(self._schema.get("properties", ()))
        return next((member for member in value if member not in known), ""), known


class RuleBook:
    """Compiles each schema of a document once, however many operations share it."""

    def __init__(self, schemas: Schemas) -> None:
        self.schemas = schemas
        self.document = schemas.document
        self._rules: dict[tuple[int, str], tuple[dict[str, Any], Rule]] = {}

    def rule(self, schema: dict[str, Any], at: tuple[str | int, ...], name: str = "") -> Rule:
        """The rule of a schema. `name` stands before the paths of its violations."""
        key = (
            id(self.document.follow(schema)),
            name,
        )  # the schema is kept beside the rule, so that its id stays its own
        if key not in self._rules:
            self._rules[key] = self.document.follow(schema), Rule(self.schemas, schema, at, name)
        return self._rules[key][1]


def _unknown(schema: dict[str, Any], value: Any, definitions: dict[str, Any]) -> Iterator[list[str | int]]:
    while "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2].replace("~1", "/").replace("~0", "~")]
    if isinstance(value, list):
        items = schema.get("items")
        if isinstance(items, dict):
            for i, inner in enumerate(value):
                yield from ([i, *steps] for steps in _unknown(items, inner, definitions))
    properties = schema.get("properties")
    if not properties or not isinstance(value, dict):
        return
    for name, inner in value.items():
        if name not in properties:
            yield [name]
        elif isinstance(inner, dict | list):
            yield from ([name, *steps] for steps in _unknown(properties[name], inner, definitions))


def _closed_whole(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema that holds where every member is known, whatever its value: the fast yes to `_unknown`."""
    definitions = {name: _closed(inner) for name, inner in schema.get("$defs", {}).items()}
    return {**_closed(schema), "$defs": definitions} if definitions else _closed(schema)


def _closed(schema: Any) -> dict[str, Any]:
    if not isinstance(schema, dict):
        return {}
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}
    closed: dict[str, Any] = {}
    if isinstance(schema.get("items"), dict):
        closed["items"] = _closed(schema["items"])
    if properties := schema.get("properties"):
        closed["properties"] = {name: _closed(inner) for name, inner in properties.items()}
        closed["additionalProperties"] = False
    return closed


def _each_once(violations: Iterable[Violation]) -> Iterator[Violation]:
    """One by one: who takes a thousand of them does not wait for the rest."""
    seen: set[Violation] = set()
    for violation in violations:
        if violation not in seen:
            seen.add(violation)
            yield violation


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

    from mock_sent.contract.texts import strict_pattern

    def pattern(validator: Any, regex: str, value: Any, schema: Any) -> Iterator[ValidationError]:
        if isinstance(value, str) and not strict_pattern(regex).search(value):
            yield ValidationError(f"{value!r} does not match {regex!r}")

    strict: Any = extend(Draft202012Validator, {"pattern": pattern})  # type: ignore[no-untyped-call]
    judge: Validator = strict(schema)
    return judge
