"""The journal of one account: its last exchanges. Bounded, and it never forgets that it forgot."""

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from mock_sent.journal.record import Exchange

# The heads and bodies that one journal keeps: ten thousand sends of the usual size are a tenth of it.
MAX_BYTES = 64 * 1024 * 1024


@dataclass(slots=True)
class JournalState:
    """The exchanges in the order of their ends, and how many there were.

    `epoch` tells one account's journal from its next after a reset. `arrivals` counts the requests of the account,
    unanswered ones too. `had_another_life` says that the account was dropped once because there were too many accounts:
    what it sent before is unknown.
    """

    epoch: int = 0
    exchanges: deque[Exchange] = field(default_factory=deque)
    count: int = 0
    arrivals: int = 0
    evicted: int = 0
    had_another_life: bool = False


class Journal:
    """The last exchanges of one account, and those who wait for the next one."""

    def __init__(self, most: int, state: JournalState | None = None, most_bytes: int = MAX_BYTES) -> None:
        self.state = state or JournalState()
        self._most, self._most_bytes = most, most_bytes
        self._exchanges = self.state.exchanges
        self._bytes = sum(x.size for x in self._exchanges)
        self._waiting: set[asyncio.Future[None]] = set()
        self.closed = False

    def __len__(self) -> int:
        return len(self._exchanges)

    def __iter__(self) -> Iterator[Exchange]:
        """The oldest first."""
        return iter(tuple(self._exchanges))

    @property
    def epoch(self) -> int:
        """Tells this journal from the account's next one after a reset."""
        return self.state.epoch

    @property
    def count(self) -> int:
        """How many exchanges there were, the evicted ones too."""
        return self.state.count

    @property
    def evicted(self) -> int:
        return self.state.evicted

    @property
    def had_another_life(self) -> bool:
        """Whether the account was dropped once, so that what it sent before is unknown."""
        return self.state.had_another_life

    @property
    def complete(self) -> bool:
        """Has nothing been forgotten?"""
        return not self.evicted and not self.had_another_life

    def keep(self, exchange: Exchange) -> None:
        """Add one; the oldest go when there are too many, or they are too large together."""
        state = self.state
        exchange.number = state.count = state.count + 1
        self._exchanges.append(exchange)
        self._bytes += exchange.size
        while len(self._exchanges) > self._most or (self._bytes > self._most_bytes and len(self._exchanges) > 1):
            self._bytes -= self._exchanges.popleft().size
            state.evicted += 1
        if self._waiting:
            self._wake()

    def find(self, request_id: str) -> Exchange | None:
        return next((x for x in reversed(self._exchanges) if x.request_id == request_id), None)

    def after(self, number: int) -> list[Exchange]:
        """The exchanges that came after the one with this number, the oldest first."""
        newer: list[Exchange] = []
        for exchange in reversed(self._exchanges):
            if exchange.number <= number:
                break
            newer.append(exchange)
        return newer[::-1]

    def news(self) -> asyncio.Future[None]:
        """Done when the next exchange comes, or the journal is closed. `forget` it when nobody waits any more."""
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(told)
        return told

    def forget(self, told: asyncio.Future[None]) -> None:
        self._waiting.discard(told)

    async def changed(self, seconds: float) -> None:
        """Wait until an exchange comes or the journal is closed, but no longer than so many real seconds."""
        told = self.news()
        try:
            await asyncio.wait({told}, timeout=seconds)
        finally:
            self.forget(told)

    def clear(self) -> None:
        """Forget everything, on purpose; counts begin anew."""
        self._exchanges.clear()
        state = self.state
        self._bytes = state.count = state.evicted = 0
        state.had_another_life = False

    def close(self) -> None:
        """The account is gone: whoever waits for news gets none any more."""
        self.closed = True
        self._wake()

    def _wake(self) -> None:
        for told in self._waiting:
            if not told.done():
                told.set_result(None)
