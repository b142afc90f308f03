"""The text of `openapi.yaml` as a tree: what `yaml.load` makes of it, in less than half of the time.

`yaml.load` makes a node for each value, walks the nodes, and asks for each word anew whether it is a number. Here the
values are made of the parser's events at once, and each word is looked at once; equal words share their memory.
Whatever a plain document does not have (tags, merged keys, parts that contain themselves, any error) is left to
`yaml.load`.
"""

from typing import Any

import yaml

_TEXT = "tag:yaml.org,2002:str"
_FOR_YAML = ("tag:yaml.org,2002:merge", "tag:yaml.org,2002:value")


def tree_of(text: bytes) -> Any:
    """The tree. Raises what `yaml.load` raises."""
    loader = getattr(yaml, "CSafeLoader", None)
    if loader is None:
        return yaml.load(text, Loader=yaml.SafeLoader)
    try:
        return _Reader(loader(text)).document()
    except (_NotPlainError, yaml.YAMLError, UnicodeDecodeError, RecursionError):
        return yaml.load(text, Loader=loader)


class _NotPlainError(Exception):
    """The document has something that only `yaml.load` knows."""


class _Reader:
    """Reads one plain document. `loader` is PyYAML's: libyaml's parser, with what turns a word into a value."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader
        self._next = loader.get_event
        self._words: dict[str, Any] = {}
        self._anchors: dict[str, Any] = {}

    def document(self) -> Any:
        self._take(yaml.StreamStartEvent)
        self._take(yaml.DocumentStartEvent)
        tree = self._value(self._next())
        self._take(yaml.DocumentEndEvent)
        self._take(yaml.StreamEndEvent)
        return tree

    def _take(self, kind: type) -> None:
        if type(self._next()) is not kind:
            raise _NotPlainError

    def _value(self, event: Any) -> Any:
        kind = type(event)
        if kind is yaml.AliasEvent:
            return self._named(event.anchor)
        if event.tag:
            raise _NotPlainError
        if kind is yaml.ScalarEvent:
            # The first of the two says whether the text stands there without quotes.
            found = self._word(event.value) if event.implicit[0] else event.value
        else:
            found = self._mapping() if kind is yaml.MappingStartEvent else self._list()
        if event.anchor:
            self._name(event.anchor, found)
        return found

    def _mapping(self) -> dict[Any, Any]:
        found = {}
        while type(event := self._next()) is not yaml.MappingEndEvent:
            if type(event) is not yaml.ScalarEvent:
                raise _NotPlainError
            key = self._value(event)
            found[key] = self._value(self._next())
        return found

    def _list(self) -> list[Any]:
        found = []
        while type(event := self._next()) is not yaml.SequenceEndEvent:
            found.append(self._value(event))
        return found

    def _name(self, anchor: str, value: Any) -> None:
        if anchor in self._anchors:
            raise _NotPlainError
        self._anchors[anchor] = value

    def _named(self, anchor: str) -> Any:
        """What an alias stands for. Inside of what it stands for, it is not there yet."""
        if anchor not in self._anchors:
            raise _NotPlainError
        return self._anchors[anchor]

    def _word(self, text: str) -> Any:
        """The value of a text without quotes."""
        if text not in self._words:
            tag = self._loader.resolve(yaml.ScalarNode, text, (True, False))
            if tag in _FOR_YAML:
                raise _NotPlainError
            plain = tag == _TEXT
            self._words[text] = text if plain else self._loader.construct_object(yaml.ScalarNode(tag, text))
        return self._words[text]
