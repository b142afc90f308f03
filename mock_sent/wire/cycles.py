"""One request in uvicorn's hands (a cycle): run, given up, cut off."""

import asyncio
import logging
from typing import cast

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from mock_sent.wire import refusals
from mock_sent.wire.line import Line, Refusal, Send
from mock_sent.wire.refusals import Headers

_BUG = "the mock failed to answer; this is a bug of mock-sent"
_logger = logging.getLogger("mock_sent.wire")


async def run(
    cycle: RequestResponseCycle, app: ASGI3Application, line: Line, refusal: Refusal, tasks: set[asyncio.Task[None]]
) -> None:
    """In place of uvicorn's `run_asgi`, which answers in text/plain and logs when a fault has cut the line.

    It is among `tasks` while it runs: to leave them by itself is cheaper than to be told of its own end.
    """
    task = cast("asyncio.Task[None]", asyncio.current_task())
    tasks.add(task)
    try:
        await _answered(cycle, app, line, refusal)
    finally:
        tasks.discard(task)
        cycle.on_response = lambda: None  # or the cycle and its protocol would keep each other alive


async def _answered(cycle: RequestResponseCycle, app: ASGI3Application, line: Line, refusal: Refusal) -> None:
    try:
        await app(cycle.scope, cycle.receive, cycle.send)
    except asyncio.CancelledError:
        line.abort()  # only the end of the server cancels
    except Exception:
        if not _is_over(cycle, line):
            _logger.exception(_BUG)
    if not _is_over(cycle, line):
        await _give_up(cycle, line, refusal)


def answer(cycle: RequestResponseCycle, send: Send, status: int, headers: Headers, body: bytes) -> bool:
    """A whole answer in one write, for a tenth of what `send` costs, which looks at each header by itself.

    False, and nothing is written, where `send` has more to do than to write: a HEAD, the last answer of a connection, a
    client that does not read, a header with a line break. Or where `send` is no longer the cycle's own, because
    something stands between the app and the wire and wants to see the answer. That names and values are HTTP's, and the
    length is right, is the caller's affair.
    """
    if (
        send != cycle.send
        or cycle.response_started
        or cycle.disconnected
        or cycle.flow.write_paused
        or not cycle.keep_alive
    ):
        return False
    lines = [STATUS_LINE[status], *[b"%b: %b\r\n" % header for header in (*cycle.default_headers, *headers)], b"\r\n"]
    head = b"".join(lines)
    torn = head.count(b"\n") != len(lines) or head.count(b"\r") != len(lines)
    if torn or b"\r\nconnection:" in head.lower() or cycle.scope["method"] == "HEAD":
        return False
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    cycle.transport.write(head + body)
    cycle.message_event.set()
    cycle.on_response()
    return True


def disconnect(cycle: RequestResponseCycle) -> None:
    """Tell the app that its client has left."""
    if not cycle.response_complete:
        cycle.disconnected = True
    cycle.message_event.set()


def _is_over(cycle: RequestResponseCycle, line: Line) -> bool:
    return cycle.response_complete or cycle.disconnected or line.is_closing()


async def _give_up(cycle: RequestResponseCycle, line: Line, refusal: Refusal) -> None:
    """The last resort, for an app that raised or said nothing."""
    if cycle.response_started:
        line.close()
        return
    body, headers = refusal(500, _BUG)
    headers = [*refusals.framed(headers, body), (b"connection", b"close")]
    await cycle.send({"type": "http.response.start", "status": 500, "headers": headers})
    await cycle.send({"type": "http.response.body", "body": body, "more_body": False})
