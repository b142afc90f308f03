"""A small app on a real socket, and a client that says exactly the bytes it is told to."""

import asyncio
import gc
import json
import logging
import re
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mock_sent.ground.clock import SECOND
from mock_sent.serving import server
from mock_sent.wire.answering import answering_of
from mock_sent.wire.asgi import AsgiApp, AsgiMessage
from mock_sent.wire.faults import FAULTS, drip
from mock_sent.wire.limits import Limits
from mock_sent.wire.protocol import Connection

HOST = "127.0.0.1"
BODY = json.dumps({"answer": "x" * 400}).encode()
TYPE = [(b"content-type", b"application/json")]


def refusal(status: int, reason: str) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Stands in for the envelope."""
    error = {"code": "VALIDATION_001", "message": "Request validation failed", "details": {"request": [reason]}}
    meta = {"request_id": "req_0123456789", "timestamp": "2026-03-11T21:50:50.1796606+00:00", "version": "v3"}
    envelope = {"success": False, "data": None, "error": error, "meta": meta}
    body = json.dumps(envelope).encode()
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    return body, headers


async def app(scope: AsgiMessage, receive: Any, send: Any) -> None:
    """The first word of the path says what to do; unknown ones are 404, as in the real app."""
    if scope["type"] == "lifespan":
        await live(receive, send)
        return
    verb, _, rest = scope["path"].lstrip("/").partition("/")
    if verb in FAULTS:
        await read_body(receive)
        await answering_of(scope, receive, send).cut(verb, 200, TYPE, BODY, 60 * SECOND)
    elif verb in ACTIONS:
        await ACTIONS[verb](rest, scope, receive, send)
    else:
        await read_body(receive)
        await reply(send, 404, refusal(404, "Resource not found")[0])


async def live(receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def read_body(receive: Any) -> bytes:
    """All of it, or what came before the client left."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return body
        body += bytes(message["body"])
        if not message["more_body"]:
            return body


async def reply(send: Any, status: int, body: bytes, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    framing = [*TYPE, (b"content-length", str(len(body)).encode()), *(headers or [])]
    await send({"type": "http.response.start", "status": status, "headers": framing})
    await send({"type": "http.response.body", "body": body})


async def _echo(rest: str, scope: AsgiMessage, receive: Any, send: Any) -> None:
    body = await read_body(receive)
    heard = {
        "method": scope["method"],
        "path": scope["path"],
        "headers": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in scope["headers"]],
        "body": body.decode("latin-1"),
    }
    await reply(send, 200, json.dumps(heard).encode())


async def _early(rest: str, scope: AsgiMessage, receive: Any, send: Any) -> None:
    """Answer without reading the body."""
    await reply(send, 200, b"{}")


async def _slow(rest: str, scope: AsgiMessage, receive: Any, send: Any) -> None:
    await read_body(receive)
    await asyncio.sleep(float(rest))
    await reply(send, 200, b"{}")


async def _half(rest: str, scope: AsgiMessage, receive: Any, send: Any) -> None:
    """Begins its answer before the body is there."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
    await read_body(receive)


async def _big(rest: str, scope: AsgiMessage, receive: Any, send: Any) -> None:
    """More than the buffers of any kernel hold."""
    await reply(send, 200, b"x" * 20_000_000)


async def _late(rest: str, scope: AsgiMessage, receive: Any, send: Any) -> None:
    """Reads its body late."""
    await asyncio.sleep(0.5)
    await read_body(receive)
    await reply(send, 200, b"{}")


async def _stream(rest: str, scope: AsgiMessage, receive: Any, send: Any) -> None:
    """Events until the client leaves."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
    await read_body(receive)
    gone = asyncio.ensure_future(receive())
    while not gone.done():
        await send({"type": "http.response.body", "body": b": ping\n\n", "more_body": True})
        await asyncio.wait({gone}, timeout=0.05)


async def _stubborn(rest: str, scope: AsgiMessage, receive: Any, send: Any) -> None:
    """Does not look whether its client is there."""
    await asyncio.sleep(60)


async def _drip(rest: str, scope: AsgiMessage, receive: Any, send: Any) -> None:
    async def sleep(span: int) -> None:
        await asyncio.sleep(span / SECOND)

    await read_body(receive)
    span = int(float(rest) * SECOND)
    headers = [*TYPE, (b"content-length", b"%d" % len(BODY))]
    await drip(answering_of(scope, receive, send), span, status=200, headers=headers, body=BODY, sleep=sleep)


async def _raise(rest: str, scope: AsgiMessage, receive: Any, send: Any) -> None:
    if rest == "late":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
    raise ValueError("a bug")


async def _forget(rest: str, scope: AsgiMessage, receive: Any, send: Any) -> None:
    """Returns without an answer."""


