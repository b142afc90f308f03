"""The client installed in each way there is: alone beside old packages, within mock-sent, both together, editable."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from commands import COMMAND
from conftest import Live
from environments import empty, pip, wheel_of
from replies import ROOT

pytestmark = pytest.mark.real_socket
CLIENT = ROOT / "clients" / "python"

# What is installed beside: an application of 2023.
OLD = ("fastapi==0.100.0", "starlette==0.27.0")

SUITE = """
import json, urllib.request
import pytest

def send(mock):
    body = {"to": ["+14155551234"], "channel": ["sms"],
            "template": {"name": "order_confirmation", "parameters": {"name": "J", "order_id": "1"}}}
    headers = {"x-api-key": mock.api_key, "content-type": "application/json", "idempotency-key": "k"}
    request = urllib.request.Request(mock.url + "/v3/messages", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as reply:
        return reply.status

def test_sent(sent_mock):
    assert send(sent_mock) == 202
    sent_mock.assert_sent(to="+1*", times=1)

def test_another_account(sent_env, request):
    assert sent_env.messages == []
    manager = request.config.pluginmanager
    plugins = [plugin for plugin in manager.get_plugins() if "mock_sent" in getattr(plugin, "__name__", "")]
    print("plugins:", [manager.get_name(plugin) for plugin in plugins])

@pytest.mark.sent_scenario("insufficient-balance")
def test_refused(sent_mock):
    with pytest.raises(urllib.error.HTTPError, match="402"):
        send(sent_mock)
"""
APPLICATION = """
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # an old FastAPI on a new pydantic
    import fastapi, starlette
    app = fastapi.FastAPI()

@app.get("/orders")
def orders():
    return []

def test_the_application():
    assert (fastapi.__version__, starlette.__version__) == ("0.100.0", "0.27.0")
    assert "/orders" in app.openapi()["paths"]
"""


class Wheels(NamedTuple):
    server: Path
    client: Path


class Environment:
    """An environment of Python, and the suite that is run in it."""

    def __init__(self, home: Path, *asked: str) -> None:
        self.bin = empty(home)
        self._pip("install", *asked)

    def _pip(self, *arguments: str) -> None:
        pip(*arguments, "--quiet", python=str(self.bin / "python"))

    def put(self, *ours: str) -> None:
        """Our distributions, and no others of ours, beside what is there already."""
        self._pip("uninstall", "--yes", "mock-sent", "mock-sent-client")
        self._pip("install", "--no-deps", *ours)

    def told(self, program: str) -> list[str]:
        """What a program prints."""
        command = [str(self.bin / "python"), "-P", "-c", program]
        return subprocess.check_output(command, text=True, cwd=self.bin, timeout=60).split()

    def suite(self, folder: Path, source: str = SUITE, *, code: int = 0, **variables: str) -> str:
        """What the environment's pytest says of the suite, with warnings as errors."""
        (folder / "test_suite.py").write_text(source)
        command = [str(self.bin / "python"), "-m", "pytest", "-s", "-W", "error", "-p", "no:cacheprovider"]
        environment = {"PATH": os.defpath, "HOME": str(folder), **variables}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Wheels:
    made = [wheel_of(source, tmp_path_factory.mktemp("wheel")) for source in (ROOT, CLIENT)]
    return Wheels(*made)


@pytest.fixture(scope="module")
def beside(wheels: Wheels, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The client alone, beside an application of 2023."""
    return Environment(tmp_path_factory.mktemp("beside") / "venv", str(wheels.client), "pytest", *OLD)


@pytest.fixture(scope="module")
def whole(wheels: Wheels, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """mock-sent from its wheel."""
    home = tmp_path_factory.mktemp("whole") / "venv"
    return Environment(home, "-c", str(ROOT / "constraints.txt"), str(wheels.server), "pytest")


def test_the_client_asks_for_nothing(beside: Environment) -> None:
    """Nothing comes with it: neither a package that it needs nor the server."""
    program = "import importlib.{0}; print(importlib.{0}.{1})"

    assert beside.told(program.format("metadata", "requires('mock-sent-client')")) == ["None"]
    assert beside.told(program.format("util", "find_spec('mock_sent')")) == ["None"]


def test_beside_an_old_application(beside: Environment, live: Callable[..., Live], tmp_path: Path) -> None:
    """The plugin uses the server of MOCK_SENT_URL, in the process of an application with FastAPI 0.100."""
    server = live()

    out = beside.suite(tmp_path, SUITE + APPLICATION, MOCK_SENT_URL=server.url)

    assert " 4 passed" in out
    assert server.get("/_mock/accounts").json()["accounts"] == []


@pytest.mark.parametrize("way", ["path", "variable"])
def test_a_server_from_elsewhere(beside: Environment, tmp_path: Path, way: str) -> None:
    """The plugin starts the `mock-sent` on the PATH, or the one of MOCK_SENT_COMMAND, from another environment."""
    (tmp_path / "mock-sent").symlink_to(COMMAND)
    command = COMMAND if way == "variable" else ""
    path = f"{tmp_path}{os.pathsep}{os.defpath}" if way == "path" else os.defpath

    assert " 4 passed" in beside.suite(tmp_path, SUITE + APPLICATION, PATH=path, MOCK_SENT_COMMAND=command)


def test_an_old_pytest(wheels: Wheels, live: Callable[..., Live], tmp_path: Path) -> None:
    """The plugin works, and its audit and timeline too, with the pluggy that pytest 7 began with."""
    old = Environment(tmp_path / "venv", str(wheels.client), "pytest==7.4.4", "pluggy==1.0.0")
    source = (
        SUITE
        + """
def test_misused(sent_mock):
    send(sent_mock)
    send_other(sent_mock)

def test_fails(sent_mock):
    assert 0

def send_other(mock):
    body = {"to": ["+447700900123"], "template": {"name": "welcome"}}
    headers = {"x-api-key": mock.api_key, "content-type": "application/json", "idempotency-key": "k"}
    request = urllib.request.Request(mock.url + "/v3/messages", json.dumps(body).encode(), headers)
    urllib.request.urlopen(request, timeout=10).close()
"""
    )

    out = old.suite(tmp_path, source, code=1, MOCK_SENT_URL=live().url)

    assert " 2 failed, 3 passed" in out
    assert "\nerror: key_reused_for_other_body: " in out
    assert "\nno request came\n" in out


def test_no_server_anywhere(beside: Environment, tmp_path: Path) -> None:
    """Without a server, the report says in one sentence what can be done."""
    out = beside.suite(tmp_path, code=1, PATH="")

    assert " 3 errors" in out
    assert "\nthere is no mock-sent server: install mock-sent, or set MOCK_SENT_URL to a server that runs" in out
    assert "server.py" not in out


def test_within_mock_sent(whole: Environment, wheels: Wheels, tmp_path: Path) -> None:
    """The wheel of mock-sent brings the plugin, and its server is the one of the same Python, not of the PATH."""
    whole.put(str(wheels.server))
    other = tmp_path / "mock-sent"
    other.write_text("#!/bin/sh\nexit 1\n")
    other.chmod(0o755)

    out = whole.suite(tmp_path, PATH=f"{tmp_path}{os.pathsep}{os.defpath}")

    assert (" 3 passed" in out, "plugins: ['mock_sent']" in out) == (True, True)


def test_both_together(whole: Environment, wheels: Wheels, tmp_path: Path) -> None:
    """Two distributions with one entry point are one plugin."""
    whole.put(str(wheels.server), str(wheels.client))

    out = whole.suite(tmp_path)

    assert (" 3 passed" in out, "plugins: ['mock_sent']" in out) == (True, True)
    found = "importlib.metadata.entry_points(group='pytest11', name='mock_sent')"
    assert (
        whole.told(f"import importlib.metadata; print(*[point.value for point in {found}])")
        == ["mock_sent_client.pytest_plugin"] * 2
    )


@pytest.mark.parametrize("with_client", [False, True])
def test_editable(whole: Environment, wheels: Wheels, tmp_path: Path, with_client: bool) -> None:
    """From a clone, `pip install -e .` makes both packages importable and the plugin active, beside the client too."""
    whole.put(*([str(wheels.client)] if with_client else []), "-e", str(ROOT))

    out = whole.suite(tmp_path)

    assert (" 3 passed" in out, "plugins: ['mock_sent']" in out) == (True, True)
    server, client = whole.told(
        "import mock_sent, mock_sent_client; print(mock_sent.__file__, mock_sent_client.__file__)"
    )
    assert server == str(ROOT / "mock_sent" / "__init__.py")
    assert (client == str(CLIENT / "mock_sent_client" / "__init__.py")) is not with_client
