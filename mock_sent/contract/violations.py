"""Validates a value by a schema: accepts valid values fast, and lists violations with documented code and text."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from mock_sent.contract.document import steps_of
from mock_sent.contract.schemas import Schemas
from mock_sent.contract.texts import Violation, demand_texts, has_text, strict_pattern, text_of
from mock_sent.ground.complaints import short
from mock_sent.ground.errors import did_you_mean
from mock_sent.ground.uniqueness import unique_items

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

# The most violations of one value. A body of a megabyte can have 300,000.
MOST_VIOLATIONS = 1_000
MOST_UNKNOWN = 20

# The types of JSON values, as words for a text.
_KINDS = {"string": "a string", "array": "an array", "object": "an object", "boolean": "a boolean"}
_KINDS |= {"integer": "an integer", "number": "a number"}


class Rule:
    """A compiled schema of the contract.

    `jsonschema-rs` checks every value. `jsonschema` explains the invalid ones, which are rare, and is imported only
    then. A property test checks that both accept the same values.
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
        self._knows_all = jsonschema_rs.Draft202012Validator(_closed_whole(self._schema)).is_valid
        self._explainer: Validator | None = None

    def violations(self, value: Any) -> list[Violation]:
        """All violations of the value, each once, up to `MOST_VIOLATIONS`."""
        return [] if self.holds(value) else self.explained(value)

    def explained(self, value: Any) -> list[Violation]:
        """The same as `violations`, by `jsonschema` alone."""
        if self._explainer is None:
            self._explainer = _explainer_of(self._schema)
        return list(islice(_each_once(self._named(self._explainer.iter_errors(value))), MOST_VIOLATIONS))

    def unknown_members(self, value: Any) -> list[str]:
        """The members that the schema does not describe, for a warning; they are no violations."""
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
                continue  # a value of the wrong type needs no further errors, for example of `enum`
            if error.validator == "required":
                for member in error.validator_value:
                    if member not in error.instance:
                        inner = error.schema.get("properties", {}).get(member, {})
                        yield self._violation(self._target(inner), error, _path(at, [member]))
            elif error.validator == "additionalProperties" and not has_text(
                error.schema, "additionalProperties", self._defaults
            ):
                for member in _additional(error.schema, error.instance):
                    yield self._violation(error.schema, error, _path(at, [member]))
            else:
                yield self._violation(error.schema, error, at)

    def _target(self, schema: Any) -> dict[str, Any]:
        """The schema that a `$ref` into `$defs` refers to, with the keywords beside the `$ref` added."""
        found: dict[str, Any] = schema if isinstance(schema, dict) else {}
        while "$ref" in found:
            name = steps_of(found["$ref"])[-1]
            beside = {key: value for key, value in found.items() if key != "$ref"}
            found = {**self._schema["$defs"][name], **beside}
        return found

    def _violation(self, schema: Any, error: "ValidationError", at: str) -> Violation:
        described = schema if isinstance(schema, dict) else {}
        return text_of(described, str(error.validator), self._defaults).violation(
            at, _ViolationWords(described, error, at)
        )


class _ViolationWords(dict[str, object]):
    """The values of the placeholders `texts.WORDS` for one error. A value is computed when a text uses it."""

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
        """The invalid value and the wanted one; for an unknown member, its name and the known names."""
        value: Any = self._error.instance
        if self._error.validator not in ("additionalProperties", "unevaluatedProperties"):
            return value, self._error.validator_value
        known = list(self._schema.get("properties", ()))
        return next((member for member in value if member not in known), ""), known


class RuleBook:
    """Compiles each schema of a document once, even if several operations share it."""

    def __init__(self, schemas: Schemas) -> None:
        self.schemas = schemas
        self.document = schemas.document
        self._rules: dict[tuple[int, str], tuple[dict[str, Any], Rule]] = {}

    def rule(self, schema: dict[str, Any], at: tuple[str | int, ...], name: str = "") -> Rule:
        """The rule of a schema. The paths of its violations begin with `name`."""
        if isinstance(schema, bool):
            schema = {} if schema else {"not": {}}
        # The schema is kept with the rule, so that no other object gets its id.
        key = (id(self.document.follow(schema)), name)
        if key not in self._rules:
            self._rules[key] = self.document.follow(schema), Rule(self.schemas, schema, at, name)
        return self._rules[key][1]


def _unknown(schema: Any, value: Any, definitions: dict[str, Any]) -> Iterator[list[str | int]]:
    while isinstance(schema, dict) and "$ref" in schema:
        schema = definitions[steps_of(schema["$ref"])[-1]]
    if not isinstance(schema, dict):
        return
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
    """A schema that a value fits if `_unknown` finds nothing in it; a validator checks it faster."""
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
    """Yield each distinct violation at once, so that a caller can stop before all are found."""
    seen: set[Violation] = set()
    for violation in violations:
        if violation not in seen:
            seen.add(violation)
            yield violation


def _additional(schema: dict[str, Any], value: dict[str, Any]) -> list[str]:
    """The members that `additionalProperties` is about."""
    patterns = [strict_pattern(each) for each in schema.get("patternProperties", ())]
    described = schema.get("properties", {})
    return [name for name in value if name not in described and not any(each.search(name) for each in patterns)]


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


def _explainer_of(schema: dict[str, Any]) -> "Validator":
    from jsonschema import Draft202012Validator, ValidationError
    from jsonschema.validators import extend

    def pattern(validator: Any, regex: str, value: Any, schema: Any) -> Iterator[ValidationError]:
        if isinstance(value, str) and not strict_pattern(regex).search(value):
            yield ValidationError(f"{value!r} does not match {regex!r}")

    def property_names(validator: Any, names: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
        for name in value if isinstance(value, dict) else ():
            yield from validator.descend(name, names, path=name)  # jsonschema's own keyword does not name the member

    def items(validator: Any, inner: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
        # A list that is too long has its violation already: what lies beyond the end is not looked at.
        judged = value[: schema.get("maxItems")] if isinstance(value, list) else value
        yield from Draft202012Validator.VALIDATORS["items"](validator, inner, judged, schema)

    keywords = {"items": items, "pattern": pattern, "propertyNames": property_names, "uniqueItems": unique_items}
    strict: Any = extend(Draft202012Validator, keywords)  # type: ignore[no-untyped-call]
    explainer: Validator = strict(_without_false(schema))
    return explainer


def _without_false(node: Any) -> Any:
    """A copy of a schema with `not` for members whose schema is `false`, because `jsonschema` does not name those."""
    if isinstance(node, list):
        return [_without_false(each) for each in node]
    if not isinstance(node, dict):
        return node
    copy = {key: _without_false(inner) for key, inner in node.items()}
    for keyword in ("properties", "patternProperties"):
        if isinstance(named := copy.get(keyword), dict):
            copy[keyword] = {name: {"not": {}} if inner is False else inner for name, inner in named.items()}
    return copy
