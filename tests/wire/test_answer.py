"""Answers that go out at once, in one write, and answers that go the way of ASGI."""

import asyncio
import gc
import re
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from wiring import (
    app,
    connect,
    connections,
    eventually,
    get,
    head,
    listen,
    one_answer,
    read_body,
    reply,
    say,
    serving,
    unread,
)

from mock_sent.ground.clock import SECOND
from mock_sent.wire.answering import answering_of
from mock_sent.wire.asgi import AsgiMessage
from mock_sent.wire.limits import Limits
from mock_sent.wire.outbox import Joined, Outbox

pytestmark = pytest.mark.real_socket


async def answering(scope: AsgiMessage, receive: Any, send: Any) -> None:
    """The last word of the path is a header's value."""
    if scope["type"] == "lifespan" or scope["path"].startswith(("/early", "/slow/", "/half")):
        await app(scope, receive, send)
        return
    await read_body(receive)
    body = b"x" * (100 if scope["path"] != "/big" else 20_000_000)
    value = {"/torn": b"a\r\nset-cookie: b", "/last": b"close"}.get(scope["path"], b"a")
    name = b"connection" if scope["path"] == "/last" else b"x-value"
    headers = [(b"content-length", str(len(body)).encode()), (name, value)]
    await answering_of(scope, receive, send).answer(200, headers, body)


