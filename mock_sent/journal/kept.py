"""The journal of one account: its last exchanges. It is bounded, and counts the exchanges that it evicts."""

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from mock_sent.journal.record import Exchange

# The most bytes of heads and bodies in one journal; ten thousand sends of the usual size need a tenth of it.
MAX_BYTES = 64 * 1024 * 1024


@dataclass(slots=True)
class JournalState:
    """The exchanges, in the order in which they ended, and the number of all exchanges so far.

    `epoch` distinguishes this journal from the one that the account gets after a reset. `arrivals` counts the requests
    of the account, also unanswered ones. `account_was_evicted` says that the account was evicted before, because there
    were too many accounts, so its earlier exchanges are lost.
    """

    epoch: int = 0
    exchanges: deque[Exchange] = field(default_factory=deque)
    count: int = 0
    arrivals: int = 0
    evicted: int = 0
    account_was_evicted: bool = False


class Journal:
    """The last exchanges of one account, and the futures of the tasks that wait for the next one."""

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
        """Distinguishes this journal from the one that the account gets after a reset."""
        return self.state.epoch

    @property
    def count(self) -> int:
        """The number of all exchanges so far, including the evicted ones."""
        return self.state.count

    @property
    def evicted(self) -> int:
        return self.state.evicted

    @property
    def account_was_evicted(self) -> bool:
        """Whether the account was evicted before, so its earlier exchanges are lost."""
        return self.state.account_was_evicted

    @property
    def complete(self) -> bool:
        """Whether the journal has all exchanges of the account since it was reset."""
        return not self.evicted and not self.account_was_evicted

    def keep(self, exchange: Exchange) -> None:
        """Add an exchange. Evict the oldest ones while there are too many, or they are too large together."""
        state = self.state
        exchange.number = state.count = state.count + 1
        self._exchanges.append(exchange)
        self._bytes += exchange.size
        while len(self._exchanges) > self._most or (self._bytes > self._most_bytes and len(self._exchanges) > 1):
            self._bytes -= self._exchanges.popleft().size
            state.evicted += 1
        if self._waiting:
            self._wake()

    @property
    def latest(self) -> Exchange | None:
        return self._exchanges[-1] if self._exchanges else None

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

    def subscribe(self) -> asyncio.Future[None]:
        """A future that is done when the next exchange is added, or the journal is closed. `unsubscribe` it later."""
        change: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(change)
        return change

    def unsubscribe(self, change: asyncio.Future[None]) -> None:
        self._waiting.discard(change)

    async def changed(self, seconds: float) -> None:
        """Wait until an exchange is added or the journal is closed, at most for so many real seconds."""
        change = self.subscribe()
        try:
            await asyncio.wait({change}, timeout=seconds)
        finally:
            self.unsubscribe(change)

    def clear(self) -> None:
        """Delete all exchanges and reset the counts."""
        self._exchanges.clear()
        state = self.state
        self._bytes = state.count = state.evicted = 0
        state.account_was_evicted = False

    def close(self) -> None:
        """Mark the journal as closed, because its account was dropped, and wake the waiting tasks."""
        self.closed = True
        self._wake()

    def _wake(self) -> None:
        for change in self._waiting:
            if not change.done():
                change.set_result(None)
