"""Starting, and ending within a second whatever is in flight."""

import asyncio
import contextlib
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import Any

import pytest
from wiring import HOST, app, get, head, listen, live, port_of, process, refusal, say, serving

from mock_sent.ground.errors import StartupError
from mock_sent.serving import server
from mock_sent.serving.sockets import bind
from mock_sent.wire.asgi import AsgiMessage
from mock_sent.wire.limits import Limits

pytestmark = pytest.mark.real_socket


# Serving from a thread


def test_running_serves_and_leaves_nothing() -> None:
    """No thread, no listener and no open connection after the block."""
    before = threading.active_count()
    with server.running_app(app, refusal=refusal) as running:
        port = int(running.url.rpartition(":")[2])
        line = socket.create_connection((HOST, port), timeout=5)
        line.sendall(head("GET /echo HTTP/1.1", "Host: a"))
        assert line.recv(65_536).startswith(b"HTTP/1.1 200")

    assert listen(line).end == "fin"
    line.close()
    assert threading.active_count() == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, port), timeout=1)


def test_block_that_fails_stops_the_server_too() -> None:
    """The test's own exception comes through."""
    before = threading.active_count()
    with pytest.raises(KeyError), serving():
        raise KeyError
    assert threading.active_count() == before


def test_running_twice_at_once() -> None:
    """Two servers in one process have two ports."""
    with serving() as one, serving() as two:
        assert one != two
        assert say(one, get("/echo")).status == say(two, get("/echo")).status == 200


def test_running_on_a_busy_port_raises_here() -> None:
    """In the caller, not in the thread."""
    with (
        socket.create_server((HOST, 0)) as other,
        pytest.raises(StartupError, match="in use"),
        server.running_app(app, port=port_of(other), refusal=refusal),
    ):
        raise AssertionError


def test_date_is_in_answers_and_refusals() -> None:
    """Clients measure the clock's skew with it."""
    with serving() as port:
        assert b"\r\ndate: " in say(port, get("/echo")).head
        assert b"\r\ndate: " in say(port, b"nonsense\r\n\r\n").head


# The app's own start and end


async def _refuses(scope: AsgiMessage, receive: Any, send: Any) -> None:
    await receive()
    raise StartupError("openapi.yaml:3:1: no")


async def _refuses_as_starlette(scope: AsgiMessage, receive: Any, send: Any) -> None:
    """Starlette says it first, with a traceback in the message, and raises then."""
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "Traceback ..."})
    raise StartupError("openapi.yaml:3:1: no")


async def _only_says_so(scope: AsgiMessage, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no luck today"})


async def _says_nothing(scope: AsgiMessage, receive: Any, send: Any) -> None:
    await receive()


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (_refuses, "openapi.yaml:3:1: no"),
        (_refuses_as_starlette, "openapi.yaml:3:1: no"),
        (_only_says_so, "no luck today"),
        (_says_nothing, "the app did not start"),
    ],
)
def test_app_that_does_not_start_raises_here(broken: Any, says: str) -> None:
    """The app's own exception, in the caller, from the thread and from the main one."""
    with pytest.raises(StartupError, match=says), serving(app=broken):
        raise AssertionError
    with pytest.raises(StartupError, match=says):
        server.run(broken, bind(HOST, 0), limits=Limits(), refusal=refusal, ready=_must_not_be_called)


def _must_not_be_called(url: str) -> None:
    raise AssertionError(url)


def test_app_that_does_not_end_is_left() -> None:
    """A stop takes less than a second all the same."""

    async def endless(scope: AsgiMessage, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await asyncio.sleep(60)

    with serving(app=endless):
        began = time.perf_counter()
    assert time.perf_counter() - began < 1


def test_app_state_reaches_the_requests() -> None:
    """What the lifespan keeps in its state is there in each scope."""

    async def keeper(scope: AsgiMessage, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            scope["state"]["kept"] = b"yes"
            await live(receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["state"]["kept"]})

    with serving(app=keeper) as port:
        assert b"yes" in say(port, get("/")).raw


# Ending


def test_request_in_progress_is_answered_at_the_end() -> None:
    """What can finish soon, finishes."""
    with serving() as port:
        line = socket.create_connection((HOST, port), timeout=5)
        line.sendall(head("GET /slow/0.15 HTTP/1.1", "Host: a"))
        time.sleep(0.05)
    answer = listen(line)
    line.close()

    assert (answer.status, answer.end) == (200, "fin")


@pytest.mark.parametrize("path", ["hang", "stream", "stubborn", "slow/30", "drip/30"])
def test_what_cannot_finish_is_cut(path: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Within a second and without a word, whether the request looks at its client or not."""
    with serving() as port:
        line = socket.create_connection((HOST, port), timeout=5)
        line.sendall(get(f"/{path}"))
        time.sleep(0.05)
        began = time.perf_counter()
    assert time.perf_counter() - began < 1
    assert listen(line).end in ("fin", "rst")
    line.close()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_the_process_within_a_second(number: int) -> None:
    """With a request, a hang, a stream, half a head, an idle and a silent connection in flight; code 0, no noise."""
    asked = [get("/slow/30"), get("/hang"), get("/stream"), get("/stubborn"), get("/echo")[:9], get("/echo"), b""]
    asked += [
        head("GET /echo HTTP/1.1", "Host: a"),
        get("/drip/9"),
        head("POST /echo HTTP/1.1", "Host: a", "Content-Length: 9"),
    ]
    with process() as (started, port), contextlib.ExitStack() as lines:
        for data in asked:
            line = lines.enter_context(socket.create_connection((HOST, port), timeout=5))
            line.sendall(data)
        time.sleep(0.1)
        began = time.perf_counter()
        started.send_signal(number)
        out, err = started.communicate(timeout=5)
        took = time.perf_counter() - began

    assert (started.returncode, out, err) == (0, "ended\n", "")
    assert took < 1


def test_second_signal_ends_the_process_at_once() -> None:
    """Whoever presses Ctrl-C again does not want to wait for the requests."""
    with process() as (started, port), socket.create_connection((HOST, port), timeout=5) as line:
        line.sendall(get("/slow/30"))
        time.sleep(0.1)
        started.send_signal(signal.SIGINT)
        time.sleep(0.05)
        started.send_signal(signal.SIGINT)
        out, err = started.communicate(timeout=5)

    assert (started.returncode, out, err) == (-signal.SIGINT, "", "")


def test_run_gives_the_signals_back() -> None:
    """A program that runs a server in its main thread has its own handlers again afterwards."""
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)

    def ready(url: str) -> None:
        signal.raise_signal(signal.SIGTERM)

    server.run(app, bind(HOST, 0), limits=Limits(), refusal=refusal, ready=ready)

    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


def test_run_tells_each_second_how_many_were_answered() -> None:
    """Whoever runs a server hears once a second of the requests that were answered so far."""
    heard: list[int] = []

    def ready(url: str) -> None:
        port = int(url.rpartition(":")[2])
        threading.Thread(target=lambda: [say(port, get("/echo")) for _ in range(3)]).start()

    def each_second(answered: int) -> None:
        heard.append(answered)
        signal.raise_signal(signal.SIGTERM)

    sockets = bind(HOST, 0)
    server.run(app, sockets, limits=Limits(), refusal=refusal, ready=ready, each_second=each_second)

    assert heard == [3]


def test_import_of_the_server_is_cheap() -> None:
    """`--help` pays neither for uvicorn nor for Starlette."""
    imported = "mock_sent.serving.server, mock_sent.wire.faults"
    code = f"import sys, {imported}; print({{'uvicorn', 'starlette'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"
