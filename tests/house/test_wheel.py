"""The wheel: what travels in it, and that it serves from an empty environment, far from the repository."""

import json
import os
import subprocess
from pathlib import Path
from zipfile import ZipFile

import httpx2
import page
import pytest
import yaml
from commands import serving
from environments import empty, pip, wheel_of
from replies import ROOT

from mock_sent.contract.kept import DOCUMENTS, name_of

pytestmark = pytest.mark.real_socket


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheel_of(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of an environment that has nothing but the wheel and what it asks for."""
    bin = empty(tmp_path_factory.mktemp("empty") / "venv")
    pip("install", "--quiet", "-c", str(ROOT / "constraints.txt"), str(wheel), python=str(bin / "python"))
    return bin


def test_what_travels(wheel: Path) -> None:
    """The data files and the mark of types are inside, as they stand in the repository; tests are not."""
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
        for name in ("openapi.yaml", "fixtures.yaml"):
            assert archive.read(f"mock_sent/data/{name}") == (ROOT / name).read_bytes()
        for path in (ROOT / "scenarios").rglob("*.yaml"):
            assert archive.read(f"mock_sent/data/scenarios/{path.relative_to(ROOT / 'scenarios')}") == path.read_bytes()
        for source in DOCUMENTS:
            text = (ROOT / source).read_bytes()
            assert json.loads(archive.read(f"mock_sent/data/{name_of(text)}")) == yaml.safe_load(text), source
    assert "mock_sent/py.typed" in names
    for path in (ROOT / "mock_sent" / "control" / "inbox").iterdir():
        assert f"mock_sent/control/inbox/{path.name}" in names
    assert {"mock_sent_client/pytest_plugin.py", "mock_sent_client/py.typed"} <= names
    assert not [name for name in names if name.startswith("tests") or "__pycache__" in name or "conftest" in name]
    for package in (ROOT / "mock_sent", ROOT / "clients" / "python" / "mock_sent_client"):
        for path in package.rglob("*.py"):
            assert str(path.relative_to(package.parent)) in names


def test_served_from_elsewhere(installed: Path, tmp_path: Path) -> None:
    """Installed and started in another directory it gives the page's answer to the page's request."""
    with serving("--port", "0", command=(str(installed / "mock-sent"),), cwd=tmp_path) as server:
        curl = page.CURL.replace("https://api.sent.dm", server.url) + " -s"
        answer = json.loads(subprocess.check_output(["sh", "-c", curl], text=True, timeout=30))
        message = httpx2.get(f"{server.url}/v3/messages/{answer['data']['recipients'][0]['message_id']}")
        docs = httpx2.get(f"{server.url}/docs")

    expected = page.RESPONSES["202"][1]["data"]
    pairs = [(r["to"], r["channel"]) for r in answer["data"].pop("recipients")]
    assert pairs == [(r["to"], r["channel"]) for r in expected["recipients"]]
    assert answer["data"] == {name: value for name, value in expected.items() if name != "recipients"}
    assert (message.status_code, docs.status_code) == (200, 200)
    assert os.listdir(tmp_path) == []


def test_nothing_for_tests_is_needed(installed: Path) -> None:
    """The environment has no test tool in it: what the server needs, it asks for itself."""
    command = [str(installed / "python"), "-m", "pip", "list", "--format", "json", "--disable-pip-version-check"]
    names = {package["name"].lower() for package in json.loads(subprocess.check_output(command))}

    assert not names & {"pytest", "httpx", "requests", "hypothesis", "schemathesis"}
    assert "starlette" in names
