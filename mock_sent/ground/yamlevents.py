"""Turns PyYAML's events into a value: one reader for the files of users and for the contract.

It does not recurse, so that no text can exhaust the stack. A dialect says what a text may hold and what its words mean;
the place of each part is noted on demand.
"""

from collections.abc import Callable
from typing import Any, Protocol

import yaml

from mock_sent.ground.errors import Place, Steps

_NO_KEY: Any = object()
_ROOT: Steps = ()


class Places:
    """Where the parts of a text stand: line and column, from 1, of values and of keys by their path."""

    def __init__(self) -> None:
        self.values: dict[Steps, Place] = {}
        self.keys: dict[Steps, Place] = {}


class Dialect(Protocol):
    """What a text may hold, and what its words mean."""

    most_values: int
    most_depth: int
    # The value of a text without quotes.
    word: Callable[[str], Any]

    def demand_allowed(self, event: Any, what: str) -> None:
        """Raise, unless this may be there: an anchor, tag, alias, key, value, level or document."""

    def key(self, event: Any, path: Steps) -> Any:
        """The key that stands in the mapping at a path."""

    def name(self, anchor: str, value: Any, path: Steps) -> None:
        """The node with an anchor is complete."""

    def alias(self, event: Any, path: Steps) -> Any:
        """The value that an alias at a path stands for."""


def place_of(event: Any) -> Place:
    """Line and column, from 1."""
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def value_of(next_event: Callable[[], Any], dialect: Dialect, places: Places | None = None) -> Any:
    """The value of the document; None for an empty text. Only with `places` the dialect is told true paths."""
    word, most_values, most_depth = dialect.word, dialect.most_values, dialect.most_depth
    scalar, mapping, sequence = yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent
    root: Any = None
    count = 0
    # The innermost mapping or list whose end has not come, its waiting key, its path and anchor; then the outer ones.
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
            # The first of the two says whether the text stands there without quotes.
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
    """The path of what comes next in a mapping or list."""
    return path if top is None else (*path, len(top) if type(top) is list else key)
