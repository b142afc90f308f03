"""The connection under a request, which a fault can break; limits, time-outs, and gathered writes."""

import socket
import struct
import sys
from asyncio import AbstractEventLoop, TimerHandle, Transport
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mock_sent.ground.clock import SECOND
from mock_sent.wire.asgi import AsgiSend, HeaderLines

# (status, one sentence) -> the body, and the headers that go with it
Refusal = Callable[[int, str], tuple[bytes, HeaderLines]]

EXTENSION = "mock_sent.wire"

# SO_LINGER with a time of zero: the close is a reset. Windows has two shorts there.
_RESET = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)

# Bytes that one connection gathers at most. Beyond that the transport below tells a writer to wait.
_MOST_UNSENT = 65_536


@dataclass(frozen=True)
class Limits:
    """How much and how long. Spans are nanoseconds."""

    head_bytes: int = 65_536
    head_count: int = 100
    # From the first byte (of a new connection: from the connection) until the head is complete.
    head_timeout: int = 10 * SECOND
    # From the complete head until the body is.
    body_timeout: int = 30 * SECOND
    keep_alive: int = 5 * SECOND
    # How long a client may leave an answer unread that is too big to be buffered.
    write_timeout: int = 30 * SECOND
    # Requests that wait behind the one that is being answered on the same connection.
    pipeline: int = 100
    # A refused client that is still sending gets this much more to notice the answer.
    linger: int = 1 * SECOND
    linger_bytes: int = 16 * 1024 * 1024
    # Off only in the tests that show what the checks of a head are for.
    check_heads: bool = True


class Outbox:
    """The transports of one server that have bytes to send at the next turn of the loop."""

    def __init__(self) -> None:
        self._waiting: list[Joined] = []

    def add(self, transport: "Joined", loop: AbstractEventLoop) -> None:
        if not self._waiting:
            loop.call_soon(self._empty)
        self._waiting.append(transport)

    def _empty(self) -> None:
        waiting, self._waiting = self._waiting, []
        for transport in waiting:
            transport.flush()


class Joined:
    """A transport that gathers what is written until the next turn of the loop: head and body become one packet.

    A loop with many connections then does all its work first and all its system calls afterwards, which uses the
    processor's caches better (docs/performance.md).
    """

    __slots__ = (
        "_loop",
        "_outbox",
        "_transport",
        "_unsent",
        "get_extra_info",
        "get_write_buffer_size",
        "is_closing",
    )

    def __init__(self, transport: Transport, loop: AbstractEventLoop, outbox: Outbox) -> None:
        self._transport, self._loop, self._outbox = transport, loop, outbox
        self._unsent = b""
        self.is_closing = transport.is_closing
        self.get_write_buffer_size = transport.get_write_buffer_size
        self.get_extra_info = transport.get_extra_info

    def write(self, data: bytes) -> None:
        if self._unsent:
            data = self._unsent + data
        else:
            self._outbox.add(self, self._loop)
        self._unsent = data
        if len(data) > _MOST_UNSENT:
            self.flush()

    def write_eof(self) -> None:
        self.flush()
        self._transport.write_eof()

    def close(self) -> None:
        self.flush()
        self._transport.close()

    def abort(self) -> None:
        self._unsent = b""
        self._transport.abort()

    def flush(self) -> None:
        if self._unsent:
            data, self._unsent = self._unsent, b""
            self._transport.write(data)


class Deadline:
    """The instant until which a client must have sent something.

    A request moves it several times without touching the timer: when that fires, it looks whether the deadline moved.
    """

    __slots__ = ("_at", "_late", "_loop", "_timer")

    def __init__(self, loop: AbstractEventLoop, late: Callable[[], None]) -> None:
        self._loop, self._late = loop, late
        self._at: float | None = None
        self._timer: TimerHandle | None = None

    def expect(self, span: int) -> None:
        """Expect something within so many nanoseconds."""
        self._at = self._loop.time() + span / SECOND
        if self._timer is None or self._timer.when() > self._at:
            self.stop()
            self._timer = self._loop.call_at(self._at, self._look)

    def lift(self) -> None:
        """Expect nothing: the server is working."""
        self._at = None

    def stop(self) -> None:
        """Cancel the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def end(self) -> None:
        """Release everything that refers to the connection, because it is gone."""
        self.stop()
        self._late = _nothing

    def _look(self) -> None:
        self._timer = None
        if self._at is None:
            return
        if self._loop.time() < self._at:
            self._timer = self._loop.call_at(self._at, self._look)
        else:
            self._late()


class Line:
    """The connection under a request. After `close` and `reset` the request's `receive` tells of the disconnect."""

    __slots__ = ("_transport", "answer", "close", "ended", "parked", "write")

    def __init__(
        self,
        transport: Joined,
        close: Callable[[], None],
        answer: Callable[[AsgiSend, int, HeaderLines, bytes], bool],
    ) -> None:
        self._transport = transport
        # `send`, status, headers and body: a whole answer at once, where that can be done, without the steps of ASGI.
        self.answer = answer
        # Bytes as they are, past ASGI and HTTP.
        self.write = transport.write
        # An orderly end (FIN), after what was written.
        self.close = close
        # True: our half is closed.
        self.ended = False
        # True: nothing is lost when a stop of the server cuts this request off at once.
        self.parked = False

    def is_closing(self) -> bool:
        """Whether either side has ended it."""
        return self.ended or self._transport.is_closing()

    def abort(self) -> None:
        """Close without sending what is still to be written."""
        self._transport.abort()

    def cut(self) -> None:
        """Release everything that refers to the connection, because it is gone."""
        self.close, self.answer = _nothing, _no_answer

    def reset(self) -> None:
        """A true reset (RST); abort() alone would send a FIN."""
        self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._transport.abort()


def _nothing() -> None:
    pass


def _no_answer(send: AsgiSend, status: int, headers: HeaderLines, body: bytes) -> bool:
    return False


def line_of(scope: Mapping[str, Any]) -> Line | None:
    """The line of a request; None when it did not come over a socket of ours."""
    line = (scope.get("extensions") or {}).get(EXTENSION)
    return line if isinstance(line, Line) else None
