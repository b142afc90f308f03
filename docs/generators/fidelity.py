"""Writes docs/fidelity.md from the editions: what is known of the real API, from where, and how surely.

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
    "changelog": "its changelog",
    "plugin": "its plugin for editors (August 2026)",
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


def documents() -> dict[str, dict[str, Any]]:
    """The document of each edition by its name, the oldest first."""
    paths = [ROOT / "openapi.yaml", *sorted((ROOT / "editions").glob("*/openapi.yaml"))]
    found = [yaml.safe_load(path.read_text("utf-8")) for path in paths]
    return {content["info"]["x-edition"]: content for content in found}


def page(editions: dict[str, dict[str, Any]]) -> str:
    """The whole page."""
    return "\n".join(_lines(editions)) + "\n"


def statements(editions: dict[str, dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """Each statement with the editions in which it holds, in the order of their ids."""
    found: dict[str, tuple[list[str], dict[str, Any]]] = {}
    for name, content in editions.items():
        for each in content["x-statements"]:
            found.setdefault(str(sorted(each.items())), ([], each))[0].append(name)
    families = list(_HEADINGS)

    def place(entry: tuple[list[str], dict[str, Any]]) -> tuple[int, int, str]:
        family, _, number = entry[1]["id"].partition("-")
        return families.index(family), int(number), entry[0][0]

    return [(", ".join(names), each) for names, each in sorted(found.values(), key=place)]


def _lines(editions: dict[str, dict[str, Any]]) -> Iterator[str]:
    yield "# How true is the mock?"
    yield ""
    yield "Written by `scripts/pages` from the documents of the editions. Do not edit: a test compares."
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
            "| id | edition | the real API, as far as is known | source | sure |",
            "| --- | --- | --- | --- | --- |",
        )
        for names, s in statements(editions):
            if s["id"].split("-")[0] == family:
                says = s["says"].replace("|", "&#124;")
                yield f"| {s['id']} | {names} | {says} | {s['source']} | {s['confidence']} |"
    yield from ("", "## What of the contract is not on the page?", "")
    yield "Every part of `openapi.yaml` that carries a source. Parts without one are the page's."
    yield from ("", "| part | source |", "| --- | --- |")
    for path, source in sorted(set(_marked(next(iter(editions.values())), ()))):
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
    PAGE.write_text(page(documents()), "utf-8")