async def _wait(rest: str, scope: AsgiMessage, receive: Any, send: Any) -> None:
    """Waits, but not longer than the client; the answer says who came first."""
    await read_body(receive)
    left = await answering_of(scope, receive, send).left_before(asyncio.sleep(float(rest)))
    await reply(send, 200, json.dumps({"left": left}).encode())


ACTIONS = {
    "echo": _echo,
    "early": _early,
    "slow": _slow,
    "late": _late,
    "big": _big,
    "half": _half,
    "stream": _stream,
    "stubborn": _stubborn,
    "drip": _drip,
    "raise": _raise,
    "forget": _forget,
    "wait": _wait,
}


def port_of(bound: socket.socket) -> int:
    return int(bound.getsockname()[1])


@contextmanager
def serving(limits: Limits | None = None, app: AsgiApp = app) -> Iterator[int]:
    """The port of a server that is up."""
    with server.running_app(app, limits=limits, refusal=refusal) as running:
        yield int(running.url.rpartition(":")[2])


MAIN = """
import sys
from wiring import app, refusal
from mock_sent.serving import server
from mock_sent.serving.sockets import bind
from mock_sent.wire.limits import Limits
server.run(app, bind("127.0.0.1", 0), limits=eval(sys.argv[1]), refusal=refusal,
           ready=lambda url: print(url, flush=True))
print("ended", flush=True)
"""


@contextmanager
def process(limits: Limits | None = None) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The same app in a process of its own, and its port."""
    command = [sys.executable, "-c", MAIN, repr(limits or Limits())]
    here = Path(__file__).parent
    with subprocess.Popen(command, cwd=here, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        try:
            yield started, int(started.stdout.readline().rpartition(":")[2])
        finally:
            started.kill()


@dataclass
class Answer:
    """What came back on one connection until it was closed."""

    raw: bytes
    end: str

    @property
    def status(self) -> int | None:
        return int(self.raw.split(b" ", 2)[1]) if self.raw.startswith(b"HTTP/1.1 ") else None

    @property
    def statuses(self) -> list[int]:
        return [int(status) for status in re.findall(rb"HTTP/1\.1 ([0-9]{3})", self.raw)]

    @property
    def head(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[0].lower()

    @property
    def body(self) -> Any:
        return json.loads(self.raw.rpartition(b"\r\n\r\n")[2])


def say(port: int, data: bytes, *, half_close: bool = False, patience: float = 5) -> Answer:
    """Send the bytes, then read until the other side ends the connection: `fin`, `rst`, or `open` after patience."""
    with socket.create_connection((HOST, port), timeout=patience) as line:
        try:
            line.sendall(data)
            if half_close:
                line.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # refused in the middle of it: the answer can be read all the same
        return listen(line)


def listen(line: socket.socket) -> Answer:
    heard = bytearray()
    while True:
        try:
            part = line.recv(65_536)
        except ConnectionResetError:
            return Answer(bytes(heard), "rst")
        except TimeoutError:
            return Answer(bytes(heard), "open")
        if not part:
            return Answer(bytes(heard), "fin")
        heard += part


def get(path: str, *headers: str) -> bytes:
    """A good request that asks for the connection to be closed."""
    return head(f"GET {path} HTTP/1.1", "Host: a", "Connection: close", *headers)


def head(*lines: str) -> bytes:
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def connect(port: int) -> socket.socket:
    return socket.create_connection((HOST, port), timeout=5)


def one_answer(line: socket.socket) -> Answer:
    """The next answer that has a Content-Length, on a connection that stays open."""
    heard = b""
    while b"\r\n\r\n" not in heard:
        heard += line.recv(1)
    length = int(heard.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while length > 0:
        part = line.recv(length)
        heard, length = heard + part, length - len(part)
    return Answer(heard, "open")


def eventually(holds: Callable[[], bool]) -> bool:
    """The server's thread learns of what the client does a little later than the client."""
    for _ in range(500):
        if holds():
            return True
        time.sleep(0.01)
    return False


def connections(port: int) -> list[Connection]:
    """What is alive of the connections to one server."""
    every = [o for o in gc.get_objects() if isinstance(o, Connection) and hasattr(o, "transport")]
    return [each for each in every if each.transport.get_extra_info("sockname")[1] == port]


def unread(connection: Connection) -> int:
    """How many bytes of its answers the client has not taken, beyond what the kernel holds."""
    return connection.transport.unsent


def noise(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What a log would have shown of the server: all but the chatter of asyncio and of the clients."""
    ours = ("mock_sent", "uvicorn")
    return [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith(ours) or record.levelno >= logging.WARNING
    ]


def leave_at_once(line: socket.socket) -> None:
    """Close without the TIME_WAIT that thousands of connections would leave behind."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()
