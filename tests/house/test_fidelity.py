"""The statements about the real API: well-formed, each held by a test, and the page that lists them current."""

import ast
import re
from typing import Any

from fidelity import PAGE, documents, page, statements
from replies import ROOT

_ID = re.compile(r"\b((?:SEND|IDEM|AUTH|ERR|SAND|READ|HEAD|LIFE|WEB)-[1-9][0-9]*)\b")
_RANGE = re.compile(r"\b([A-Z]+)-([0-9]+) to \1-([0-9]+)\b")
EDITIONS = documents()
STATEMENTS: list[dict[str, Any]] = [each for content in EDITIONS.values() for each in content["x-statements"]]
IDS = {statement["id"] for statement in STATEMENTS}


def ids_in(text: str) -> set[str]:
    ranges = {f"{m[1]}-{i}" for m in _RANGE.finditer(text) for i in range(int(m[2]), int(m[3]) + 1)}
    return set(_ID.findall(text)) | ranges


def cited_by_tests() -> set[str]:
    """Ids in the sentences of the tests."""
    cited: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                cited |= ids_in(ast.get_docstring(node) or "")
    return cited


def test_the_page_is_current() -> None:
    """docs/fidelity.md is what `scripts/pages` writes."""
    assert PAGE.read_text("utf-8") == page(EDITIONS), "run scripts/pages"


def test_the_readme_counts_them() -> None:
    """The README's first screen says how many statements are the vendor's and how many are guesses."""
    every = [statement for _, statement in statements(EDITIONS)]
    guesses = sum(statement["source"] == "inferred" for statement in every)
    words = " ".join((ROOT / "README.md").read_text("utf-8").split())

    assert (
        f"of {len(every)} statements {len(every) - guesses} are from the vendor's texts and {guesses} are our own"
        in words
    )


def test_statements_are_well_formed() -> None:
    """Each has an id of its own, one sentence or two, a source and a confidence."""
    for content in EDITIONS.values():
        ids = [statement["id"] for statement in content["x-statements"]]
        assert len(ids) == len(set(ids))
    for statement in STATEMENTS:
        assert statement.keys() == {"id", "says", "source", "confidence"}
        assert _ID.fullmatch(statement["id"])
        assert statement["says"].endswith(".")
        assert statement["source"] in ("page", "docs", "sdk", "changelog", "plugin", "inferred")
        assert statement["confidence"] in ("H", "M", "L")


def test_ids_have_no_gaps() -> None:
    """Ids count from 1 in each family."""
    families: dict[str, list[int]] = {}
    for id in IDS:
        family, _, number = id.partition("-")
        families.setdefault(family, []).append(int(number))

    assert all(sorted(numbers) == list(range(1, len(numbers) + 1)) for numbers in families.values())


def test_every_statement_is_held_by_a_test() -> None:
    """A statement that no test cites is only a claim."""
    assert IDS - cited_by_tests() == set()


def test_every_cited_statement_exists() -> None:
    """Code and tests cite nothing that is not stated."""
    in_code = {id for path in (ROOT / "mock_sent").rglob("*.py") for id in ids_in(path.read_text("utf-8"))}

    assert (in_code | cited_by_tests()) - IDS == set()