async def behind_a_middleware(scope: AsgiMessage, receive: Any, send: Any) -> None:
    async def changed(message: AsgiMessage) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (b"x-seen", b"yes")]
        await send(message)

    await answering(scope, receive, changed)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Closes no connection because it is idle."""
    with serving(Limits(keep_alive=600 * SECOND), app=answering) as port:
        yield port


def ask(method: str, path: str) -> bytes:
    return head(f"{method} {path} HTTP/1.1", "Host: a")


def test_at_once(port: int) -> None:
    """A plain answer is complete: status, date, headers, body; and the connection stays open for the next."""
    line = connect(port)
    for _ in range(2):
        line.sendall(ask("GET", "/"))
        answer = one_answer(line)
        assert (answer.status, answer.raw.endswith(b"\r\n\r\n" + b"x" * 100)) == (200, True)
        assert b"\r\ndate: " in answer.head
    line.close()


def test_the_last_answer_says_so(port: int) -> None:
    """Where the client or the app ends the connection, the answer says so, and the connection ends."""
    for answer in (say(port, get("/")), say(port, ask("GET", "/last"))):
        assert (answer.status, answer.end, answer.head.count(b"connection: close")) == (200, "fin", 1)


def test_head_has_no_body(port: int) -> None:
    """A HEAD gets the head alone (RFC 9110, 9.3.2)."""
    line = connect(port)
    line.sendall(ask("HEAD", "/") + get("/early"))
    answer = listen(line)
    line.close()

    assert answer.statuses == [200, 200]
    assert b"xxx" not in answer.raw


def test_no_header_is_smuggled(port: int, caplog: pytest.LogCaptureFixture) -> None:
    """A value with a line break is a bug of the app, which a 500 says, and never a second header."""
    answer = say(port, ask("GET", "/torn"))

    assert (answer.status, answer.end) == (500, "fin")
    assert b"set-cookie" not in answer.head
    assert "a header of the answer has a control character" in caplog.text


def test_pipelined(port: int) -> None:
    """Answers keep the order of their requests, those at once and those by ASGI."""
    answer = say(port, ask("GET", "/") + ask("GET", "/early") + ask("GET", "/") + get("/"))

    assert (answer.statuses, answer.end) == ([200] * 4, "fin")
    assert [len(body) for body in re.findall(rb"x{3,}", answer.raw)] == [100, 100, 100]


@pytest.mark.parametrize("path", ["/", "/early", "/last", "/big"])
def test_a_client_that_has_said_all(port: int, path: str) -> None:
    """Who closes its half after the request gets the whole answer."""
    answer = say(port, ask("GET", path), half_close=True)

    assert (answer.status, answer.end) == (200, "fin")
    assert len(answer.raw.partition(b"\r\n\r\n")[2]) == int(answer.head.partition(b"content-length: ")[2].split()[0])


def test_answers_in_a_row_to_a_client_that_has_said_all() -> None:
    """Each is written, and each is known to have come."""
    lost: list[bool] = []

    async def slow(scope: AsgiMessage, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await app(scope, receive, send)
            return
        own = answering_of(scope, receive, send)
        await asyncio.sleep(float(scope["path"][1:]))
        await own.answer(200, [(b"content-length", b"0")], b"")
        lost.append(own.left and await own.is_lost())

    with serving(app=slow) as port:
        answer = say(port, ask("GET", "/0.1") + ask("GET", "/0.2") + ask("GET", "/0"), half_close=True)
        assert (answer.statuses, answer.end) == ([200] * 3, "fin")
        assert eventually(lambda: len(lost) == 3)
    assert lost == [False] * 3


def test_a_client_that_does_not_read(port: int) -> None:
    """A second answer waits until the first, which fills the buffers, was read."""
    line = connect(port)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    line.sendall(ask("GET", "/big") + get("/"))
    answer = listen(line)
    line.close()

    assert (answer.statuses, answer.end) == ([200, 200], "fin")
    assert answer.raw.count(b"x") >= 20_000_100


@pytest.mark.parametrize(
    "request_",
    [
        get("/"),
        ask("GET", "/"),
        get("/early", "Content-Length: 9"),
        b"GET / HTTP/1.1\r\n\r\n",
        ask("GET", "/slow/0.1") + ask("GET", "/"),
    ],
)
def test_a_connection_leaves_nothing_behind(port: int, request_: bytes) -> None:
    """Once it is closed, nothing waits for the collector of garbage: answered, idle, unread, refused or queued."""
    gc.collect()
    gc.disable()
    try:
        for _ in range(5):
            say(port, request_, half_close=True)
        assert eventually(lambda: not connections(port))
    finally:
        gc.enable()


def test_a_middleware_sees_the_answer() -> None:
    """What stands between the app and the wire may change the answer: it does not go past it."""
    with serving(app=behind_a_middleware) as port:
        answer = say(port, ask("GET", "/"), half_close=True)

    assert b"x-seen: yes" in answer.head


async def late(scope: AsgiMessage, receive: Any, send: Any) -> None:
    """`/slow` begins to read after a second and a half."""
    if scope["type"] == "lifespan":
        await app(scope, receive, send)
        return
    if scope["path"] == "/slow":
        await asyncio.sleep(1.5)
    await read_body(receive)
    await reply(send, 200, b"x" * (20_000 if scope["path"] == "/rest" else 2))


@pytest.fixture(scope="module")
def hasty() -> Iterator[int]:
    """Gives a head, a body and a reader one second each."""
    limits = Limits(head_timeout=SECOND, body_timeout=SECOND, write_timeout=SECOND, keep_alive=SECOND)
    with serving(limits, late) as port:
        yield port


def test_a_client_that_we_keep_waiting_in_a_head(hasty: int) -> None:
    """While the server does not read, no time runs for what it would read."""
    line = connect(hasty)
    line.sendall(ask("GET", "/slow"))
    time.sleep(0.05)
    line.sendall(
        head("POST /x HTTP/1.1", "Host: a", "Content-Length: 70000") + b"x" * 70_000 + b"GET /y HTTP/1.1\r\nHo"
    )
    time.sleep(0.05)
    line.sendall(b"st: a\r\nConnection: close\r\n\r\n")

    assert listen(line).statuses == [200, 200, 200]
    line.close()


def test_a_body_that_is_asked_for_late(hasty: int) -> None:
    """The time of a body begins when its request does, not while it waits behind another."""
    line = connect(hasty)
    expecting = ("Content-Length: 2", "Expect: 100-continue", "Connection: close")
    line.sendall(ask("GET", "/slow") + head("POST /x HTTP/1.1", "Host: a", *expecting))
    heard = b""
    while b"100 Continue" not in heard:
        heard += line.recv(1_000)
    time.sleep(0.6)
    line.sendall(b"ab")

    assert listen(line).statuses == [200]
    line.close()


def test_a_rest_that_nobody_reads(hasty: int) -> None:
    """An answer that is left unread is cut off, however little of it is left."""
    assert eventually(lambda: not connections(hasty))
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    line.connect(("127.0.0.1", hasty))
    assert eventually(lambda: len(connections(hasty)) == 1)
    (held,) = connections(hasty)
    for _ in range(3_000):  # until the buffers of the kernel are full, however large they are
        line.sendall(ask("GET", "/rest"))
        time.sleep(0.003)
        if unread(held):
            break

    assert 0 < unread(held) < 65_536
    del held
    assert eventually(lambda: not connections(hasty))
    line.close()


def test_much_is_not_gathered() -> None:
    """More than 64 KiB go out at once, so that the transport can tell the app to wait."""
    written: list[int] = []

    class Transport(asyncio.Transport):
        def write(self, data: Any) -> None:
            written.append(len(data))

    async def scene() -> None:
        gathering = Joined(Transport(), asyncio.get_running_loop(), Outbox())
        for _ in range(3):
            gathering.write(b"x" * 30_000)
        assert written == [90_000]
        gathering.write(b"x")
        await asyncio.sleep(0)
        assert written == [90_000, 1]

    asyncio.run(scene())
