"""One request in uvicorn's hands (a cycle): run, given up, cut off."""

import asyncio
import logging

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from mock_sent import refusals
from mock_sent.wire import Line, Refusal

_BUG = "the mock failed to answer; this is a bug of mock-sent"
_logger = logging.getLogger("mock_sent.wire")


async def run(cycle: RequestResponseCycle, app: ASGI3Application, line: Line, refusal: Refusal) -> None:
    """In place of uvicorn's `run_asgi`, which answers in text/plain and logs when a fault has cut the line."""
    try:
        await app(cycle.scope, cycle.receive, cycle.send)
    except asyncio.CancelledError:
        line.abort()  # only the end of the server cancels
    except Exception:
        if not _is_over(cycle, line):
            _logger.exception(_BUG)
    if not _is_over(cycle, line):
        await _give_up(cycle, line, refusal)
    cycle.on_response = lambda: None  # or the cycle and its protocol would keep each other alive


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
