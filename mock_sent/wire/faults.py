"""Faults below HTTP, made on one request: what a network can do to an answer."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Literal, get_args

from mock_sent.ground.clock import MILLISECOND, SECOND
from mock_sent.ground.errors import SocketNeeded
from mock_sent.wire.line import Line, line_of

Fault = Literal["reset", "empty", "truncate", "garbage", "hang"]
FAULTS: tuple[Fault, ...] = get_args(Fault)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

# No client can take this for the beginning of an answer, and it is the same at each run.
_GARBAGE = bytes(range(255, 127, -1)) + b"\x00\r\n\r\n"

# A dripped body comes in this many pieces at least, if it has as many bytes, and in one each 100 ms.
_PIECES, _PACE = 10, 100 * MILLISECOND


async def play(
    fault: Fault,
    *,
    scope: MutableMapping[str, Any],
    receive: Receive,
    send: Send,
    status: int,
    headers: Headers,
    body: bytes,
    hang_cap: int,
) -> None:
    """Make the fault, and return once the connection is gone. It breaks the answer of status, headers and body."""
    line = line_of(scope)
    if line is None:
        raise SocketNeeded(fault)
    if fault == "reset":
        line.reset()
    elif fault == "empty":
        line.close()
    elif fault == "garbage":
        line.write(_GARBAGE)
        line.close()
    elif fault == "truncate":
        await _truncate(line, send, status, headers, body)
    else:
        await _hang(line, receive, hang_cap)
    await _left(receive)


async def drip(
    span: int,
    *,
    scope: MutableMapping[str, Any],
    send: Send,
    status: int,
    headers: Headers,
    body: bytes,
    sleep: Callable[[int], Awaitable[None]],
) -> None:
    """Send a good answer whose body takes `span` nanoseconds of the clock behind `sleep`. Needs no socket."""
    line = line_of(scope)
    await send(_start(status, headers, len(body)))
    pieces = max(1, min(len(body), max(_PIECES, span // _PACE)))
    for n in range(pieces):
        await sleep(span * (n + 1) // pieces - span * n // pieces)
        if line is not None and line.is_closing():
            return
        piece = body[len(body) * n // pieces : len(body) * (n + 1) // pieces]
        await send({"type": "http.response.body", "body": piece, "more_body": n + 1 < pieces})


async def _truncate(line: Line, send: Send, status: int, headers: Headers, body: bytes) -> None:
    """Announce the whole body and send half of it. An empty body is announced with one byte, which is not sent."""
    await send(_start(status, headers, max(len(body), 1)))
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    line.close()


async def _hang(line: Line, receive: Receive, cap: int) -> None:
    """Send nothing until the client leaves, or until `cap` nanoseconds are over."""
    line.parked = True
    try:
        await asyncio.wait_for(_left(receive), cap / SECOND)
    except TimeoutError:
        line.close()


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _start(status: int, headers: Headers, length: int) -> Message:
    kept = [header for header in headers if header[0].lower() not in (b"content-length", b"transfer-encoding")]
    framed = [*kept, (b"content-length", str(length).encode())]
    return {"type": "http.response.start", "status": status, "headers": framed}
