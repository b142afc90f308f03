"""The recipes of CONTRIBUTING.md: each is followed, block by block, in a copy of the repository; what it adds runs."""

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from replies import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.real_socket]

MOST_FILES = 4
# Tests that hold tables, pages and rules of the house together.
ALWAYS = (
    "tests/house/test_docs.py",
    "tests/scenarios/test_scenarios_docs.py",
    "tests/scenarios/test_patterns.py::test_the_schema_has_the_same_words",
    "tests/control/test_audit.py::test_every_kind_has_its_test",
)
_COPIED = ("mock_sent", "clients", "docs", "editions", "scenarios", "scripts", "tests")
_NOT_COPIED = shutil.ignore_patterns("__pycache__", "node_modules", "transcript", ".*")

# Writes the pages of the copy, with the package of the copy.
_PAGES = """
import os, runpy, sys, mock_sent
assert mock_sent.__file__.startswith(os.getcwd())
for path in sys.argv[1:]:
    runpy.run_path(path, run_name="__main__")
"""

_TICKED = r"(?:`` ?(?P<{0}2>.+?) ?``|`(?P<{0}>[^`]+)`)"
_PLACE = re.compile(
    r"(?:In the new file|In|At the end of) `(?P<file>[^`]+)`"
    r"(?:, (?P<how>above|below|instead of)\s" + _TICKED.format("line") + ")?",
)
_BLOCK = re.compile(r"^(?:\d+\. |   )((?:In|At) .+?:)\n\n   ```\w+\n(.*?)^   ```$", re.MULTILINE | re.DOTALL)


class Step(NamedTuple):
    """One block of a recipe. `how` is above, below or instead of the `line`; empty for the end of the file."""

    file: str
    how: str
    line: str
    block: str

    def follow(self, home: Path) -> None:
        """Write the block to its place. A line that is not there once is a fault of the page."""
        path = home / self.file
        before = path.read_text("utf-8") if path.exists() else ""
        if not self.how:
            path.write_text(before + self.block, "utf-8")
            return
        lines = before.splitlines(keepends=True)
        found = [i for i, line in enumerate(lines) if self._is_meant(line.strip())]
        assert len(found) == 1, f"{self.file} has {len(found)} lines {self.line!r}"
        first = found[0] + (self.how == "below")
        lines[first : first + (self.how == "instead of")] = [self.block]
        path.write_text("".join(lines), "utf-8")

    def _is_meant(self, line: str) -> bool:
        beginning, dots, _ = self.line.partition("...")
        return line.startswith(beginning) if dots else line == self.line


class Recipe(NamedTuple):
    """What one heading of the page says. `tests` are the tests that it adds."""

    name: str
    steps: list[Step]

    @property
    def tests(self) -> list[str]:
        return [
            f"{s.file}::{name}" for s in self.steps for name in re.findall(r"^def (test_\w+)", s.block, re.MULTILINE)
        ]

    @property
    def in_tests(self) -> list[Step]:
        return [step for step in self.steps if step.file.startswith("tests/")]


@cache
def recipes() -> dict[str, Recipe]:
    """The recipes of the page, by name."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("\n## Recipes\n")[2]
    found = {}
    for part in text.split("\n### ")[1:]:
        name = part.splitlines()[0].removeprefix("How do I add ").rstrip("?")
        found[name] = Recipe(name, [_step(*match) for match in _BLOCK.findall(part)])
    return found


def _step(sentence: str, block: str) -> Step:
    place = _PLACE.match(sentence)
    assert place, f"no place in {sentence!r}"
    lines = [line.removeprefix("   ") for line in block.splitlines(keepends=True)]
    return Step(place["file"], place["how"] or "", place["line"] or place["line2"] or "", "".join(lines))


class Copy:
    """A copy of the repository, and what runs in it: this Python, and the packages of the copy."""

    def __init__(self, home: Path) -> None:
        self.home = home
        for name in _COPIED:
            shutil.copytree(ROOT / name, home / name, ignore=_NOT_COPIED)
        for path in ROOT.iterdir():
            if path.is_file() and not path.name.startswith("."):
                shutil.copy(path, home)

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Python with these arguments."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST"))}
        path = os.pathsep.join([str(self.home), str(self.home / "clients" / "python")])
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.home, env={**kept, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True, text=True, timeout=300,
        )  # fmt: skip

    def demand(self, *arguments: str) -> None:
        """Fail unless it ends well."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-3_000:]

    def pytest(self, *tests: str) -> tuple[str, ...]:
        return ("-m", "pytest", "-q", "-p", "no:cacheprovider", *tests)


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path / "clone")


def test_there_is_a_recipe_for_each_kind_of_addition() -> None:
    """Six recipes; each changes at most four files beside generated pages and the changelog, and adds a test."""
    assert list(recipes()) == [
        "an operation with an effect", "a plain resource", "a word in `when`", "a fault in `then`",
        "a finding of the audit", "a setting",
    ]  # fmt: skip
    for recipe in recipes().values():
        assert len({step.file for step in recipe.steps}) <= MOST_FILES, recipe.name
        assert recipe.tests, recipe.name


def test_a_plain_resource_needs_no_python() -> None:
    """Its recipe changes the contract, and adds a test."""
    assert [step.file for step in recipes()["a plain resource"].steps] == ["openapi.yaml", "tests/api/test_labels.py"]


def test_the_tests_of_the_recipes_fail_before_they_are_followed(copy: Copy) -> None:
    """With the tests alone, each of them fails: it tests what the recipe adds."""
    added = [test for recipe in recipes().values() for test in recipe.tests]
    for recipe in recipes().values():
        for step in recipe.in_tests:
            step.follow(copy.home)

    done = copy.run(*copy.pytest(*added))

    assert re.search(rf"^{len(added)} failed in ", done.stdout, re.MULTILINE), done.stdout[-6_000:] + done.stderr


@pytest.mark.parametrize("name", recipes())
def test_recipe(name: str, copy: Copy) -> None:
    """Followed to the letter, the recipe passes the linter; its test passes, and so do those that hold the house."""
    recipe = recipes()[name]
    for step in recipe.steps:
        step.follow(copy.home)
    copy.demand("-c", _PAGES, *re.findall(r"docs/generators/\w+\.py", (ROOT / "scripts" / "pages").read_text("utf-8")))
    files = sorted({step.file for step in recipe.steps if step.file.endswith(".py")})
    copy.demand("-m", "ruff", "format", "--no-cache", *files)
    copy.demand("-m", "ruff", "check", "--no-cache", *files)
    copy.demand(*copy.pytest(*recipe.tests, *ALWAYS))
