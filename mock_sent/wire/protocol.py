"""One connection: reads requests, runs an ASGI app for each in turn, and keeps its limits."""

import asyncio
import logging
import socket
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, cast

from mock_sent.wire import refusals
from mock_sent.wire.answering import EXTENSION
from mock_sent.wire.asgi import AsgiApp, AsgiMessage, HeaderLines
from mock_sent.wire.limits import Deadline, Limits
from mock_sent.wire.outbox import Joined, Outbox
from mock_sent.wire.reader import Reader
from mock_sent.wire.refusals import Refusal, Refused
from mock_sent.wire.request import WireRequest

_BUG = "the mock failed to answer; this is a bug of mock-sent"
_logger = logging.getLogger("mock_sent.wire")


class State(Enum):
    """Where a connection stands with its first request. More requests may wait behind it."""

    HEAD = auto()  # there is no request: a head is awaited, or a part of it has come
    BODY = auto()  # the app runs, the body is not complete, and no answer has begun
    WAITING = auto()  # the app runs, the body is complete, and no answer has begun
    ANSWERING = auto()  # an answer has begun, and it or the body is not complete
    LINGERING = auto()  # our half is closed, and what the client still sends is dropped


@dataclass
class ServerState:
    """What the connections of a server share. uvicorn's class of that name can take its place."""

    connections: set[Any] = field(default_factory=set)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    total_requests: int = 0
    # The first headers of each answer.
    default_headers: HeaderLines = field(default_factory=list)


