"""What waits for the clock of one account: held messages that are released, and phones that answer."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from mock_sent.ground.clock import Clock
from mock_sent.ground.memory import ByteCount
from mock_sent.world.lifecycle import PhoneReply

# The bytes of a hold, and how many there are at least before those of evicted messages are looked for.
_HOLD, _FEW = 280, 1_000


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
    `is_message` says whether the message of an id is still kept.
    """

    def __init__(
        self,
        clock: Clock,
        release: Callable[[Hold], None],
        is_message: Callable[[str], bool],
        kept: list[Hold],
        byte_count: ByteCount | None = None,
    ) -> None:
        self._clock, self._release, self._is_message = clock, release, is_message
        self._kept, self._byte_count = kept, byte_count or ByteCount()
        self._byte_count.add(_HOLD * len(kept))
        self._many = _FEW
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
            self._byte_count.add(_HOLD)
        if len(self._kept) > self._many:
            self._drop_evicted()
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
            self._byte_count.add(-_HOLD)
            self._release(hold)

    def stop(self) -> None:
        """Release nothing any more."""
        self._release = _nothing  # this object and the account refer to each other no more, so that both are freed
        if self._task:
            self._task.cancel()

    def take_apart(self) -> Iterator[None]:
        """Drop the holds of a closed account, one a step."""
        while self._kept:
            self._kept.pop()
            yield

    def _drop_evicted(self) -> None:
        before = len(self._kept)
        self._kept[:] = [hold for hold in self._kept if self._is_message(hold.id)]
        heapify(self._kept)
        self._many = 2 * len(self._kept) + _FEW
        self._byte_count.add(_HOLD * (len(self._kept) - before))

    async def _wait(self) -> None:
        while self._kept:
            await self._clock.sleep_until(self._kept[0].at)
            self.release_due()


def _nothing(hold: Hold) -> None:
    pass
