"""Turns the JSON Schema errors of a user's file into one sentence that says what to fix."""

import re
from collections.abc import Callable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from mock_sent.ground.errors import Steps, did_you_mean
from mock_sent.ground.uniqueness import unique_items

if TYPE_CHECKING:
    from jsonschema import ValidationError

Explain = Callable[[Sequence[str | int], Any], str | None]

# A file can have ten thousand errors. The most useful one is chosen among the first of them.
MAX_ERRORS = 20

_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a mapping (key: value)",
    "array": "a list",
    "null": "empty",
}
# A misspelt key (`than`) also causes the error about the missing key (`then`), so the unknown key is reported first.
_FIRST = ("additionalProperties", "enum", "const", "type", "pattern")
_LAST = ("required", "minProperties")
_ABOUT_KEYS = ("required", "oneOf", "anyOf", "not")


class Located(Protocol):
    """A value that is checked, and the places of its parts."""

    @property
    def value(self) -> Any: ...

    def place(self, path: Sequence[str | int], *, of_key: bool = False) -> tuple[int, int]: ...


class Complaint(NamedTuple):
    """One sentence about an error of the value, or its key, at a path."""

    path: Steps
    reason: str
    of_key: bool = False


def complaint(document: Located, schema: dict[str, Any], explain: Explain | None = None) -> Complaint | None:
    """The most useful error, or None if the document is valid."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    linear: Any = extend(Draft202012Validator, {"uniqueItems": unique_items})  # type: ignore[no-untyped-call]
    errors = islice(linear(schema).iter_errors(document.value), MAX_ERRORS)
    found = [(error, _complaint_of(error, explain)) for error in map(_innermost, errors)]
    if not found:
        return None
    return min(found, key=lambda pair: (_rank(pair[0]), document.place(pair[1].path, of_key=pair[1].of_key)))[1]


def short(value: object) -> str:
    """The value as text for a message, at most 60 characters."""
    shown = {"True": "true", "False": "false", "None": "nothing"}.get(repr(value)) or repr(value)
    return shown if len(shown) <= 60 else f"{shown[:56]}...{shown[-1]}"


def _rank(error: "ValidationError") -> int:
    keyword = str(error.validator)
    return 0 if keyword in _FIRST else 2 if keyword in _LAST else 1


def _innermost(error: "ValidationError") -> "ValidationError":
    """The error itself; for alternatives (`anyOf`), an error of the one that the user probably meant.

    That is an alternative of the value's type, with the fewest and mildest errors.
    """
    while error.context and not (isinstance(error.schema, dict) and "x-hint" in error.schema):
        branches: dict[Any, list[ValidationError]] = {}
        for inner in islice(error.context, 100):
            branches.setdefault(inner.schema_path[0], []).append(inner)
        meant = min(branches.values(), key=_misfit)
        error = min(meant, key=_rank)
    return error


def _misfit(errors: "list[ValidationError]") -> tuple[bool, int, int]:
    wrong_type = any(e.validator in ("type", "const") and not e.path for e in errors)
    return wrong_type, min(_rank(e) for e in errors), len(errors)


def _complaint_of(error: "ValidationError", explain: Explain | None) -> Complaint:
    path: Steps = tuple(error.absolute_path)
    better = explain(path, error.instance) if explain else None
    if better:
        return Complaint(path, better)
    schema: dict[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    if error.validator == "additionalProperties":
        return _unknown_key(error.instance, schema, path)
    return Complaint(path, _sentence(str(error.validator), error.instance, schema, path))


def _unknown_key(value: Any, schema: dict[str, Any], path: Steps) -> Complaint:
    known = list(schema.get("properties", ()))
    patterns = list(schema.get("patternProperties", ()))
    key = next(k for k in value if k not in known and not any(re.search(p, k) for p in patterns))
    where = f" in {schema['title']}" if "title" in schema else ""
    hint = did_you_mean(key, known) or (f"; known are {', '.join(known)}" if known else "")
    return Complaint((*path, key), f"unknown key {short(key)}{where}{hint}", of_key=True)


def _sentence(keyword: str, value: Any, schema: dict[str, Any], path: Steps) -> str:
    wanted = schema.get(keyword)
    if "x-hint" in schema:
        if keyword in _ABOUT_KEYS and isinstance(value, dict):
            return f"{_name(path).rstrip(': ')} {schema['x-hint']}".lstrip()
        return f"{_name(path)}{short(value)} {schema['x-hint']}"
    if keyword == "required":
        missing = next(key for key in schema["required"] if key not in value)
        return f"{schema.get('title', 'this mapping')} needs the key {missing!r}"
    if keyword == "dependentRequired":
        return _dependent(value, wanted)
    phrase = _PHRASES.get(keyword, lambda value, wanted: f"{short(value)} is not allowed here")
    return f"{_name(path)}{phrase(value, wanted)}"


def _dependent(value: Any, wanted: Any) -> str:
    key, others = next((k, v) for k, v in wanted.items() if k in value and any(o not in value for o in v))
    return f"{key!r} goes with {' and '.join(map(repr, others))} only"


def _name(path: Steps) -> str:
    """`'delay': `; empty if the path has no key."""
    return next((f"{step!r}: " for step in reversed(path) if isinstance(step, str)), "")


def _type(value: Any, wanted: Any) -> str:
    names = [wanted] if isinstance(wanted, str) else wanted
    return f"{short(value)} is not {' or '.join(_TYPES[name] for name in names)}{_quotes(value, names)}"


def _quotes(value: Any, names: Sequence[str]) -> str:
    return "; put it in quotes" if "string" in names and isinstance(value, int | float) else ""


def _enum(value: Any, wanted: Any) -> str:
    choices = [str(choice) for choice in wanted]
    return f"{short(value)} is not one of {', '.join(choices)}{did_you_mean(value, choices)}"


def _plural(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


_PHRASES: dict[str, Callable[[Any, Any], str]] = {
    "type": _type,
    "enum": _enum,
    "const": lambda value, wanted: f"{short(value)} is not {short(wanted)}",
    "pattern": lambda value, wanted: f"{short(value)} is not written as it must be ({wanted})",
    "minimum": lambda value, wanted: f"{short(value)} is too small; {wanted} is the least",
    "maximum": lambda value, wanted: f"{short(value)} is too large; {wanted} is the most",
    "exclusiveMinimum": lambda value, wanted: f"{short(value)} is too small; it must be more than {wanted}",
    "multipleOf": lambda value, wanted: f"{short(value)} is not a multiple of {wanted}",
    "minLength": lambda value, wanted: f"{short(value)} is too short; it needs {_plural(wanted, 'character')}",
    "maxLength": lambda value, wanted: f"{short(value)} is too long; at most {_plural(wanted, 'character')}",
    "minItems": lambda value, wanted: f"the list needs {_plural(wanted, 'item')}",
    "maxItems": lambda value, wanted: f"the list has {len(value)} items; {wanted} is the most",
    "minProperties": lambda value, wanted: f"the mapping needs {_plural(wanted, 'key')}",
    "maxProperties": lambda value, wanted: f"the mapping has {len(value)} keys; {wanted} is the most",
    "uniqueItems": lambda value, wanted: f"{short(value)} holds something twice",
}