class Connection(asyncio.Protocol):
    """One connection of a server."""

    def __init__(
        self,
        app: AsgiApp,
        server: ServerState,
        app_state: dict[str, Any],
        limits: Limits,
        refusal: Refusal,
        outbox: Outbox,
    ) -> None:
        self._app, self._server, self._app_state = app, server, app_state
        self._limits, self._refusal, self._outbox = limits, refusal, outbox
        self._loop = asyncio.get_running_loop()
        self._reader = Reader(self, limits)
        # The first request, those behind it, and the one whose body is coming.
        self._front: WireRequest | None = None
        self._queue: deque[tuple[WireRequest, AsgiMessage]] = deque()
        self._arriving: WireRequest | None = None
        # Our half is closed; the client's is; the client has reset the connection.
        self._ended = self._eof = self._reset = False
        # What is sent once the requests before it are answered: status, reason, and whether a HEAD asked for it.
        self._refused: tuple[int, str, bool] | None = None
        # Bytes of bodies that no app has taken; bytes that may come after the end.
        self._untaken, self._linger_room = 0, limits.linger_bytes
        self._deadline = Deadline(self._loop, self._too_slow)
        # The time to set once the reader has taken what came; zero for none.
        self._span: int | None = None
        # A future while the client does not read what is written.
        self.drained: asyncio.Future[None] | None = None

    @property
    def state(self) -> State:
        if self._ended:
            return State.LINGERING
        if self._front is None:
            return State.HEAD
        if self._front.begun:
            return State.ANSWERING
        return State.WAITING if self._front.complete else State.BODY

    @property
    def common(self) -> HeaderLines:
        """The first headers of each answer."""
        return self._server.default_headers

    # The transport's callbacks

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        found = transport.get_extra_info
        if found("socket").family in (socket.AF_INET, socket.AF_INET6):
            # asyncio does it only where the socket names its protocol, and sockets that were bound before do not.
            # Without it the kernel holds a body back until the client has confirmed the head: 40 ms.
            found("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.transport = Joined(transport, self._loop, self._outbox)
        self.write = self.transport.write
        self._unread = Deadline(self._loop, self.transport.abort)
        self._is_tls = found("ssl_object") is not None
        self._of_connection = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "scheme": "https" if self._is_tls else "http",
            "server": _address(found("sockname")),
            "client": _address(found("peername")),
            "root_path": "",
        }
        self._server.connections.add(self)
        self._deadline.expect(self._limits.head_timeout)

    def data_received(self, data: bytes) -> None:
        if self._ended or self._refused is not None:
            self._linger_room -= len(data)
            if self._linger_room < 0:
                self._close()
            return
        try:
            self._reader.feed(data)
        except Refused as refused:
            self._refuse(refused.status, refused.reason)
        else:
            if self._span is not None:
                self._expect(self._span)

    def eof_received(self) -> bool:
        """The client sends nothing more. It may still read: what is complete is answered, and nothing waits for it."""
        self._eof = True
        self.transport.flush()
        if self._front is None or self._front is self._arriving:
            self._close()
        else:
            self._drop_arriving()
            self._leave()
        return not self._is_tls  # TLS has no half: asyncio closes it

    def connection_lost(self, exc: Exception | None) -> None:
        self._deadline.end()
        self._unread.end()
        self._reader.end()
        self._reset = exc is not None
        self._leave(over=True)
        self._queue.clear()
        self.resume_writing()
        self._server.connections.discard(self)
        # Otherwise they keep each other alive, with the unread body.
        self._front = self._arriving = None

    def pause_writing(self) -> None:
        self.drained = self._loop.create_future()
        self._unread.expect(self._limits.write_timeout)

    def resume_writing(self) -> None:
        if self.drained is not None and not self.drained.done():
            self.drained.set_result(None)
        self.drained = None
        self._unread.lift()

    # What the reader tells

    def head_begins(self) -> None:
        if self._front is None:
            self._span = self._limits.head_timeout

    def head_complete(self) -> None:
        if len(self._queue) >= self._limits.pipeline:
            raise Refused(400, f"at most {self._limits.pipeline} requests may wait on one connection")
        reader = self._reader
        request = self._arriving = WireRequest(
            self, reader.method, reader.version, keep_alive=reader.keep_alive, expects=reader.expects
        )
        state, extensions = self._app_state.copy(), {EXTENSION: request}
        scope = {**self._of_connection, **reader.scope(), "state": state, "extensions": extensions}
        if self._front is None:
            self._start(request, scope)
        else:
            self._queue.append((request, scope))

    def body_comes(self, data: bytes) -> None:
        request = self._arriving
        if request is not None and not request.over:
            request.feed(data)
            self._untaken += len(data)
            if self._untaken > self._limits.unread_bytes:
                self.transport.pause_reading()

    def body_complete(self) -> None:
        request, self._arriving = self._arriving, None
        if request is None:
            return
        request.completed()
        if request is self._front:
            self._span = 0
            if request.answered:
                self._next()

    # The app

    def _start(self, request: WireRequest, scope: AsgiMessage) -> None:
        self._front = request
        self._span = 0 if request.complete else self._limits.body_timeout
        self._loop.create_task(self._run(request, scope))

    async def _run(self, request: WireRequest, scope: AsgiMessage) -> None:
        """Run the app. It adds its task to those of the server, which costs less than a callback."""
        task, tasks = cast("asyncio.Task[None]", asyncio.current_task()), self._server.tasks
        tasks.add(task)
        try:
            await self._app(scope, request.receive, request.send)
        except asyncio.CancelledError:
            self.transport.abort()  # only the end of the server cancels
        except Exception:
            if not request.over:
                _logger.exception(_BUG)
        finally:
            tasks.discard(task)
        if request.begun and not request.over:
            self.end()
        elif not request.over:  # it raised, or returned without an answer
            body, headers = self._refusal(500, _BUG)
            request.keep_alive = False
            await request.answer(500, refusals.framed(headers, body), body)

    def taken(self, size: int) -> None:
        """The app has taken so many bytes of a body."""
        self._untaken -= size
        if self._untaken <= self._limits.unread_bytes:
            self.transport.resume_reading()

    def finished(self, request: WireRequest) -> None:
        """The answer to the first request is written. Go on once its body is complete."""
        self._server.total_requests += 1
        if not request.keep_alive or request.keeps_its_body:
            # A client that keeps its body would have its next head read as that body.
            self.end()
        elif request.complete:
            self._next()

    def _next(self) -> None:
        """Go on to the next request, whatever has come of it."""
        self._front = None
        if self._queue:
            self._start(*self._queue.popleft())
            self._expect(self._span or 0)
        elif self._refused is not None:
            self._send_refusal(*self._refused)
        elif self._eof:
            self.end()
        else:
            self._expect(self._limits.head_timeout if self._reader.in_head else self._limits.keep_alive)

    # Time

    def _expect(self, span: int) -> None:
        self._span = None
        if span:
            self._deadline.expect(span)
        else:
            self._deadline.lift()

    def _too_slow(self) -> None:
        limits, front = self._limits, self._front
        if self.state is State.LINGERING or (self.state is State.HEAD and not self._reader.in_head):
            self._close()
        elif front is None:
            self._refuse(408, f"the head must be complete within {refusals.seconds(limits.head_timeout)}")
        elif self._untaken > limits.unread_bytes or front.keeps_its_body:
            self._deadline.expect(limits.body_timeout)  # the server keeps the client waiting
        else:
            self._refuse(408, f"the body must be complete within {refusals.seconds(limits.body_timeout)}")

    # Refusing

    def _refuse(self, status: int, reason: str) -> None:
        """Answer and close, as soon as no other answer is on the line."""
        self._refused = (status, reason, self._reader.is_head)
        self._deadline.lift()
        if self._arriving is not None and self._arriving.begun:
            self._close()  # there is no second answer
            return
        self._drop_arriving()
        if self._front is None:
            self._send_refusal(*self._refused)

    def _drop_arriving(self) -> None:
        """Take back a request whose body does not become complete."""
        request, self._arriving = self._arriving, None
        if request is None:
            return
        request.leave(over=True)
        if request is self._front:
            self._front = None
        else:
            self._queue.pop()

    def _send_refusal(self, status: int, reason: str, is_head: bool) -> None:
        if not self.transport.is_closing():
            body, headers = self._refusal(status, reason)
            self.write(refusals.answer(status, [*self.common, *headers], body, without_body=is_head))
            self._linger()

    # Ending

    def shutdown(self) -> None:
        """End after the answer to the first request, and let nothing wait. The server asks for it at its end."""
        self._queue.clear()
        if self.state is State.HEAD:
            self._close()
        else:
            self._leave()

    def end(self, *, reset: bool = False) -> None:
        """End in order, or with a reset."""
        if self._front is not None:
            self._front.leave(over=True)
        if reset:
            self.transport.reset()
        elif self._reader.in_body or self._reader.in_head or self._eof:
            self._linger()
        else:
            self._close()

    def _leave(self, *, over: bool = False) -> None:
        """End every wait; the last answer is the last on the connection. `over`: there is no answer any more."""
        for request in self._requests():
            request.leave(over=over)
            last = request
        if self._front is not None:
            last.keep_alive = False

    def _close(self) -> None:
        """Close. A client that does not read the rest is cut off after the write time-out."""
        self._leave(over=True)
        self.transport.close()
        if self.transport.unsent:
            self._unread.expect(self._limits.write_timeout)

    def _linger(self) -> None:
        """Close our half and read on: a close with unread bytes is a reset, and the client may lose the answer."""
        if not self._ended and not self.transport.is_closing():
            self._ended = True
            self.transport.end()
            self.transport.resume_reading()
            self._deadline.expect(self._limits.linger)

    async def is_acknowledged(self) -> bool:
        """Whether the client has taken what was written. Known only of one that has closed its half."""
        if not self._eof:
            return True
        taken = await self.transport.is_taken()
        self.transport.abort()
        return taken and not self._reset

    def _requests(self) -> Iterator[WireRequest]:
        if self._front is not None:
            yield self._front
        yield from (request for request, _ in self._queue)


def _address(found: Any) -> tuple[str, int] | None:
    """Host and port; None where there is neither, as for the socket of a file."""
    return (str(found[0]), int(found[1])) if isinstance(found, tuple) else None


def for_uvicorn(limits: Limits, refusal: Refusal) -> Callable[..., Connection]:
    """What uvicorn's setting `http` takes: `uvicorn.Config(app, http=for_uvicorn(limits, refusal))`."""
    outbox = Outbox()

    def connected(config: Any, server_state: Any, app_state: dict[str, Any], **_: object) -> Connection:
        return Connection(config.loaded_app, server_state, app_state, limits, refusal, outbox)

    return connected
