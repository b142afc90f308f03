"""The documents: their blocks run, their links lead somewhere, and they name everything that they promise to name."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import page
import pytest
import yaml
from commands import PATIENCE, Server, serving
from replies import ROOT

pytestmark = pytest.mark.real_socket

DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
# Commands that are not run here, and why.
NOT_RUN = {
    "pip install": "tests/house/test_wheel.py installs the wheel",
    "mock-sent": "alone it serves until Ctrl-C: tests/command/test_command.py",
    "./scripts/serve": "serves until Ctrl-C; the blocks run against a server of the same command",
    "./scripts/test": "would run this test again",
}
HELD_ELSEWHERE = {
    "scenarios.md": "tests/scenarios/test_scenarios_docs.py",
    "pytest.md": "tests/client/test_plugin_docs.py",
}
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    where: str
    language: str
    text: str
    answer: str | None


def blocks() -> Iterator[Block]:
    """All blocks that can run; a JSON block behind a shell block is its answer."""
    for path in DOCUMENTS:
        if path.name in HELD_ELSEWHERE:
            continue
        content = path.read_text("utf-8")
        found = list(_BLOCK.finditer(content))
        for i, block in enumerate(found):
            following = found[i + 1] if i + 1 < len(found) else None
            between = content[block.end() : following.start()] if following else ""
            answer = following[2] if following and following[1] == "json" and "\n#" not in between else None
            line = content[: block.start()].count("\n") + 1
            if block[1] in ("sh", "python") and "from testcontainers" not in block[2]:  # tests/house/test_ci_docs.py
                yield Block(f"{path.name}:{line}", block[1], block[2], answer)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving("--port", "0") as running:
        yield running


@pytest.mark.parametrize("block", [pytest.param(b, id=b.where) for b in blocks()])
def test_blocks(server: Server, block: Block, tmp_path: Path) -> None:
    """A shell or Python block does what it says, against a real server."""
    text = block.text.replace("http://127.0.0.1:4010", server.url)
    if block.language == "sh":
        lines = [line for line in text.splitlines() if line not in NOT_RUN and not line.startswith("pip install")]
        if not lines:
            return
        command = ["sh", "-eu", "-c", "\n".join(lines)]
    elif "def test_" in text:
        (tmp_path / "test_block.py").write_text(text)
        command = [sys.executable, "-m", "pytest", "-q", "test_block.py"]
    else:
        command = [sys.executable, "-c", text]
    bin = str(Path(sys.executable).parent)
    env = {**os.environ, "PATH": f"{bin}{os.pathsep}{os.environ['PATH']}"}

    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=env, timeout=PATIENCE)

    assert done.returncode == 0, done.stderr
    if block.answer:
        assert without_fresh_parts(json.loads(done.stdout)) == without_fresh_parts(json.loads(block.answer))


def without_fresh_parts(answer: Any) -> Any:
    """The answer without what is new each time."""
    for recipient in answer["data"]["recipients"]:
        recipient["message_id"] = len(recipient["message_id"])
    answer["meta"] = {name: len(value) for name, value in answer["meta"].items()}
    return answer


def test_the_first_screen() -> None:
    """Within the README's first 45 lines: what it is, what it is not, the user's way, the two commands."""
    top = "\n".join((ROOT / "README.md").read_text("utf-8").splitlines()[:45])

    for words in ("A local server", "It is no proxy", "pip install", "base_url=", "./scripts/serve", "./scripts/test"):
        assert words in top


def test_the_pages_curl() -> None:
    """The README's curl is the page's, sent to the mock."""
    text = (ROOT / "README.md").read_text("utf-8")

    assert page.CURL.replace("https://api.sent.dm", "http://127.0.0.1:4010") in text


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links(path: Path) -> None:
    """A link within the repository leads to a file that is there."""
    for target in re.findall(r"\]\(([^)#]+)", path.read_text("utf-8")):
        assert target.startswith("https://") or (path.parent / target).exists(), target


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_nothing_of_one_machine(path: Path) -> None:
    """No path of somebody's machine, and no private registry."""
    assert not re.search(r"/(home|root|work|Users|opt|tmp)/", path.read_text("utf-8"))
    assert "index-url" not in path.read_text("utf-8")


def test_each_dependency_has_its_reason() -> None:
    """Every dependency has one line in docs/decisions.md, and no line is for a package that is not used."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    names = {re.split(r"[^A-Za-z0-9_-]", entry)[0].lower() for entry in asked}

    text = (ROOT / "docs" / "decisions.md").read_text("utf-8")
    lines = [line for line in text.splitlines() if line.startswith("* `")]
    assert {name for line in lines for name in re.findall(r"`([a-z0-9-]+)`", line.partition(":")[0])} == names


def test_scripts_are_listed() -> None:
    """CONTRIBUTING.md has a line for each script that a person starts, and each can be started."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")

    for path in (ROOT / "scripts").iterdir():
        if not path.is_file():
            continue
        assert os.access(path, os.X_OK) or path.suffix == ".py", path  # hatch imports its hook
        assert f"`scripts/{path.name}`" in text or path.name == "install", path


def test_image() -> None:
    """The image listens to everybody on the one port that it exposes, as a user without rights, and ends on SIGTERM."""
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    words = dict(line.split(" ", 1) for line in lines if line[:1].isupper())

    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", words["USER"])
    assert words["EXPOSE"] == "4010"
    assert json.loads(words["ENTRYPOINT"]) == ["mock-sent"]
    assert json.loads(words["CMD"]) == ["serve"]
    assert "MOCK_SENT_HOST=0.0.0.0" in words["ENV"]


def test_what_the_image_is_built_from() -> None:
    """Everything that the build needs is let in, and nothing else."""
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()

    assert lines[0] == "*"
    for line in lines:
        if line.startswith("!"):
            assert (ROOT / line[1:]).exists(), line
    needed = ("mock_sent", "clients/python/mock_sent_client", "scenarios", "openapi.yaml", "fixtures.yaml")
    for name in (*needed, "pyproject.toml", "README.md", "LICENSE"):
        assert f"!{name}" in lines


def test_ci() -> None:
    """CI runs the test command on every Python that pyproject.toml names."""
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))["jobs"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = [c.rpartition(" ")[2] for c in project["classifiers"] if re.search(r":: 3\.\d+$", c)]

    assert jobs["test"]["strategy"]["matrix"]["python"] == named
    assert any(step.get("run") == ".ci/run" for step in jobs["test"]["steps"])
    assert set(jobs["all-green"]["needs"]) == jobs.keys() - {"all-green"}
