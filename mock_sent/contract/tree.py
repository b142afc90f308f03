"""Parses the text of `openapi.yaml` into the same tree as `yaml.load`, in less than half of the time.

`yaml.load` makes a node for each value, and resolves the type of every word. This reader resolves each distinct word
once, and equal words share their memory. If the document has tags, merge keys, nodes that contain themselves or errors,
`yaml.load` parses it.
"""

import sys
from typing import Any

import yaml

from mock_sent.ground.errors import Steps
from mock_sent.ground.yamlevents import value_of
from mock_sent.ground.yamlloader import WholeTextLoader, loader_for

_TEXT = "tag:yaml.org,2002:str"
_FOR_YAML = ("tag:yaml.org,2002:merge", "tag:yaml.org,2002:value")
_DEEPEST = 500


def tree_of(text: bytes) -> Any:
    """The tree of a text. Raises the same errors as `yaml.load`."""
    loader = loader_for(text)
    if loader is WholeTextLoader:
        return yaml.load(text, Loader=loader)
    events = loader(text)
    try:
        return value_of(events.get_event, _PlainDialect(events))
    except (_NotPlainError, yaml.YAMLError, UnicodeDecodeError):
        return yaml.load(text, Loader=loader)


class _NotPlainError(Exception):
    """The document has something that only `yaml.load` can parse."""


class _Words(dict[str, Any]):
    """The value of each word without quotes, resolved once. `loader` is PyYAML's, which turns a word into a value."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def __missing__(self, text: str) -> Any:
        tag = self._loader.resolve(yaml.ScalarNode, text, (True, False))
        if tag in _FOR_YAML:
            raise _NotPlainError
        found = text if tag == _TEXT else self._loader.construct_object(yaml.ScalarNode(tag, text))
        self[text] = found
        return found


class _PlainDialect:
    """Allows anchors and aliases, but no tags."""

    most_values, most_depth = sys.maxsize, _DEEPEST

    def __init__(self, loader: Any) -> None:
        self.word = _Words(loader).__getitem__
        self._anchors: dict[str, Any] = {}

    def key(self, event: Any, _path: Steps) -> Any:
        return self.word(event.value) if event.implicit[0] else event.value

    def name(self, anchor: str, value: Any, _path: Steps) -> None:
        if anchor in self._anchors:
            raise _NotPlainError
        self._anchors[anchor] = value

    def alias(self, event: Any, _path: Steps) -> Any:
        if event.anchor not in self._anchors:  # an alias inside of its own anchor's node, or an unknown one
            raise _NotPlainError
        return self._anchors[event.anchor]

    def demand_allowed(self, _event: Any, what: str) -> None:
        if what not in ("anchor", "alias"):
            raise _NotPlainError
