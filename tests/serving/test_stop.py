"""SIGTERM and SIGINT end the process within a second: from its first line on, as the first process, in every state."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import pytest
from commands import COMMAND, PATIENCE, environment
from lonely import LonelyServer, alone, wait_until
from page import REQUEST

from mock_sent.serving.server import running
from mock_sent.settings import Settings

pytestmark = [
    pytest.mark.real_socket,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at in /proc"),
]

# A process of its own namespace is its first one, as in a container.
FIRST = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]

# Stands for a resolver that does not answer. A name with `busy` in it is looked up as in C: no handler of Python runs.
SLOW_RESOLVER = """
import hashlib, socket, time
real = socket.getaddrinfo
def getaddrinfo(host, *rest, **named):
    name = host.decode() if isinstance(host, bytes) else str(host)
    if "busy" in name:
        hashlib.pbkdf2_hmac("sha256", b"", b"", 20_000_000)
    elif "slow" in name:
        time.sleep(60)
    return real(host, *rest, **named)
socket.getaddrinfo = getaddrinfo
"""


@pytest.fixture
def slow_resolver(tmp_path: Path) -> dict[str, str]:
    """The variables of a process in which look-ups of some names take a minute."""
    (tmp_path / "sitecustomize.py").write_text(SLOW_RESOLVER)
    known = os.environ.get("PYTHONPATH")
    return {"PYTHONPATH": f"{tmp_path}:{known}" if known else str(tmp_path)}


def _namespaces() -> bool:
    try:
        return subprocess.run([*FIRST, "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def _watches(pid: int) -> bool:
    """Whether a process has the thread that sees to its end: it is started right after the handlers were set."""
    with contextlib.suppress(FileNotFoundError):
        return "\nThreads:\t2\n" in Path(f"/proc/{pid}/status").read_text()
    return False


def _child_of(process: "subprocess.Popen[bytes]") -> int:
    """The process that `unshare` has started."""
    path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    wait_until(lambda: path.read_text().strip(), "unshare has started nothing")
    return int(path.read_text().split()[0])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("first", [False, True], ids=["", "as the first process"])
def test_signal_during_the_start(number: int, first: bool) -> None:
    """It ends the process at once, with the code of every stop by a signal and without a word."""
    if first and not _namespaces():
        pytest.skip("namespaces need root and a kernel that lets it make them")
    command = [*FIRST, COMMAND] if first else [COMMAND]
    process = subprocess.Popen(
        command, env=environment(MOCK_SENT_PORT="0"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with process:
        pid = _child_of(process) if first else process.pid
        wait_until(lambda: _watches(pid), "no handler was set")
        began = perf_counter()
        os.kill(pid, number)
        out, errors = process.communicate(timeout=PATIENCE)
        took = perf_counter() - began

    assert (process.returncode, out, errors) == (0, b"", b"")
    assert took < 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_to_the_first_process(number: int) -> None:
    """A container's server that serves stops in order too; a second signal ends it at once."""
    if not _namespaces():
        pytest.skip("namespaces need root and a kernel that lets it make them")
    with alone([*FIRST, COMMAND], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as server:
        server.send()
        pid = _child_of(server.process)
        os.kill(pid, number)
        _, errors = server.process.communicate(timeout=PATIENCE)
    assert (server.process.returncode, b"Traceback" in errors) == (0, False)

    with alone([*FIRST, COMMAND], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        server.begin(server.client, "POST", "/v3/messages", REQUEST, x_mock_scenario="slow")
        pid = _child_of(server.process)
        began = perf_counter()
        os.kill(pid, number)
        while server.process.poll() is None and perf_counter() - began < 1:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        assert server.process.poll() in (0, 128 + number)


def test_another_command_as_the_first_process() -> None:
    """One that waits for an answer ends at SIGTERM, with the code that a shell would give it."""
    if not _namespaces():
        pytest.skip("namespaces need root and a kernel that lets it make them")
    with _never_answering() as url, subprocess.Popen([*FIRST, COMMAND, "audit", "--url", url]) as process:
        pid = _child_of(process)
        wait_until(lambda: "socket:" in str(_descriptors(pid)), "nothing is asked")
        os.kill(pid, signal.SIGTERM)

        assert process.wait(PATIENCE) == 128 + signal.SIGTERM


def _descriptors(pid: int) -> list[str]:
    with contextlib.suppress(FileNotFoundError):
        return [os.readlink(path) for path in Path(f"/proc/{pid}/fd").iterdir()]
    return []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_while_the_host_is_looked_up(number: int, slow_resolver: dict[str, str]) -> None:
    """No handler of Python runs meanwhile, and the process ends all the same."""
    variables = environment(MOCK_SENT_PORT="0", MOCK_SENT_HOST="busy.example", **slow_resolver)
    with subprocess.Popen([COMMAND], env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        # The look-up uses the processor, and nothing before it takes so long.
        wait_until(lambda: _processor_seconds(process.pid) > 1, "the host is not looked up")
        began = perf_counter()
        process.send_signal(number)
        out, errors = process.communicate(timeout=PATIENCE)
        took = perf_counter() - began

    assert (process.returncode, out, errors) == (0, b"", b"")
    assert took < 1


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


SCENARIO = """
schema: 1
name: ends
send:
  - {when: {to: "+14155550001"}, then: {accept: true, delay: 60s}}
  - {when: {to: "+14155550002"}, then: {drop: hang}}
  - {when: {to: "+14155550003"}, then: {drip: 60s}}
"""


@contextlib.contextmanager
def _never_answering() -> Iterator[str]:
    """A receiver that accepts and is silent."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/hook"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_in_every_state_at_once(number: int, slow_resolver: dict[str, str]) -> None:
    """Delays, hangs, drips, waits, streams, receivers, look-ups, clients that do not read, a thousand idle ones."""
    variables = {**slow_resolver, "MOCK_SENT_SCENARIO_INLINE": SCENARIO}
    with (
        _never_answering() as receiver,
        alone(variables=variables, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as server,
        contextlib.ExitStack() as clients,
    ):
        hooks = [f"{receiver}/{n}" for n in range(10)] + [f"http://slow{n}/hook" for n in range(10)]
        for url in hooks:
            body = {"display_name": "hook", "endpoint_url": url, "event_types": ["messages"]}
            assert server.ask("POST", "/v3/webhooks", body)[0] == 201
        server.send(5)
        for to in ("+14155550001", "+14155550002", "+14155550003") * 5:
            _begin(server, clients, "POST", "/v3/messages", {**REQUEST, "to": [to]})
        for _ in range(10):
            _begin(server, clients, "GET", "/_mock/messages?wait=60s&to=%2B1999")
            _begin(server, clients, "GET", "/_mock/events")
        for sent in (b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n" * 50, b"POST /v3/messages HT", *[b""] * 1_000):
            line = clients.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=5))
            line.sendall(sent)
        server.send()
        began = perf_counter()
        server.process.send_signal(number)
        _, errors = server.process.communicate(timeout=PATIENCE)
        took = perf_counter() - began

    assert server.process.returncode == 0
    assert took < 1
    assert all(line.startswith(b'{"') for line in errors.splitlines()), errors[-500:]


def _begin(server: LonelyServer, clients: contextlib.ExitStack, method: str, path: str, body: object = None) -> None:
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    clients.callback(client.close)
    server.begin(client, method, path, body)


def test_server_in_a_thread_does_not_wait_for_a_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A block of `running` ends although the resolver hangs, and so does the interpreter, whose threads it is not."""
    real, asked, ended = socket.getaddrinfo, threading.Event(), threading.Event()

    def slow(host: str, *rest: object, **named: object) -> object:
        if host == "slow":
            asked.set()
            ended.wait(PATIENCE)
        return real("127.0.0.1" if host == "slow" else host, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    try:
        with running(Settings(webhook_url="http://slow/hook", log="off")) as server:
            client = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=5)
            client.request("POST", "/v3/messages", json.dumps(REQUEST), {"content-type": "application/json"})
            assert asked.wait(PATIENCE)
            client.close()
            began = perf_counter()
        assert perf_counter() - began < 1
        assert all(thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread())
    finally:
        ended.set()
