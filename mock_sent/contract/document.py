"""Reads an OpenAPI file, follows its references, and reports errors with line and column."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mock_sent.contract.kept import kept_tree
from mock_sent.ground.errors import FileError, StartupError, Steps


class Document:
    """One file. `raw` is its tree, with references as they are; `kept` says that it was read from prepared JSON."""

    def __init__(self, path: Path) -> None:
        self.source = path.name
        try:
            self._text = path.read_bytes()
        except OSError as e:
            raise StartupError(f"MOCK_SENT_CONTRACT names {str(path)!r}, which cannot be read: {e.strerror}") from None
        tree = kept_tree(self._text)
        self.kept = tree is not None
        self.raw: dict[str, Any] = self._parse() if tree is None else tree

    def follow(self, node: Any, at: Sequence[str | int] = ()) -> Any:
        """The node; if it is a `$ref`, the node that it refers to. Raises `FileError` for a broken reference."""
        passed: list[str] = []
        while isinstance(node, dict) and "$ref" in node:
            ref = node["$ref"]
            if not isinstance(ref, str) or not ref.startswith("#/"):
                raise self.fault(at, f"$ref {ref!r} must start with '#/'")
            if ref in passed:
                raise self.fault(steps_of(ref), f"$ref {ref!r} points back at itself")
            passed.append(ref)
            node = self.raw
            for step in steps_of(ref):
                if not isinstance(node, dict) or step not in node:
                    raise self.fault(at, f"$ref {ref!r} points at nothing")
                node = node[step]
        return node

    def demand_references(self) -> None:
        """Raise `FileError` for the first broken reference."""
        for at, node in _references(self.raw, ()):
            self.follow(node, at)

    def fault(self, path: Sequence[str | int], reason: str) -> FileError:
        """The error to raise about the node at a path."""
        line, column = self._place(path)
        return FileError(self.source, line, column, reason)

    def _parse(self) -> dict[str, Any]:
        import yaml

        from mock_sent.contract.tree import tree_of

        # Only for a user's contract, or for a shipped one without prepared JSON; `userfiles` reads users' other files.
        try:
            tree = tree_of(self._text)
        except yaml.MarkedYAMLError as e:
            mark = e.problem_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
            raise FileError(self.source, line, column, f"not YAML: {e.problem}") from None
        except (yaml.YAMLError, UnicodeDecodeError) as e:
            raise FileError(self.source, 0, 0, f"not YAML: {' '.join(str(e).split())}") from None
        if not isinstance(tree, dict):
            raise FileError(self.source, 1, 1, "not an OpenAPI document: it must be a mapping")
        return tree

    def _place(self, path: Sequence[str | int]) -> tuple[int, int]:
        """Line and column of the node at a path, or of its nearest parent. Only errors need this second parsing."""
        from mock_sent.contract.places import place_in

        return place_in(self._text, path)


def steps_of(ref: str) -> tuple[str, ...]:
    """The steps of a reference such as `#/components/schemas/Uuid` (RFC 6901)."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in ref[2:].split("/"))


def _references(node: Any, at: Steps) -> Iterator[tuple[Steps, dict[str, Any]]]:
    """Every node with a `$ref` and its place, except in examples and other literal values."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield at, node
        for key, value in node.items():
            if isinstance(value, dict | list) and key not in ("example", "examples", "default", "enum", "const"):
                yield from _references(value, (*at, key))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from _references(value, (*at, i))
