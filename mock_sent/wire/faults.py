"""Faults below HTTP, made on one request: what a network can do to an answer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, NamedTuple

from mock_sent.ground.clock import MILLISECOND, SECOND
from mock_sent.ground.errors import SocketNeeded
from mock_sent.wire.asgi import AsgiMessage, AsgiReceive, AsgiSend, HeaderLines
from mock_sent.wire.line import Line, line_of

# No client can take this for the beginning of an answer, and it is the same at each run.
_GARBAGE = bytes(range(255, 127, -1)) + b"\x00\r\n\r\n"

# A dripped body comes in this many pieces at least, if it has as many bytes, and in one each 100 ms.
_PIECES, _PACE = 10, 100 * MILLISECOND


async def play(
    fault: str,
    *,
    scope: MutableMapping[str, Any],
    receive: AsgiReceive,
    send: AsgiSend,
    status: int,
    headers: HeaderLines,
    body: bytes,
    hang_cap: int,
) -> None:
    """Make the fault, and return once the connection is gone. It breaks the answer of status, headers and body."""
    line = line_of(scope)
    if line is None:
        raise SocketNeeded(fault)
    await FAULTS[fault].play(_Wire(line, receive, send, status, headers, body, hang_cap))
    await _left(receive)


async def drip(
    span: int,
    *,
    scope: MutableMapping[str, Any],
    send: AsgiSend,
    status: int,
    headers: HeaderLines,
    body: bytes,
    sleep: Callable[[int], Awaitable[None]],
) -> None:
    """AsgiSend a good answer whose body takes `span` nanoseconds of the clock behind `sleep`. Needs no socket."""
    line = line_of(scope)
    await send(_start(status, headers, len(body)))
    pieces = max(1, min(len(body), max(_PIECES, span // _PACE)))
    for n in range(pieces):
        await sleep(span * (n + 1) // pieces - span * n // pieces)
        if line is not None and line.is_closing():
            return
        piece = body[len(body) * n // pieces : len(body) * (n + 1) // pieces]
        await send({"type": "http.response.body", "body": piece, "more_body": n + 1 < pieces})


class _Wire(NamedTuple):
    """The answer to one request, and the connection that it goes over. `hang_cap` is in nanoseconds."""

    line: Line
    receive: AsgiReceive
    send: AsgiSend
    status: int
    headers: HeaderLines
    body: bytes
    hang_cap: int


async def _reset(x: _Wire) -> None:
    x.line.reset()


async def _empty(x: _Wire) -> None:
    x.line.close()


async def _truncate(x: _Wire) -> None:
    """Announce the whole body and send half of it. An empty body is announced with one byte, which is not sent."""
    await x.send(_start(x.status, x.headers, max(len(x.body), 1)))
    await x.send({"type": "http.response.body", "body": x.body[: len(x.body) // 2], "more_body": True})
    x.line.close()


async def _garbage(x: _Wire) -> None:
    x.line.write(_GARBAGE)
    x.line.close()


async def _hang(x: _Wire) -> None:
    """AsgiSend nothing until the client leaves, or until `hang_cap` is over."""
    x.line.parked = True
    try:
        await asyncio.wait_for(_left(x.receive), x.hang_cap / SECOND)
    except TimeoutError:
        x.line.close()


class Fault(NamedTuple):
    """How a fault is played, and the error that httpx raises for it: the name of its class, and its text."""

    play: Callable[[_Wire], Awaitable[None]]
    error: str
    text: str


# By the word that a scenario has for it under `drop`.
FAULTS: Mapping[str, Fault] = {
    "reset": Fault(_reset, "ReadError", "[Errno 104] Connection reset by peer"),
    "empty": Fault(_empty, "RemoteProtocolError", "Server disconnected without sending a response."),
    "truncate": Fault(_truncate, "RemoteProtocolError", "peer closed connection without sending complete message body"),
    "garbage": Fault(_garbage, "RemoteProtocolError", "illegal status line"),
    "hang": Fault(_hang, "ReadTimeout", "The read operation timed out"),
}


async def _left(receive: AsgiReceive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _start(status: int, headers: HeaderLines, length: int) -> AsgiMessage:
    kept = [header for header in headers if header[0].lower() not in (b"content-length", b"transfer-encoding")]
    framed = [*kept, (b"content-length", str(length).encode())]
    return {"type": "http.response.start", "status": status, "headers": framed}
