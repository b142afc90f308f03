"""One connection: reads requests, runs an ASGI app for each in turn, and keeps its limits."""

import asyncio
from collections import deque
from typing import Any

from mock_sent.ground.clock import SECOND
from mock_sent.wire import scopes
from mock_sent.wire.answering import EXTENSION
from mock_sent.wire.asgi import AsgiApp, AsgiMessage
from mock_sent.wire.limits import Deadline, Limits
from mock_sent.wire.outbox import Joined, Outbox
from mock_sent.wire.reader import Reader
from mock_sent.wire.refusals import Refusal, Refused
from mock_sent.wire.request import CLOSE, WireRequest, head_of
from mock_sent.wire.states import ServerState, State

# Seconds between two looks whether the last answer to a client that has closed its half is written.
_LOOK = 0.01


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
        self._app, self.server, self._app_state = app, server, app_state
        self._limits, self.refusal, self._outbox = limits, refusal, outbox
        self._loop = asyncio.get_running_loop()
        self._reader = Reader(self, limits)
        # The request that the app answers, those behind it, and of these the one whose body is coming.
        self._requests: deque[tuple[WireRequest, AsgiMessage]] = deque()
        self._arriving: WireRequest | None = None
        # Our half is closed, so nothing is written and read any more; the client's is.
        self._ended = self._eof = False
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
        if not self._requests:
            return State.HEAD
        if self._front.begun:
            return State.ANSWERING
        return State.WAITING if self._front.complete else State.BODY

    @property
    def _front(self) -> WireRequest:
        return self._requests[0][0]

    # The transport's callbacks

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = Joined(transport, self._loop, self._outbox)
        self.write = self.transport.write
        self._unread = Deadline(self._loop, self.transport.abort)
        self._scope = scopes.of_connection(transport)
        self.server.connections.add(self)
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
                self._deadline.expect(self._span)
                self._span = None

    def eof_received(self) -> bool:
        """The client sends nothing more. It may still read: what is complete is answered, and nothing waits for it."""
        self._eof = True
        self.transport.flush()
        if self.state in (State.WAITING, State.ANSWERING) and self._front is not self._arriving:
            self._drop_arriving()
            self._leave()
        else:
            self._close()
        return bool(self._scope["scheme"] == "http")  # TLS has no half: asyncio closes it

    def connection_lost(self, exc: Exception | None) -> None:
        self._deadline.end()
        self._unread.end()
        self._reader.end()
        self._leave(over=True)
        self._ended = True
        self.resume_writing()
        self.server.connections.discard(self)
        # Otherwise they keep each other alive, with the unread body.
        self._requests.clear()
        self._arriving = None

    def pause_writing(self) -> None:
        self.drained = self._loop.create_future()
        self._unread.expect(self._limits.write_timeout)

    def resume_writing(self) -> None:
        if self.drained is not None and not self.drained.done():
            self.drained.set_result(None)
        self.drained = None
        self._unread.expect(0)

    # What the reader tells

    def head_begins(self) -> None:
        if not self._requests:
            self._span = self._limits.head_timeout

    def head_complete(self) -> None:
        if len(self._requests) > self._limits.pipeline:
            raise Refused(400, f"at most {self._limits.pipeline} requests may wait on one connection")
        reader = self._reader
        request = self._arriving = WireRequest(
            self, reader.method, reader.version, keep_alive=reader.keep_alive, expects=reader.expects
        )
        state, extensions = self._app_state.copy(), {EXTENSION: request}
        scope = {**self._scope, **scopes.of_head(reader), "state": state, "extensions": extensions}
        self._requests.append((request, scope))
        if len(self._requests) == 1:
            self._start()

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
            self._span = None if request.answered else 0
            if request.answered:
                self._next()

    # The app

    def _start(self) -> None:
        request, scope = self._requests[0]
        self._span = 0 if request.complete else self._limits.body_timeout
        self._loop.create_task(request.run(self._app, scope))

    def taken(self, size: int) -> None:
        """The app has taken so many bytes of a body."""
        self._untaken -= size
        if self._untaken <= self._limits.unread_bytes:
            self.transport.resume_reading()

    def finished(self, request: WireRequest) -> None:
        """The answer to the first request is written. Go on once its body is complete."""
        self.server.total_requests += 1
        self.taken(request.forget_body())
        if not request.keep_alive or request.keeps_its_body:
            # A client that keeps its body would have its next head read as that body.
            self.end()
        elif request.complete:
            self._next()

    def _next(self) -> None:
        """Go on to the next request, whatever has come of it."""
        self._requests.popleft()
        if self._requests:
            self._start()
            self._deadline.expect(self._span or 0)
            self._span = None
        elif self._refused is not None:
            self._send_refusal(*self._refused)
        else:
            self._deadline.expect(self._limits.head_timeout if self._reader.in_head else self._limits.keep_alive)

    # Time

    def _too_slow(self) -> None:
        limits = self._limits
        match self.state:
            case State.HEAD if self._reader.in_head:
                self._refuse(408, f"the head must be complete within {limits.head_timeout / SECOND:g} s")
            case State.HEAD | State.LINGERING:
                self._close()
            case _ if self._untaken > limits.unread_bytes or self._front.keeps_its_body:
                self._deadline.expect(limits.body_timeout)  # the server keeps the client waiting
            case _:
                self._refuse(408, f"the body must be complete within {limits.body_timeout / SECOND:g} s")

    # Refusing

    def _refuse(self, status: int, reason: str) -> None:
        """Answer and close, as soon as no other answer is on the line."""
        self._refused = (status, reason, self._reader.is_head)
        self._deadline.expect(0)
        if self._arriving is not None and self._arriving.begun:
            self._close()  # there is no second answer
            return
        self._drop_arriving()
        if not self._requests:
            self._send_refusal(*self._refused)

    def _drop_arriving(self) -> None:
        """Take back a request whose body does not become complete."""
        request, self._arriving = self._arriving, None
        if request is not None:
            request.leave(over=True)
            self.taken(request.forget_body())
            self._requests.pop()

    def _send_refusal(self, status: int, reason: str, is_head: bool) -> None:
        if not self._ended:
            body, headers = self.refusal(status, reason)
            head = head_of(status, [*self.server.default_headers, *headers, CLOSE])
            self.write(head if is_head else head + body)
            self._linger()

    # Ending

    def shutdown(self) -> None:
        """End after the answer to the first request, and let nothing wait. The server asks for it at its end."""
        if self.state in (State.HEAD, State.BODY):
            self._close()
            return
        while len(self._requests) > 1:
            self._arriving = None
            self._requests.pop()
        self._leave()

    def end(self, *, reset: bool = False) -> None:
        """End in order, or with a reset."""
        if self._ended:
            return
        self._leave(over=True)
        if reset:
            self.transport.reset()
        elif self._reader.in_body or self._reader.in_head or self._eof:
            self._linger()
        else:
            self._close()

    def _leave(self, *, over: bool = False) -> None:
        """End every wait; the last answer is the last on the connection. `over`: there is no answer any more."""
        for request, _ in self._requests:
            request.leave(over=over)
        if self._requests:
            self._requests[-1][0].keep_alive = False

    def _close(self) -> None:
        """Close. A client that does not read the rest is cut off after the write time-out."""
        self._leave(over=True)
        self._ended = True
        self.transport.close()
        if self.transport.unsent:
            self._unread.expect(self._limits.write_timeout)

    def _linger(self) -> None:
        """Close our half and read on: a close with unread bytes is a reset, and the client may lose the answer."""
        self._ended = True
        self.transport.end()
        self.transport.resume_reading()
        self._deadline.expect(self._limits.linger)

    async def has_reached_the_client(self) -> bool:
        """Whether the client has what was written. Known only of one that has closed its half."""
        while self._eof and not self._ended:  # until the requests behind are answered too
            await asyncio.sleep(_LOOK)
        return not self._eof or await self.transport.is_taken()
