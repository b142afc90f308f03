"""What waits for the clock of one account: held messages that are released, and phones that answer."""

import asyncio
from collections.abc import Callable, Iterable
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from mock_sent.ground.clock import Clock
from mock_sent.world.lifecycle import PhoneReply


class Hold(NamedTuple):
    """A message that is held until an instant, or to which the phone answers then."""

    at: int
    number: int
    id: str
    reply: PhoneReply | None = None


class Holds:
    """Calls `release` with each hold that is due, in the order of their instants.

    `kept` is a heap, which is changed in place. A task waits for the first instant; it exists only while something is
    held. Whoever looks at the account calls `release_due` first, so that nothing depends on when the task runs.
    """

    def __init__(self, clock: Clock, release: Callable[[Hold], None], kept: list[Hold]) -> None:
        self._clock, self._release, self._kept = clock, release, kept
        self._task: asyncio.Task[None] | None = None
        self._number = max((hold.number for hold in kept), default=0)
        heapify(kept)

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, waits: Iterable[tuple[int, str, PhoneReply | None]]) -> None:
        """Hold messages until an instant, or let the phone answer to them then."""
        for at, id, reply in waits:
            self._number += 1
            heappush(self._kept, Hold(at, self._number, id, reply))
        self.start()

    def start(self) -> None:
        """Wait for the first instant anew, for example after the state was restored."""
        if not self._kept:
            return
        if self._task:
            self._task.cancel()
        self._task = asyncio.get_running_loop().create_task(self._wait())

    def release_due(self) -> None:
        """Release what is due."""
        now = self._clock.now()
        while self._kept and self._kept[0].at <= now:
            hold = heappop(self._kept)
            self._release(hold)

    def stop(self) -> None:
        """Hold nothing any more, and release nothing."""
        self._kept.clear()
        if self._task:
            self._task.cancel()

    async def _wait(self) -> None:
        while self._kept:
            await self._clock.sleep_until(self._kept[0].at)
            self.release_due()
