"""Finds the line and column of a part of a contract, for an error: parses the text a second time."""

import sys
from collections.abc import Callable, Sequence
from typing import Any

from mock_sent.contract.document import steps_of
from mock_sent.ground.errors import Place, Steps
from mock_sent.ground.yamlevents import Places, place_of, value_of
from mock_sent.ground.yamlloader import loader_for

_HERE: Steps = ()


def place_in(text: bytes, path: Sequence[str | int]) -> Place:
    """Line and column of the key or list entry at a path, or of its nearest parent. It follows references."""
    return _PlaceFinder(text).place(path)


class _PlaceFinder:
    """The tree of a text, with all its words as texts, and the place of each node."""

    def __init__(self, text: bytes) -> None:
        places, dialect = Places(), _OpenDialect()
        loader = loader_for(text)(text)
        dialect.keys = places.keys
        self._root = value_of(loader.get_event, dialect, places)
        self._places = places
        # For each alias: its path, and the path of the node with the anchor.
        self._aliases = {path: dialect.anchors[anchor] for path, anchor in dialect.aliases.items()}

    def place(self, path: Sequence[str | int]) -> Place:
        found = self._places.values.get((), (1, 1))
        node, at = self._root, _HERE
        for step in path:
            node, at = self._followed(node, at)
            if isinstance(node, dict) and str(step) in node:
                found = self._places.keys.get((*at, str(step)), found)
                node, at = self._inside(node, at, str(step))
            elif isinstance(node, list) and isinstance(step, int) and step < len(node):
                node, at = self._inside(node, at, step)
                found = self._places.values.get(at, found)
            else:
                break
        return found

    def _inside(self, node: Any, at: Steps, step: str | int) -> tuple[Any, Steps]:
        """A member of a node, and its path; for an alias, the node with the anchor and its path."""
        at = (*at, step)
        if at not in self._aliases:
            return node[step], at
        node, target = self._root, self._aliases[at]
        try:
            for each in target:
                node = node[each]
        except (LookupError, TypeError):  # the anchor was in the first value of a doubled key
            return None, at
        return node, target

    def _at(self, path: Steps) -> tuple[Any, Steps]:
        """The node at a path. Raises `LookupError` if there is none."""
        node, at = self._root, _HERE
        for step in path:
            if not isinstance(node, dict | list):
                raise LookupError(step)
            node, at = self._inside(node, at, step)
        return node, at

    def _followed(self, node: Any, at: Steps) -> tuple[Any, Steps]:
        """The node that a node refers to; the last node before a broken reference."""
        passed: list[str] = []
        while isinstance(node, dict) and isinstance(ref := node.get("$ref"), str):
            if not ref.startswith("#/") or ref in passed:
                break
            passed.append(ref)
            try:
                node, at = self._at(steps_of(ref))
            except (LookupError, TypeError):
                break
        return node, at


class _OpenDialect:
    """Allows everything, because the document was read before, and only the places are needed."""

    most_values = most_depth = sys.maxsize

    def __init__(self) -> None:
        self.word: Callable[[str], Any] = str
        self.keys: dict[Steps, Place] = {}
        self.anchors: dict[str, Steps] = {}
        self.aliases: dict[Steps, str] = {}

    def key(self, event: Any, path: Steps) -> str:
        self.keys[(*path, event.value)] = place_of(event)
        return str(event.value)

    def name(self, anchor: str, _value: Any, path: Steps) -> None:
        self.anchors[anchor] = path

    def alias(self, event: Any, path: Steps) -> None:
        self.aliases[path] = event.anchor

    def demand_allowed(self, _event: Any, _what: str) -> None:
        """Allow everything."""
