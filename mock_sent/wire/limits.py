"""How much a client may send, and how long it may take."""

from asyncio import AbstractEventLoop, TimerHandle
from collections.abc import Callable
from dataclasses import dataclass

from mock_sent.ground.clock import SECOND


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
    # Bytes of bodies that wait for the app. Beyond that the connection is not read, and a leaving client not noticed.
    unread_bytes: int = 1024 * 1024
    # A refused client that is still sending gets this much more to notice the answer.
    linger: int = 1 * SECOND
    linger_bytes: int = 16 * 1024 * 1024
    # Off only in the tests that show what the checks of a head are for.
    check_heads: bool = True


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
        """Expect something within so many nanoseconds. Zero: expect nothing, because the server is working."""
        self._at = self._loop.time() + span / SECOND if span else None
        if self._at is not None and (self._timer is None or self._timer.when() > self._at):
            self._stop()
            self._timer = self._loop.call_at(self._at, self._look)

    def end(self) -> None:
        """Release everything that refers to the connection, because it is gone."""
        self._stop()
        self._late = lambda: None

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        if self._at is None:
            return
        if self._loop.time() < self._at:
            self._timer = self._loop.call_at(self._at, self._look)
        else:
            self._late()
