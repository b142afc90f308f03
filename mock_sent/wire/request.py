"""One request of a connection: what has come of its body, and its answer."""

import asyncio
import logging
from collections.abc import Awaitable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from mock_sent.ground.clock import SECOND
from mock_sent.wire.answering import Answering, first
from mock_sent.wire.asgi import AsgiApp, AsgiMessage, HeaderLines

if TYPE_CHECKING:
    from mock_sent.wire.protocol import Connection

_BUG = "the mock failed to answer; this is a bug of mock-sent"
_logger = logging.getLogger("mock_sent.wire")

_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_STATUS_LINES = {status: f"HTTP/1.1 {status} {_PHRASES.get(status, '')}\r\n".encode() for status in range(200, 600)}

CLOSE = (b"connection", b"close")

# All control characters but the tab.
_CONTROLS = bytes({*range(32), 127} - {9})

# No client can take this for the beginning of an answer, and it is the same at each run.
_GARBAGE = bytes(range(255, 127, -1)) + b"\x00\r\n\r\n"


class WireRequest(Answering):
    """A request on a connection of ours. A foreign ASGI app needs nothing but its `receive` and `send`."""

    def __init__(
        self, connection: "Connection", method: bytes, version: str, *, keep_alive: bool, expects: bool
    ) -> None:
        self._connection = connection
        self._is_old = version == "1.0"
        self._without_body = method == b"HEAD"
        self.keep_alive = keep_alive and not self._is_old
        # The client may keep its body to itself until it is told to continue.
        self._expects_continue = expects and not self._is_old
        # Parts of the body that the app has not taken; None once it has all. `complete`: all of it has come.
        self._body: list[bytes] | None = []
        self.complete = False
        # Completed for `receive`, and for `left_before`.
        self._news: asyncio.Future[None] | None = None
        self._leaving: asyncio.Future[None] | None = None
        # The answer has begun; it is written; nothing can be written any more.
        self.begun = self.answered = self.over = False
        # How the body of the answer ends: with a last chunk, or after so many more bytes, or with the connection.
        self._chunked = False
        self._room: int | None = None

    async def run(self, app: AsgiApp, scope: AsgiMessage) -> None:
        """Run the app. It adds its task to those of the server, which costs less than a callback."""
        connection, task = self._connection, cast("asyncio.Task[None]", asyncio.current_task())
        connection.server.tasks.add(task)
        try:
            await app(scope, self.receive, self.send)
            if not (self.over or self.left):
                raise RuntimeError("the app returned before the end of its answer")
        except asyncio.CancelledError:
            connection.transport.abort()  # only the end of the server cancels
        except Exception:
            if self.answered or not self.over:
                _logger.exception(_BUG)
        finally:
            connection.server.tasks.discard(task)
        if self.begun and not self.over:
            connection.end()
        elif not self.over:
            body, headers = connection.refusal(500, _BUG)
            self.keep_alive = False
            await self.answer(500, headers, body)

    # What comes from the client

    def feed(self, data: bytes) -> None:
        """Take a part of the body."""
        if self._body is not None:
            self._body.append(data)
        _wake(self._news)

    def completed(self) -> None:
        """The body is complete."""
        self.complete = True
        _wake(self._news)

    def forget_body(self) -> int:
        """Drop what the app has not taken of the body, and say how many bytes."""
        body, self._body = self._body or (), None
        return sum(map(len, body))

    def leave(self, *, over: bool = False) -> None:
        """The client has left, or the server stops: end every wait. `over`: nothing can be written any more."""
        self.left, self.over = True, self.over or over
        _wake(self._news)
        _wake(self._leaving)

    @property
    def keeps_its_body(self) -> bool:
        """Whether the client may still wait for a 100 before it sends its body."""
        return self._expects_continue and not self.complete

    async def receive(self) -> AsgiMessage:
        """ASGI's way to read the body, and to hear that the client has left."""
        while not self.over:
            if self._body or (self.complete and self._body is not None):
                body = b"".join(self._body)
                self._body = None if self.complete else []
                self._connection.taken(len(body))
                return {"type": "http.request", "body": body, "more_body": not self.complete}
            if self.left:
                break
            if self.keeps_its_body and not self.begun:
                self._connection.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self._expects_continue = False
            self._news = asyncio.get_running_loop().create_future()
            await self._news
        return {"type": "http.disconnect"}

    async def left_before(self, wait: Awaitable[object]) -> bool:
        self._leaving = asyncio.get_running_loop().create_future()
        if self.left:
            _wake(self._leaving)
        return await first(wait, self._leaving)

    # What goes to the client

    async def answer(self, status: int, headers: HeaderLines, body: bytes) -> None:
        if self._connection.drained is not None:
            await self._connection.drained
        if not self.over:
            if CLOSE in headers:
                self.keep_alive, headers = False, [header for header in headers if header != CLOSE]
            head = self._head(status, headers)
            self._connection.write(head if self._without_body else head + body)
            self._end()

    async def start(self, status: int, headers: HeaderLines) -> None:
        kept: HeaderLines = []
        for name, value in headers:
            lower = name.lower()
            if lower == b"content-length":
                if self._room is not None or not value.isdigit():
                    raise ValueError("the answer must have one Content-Length, which is a number")
                self._room = int(value)
            elif lower == b"connection":
                self.keep_alive = self.keep_alive and b"close" not in value.lower()
            if lower not in (b"connection", b"transfer-encoding"):
                kept.append((name, value))
        without_body = self._without_body or status in (204, 304)
        if self._room is None and not without_body and not self._is_old:
            self._chunked = True
            kept.append((b"transfer-encoding", b"chunked"))
        if not self.over:
            self._connection.write(self._head(status, kept))
            self._without_body = without_body

    async def write(self, piece: bytes) -> None:
        if self._connection.drained is not None:
            await self._connection.drained
        if self.over or self._without_body or not piece:
            return
        if self._chunked:
            piece = b"%x\r\n%b\r\n" % (len(piece), piece)
        elif self._room is not None:
            self._room -= len(piece)
            if self._room < 0:
                raise RuntimeError("the body is longer than its Content-Length")
        self._connection.write(piece)

    async def finish(self) -> None:
        if self.over:
            return
        if self._room and not self._without_body:
            raise RuntimeError("the body is shorter than its Content-Length")
        if self._chunked:
            self._connection.write(b"0\r\n\r\n")
        self._end()

    async def cut(self, fault: str, status: int, headers: HeaderLines, body: bytes, cap: int) -> None:
        if self.over:
            return
        # An empty body is announced with one byte, which is not sent.
        announced = [header for header in headers if header[0].lower() != b"content-length"]
        announced.append((b"content-length", b"%d" % max(len(body), 1)))
        if fault == "hang":
            await self.left_before(asyncio.sleep(cap / SECOND))
        elif fault == "truncate":
            await self.start(status, announced)
            await self.write(body[: len(body) // 2])
        elif fault == "garbage":
            self._connection.write(_GARBAGE)
        self._connection.end(reset=fault == "reset")

    async def send(self, message: AsgiMessage) -> None:
        """ASGI's way to answer."""
        kind = message["type"]
        if self.over and not self.answered:
            return
        if self.answered or kind != ("http.response.body" if self.begun else "http.response.start"):
            raise RuntimeError(f"the app sends {kind!r} at the wrong time")
        if not self.begun:
            await self.start(message["status"], message.get("headers", ()))
        else:
            await self.write(message.get("body", b""))
            if not message.get("more_body", False):
                await self.finish()

    async def is_lost(self) -> bool:
        return not (self.answered and await self._connection.has_reached_the_client())

    def _head(self, status: int, headers: HeaderLines) -> bytes:
        last = () if self.keep_alive else (CLOSE,)
        head = head_of(status, (*self._connection.server.default_headers, *headers, *last))
        self.begun = True
        return head

    def _end(self) -> None:
        self.answered = self.over = True
        _wake(self._news)
        self._connection.finished(self)


def head_of(status: int, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The bytes of an answer's head. Raises ValueError for a control character, which could begin another header."""
    lines = [_STATUS_LINES[status], *[b"%b: %b\r\n" % header for header in headers], b"\r\n"]
    head = b"".join(lines)
    if len(head.translate(None, _CONTROLS)) != len(head) - 2 * len(lines):
        raise ValueError("a header of the answer has a control character")
    return head


def _wake(waiter: "asyncio.Future[None] | None") -> None:
    if waiter is not None and not waiter.done():
        waiter.set_result(None)
