"""Whether a list holds a value twice, in time that grows with its length: `jsonschema` compares each with each."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema import ValidationError


def all_differ(items: Sequence[Any]) -> bool:
    """Whether no two items are equal in JSON Schema: 1 and 1.0 are, 1 and true are not."""
    return len(set(map(_identity, items))) == len(items)


def unique_items(validator: Any, wanted: bool, value: Any, schema: Any) -> "Iterator[ValidationError]":
    """The keyword `uniqueItems`, for `jsonschema.validators.extend`."""
    from jsonschema import ValidationError

    if wanted is True and isinstance(value, list) and not all_differ(value):
        yield ValidationError("the list holds something twice")


def _identity(value: Any) -> Any:
    """Something that can be hashed, and is equal for equal values only."""
    if isinstance(value, bool):
        return "true" if value else "false", None
    if isinstance(value, list):
        return "list", tuple(map(_identity, value))
    if isinstance(value, dict):
        return "object", frozenset((name, _identity(inner)) for name, inner in value.items())
    return value
