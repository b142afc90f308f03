"""Turns PyYAML's events into a value: one reader for the files of users and for the contract.

It does not recurse, so no text can exhaust the stack. A dialect defines what a text may contain and the values of its
words. The reader records the place of each part if the caller asks for it.
"""

from collections.abc import Callable
from typing import Any, Protocol

import yaml

from mock_sent.ground.errors import Place, Steps

_NO_KEY: Any = object()
_ROOT: Steps = ()


class Places:
    """The places of the parts of a text: line and column, from 1, of values and of keys, by path."""

    def __init__(self) -> None:
        self.values: dict[Steps, Place] = {}
        self.keys: dict[Steps, Place] = {}


class Dialect(Protocol):
    """Defines what a text may contain, and the values of its words."""

    most_values: int
    most_depth: int
    # Returns the value of a word without quotes.
    word: Callable[[str], Any]

    def demand_allowed(self, event: Any, what: str) -> None:
        """Raise unless it is allowed here. `what` is anchor, tag, alias, key, value, level or document."""

    def key(self, event: Any, path: Steps) -> Any:
        """The key that the event is, in the mapping at a path."""

    def name(self, anchor: str, value: Any, path: Steps) -> None:
        """Called when the node with an anchor is complete."""

    def alias(self, event: Any, path: Steps) -> Any:
        """The value that an alias at a path refers to."""


def place_of(event: Any) -> Place:
    """Line and column, from 1."""
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def value_of(next_event: Callable[[], Any], dialect: Dialect, places: Places | None = None) -> Any:
    """The value of the document; None for an empty text. The dialect gets the right paths only with `places`."""
    word, most_values, most_depth = dialect.word, dialect.most_values, dialect.most_depth
    scalar, mapping, sequence = yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent
    root: Any = None
    count = 0
    # The innermost open mapping or list, its key that has no value yet, its path and anchor; then the outer ones.
    top: Any = None
    key, path, anchor = _NO_KEY, _ROOT, None
    around: list[tuple[Any, Any, Steps, Any]] = []
    at = _ROOT
    while (kind := type(event := next_event())) is not yaml.StreamEndEvent:
        if kind is scalar:
            if event.anchor is not None or event.tag is not None or count >= most_values:
                _demand_node(dialect, event, count)
            if key is _NO_KEY and type(top) is dict:
                key = dialect.key(event, path)
                if event.anchor is not None:
                    dialect.name(event.anchor, key, path)
                continue
            # The first of the two flags says whether the text has no quotes.
            value = word(event.value) if event.implicit[0] else event.value
        elif kind is mapping or kind is sequence:
            if event.anchor is not None or event.tag is not None or count >= most_values:
                _demand_node(dialect, event, count)
            if key is _NO_KEY and type(top) is dict:
                dialect.demand_allowed(event, "key")
            if len(around) >= most_depth:
                dialect.demand_allowed(event, "level")
            value = {} if kind is mapping else []
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            if anchor is not None:
                dialect.name(anchor, top, path)
            top, key, path, anchor = around.pop()
            continue
        elif kind is yaml.AliasEvent:
            dialect.demand_allowed(event, "alias")
            if key is _NO_KEY and type(top) is dict:
                dialect.demand_allowed(event, "key")
            value = dialect.alias(event, _path(path, top, key))
        else:
            if kind is yaml.DocumentStartEvent and count:
                dialect.demand_allowed(event, "document")
            continue
        if places is not None:
            at = _path(path, top, key)
            places.values[at] = place_of(event)
        count += 1
        if type(top) is list:
            top.append(value)
        elif top is None:
            root = value
        else:
            top[key] = value
            key = _NO_KEY
        if kind is mapping or kind is sequence:
            around.append((top, key, path, anchor))
            top, key, path, anchor = value, _NO_KEY, at, event.anchor
        elif kind is scalar and event.anchor is not None:
            dialect.name(event.anchor, value, at)
    return root


def _demand_node(dialect: Dialect, event: Any, count: int) -> None:
    if event.anchor is not None:
        dialect.demand_allowed(event, "anchor")
    if event.tag is not None:
        dialect.demand_allowed(event, "tag")
    if count >= dialect.most_values:
        dialect.demand_allowed(event, "value")


def _path(path: Steps, top: Any, key: Any) -> Steps:
    """The path of the next value in a mapping or list."""
    return path if top is None else (*path, len(top) if type(top) is list else key)
