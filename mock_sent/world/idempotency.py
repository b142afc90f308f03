"""Idempotency keys: keeps the first successful reply to a key, to replay it (IDEM-1 to IDEM-12)."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from mock_sent.ground.clock import Clock
from mock_sent.ground.errors import ApiError
from mock_sent.ground.memory import ByteCount, SharedBytes, size_of

# The bytes of a stored reply, and of a key that is held, without the texts of the client.
_STORED, _HELD = 330, 330
# How many expired replies a new one drops, so that no request pays for all of a day's.
_MOST_DROPPED = 100


class Stored(NamedTuple):
    """A reply that is kept until an instant. `fingerprint` is of the request's body, to compare it with later ones.

    `edition` is the edition of the account when it was made.
    """

    request_id: str
    until: int
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    fingerprint: bytes
    edition: str = ""


@dataclass(slots=True)
class ReplaysState:
    """The replies by key, the oldest first, and the number of evicted ones.

    `held` has keys whose client left during a delay: the id of the request, and the instant at which the delay ends.
    """

    stored: OrderedDict[str, Stored] = field(default_factory=OrderedDict)
    evicted: int = 0
    held: OrderedDict[str, tuple[str, int]] = field(default_factory=OrderedDict)


class Replays:
    """The keys of one account: the keys in flight, and the replies to the others.

    `byte_count` counts the bytes of keys and replies. The bodies, which exchanges share, count in `answers`.
    """

    def __init__(
        self,
        most: int,
        clock: Clock,
        byte_count: ByteCount | None = None,
        answers: SharedBytes | None = None,
        state: ReplaysState | None = None,
    ) -> None:
        self.state = state or ReplaysState()
        self.byte_count, self._answers = byte_count or ByteCount(), answers or SharedBytes(ByteCount())
        self._most, self._clock = most, clock
        self._stored, self._held = self.state.stored, self.state.held
        self._bodies = 0
        for key, stored in self._stored.items():
            self._count(key, stored)
        self.byte_count.add(sum([_HELD + len(key) for key in self._held]))
        self._in_flight: dict[str, str] = {}
        # Who waits for a key to be released.
        self._released: dict[str, asyncio.Future[None]] = {}

    def __len__(self) -> int:
        return len(self._stored)

    @property
    def evicted(self) -> int:
        """The number of replies that were evicted, because there were too many or they were too large."""
        return self.state.evicted

    def find(self, key: str) -> Stored | None:
        """The reply to the key; None if the key is new or in flight, or its reply has expired."""
        stored = self._stored.get(key)
        if stored is None or (self._held and self.in_flight(key)):
            return None
        if self._clock.now() >= stored.until:
            self._forget(key)
            return None
        return stored

    def in_flight(self, key: str) -> str | None:
        """The id of the request that holds the key and has not been answered yet."""
        holder, until = self._held.get(key, (None, 0)) if self._held else (None, 0)
        if holder and until <= self._clock.now():
            holder = None
            self._let_go(key)
        return holder or self._in_flight.get(key)

    def begin(self, key: str, request_id: str) -> None:
        """Hold the key while its first request is in flight. Raises `ApiError` if another request holds it (IDEM-6)."""
        if holder := self.in_flight(key):
            raise ApiError("conflict", warning=f"{holder} with this key has not been answered yet")
        self._in_flight[key] = request_id

    def end(self, key: str, until: int = 0) -> None:
        """Release the key; with `until` at that instant of the clock."""
        holder = self._in_flight.pop(key, None)
        if self._released and (waiter := self._released.pop(key, None)):
            waiter.set_result(None)
        if holder and until > self._clock.now():
            self._held[key] = holder, until
            self.byte_count.add(_HELD + len(key))
            while len(self._held) > self._most or (self.byte_count.is_over and len(self._held) > 1):
                self._let_go(next(iter(self._held)))

    async def released(self, key: str, until: int) -> None:
        """Return when the key is held no more, or at an instant of the clock. The key must be held."""
        if key in self._held:
            await self._clock.sleep_until(min(until, self._held[key][1]))
            return
        waiter = self._released.get(key)
        if waiter is None:
            waiter = self._released[key] = asyncio.get_running_loop().create_future()
        sleep = asyncio.ensure_future(self._clock.sleep_until(until))
        try:
            await asyncio.wait({waiter, sleep}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleep.cancel()

    def remember(self, key: str, stored: Stored) -> None:
        """Keep a reply. Evict the oldest ones while there are too many, or they are too large together."""
        self._forget(key)
        self._stored[key] = stored
        self._count(key, stored)
        self._drop_expired()
        while len(self._stored) > self._most or (self._is_over() and len(self._stored) > 1):
            self._forget(next(iter(self._stored)))
            self.state.evicted += 1

    def take_apart(self) -> Iterator[None]:
        """Drop the replies and keys of a closed account, one a step."""
        for kept in (self._stored, self._held):
            while kept:
                kept.popitem()
                yield

    def _is_over(self) -> bool:
        return self.byte_count.is_over or self._bodies > self._answers.byte_count.most

    def _count(self, key: str, stored: Stored) -> None:
        self._answers.hold(stored.body)
        self._bodies += len(stored.body)
        self.byte_count.add(_size(key, stored))

    def _forget(self, key: str) -> None:
        stored = self._stored.pop(key, None)
        if stored:
            self._answers.release(stored.body)
            self._bodies -= len(stored.body)
            self.byte_count.add(-_size(key, stored))

    def _let_go(self, key: str) -> None:
        del self._held[key]
        self.byte_count.add(-_HELD - len(key))

    def _drop_expired(self) -> None:
        """Drop some expired replies from the oldest on, up to the first that has not expired.

        Those that are left, or that follow if the clock was set back, harm nobody: `find` checks each reply itself.
        """
        now = self._clock.now()
        for _ in range(_MOST_DROPPED):
            if not self._stored or next(iter(self._stored.values())).until > now:
                break
            self._forget(next(iter(self._stored)))


def _size(key: str, stored: Stored) -> int:
    return _STORED + len(key) + size_of(stored.headers)
