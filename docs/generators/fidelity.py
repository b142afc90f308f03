"""Writes docs/fidelity.md from `openapi.yaml`: what is known of the real API, from where, and how surely.

Run by `scripts/pages`; tests/house/test_fidelity.py holds the page current.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "fidelity.md"
_SOURCES = {
    "page": "the vendor's page of the endpoint (March 2026), the authority",
    "docs": "the vendor's other documents",
    "sdk": "its generated clients",
    "inferred": "our own guess",
}
_HEADINGS = {
    "SEND": "How does a send behave?",
    "IDEM": "What does an idempotency key do?",
    "AUTH": "Who is let in?",
    "ERR": "How do errors look?",
    "SAND": "What does a sandbox send do?",
    "READ": "How are messages read?",
    "HEAD": "What is on every answer?",
    "LIFE": "What becomes of a message?",
    "WEB": "How do webhooks behave?",
}


def document() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / "openapi.yaml").read_text("utf-8"))
    return content


def page(content: dict[str, Any]) -> str:
    """The whole page."""
    return "\n".join(_lines(content)) + "\n"


def _lines(content: dict[str, Any]) -> Iterator[str]:
    yield "# How true is the mock?"
    yield ""
    yield "Written by `scripts/pages` from `openapi.yaml`. Do not edit: a test compares."
    yield ""
    yield "Each statement has an id, which code and tests cite. Its source is one of these:"
    yield ""
    for source, says in _SOURCES.items():
        yield f"* `{source}`: {says}"
    yield ""
    yield "H, M and L say how sure we are: high, medium, low."
    for family, heading in _HEADINGS.items():
        yield from (
            "",
            f"## {heading}",
            "",
            "| id | the real API, as far as is known | source | sure |",
            "| --- | --- | --- | --- |",
        )
        for s in content["x-statements"]:
            if s["id"].split("-")[0] == family:
                yield f"| {s['id']} | {s['says'].replace('|', '&#124;')} | {s['source']} | {s['confidence']} |"
    yield from ("", "## What of the contract is not on the page?", "")
    yield "Every part of `openapi.yaml` that carries a source. Parts without one are the page's."
    yield from ("", "| part | source |", "| --- | --- |")
    for path, source in sorted(set(_marked(content, ()))):
        yield f"| `{path}` | {source} |"


def _marked(node: Any, at: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        if "x-source" in node:
            yield " ".join(step for step in at if step not in _NOISE), node["x-source"]
        for name, value in node.items():
            yield from _marked(value, (*at, str(name)))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from _marked(value, (*at, str(i)))


_NOISE = {"paths", "components", "properties", "content", "application/json"}


if __name__ == "__main__":
    PAGE.write_text(page(document()), "utf-8")
