"""A release: one version, a changelog that knows it, a complete sdist, workflows with no more rights than they need."""

import re
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from replies import ROOT

import mock_sent_client
from mock_sent import __version__

WORKFLOWS: dict[str, Any] = {
    path.name: yaml.safe_load(path.read_text("utf-8")) for path in (ROOT / ".github" / "workflows").glob("*.yml")
}


def test_changelog() -> None:
    """The version has its section, or everything is still unreleased."""
    sections = re.findall(r"^## \[(.*?)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)

    assert sections[0] == "Unreleased"
    assert sections[1:2] in ([], [__version__])


def test_one_version() -> None:
    """The number stands in the package; whatever else names it is held to it (tests/house/test_ci_docs.py)."""
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)
    assert 'dynamic = ["version"]' in (ROOT / "pyproject.toml").read_text("utf-8")


def test_the_client_is_of_the_same_release() -> None:
    """mock-sent-client has the number, the license and the Pythons of mock-sent."""
    projects = [ROOT, ROOT / "clients" / "python"]
    ours, clients = (tomllib.loads((path / "pyproject.toml").read_text("utf-8"))["project"] for path in projects)

    assert mock_sent_client.__version__ == __version__
    assert len({(path / "LICENSE").read_bytes() for path in projects}) == 1
    for name in ("requires-python", "license", "dynamic", "entry-points"):
        assert clients[name] == ours[name], name
    assert clients["dependencies"] == []


@pytest.mark.real_socket
def test_sdist(tmp_path: Path) -> None:
    """Whoever builds from it has data, tests, documents and image; nothing of a developer's travels."""
    build = "from hatchling.build import build_sdist; import sys; print(build_sdist(sys.argv[1]))"
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True, timeout=120)
    python = str(tmp_path / "venv" / "bin" / "python")
    got = subprocess.run([python, "-m", "pip", "install", "--quiet", "hatchling"], capture_output=True, text=True)
    if got.returncode:
        pytest.skip(f"no registry can be reached: {got.stderr.strip().splitlines()[-1]}")

    name = subprocess.check_output([python, "-c", build, str(tmp_path)], cwd=ROOT, text=True).split()[-1]
    with tarfile.open(tmp_path / name) as archive:
        names = {path.partition("/")[2] for path in archive.getnames()}

    assert name == f"mock_sent-{__version__}.tar.gz"
    wanted = {"openapi.yaml", "fixtures.yaml", "Dockerfile", ".dockerignore", "LICENSE", "README.md", "docs/ci.md"}
    assert wanted | {"scenarios/slow.yaml", "scripts/test", "tests/conftest.py", "mock_sent/py.typed"} <= names
    assert {"clients/python/pyproject.toml", "clients/python/mock_sent_client/pytest_plugin.py"} <= names
    assert not [path for path in names if re.match(r"\.(sdk|venv|git)/|.*__pycache__|.*\.pyc$", path)]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_rights_of_workflows(name: str) -> None:
    """Every workflow reads by default; a job that may more says what."""
    assert WORKFLOWS[name]["permissions"] == {"contents": "read"}
    for job in WORKFLOWS[name]["jobs"].values():
        assert set(job.get("permissions", {})) <= {"contents", "packages", "id-token"}
        checkouts = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
        assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_publishing_asks_for_every_test_first() -> None:
    """Nothing is published that was not built and tested, and no token is kept for it."""
    jobs = WORKFLOWS["publish.yml"]["jobs"]

    assert [step["run"] for step in jobs["build"]["steps"] if step.get("run", "").startswith(".ci")] == [".ci/run"]
    assert jobs["package"]["needs"] == jobs["image"]["needs"] == "build"
    assert jobs["package"]["permissions"] == {"id-token": "write"}
    assert "secrets." not in (ROOT / ".github" / "workflows" / "publish.yml").read_text("utf-8")


def test_ci_waits_for_all() -> None:
    """The one job that a branch rule asks for needs every other."""
    jobs = WORKFLOWS["ci.yml"]["jobs"]

    assert set(jobs["all-green"]["needs"]) == jobs.keys() - {"all-green"}
    assert jobs["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    assert [step["run"] for step in jobs["test"]["steps"] if "run" in step] == [".ci/run"]
