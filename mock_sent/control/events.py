"""Server-sent events: each exchange when it ends. A client can resume; the number of streams is limited."""

import asyncio
from typing import Any

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from mock_sent.control import showing
from mock_sent.control.calls import ControlCall, ControlPlane
from mock_sent.control.replies import ControlError
from mock_sent.journal import Journal
from mock_sent.wire.answering import Answering, answering_of

MOST_STREAMS = 50
# Seconds between two pings, so that proxies keep the connection open.
PING = 15.0
# The bytes of events that are written at once.
_PIECE = 64 * 1024
_HEADERS = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]


async def stream(call: ControlCall) -> Response:
    """The account's exchanges, from the one after Last-Event-ID, or from now on."""
    if call.plane.streams >= MOST_STREAMS:
        raise ControlError(503, f"{MOST_STREAMS} event streams are open, which is the most")
    return _Stream(call.plane, call.account.journal, call.headers.get("last-event-id"))


class _Stream(Response):
    """One open stream. It ends when its client disconnects or the account is reset."""

    def __init__(self, plane: ControlPlane, journal: Journal, last: str | None) -> None:
        super().__init__()
        self._plane, self._journal, self._position = plane, journal, _position(last, journal)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answering = answering_of(scope, receive, send)
        self._plane.streams += 1
        try:
            await answering.start(200, _HEADERS)
            if scope["method"] != "HEAD":
                await self._send_events(answering)
            await answering.finish()
        finally:
            self._plane.streams -= 1

    async def _send_events(self, answering: Answering) -> None:
        journal, news = self._journal, b"retry: 1000\n\n"
        while not answering.left:
            # Subscribe first, so that an exchange that ends while we send is not missed.
            changed = journal.subscribe()
            for exchange in journal.after(self._position):
                if exchange.number > self._position + 1:
                    news += _event("evicted", None, {"count": exchange.number - self._position - 1})
                self._position = exchange.number
                news += _event("exchange", f"{journal.epoch}-{exchange.number}", showing.summary(exchange))
                if len(news) > _PIECE:
                    await answering.write(news)
                    await asyncio.sleep(0)
                    news = b""
            if journal.closed:
                news += _event("reset", None, {})
            await answering.write(news or b": ping\n\n")
            news = b""
            if journal.closed:
                return
            await answering.left_before(asyncio.wait({changed}, timeout=PING))
            journal.unsubscribe(changed)


def _position(last: str | None, journal: Journal) -> int:
    """The number after which to begin. An id from before a reset of the account asks for everything after the reset."""
    if last is None:
        return journal.count
    epoch, _, number = last.partition("-")
    known = epoch == str(journal.epoch) and number.isascii() and number.isdigit()
    return min(int(number[:15]), journal.count) if known else 0


def _event(kind: str, id: str | None, about: dict[str, Any]) -> bytes:
    head = f"event: {kind}\n" + (f"id: {id}\n" if id else "")
    return head.encode() + b"data: " + orjson.dumps(about) + b"\n\n"
