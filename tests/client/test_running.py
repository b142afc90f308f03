"""`running`: a server process for as long as a block lasts, or the server of MOCK_SENT_URL."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from commands import PATIENCE
from conftest import Live
from replies import ROOT

import mock_sent_client
from mock_sent_client import Control, HandleError, ServerStartError, running

pytestmark = pytest.mark.real_socket


def assert_gone(url: str) -> None:
    with pytest.raises(HandleError, match="no mock-sent server answers"):
        Control(url).ask("GET", "/health")


def test_a_block() -> None:
    """The server answers in the block, and is gone after it; its accounts have the methods of `sent_mock`."""
    with running() as mock:
        account = mock.account("key-of-this-test")
        assert (account.url, account.api_key) == (mock.url, "key-of-this-test")
        assert account.messages == []
        account.assert_not_sent()
        assert mock.account().api_key != mock.account().api_key

    assert_gone(mock.url)


def test_an_error_in_the_block() -> None:
    """An exception leaves no server behind, and arrives as it is."""
    with pytest.raises(ZeroDivisionError), running() as mock:
        raise ZeroDivisionError

    assert_gone(mock.url)


def test_the_interpreter_ends() -> None:
    """A program that ends without leaving its block leaves no server behind."""
    program = "from mock_sent_client import running\nblock = running()\nprint(block.__enter__().url, flush=True)\n1 / 0"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE)

    assert done.stderr.endswith("ZeroDivisionError: division by zero\n")
    assert_gone(done.stdout.strip())


def test_ctrl_c() -> None:
    """Ctrl-C goes to the program alone, which may still ask the server, and then ends it."""
    program = (
        "import signal\nfrom mock_sent_client import running\n"
        "with running() as mock:\n    try:\n        print(mock.url, flush=True)\n"
        "        signal.pause()\n    except KeyboardInterrupt:\n        print(mock.account('k').messages)\n"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        os.killpg(process.pid, signal.SIGINT)
        rest = process.stdout.read()

    assert (process.returncode, rest) == (0, "[]\n")
    assert_gone(url)


def test_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting by name wins over the environment; a log goes to the program's own standard error."""
    monkeypatch.setenv("MOCK_SENT_SEED", "of-the-environment")
    monkeypatch.setenv("MOCK_SENT_LOG", "json")  # of another server: ours is silent unless a setting says otherwise
    with running() as mock:
        assert Control(mock.url).ask("GET", "/ready")["seed"] == "of-the-environment"
    with running(seed="mine", auth=None, max_accounts=3, api_keys=["one", "two"]) as mock:
        assert Control(mock.url).ask("GET", "/ready")["seed"] == "mine"
        asked = [httpx2.get(f"{mock.url}/v3/messages/x", headers={"x-api-key": key}) for key in ("two", "3")]
        assert [answer.status_code for answer in asked] == [400, 401]


