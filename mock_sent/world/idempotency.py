"""Idempotency keys: the first successful reply to a key is kept and given again (IDEM-1 to IDEM-12)."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import NamedTuple

from mock_sent.ground.clock import Clock
from mock_sent.ground.errors import ApiError

# Of all replies that an account's keys hold: a hundred thousand of the usual size are as much.
MOST_BYTES = 64 * 1024 * 1024


class Stored(NamedTuple):
    """A reply, kept until an instant. `fingerprint` is of the request's body, so that a later one can be compared."""

    request_id: str
    until: int
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    fingerprint: bytes


@dataclass(slots=True)
class ReplaysState:
    """The replies by key, the oldest first, and how many were dropped for newer ones."""

    stored: OrderedDict[str, Stored] = field(default_factory=OrderedDict)
    evicted: int = 0


class Replays:
    """The keys of one account: which are in flight, and what was answered to the others."""

    def __init__(
        self, most: int, clock: Clock, most_bytes: int = MOST_BYTES, state: ReplaysState | None = None
    ) -> None:
        self.state = state or ReplaysState()
        self._most, self._most_bytes = most, most_bytes
        self._clock = clock
        self._stored = self.state.stored
        self._bytes = sum(len(stored.body) for stored in self._stored.values())
        self._in_flight: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._stored)

    @property
    def evicted(self) -> int:
        """How many replies were dropped for newer ones."""
        return self.state.evicted

    def find(self, key: str) -> Stored | None:
        """What was answered to the key within its window, or None if the key is fresh."""
        stored = self._stored.get(key)
        if stored is None:
            return None
        if self._clock.now() >= stored.until:
            self._forget(key)
            return None
        return stored

    def in_flight(self, key: str) -> str | None:
        """The request that holds the key and has not been answered yet."""
        return self._in_flight.get(key)

    def begin(self, key: str, request_id: str) -> None:
        """Hold the key while its first request is worked on. Raises `ApiError` if another one holds it (IDEM-6)."""
        if key in self._in_flight:
            raise ApiError("conflict", warning=f"{self._in_flight[key]} with this key has not been answered yet")
        self._in_flight[key] = request_id

    def end(self, key: str) -> None:
        self._in_flight.pop(key, None)

    def remember(self, key: str, stored: Stored) -> None:
        """Keep a reply; the oldest goes when there are too many, or they are too large together."""
        self._forget(key)
        self._stored[key] = stored
        self._bytes += len(stored.body)
        self._drop_expired()
        while len(self._stored) > self._most or (self._bytes > self._most_bytes and len(self._stored) > 1):
            self._forget(next(iter(self._stored)))
            self.state.evicted += 1

    def _forget(self, key: str) -> None:
        stored = self._stored.pop(key, None)
        if stored:
            self._bytes -= len(stored.body)

    def _drop_expired(self) -> None:
        """Forget from the oldest on. A clock that was set back leaves some for later; `find` judges each by itself."""
        now = self._clock.now()
        while self._stored and next(iter(self._stored.values())).until <= now:
            self._forget(next(iter(self._stored)))
