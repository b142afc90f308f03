"""The journal of one account: its last exchanges. It is bounded, and counts the exchanges that it evicts."""

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from mock_sent.ground.memory import ByteCount, SharedBytes
from mock_sent.journal.record import Exchange


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
    """The last exchanges of one account, and the futures of the tasks that wait for the next one.

    `byte_count` counts their bytes, and `answers` those of the answers to requests with a key, which the replays share.
    """

    def __init__(
        self,
        most: int,
        state: JournalState | None = None,
        byte_count: ByteCount | None = None,
        answers: SharedBytes | None = None,
    ) -> None:
        self.state = state or JournalState()
        self.byte_count, self._answers = byte_count or ByteCount(), answers or SharedBytes(ByteCount(most=0))
        self._shared = self._answers.byte_count
        # The replays bound the answers that they share, so the exchanges have room for as many again.
        self._room = self.byte_count.most + self._shared.most
        self._most = most
        self._exchanges = self.state.exchanges
        for exchange in self._exchanges:
            self._count(exchange)
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
        exchanges, byte_count, shared = self._exchanges, self.byte_count, self._shared
        self._count(exchange)
        exchanges.append(exchange)
        while len(exchanges) > self._most or byte_count.bytes + shared.bytes > self._room:
            if not self.drop_oldest():
                break
        if self._waiting:
            self._wake()

    def drop_oldest(self) -> bool:
        """Evict the oldest exchange, unless it is the only one."""
        if len(self._exchanges) < 2:
            return False
        self.state.evicted += 1
        self._forget()
        return True

    def take_apart(self) -> Iterator[None]:
        """Drop the exchanges of a closed journal, one a step."""
        while self._exchanges:
            self._exchanges.popleft()
            yield

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
        while self._exchanges:
            self._forget()
        state = self.state
        state.count = state.evicted = 0
        state.account_was_evicted = False

    def close(self) -> None:
        """Mark the journal as closed, because its account was dropped, and wake the waiting tasks."""
        self.closed = True
        self._wake()

    def _wake(self) -> None:
        for change in self._waiting:
            if not change.done():
                change.set_result(None)

    def _count(self, exchange: Exchange) -> None:
        if exchange.key is not None:
            self._answers.hold(exchange.reply_body)
        self.byte_count.add(exchange.size)

    def _forget(self) -> None:
        """Drop the oldest exchange."""
        oldest = self._exchanges.popleft()
        if oldest.key is not None:
            self._answers.release(oldest.reply_body)
        self.byte_count.add(-oldest.size)
