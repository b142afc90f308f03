"""Reading `openapi.yaml`: parsed fast, its references resolved, and every complaint with a line."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from mock_sent.contract.tree import tree_of
from mock_sent.ground.errors import FileError, StartupError


class Document:
    """The parsed file: `raw` as it is written, `resolve()` with every `$ref` replaced by what it points at."""

    def __init__(self, path: Path) -> None:
        self.source = path.name
        try:
            self._text = path.read_bytes()
        except OSError as e:
            raise StartupError(f"the contract {str(path)!r} cannot be read: {e.strerror}") from None
        self.raw = self._parse()
        self._targets: dict[str, Any] = {}

    def resolve(self) -> dict[str, Any]:
        self._targets.clear()
        tree: dict[str, Any] = self._resolved(self.raw, (), ())
        return tree

    def fault(self, path: Sequence[str | int], reason: str) -> FileError:
        """The error that says what is wrong at a place of the file."""
        line, column = self._place(path)
        return FileError(self.source, line, column, reason)

    def _parse(self) -> dict[str, Any]:
        # Our own file, and start-up is a feature. A user's files never come here.
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

    def _resolved(self, node: Any, at: tuple[str | int, ...], open_refs: tuple[str, ...]) -> Any:
        """The node itself where nothing in it refers to anything: most of the document is kept once."""
        if isinstance(node, dict):
            if "$ref" in node:
                return self._target(node["$ref"], at, open_refs)
            items: Any = node.items()
        elif isinstance(node, list):
            items = enumerate(node)
        else:
            return node
        changed = {}
        for key, value in items:
            if isinstance(value, dict | list):
                found = self._resolved(value, (*at, key), open_refs)
                if found is not value:
                    changed[key] = found
        if not changed:
            return node
        if isinstance(node, list):
            return [changed.get(i, value) for i, value in enumerate(node)]
        return {**node, **changed}

    def _target(self, ref: Any, at: tuple[str | int, ...], open_refs: tuple[str, ...]) -> Any:
        if not isinstance(ref, str) or not ref.startswith("#/"):
            raise self.fault(at, f"$ref {ref!r} must start with '#/'")
        if ref in self._targets:  # most are used many times; what they point at is read-only and may be shared
            return self._targets[ref]
        if ref in open_refs:
            raise self.fault(at, f"$ref {ref!r} points back at itself")
        target: Any = self.raw
        steps = [step.replace("~1", "/").replace("~0", "~") for step in ref[2:].split("/")]
        for step in steps:
            if not isinstance(target, dict) or step not in target:
                raise self.fault(at, f"$ref {ref!r} points at nothing")
            target = target[step]
        self._targets[ref] = self._resolved(target, tuple(steps), (*open_refs, ref))
        return self._targets[ref]

    def _place(self, path: Sequence[str | int]) -> tuple[int, int]:
        """Line and column of the nearest node that is there. Only a broken file pays for this second reading."""
        root = node = yaml.compose(self._text, Loader=yaml.SafeLoader)
        if root is None:
            return 1, 1
        mark = root.start_mark
        for step in path:
            node = _followed(root, node)
            if isinstance(node, yaml.MappingNode):
                found = [(k, v) for k, v in node.value if k.value == str(step)]
                if not found:
                    break
                mark, node = found[0][0].start_mark, found[0][1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                mark = node.start_mark
            else:
                break
        return mark.line + 1, mark.column + 1


def _followed(root: Any, node: Any) -> Any:
    """What the node refers to, or the node."""
    members = {k.value: v for k, v in node.value} if isinstance(node, yaml.MappingNode) else {}
    if "$ref" not in members:
        return node
    target = root
    for step in str(members["$ref"].value)[2:].split("/"):
        target = next((v for k, v in target.value if k.value == step), node)
    return target
