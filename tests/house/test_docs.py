"""Everything that a person can set, call or meet is written down."""

import re

from reference import PAGE, page
from replies import ROOT, contract_document

_PATH = re.compile(r"(?<![\w/.-])(?:tests|mock_sent|docs|clients)/(?:\w+/)*\w+\.(?:py|md)\b")
SCENARIOS = (ROOT / "docs" / "scenarios.md").read_text("utf-8")


def test_the_reference_is_current() -> None:
    """docs/reference.md names every setting, command, option, error, control route and scenario key there is."""
    assert PAGE.read_text("utf-8") == page(), "run scripts/pages"


def test_scenario_keys_are_taught() -> None:
    """Each key of the scenario language is taught in docs/scenarios.md, not only listed."""
    keys = page().rpartition("[scenarios.md](scenarios.md) teaches them.\n\n")[2].split(", ")

    assert len(keys) > 25
    assert [key for key in keys if key.strip().strip("`") not in SCENARIOS] == []


def test_shipped_scenarios_are_named() -> None:
    """Each shipped scenario is named in docs/scenarios.md."""
    names = [path.stem for path in (ROOT / "scenarios").glob("*.yaml")]

    assert [name for name in names if f"`{name}`" not in SCENARIOS] == []


def test_statements_are_listed() -> None:
    """docs/fidelity.md lists each statement of the contract."""
    statements = contract_document()["x-statements"]
    listed = (ROOT / "docs" / "fidelity.md").read_text("utf-8")

    assert [s["id"] for s in statements if f"| {s['id']} |" not in listed] == []


def test_files_that_are_named_exist() -> None:
    """A page, a test or a script that names a Python file of the house by its path names one that there is.

    CONTRIBUTING.md and test_recipes.py are left out: the recipes make files.
    """
    paths = [p for p in ROOT.glob("*.md") if p.name != "CONTRIBUTING.md"] + [
        p
        for folder in ("docs", "tests", "mock_sent", "clients", "scripts")
        for p in (ROOT / folder).rglob("*")
        if p.is_file() and p.name != "test_recipes.py"
    ]
    texts = {p: p.read_text("utf-8") for p in paths if p.suffix in (".md", ".py", ".toml", ".js", ".yaml", "")}
    named = [(p.name, path) for p, text in texts.items() for path in _PATH.findall(text)]

    assert len(named) > 50
    assert [(name, path) for name, path in named if not (ROOT / path).exists()] == []


def test_every_page_is_linked() -> None:
    """The README leads to every page of docs."""
    readme = (ROOT / "README.md").read_text("utf-8")

    assert [path.name for path in (ROOT / "docs").glob("*.md") if f"docs/{path.name}" not in readme] == []


def test_the_readme_counts_the_statements() -> None:
    """README's first paragraph counts the statements of docs/fidelity.md, and those among them that are inferred."""
    listed = (ROOT / "docs" / "fidelity.md").read_text("utf-8")
    rows = re.findall(r"^\| [A-Z]+-\w+ \|.*$", listed, re.MULTILINE)
    guessed = sum("| inferred |" in row for row in rows)
    readme = " ".join((ROOT / "README.md").read_text("utf-8").split())

    told = len(rows) - guessed
    assert f"of {len(rows)} statements {told} are from the vendor's texts and {guessed} are our own" in readme
