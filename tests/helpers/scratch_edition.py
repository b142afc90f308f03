"""An edition that nobody ships: March's document with changes, so that a test sees that nothing is written by hand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from replies import ROOT, quickly_loaded

from mock_sent.app import parts

NAME = "2027-01"


def scratch_edition(monkeypatch: pytest.MonkeyPatch, folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """Let the shipped editions have one more, the latest: March's document after `change`."""
    document: dict[str, Any] = quickly_loaded(ROOT / "openapi.yaml")
    document["info"]["x-edition"] = NAME
    change(document)
    path = folder / "scratch.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True))
    shipped = parts.shipped_editions()
    monkeypatch.setattr(parts, "shipped_editions", lambda: {**shipped, NAME: path})
    return path


def schema_of(document: dict[str, Any], node: Any) -> dict[str, Any]:
    """A schema of the document that may be a `$ref`."""
    while "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        kind = node["$ref"].split("/")[-2]
        node = document["components"][kind][name]
    found: dict[str, Any] = node
    return found


def request_of(document: dict[str, Any], path: str, method: str = "post") -> dict[str, Any]:
    """The schema of a request's body."""
    body = schema_of(document, document["paths"][path][method]["requestBody"])
    return schema_of(document, body["content"]["application/json"]["schema"])
