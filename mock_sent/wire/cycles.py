"""Runs one request of uvicorn's (a cycle), answers it, and tells it that its client has left."""

import asyncio
import logging
from typing import cast

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from mock_sent.wire import refusals
from mock_sent.wire.asgi import AsgiSend, HeaderLines
from mock_sent.wire.line import Line, Refusal

_BUG = "the mock failed to answer; this is a bug of mock-sent"
_logger = logging.getLogger("mock_sent.wire")


async def run(
    cycle: RequestResponseCycle, app: ASGI3Application, line: Line, refusal: Refusal, tasks: set[asyncio.Task[None]]
) -> None:
    """Run the app. In place of uvicorn's `run_asgi`, which answers in text/plain and logs when a fault broke the line.

    It adds its task to `tasks` and removes it at the end, which is cheaper than a callback.
    """
    task = cast("asyncio.Task[None]", asyncio.current_task())
    tasks.add(task)
    try:
        await _answered(cycle, app, line, refusal)
    finally:
        tasks.discard(task)
        cycle.on_response = lambda: None  # otherwise the cycle and its protocol keep each other alive


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


def answer(cycle: RequestResponseCycle, send: AsgiSend, status: int, headers: HeaderLines, body: bytes) -> bool:
    """Write a whole answer at once, for a tenth of what `send` costs, which looks at each header by itself.

    Returns False, and writes nothing, where `send` has more to do than to write: a HEAD, the last answer of a
    connection, a client that does not read, a header with a line break; or where a middleware has replaced `send`.
    The caller makes sure that names and values are valid in HTTP and that the length is right.
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
    """Answer for an app that raised, or returned without an answer."""
    if cycle.response_started:
        line.close()
        return
    body, headers = refusal(500, _BUG)
    headers = [*refusals.framed(headers, body), (b"connection", b"close")]
    await cycle.send({"type": "http.response.start", "status": 500, "headers": headers})
    await cycle.send({"type": "http.response.body", "body": body, "more_body": False})
