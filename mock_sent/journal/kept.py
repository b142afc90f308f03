"""The journal of one account: its last exchanges. Bounded, and it never forgets that it forgot."""

import asyncio
from collections import deque
from collections.abc import Iterator

from mock_sent.journal.record import Exchange

# The heads and bodies that one journal keeps: ten thousand sends of the usual size are a tenth of it.
MAX_BYTES = 64 * 1024 * 1024


class Journal:
    """The exchanges in the order of their ends. `epoch` tells one account's journal from its next after a reset."""

    def __init__(self, most: int, epoch: int = 0, most_bytes: int = MAX_BYTES) -> None:
        self.epoch = epoch
        self._most, self._most_bytes = most, most_bytes
        self._exchanges: deque[Exchange] = deque()
        self._bytes = 0
        self._waiting: set[asyncio.Future[None]] = set()
        self.count = 0
        self.evicted = 0
        self.closed = False
        # The account had another life, which ended because there were too many accounts: its sends are unknown.
        self.had_another_life = False

    def __len__(self) -> int:
        return len(self._exchanges)

    def __iter__(self) -> Iterator[Exchange]:
        """The oldest first."""
        return iter(tuple(self._exchanges))

    @property
    def complete(self) -> bool:
        """Has nothing been forgotten?"""
        return not self.evicted and not self.had_another_life

    def keep(self, exchange: Exchange) -> None:
        """Add one; the oldest go when there are too many, or they are too large together."""
        self.count += 1
        exchange.number = self.count
        self._exchanges.append(exchange)
        self._bytes += exchange.size
        while len(self._exchanges) > self._most or (self._bytes > self._most_bytes and len(self._exchanges) > 1):
            self._bytes -= self._exchanges.popleft().size
            self.evicted += 1
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
        self._bytes = self.count = self.evicted = 0
        self.had_another_life = False

    def close(self) -> None:
        """The account is gone: whoever waits for news gets none any more."""
        self.closed = True
        self._wake()

    def _wake(self) -> None:
        for told in self._waiting:
            if not told.done():
                told.set_result(None)
