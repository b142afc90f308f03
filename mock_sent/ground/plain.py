"""Converts a state to JSON values and back.

A state consists of texts, numbers, booleans, None, bytes, lists, tuples, deques, dicts with texts as keys, and objects
of classes that declare their members: dataclasses, named tuples, and classes with annotations for their members.
An object becomes a dict of its members by name, and bytes become a text of the same characters (Latin-1).
"""

from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

State = TypeVar("State")

_SCALARS = frozenset((str, int, float, bool, type(None)))


def dump(value: Any) -> Any:
    """The value as lists, dicts, texts, numbers, booleans and None. Raises `TypeError` if it is not plain data."""
    kind: Any = type(value)
    if kind in _SCALARS:
        return value
    if kind is bytes:
        return value.decode("latin-1")
    if kind in (dict, OrderedDict):
        return {_text(key): dump(each) for key, each in value.items()}
    if kind in (list, tuple, deque):
        return [dump(each) for each in value]
    members = _members(kind)
    if not members:
        raise TypeError(f"{kind.__qualname__} is no plain data")
    return {name: dump(getattr(value, name)) for name in members}


def load(kind: type[State], plain: Any) -> State:
    """The value of the type `kind` from which `dump` made `plain`."""
    made: State = _Reading().value(kind, plain)
    return made


class _Reading:
    """One call of `load`. Equal texts, and equal immutable objects, become one object, to save memory."""

    def __init__(self) -> None:
        self._known: dict[Any, Any] = {}

    def value(self, kind: Any, plain: Any) -> Any:
        if kind is bytes:
            return plain.encode("latin-1")
        origin, of = get_origin(kind), get_args(kind)
        if origin in (Union, UnionType):
            return self.value(next(each for each in of if _is_written_as(each, plain)), plain)
        if isinstance(plain, list) and origin:
            return self._list(origin, of, plain)
        if isinstance(plain, dict) and origin:
            read = {key: self.value(of[1], each) for key, each in plain.items()}
            return OrderedDict(read) if origin is OrderedDict else read
        if isinstance(plain, dict) and kind is not Any:
            return self._object(kind, plain)
        return self._known.setdefault(plain, plain) if type(plain) is str else plain

    def _list(self, origin: Any, of: tuple[Any, ...], plain: list[Any]) -> Any:
        kinds = of if origin is tuple and of[-1] is not ... else [of[0]] * len(plain)
        read = [self.value(kind, each) for kind, each in zip(kinds, plain, strict=True)]
        if origin is list:
            return read
        return deque(read) if origin is deque else tuple(read)

    def _object(self, kind: Any, plain: Mapping[str, Any]) -> Any:
        hints = _members(kind)
        members = {name: self.value(hints[name], each) for name, each in plain.items()}
        if not is_dataclass(kind) and not issubclass(kind, tuple):
            made = kind.__new__(kind)
            for name, each in members.items():
                setattr(made, name, each)
            return made
        made = kind(**members)
        try:
            return self._known.setdefault((kind, made), made)
        except TypeError:  # it is mutable
            return made


def _is_written_as(kind: Any, plain: Any) -> bool:
    """Whether `dump` can have made `plain` from a value of this type."""
    origin = get_origin(kind)
    if plain is None:
        return kind is type(None)
    if isinstance(plain, list):
        return origin is not None and not issubclass(origin, Mapping)
    if isinstance(plain, dict):
        return issubclass(origin, Mapping) if origin else plain.keys() <= _members(kind).keys()
    return kind is not type(None) and not _members(kind)


@lru_cache(maxsize=128)  # the function is pure, so mocks can share the cache
def _members(kind: Any) -> Mapping[str, Any]:
    """The members of a class with their types, without those that a dataclass computes itself."""
    if not isinstance(kind, type) or kind in _SCALARS:
        return {}
    if is_dataclass(kind):
        names = [field.name for field in fields(kind) if field.init]
    else:
        names = list(getattr(kind, "_fields", getattr(kind, "__slots__", vars(kind).get("__annotations__", ()))))
    hints = get_type_hints(kind) if names else {}
    return {name: hints[name] for name in names}


def _text(key: Any) -> str:
    if type(key) is not str:
        raise TypeError(f"the key {key!r} is no text")
    return key
