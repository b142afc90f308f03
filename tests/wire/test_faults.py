"""Each fault as each kind of client meets it."""

import asyncio
import gc
import json
import logging
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
import requests
from wiring import BODY, HOST, TYPE, Answer, get, head, leave_at_once, listen, live, noise, say, serving

from mock_sent.ground.clock import SECOND
from mock_sent.ground.errors import SocketNeeded
from mock_sent.wire.answering import answering_of
from mock_sent.wire.asgi import AsgiMessage
from mock_sent.wire.faults import FAULTS, drip

pytestmark = pytest.mark.real_socket

PATIENCE = 0.3


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving() as port:
        yield port


@pytest.fixture
def silent(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """A fault is no event for the log."""
    caplog.set_level(logging.DEBUG)
    yield
    assert noise(caplog) == []
    assert capfd.readouterr() == ("", "")


def raw(port: int, fault: str) -> str:
    answer = say(port, get(f"/{fault}"), patience=PATIENCE)
    return f"{answer.end} after {'bytes' if answer.raw else 'nothing'}"


def with_httpx(port: int, fault: str) -> str:
    try:
        answer = httpx2.get(f"http://{HOST}:{port}/{fault}", timeout=PATIENCE, trust_env=False)
    except httpx2.HTTPError as error:
        return type(error).__name__
    return str(answer.status_code)


def with_requests(port: int, fault: str) -> str:
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.get(f"http://{HOST}:{port}/{fault}", timeout=PATIENCE)
        except requests.RequestException as error:
            return f"{type(error).__name__}: {_first_cause(error)}"
    return str(answer.status_code)


def _first_cause(error: BaseException) -> str:
    """The words of the innermost exception, which requests wraps twice."""
    while error.__context__ is not None:
        error = error.__context__
    return f"{type(error).__name__}"


def with_curl(port: int, fault: str) -> str:
    command = ["curl", "-s", "--noproxy", "*", "-m", str(PATIENCE), f"http://{HOST}:{port}/{fault}"]
    return str(subprocess.run(command, capture_output=True, check=False).returncode)


SYMPTOMS: list[tuple[Callable[[int, str], str], dict[str, str]]] = [
    (
        raw,
        {
            "reset": "rst after nothing",
            "empty": "fin after nothing",
            "truncate": "fin after bytes",
            "garbage": "fin after bytes",
            "hang": "open after nothing",
            "drip/0.1": "fin after bytes",
        },
    ),
    (
        with_httpx,
        {
            "reset": "ReadError",
            "empty": "RemoteProtocolError",
            "truncate": "RemoteProtocolError",
            "garbage": "RemoteProtocolError",
            "hang": "ReadTimeout",
            "drip/0.1": "200",
        },
    ),
    (
        with_requests,
        {
            "reset": "ConnectionError: ConnectionResetError",
            "empty": "ConnectionError: RemoteDisconnected",
            "truncate": "ChunkedEncodingError: IncompleteRead",
            "garbage": "ConnectionError: BadStatusLine",
            "hang": "ReadTimeout: TimeoutError",
            "drip/0.1": "200",
        },
    ),
    (with_curl, {"reset": "56", "empty": "52", "truncate": "18", "garbage": "1", "hang": "28", "drip/0.1": "0"}),
]


@pytest.mark.usefixtures("silent")
@pytest.mark.parametrize(
    ("client", "fault", "symptom"),
    [(client, fault, symptom) for client, table in SYMPTOMS for fault, symptom in table.items()],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_symptom(client: Callable[[int, str], str], fault: str, symptom: str, port: int) -> None:
    """What engineering-notes D5 found that real networks do to each client."""
    if client is with_curl and not shutil.which("curl"):
        pytest.skip("no curl here")

    assert client(port, fault) == symptom
    assert say(port, get("/echo")).status == 200


def test_truncated_answer_promises_more_than_it_holds(port: int) -> None:
    """The head is complete and true to the scenario's status; the body is its first half."""
    answer = say(port, get("/truncate"))

    assert answer.status == 200
    assert b"content-length: %d" % len(BODY) in answer.head
    assert answer.raw.endswith(b"\r\n\r\n" + BODY[: len(BODY) // 2])


def test_dripped_answer_is_whole_and_takes_its_time(port: int) -> None:
    """The body is intact and arrives piece by piece."""
    began = time.perf_counter()
    answer = say(port, get("/drip/0.3"))

    assert answer.body == json.loads(BODY)
    assert time.perf_counter() - began >= 0.29


def test_drip_ends_when_its_client_leaves() -> None:
    """Otherwise a stop would have to wait for it, or cut it."""
    with serving() as own:
        with socket.create_connection((HOST, own)) as line:
            line.sendall(get("/drip/8"))
            assert line.recv(100)
        time.sleep(0.9)
        began = time.perf_counter()
    assert time.perf_counter() - began < 0.25


def test_hang_ends_at_its_cap() -> None:
    """A forgotten client is let go."""

    async def app(scope: AsgiMessage, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await live(receive, send)
        else:
            await answering_of(scope, receive, send).cut("hang", 200, [], b"", SECOND // 10)

    with serving(app=app) as own:
        assert say(own, get("/")) == Answer(b"", "fin")


@pytest.mark.parametrize("fault", [*FAULTS])
def test_fault_behind_an_answer_on_the_same_connection(fault: str, port: int) -> None:
    """The answer before it arrives whole: a fault breaks its own request."""
    with socket.create_connection((HOST, port), timeout=PATIENCE) as line:
        line.sendall(head("GET /echo HTTP/1.1", "Host: a"))
        first = line.recv(65_536)
        line.sendall(get(f"/{fault}"))
        answer = listen(line)

    assert first.startswith(b"HTTP/1.1 200")
    assert answer.end == {"reset": "rst", "hang": "open"}.get(fault, "fin")


@pytest.mark.parametrize("fault", [*FAULTS])
def test_fault_without_a_socket_says_so(fault: str) -> None:
    """In process there is nothing to break, and an answer of 200 would be a lie."""

    async def never(*_: object) -> AsgiMessage:
        raise AssertionError

    async def nothing(_: AsgiMessage) -> None:
        raise AssertionError

    played = answering_of({"type": "http"}, never, nothing).cut(fault, 200, [], b"", 1)
    with pytest.raises(SocketNeeded, match=f"'{fault}' needs a real socket"):
        asyncio.run(played)


def test_drip_without_a_socket_is_played() -> None:
    """A slow answer needs no socket, and an empty one is as slow."""
    said: list[AsgiMessage] = []
    slept: list[int] = []

    async def receive() -> AsgiMessage:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: AsgiMessage) -> None:
        said.append(message)

    async def sleep(span: int) -> None:
        slept.append(span)

    for body in (b"abcdefghijklmnopqrstuvwxyz", b""):
        answering = answering_of({}, receive, send)
        asyncio.run(drip(answering, 10**9 + 1, status=200, headers=TYPE, body=body, sleep=sleep))

    assert b"".join(bytes(message.get("body", b"")) for message in said) == b"abcdefghijklmnopqrstuvwxyz"
    assert sum(slept) == 2 * (10**9 + 1)
    assert [message.get("more_body", False) for message in said if "body" in message] == [
        *[True] * 10,
        False,
        True,
        False,
    ]


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts descriptors where Linux lists them")
@pytest.mark.usefixtures("silent")
@pytest.mark.parametrize("fault", [*FAULTS, "drip/0.001"])
def test_thousand_faults_leak_no_descriptor(fault: str, port: int) -> None:
    """A thousand of each, fifty at a time; then the process has the descriptors it had."""
    base = _descriptors()
    for _ in range(20):
        lines = [socket.create_connection((HOST, port), timeout=5) for _ in range(50)]
        for line in lines:
            line.sendall(get(f"/{fault}"))
        for line in lines:
            if fault != "hang":
                listen(line)
            leave_at_once(line)

    deadline = time.monotonic() + 20
    while _descriptors() > base and time.monotonic() < deadline:
        time.sleep(0.02)
    assert _descriptors() <= base


def _descriptors() -> int:
    gc.collect()
    return len(os.listdir("/proc/self/fd"))
