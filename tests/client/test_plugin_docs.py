"""docs/pytest.md and docs/other-languages.md: their code runs, and they name what there is."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import preloaded  # noqa: F401  (for what it does)
import pytest
from conftest import Live
from members import members
from replies import ROOT

from mock_sent.scenarios.findings import ERRORS, KINDS
from mock_sent_client import SentMock
from mock_sent_client.facts import AuditReport, Finding, SentMessage, SentRequest

pytest_plugins = ["pytester"]
PAGE = (ROOT / "docs" / "pytest.md").read_text("utf-8")
OTHERS = (ROOT / "docs" / "other-languages.md").read_text("utf-8")


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def test_the_pytest_page_runs(pytester: pytest.Pytester) -> None:
    """All Python blocks of the page, as one file of tests; the fixture at its end goes into a conftest."""
    found = blocks(PAGE, "python")
    conftest = next(block for block in found if "def mock_sent_options" in block)
    pytester.makeconftest(conftest)
    pytester.makepyfile("\n\n".join(block for block in found if block is not conftest))
    tests = len(re.findall(r"^ *def test_", PAGE, re.MULTILINE))

    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:schemathesis", "--strict-markers")

    result.assert_outcomes(passed=tests)
    assert tests >= 8


def test_the_page_has_every_finding() -> None:
    """Each kind has its line, and errors are called so."""
    rows = dict(re.findall(r"^\| `(\w+)` \| (error|warning)", PAGE, re.MULTILINE))

    assert rows.keys() == KINDS.keys()
    assert {kind for kind, word in rows.items() if word == "error"} == ERRORS | {"retry_without_key"}


MEMBERS = {**dict.fromkeys(("url", "api_key"), "str"), **members(SentMock)}


@pytest.mark.parametrize("name", MEMBERS)
def test_the_page_has_every_member_with_its_type(name: str) -> None:
    """Each public member of the client has its line, with its parameters and its type."""
    type = MEMBERS[name].replace("|", "\\|")

    assert f"\n| `{name}` | `{type}` | " in PAGE


def test_the_page_has_no_other_member() -> None:
    """No line is about a member that there is not."""
    table = PAGE[PAGE.index("| member | type | what |") :].partition("\n\n")[0]

    assert re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE) == list(MEMBERS)


@pytest.mark.parametrize("fact", [SentMessage, SentRequest, AuditReport, Finding])
def test_the_page_has_what_members_return(fact: type) -> None:
    """The frozen data that members return is there with all its fields."""
    listed = ", ".join(f"`{name}: {type}`" for name, type in members(fact).items())

    assert f"\n* `{fact.__name__}`: {listed}.\n" in PAGE


def test_the_javascript_runs(live: Callable[..., Live], tmp_path: Path) -> None:
    """The example for Node passes on the machine's Node."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node on this machine")
    (block,) = blocks(OTHERS, "js")
    file = tmp_path / "orders.test.mjs"
    file.write_text(block)

    ran = subprocess.run(
        [node, "--test", str(file)], env={"MOCK_SENT_URL": live().url, "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stdout
    assert "# pass 3" in ran.stdout