def test_log(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is logged by default; with a setting, the log is written to the program's standard error."""
    for log in ({}, {"log": "text"}):
        with running(**log) as mock:
            httpx2.get(f"{mock.url}/v3/messages/one")
        assert ("401 GET /v3/messages/one" in capsys.readouterr().err) is bool(log)


@pytest.mark.parametrize(("host", "url"), [("0.0.0.0", "http://127.0.0.1:"), ("localhost", "http://localhost:")])
def test_host(host: str, url: str) -> None:
    """The URL is one that a client on this machine can use."""
    with running(host=host) as mock:
        assert mock.url.startswith(url)
        assert mock.account().messages == []


def test_token() -> None:
    """A server with a control token is asked with it."""
    with running(control_token="secret-0001") as mock:
        assert mock.account().messages == []
        with pytest.raises(HandleError, match="x-mock-token"):
            Control(mock.url).ask("GET", "/messages")


def test_the_server_of_the_environment(live: Callable[..., Live], monkeypatch: pytest.MonkeyPatch) -> None:
    """With MOCK_SENT_URL that server is used, and lives on."""
    server = live()
    monkeypatch.setenv("MOCK_SENT_URL", server.url + "/")
    monkeypatch.setenv("MOCK_SENT_COMMAND", "false")
    with running() as mock:
        assert mock.url == server.url
        assert mock.account("k").messages == []

    assert server.get("/_mock/health").status_code == 200


def test_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """MOCK_SENT_COMMAND may have several words, and wins over the mock-sent of the same Python."""
    trace = tmp_path / "started by"
    script = tmp_path / "start.sh"
    script.write_text(f'echo "$1" > "{trace}"; shift\nexec "{sys.executable}" -m mock_sent "$@"\n')
    monkeypatch.setenv("MOCK_SENT_COMMAND", f"sh '{script}' 'two words'")

    with running() as mock:
        assert mock.account().messages == []

    assert trace.read_text() == "two words\n"


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"scenario": "no-such-scenario"}, ".*no-such-scenario.*"),
        ({"auht": "required"}, "there is no setting MOCK_SENT_AUHT .did you mean .*AUTH.*"),
        ({"auth": "never"}, "MOCK_SENT_AUTH must be one of optional, required; it is 'never'"),
    ],
)
def test_a_server_that_does_not_start(settings: dict[str, str], reason: str) -> None:
    """The error is the server's own sentence."""
    with pytest.raises(ServerStartError) as raised, running(**settings):
        pass

    assert re.fullmatch("the mock-sent server did not start: " + reason, str(raised.value))


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("/no/such/command", "'/no/such/command' cannot be started: No such file or directory"),
        ("sh -c 'exit 3'", "the mock-sent server did not start: it ended with code 3"),
        ("sh -c 'echo no luck >&2'", "the mock-sent server did not start: no luck"),
    ],
)
def test_a_command_that_is_no_server(monkeypatch: pytest.MonkeyPatch, command: str, reason: str) -> None:
    """The error says what became of the command."""
    monkeypatch.setenv("MOCK_SENT_COMMAND", command)

    with pytest.raises(ServerStartError) as raised, running():
        pass

    assert str(raised.value) == reason


def test_the_readme_of_the_client() -> None:
    """Its program without pytest runs, with a stand-in for the code under test."""
    text = (ROOT / "clients" / "python" / "README.md").read_text("utf-8")
    block = next(b for b in re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL) if "running" in b)
    stand_in = (
        "import json, urllib.request, urllib.error\n"
        "def send_confirmation(base_url, api_key):\n"
        "    body = {'to': ['+14155551234'], 'channel': ['sms'], 'template': {'name': 'order_confirmation',\n"
        "        'parameters': {'name': 'J', 'order_id': '1'}}}\n"
        "    headers = {'x-api-key': api_key, 'content-type': 'application/json', 'idempotency-key': 'k'}\n"
        "    for _ in range(3):\n"
        "        try:\n"
        "            request = urllib.request.Request(f'{base_url}/v3/messages', json.dumps(body).encode(), headers)\n"
        "            return urllib.request.urlopen(request).close()\n"
        "        except urllib.error.HTTPError as e:\n"
        "            e.close()\n"
    )

    done = subprocess.run([sys.executable, "-c", stand_in + block], capture_output=True, text=True, timeout=PATIENCE)

    assert done.returncode == 0, done.stderr


def test_the_names_of_the_package() -> None:
    """Each public name can be imported, and one that is not there is an AttributeError."""
    text = Path(str(mock_sent_client.__file__)).read_text("utf-8")
    names = re.findall(r"^    from \S+ import ([A-Z]\w+)", text, re.MULTILINE)

    assert {"SentMock", "Control", "HandleError", "AuditReport", "Finding"} <= set(names)
    assert all(isinstance(getattr(mock_sent_client, name), type) for name in names)
    with pytest.raises(AttributeError, match="has no attribute 'SentMick'"):
        _ = mock_sent_client.SentMick  # type: ignore[attr-defined]
