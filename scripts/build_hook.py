"""Run by hatch when it builds: our YAML documents travel as JSON too, which a start reads in a tenth of the time."""

import importlib.util
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class KeptDocuments(BuildHookInterface):  # type: ignore[misc]
    """Writes the JSON of each document: into the wheel, or for an editable install into the clone."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        kept = _module(root / "mock_sent" / "contract" / "kept.py")
        editable = version == "editable"
        self._folder = None if editable else tempfile.TemporaryDirectory()
        folder = root / "mock_sent" / "data" if editable else Path(self._folder.name)
        for outdated in folder.glob("*.json"):
            outdated.unlink()
        for source in (root / name for name in kept.DOCUMENTS):
            path = kept.keep(source, folder)
            if not editable:
                build_data["force_include"][str(path)] = f"mock_sent/data/{path.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if self._folder is not None:
            self._folder.cleanup()


def _module(path: Path) -> Any:
    """A module of the package by its path: the package itself needs libraries that a build does not have."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
