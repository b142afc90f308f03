"""The room for one account's deliveries: if it is used up, the oldest ones of each webhook go."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

from mock_sent.ground.memory import ByteCount


class Shrinkable(Protocol):
    """What has pending entries. `drop_pending` drops one, and returns whether there was one."""

    def drop_pending(self) -> bool: ...


class ShrinkableQueue(Shrinkable, Protocol):
    """The queue of a webhook. `drop_delivery` drops a delivery, and returns whether there was one."""

    def drop_delivery(self) -> bool: ...


class Room:
    """Counts the bytes of deliveries and pending entries. Above the most, it drops from each of `queues` in turn.

    `spreading` has what is not in the queues yet.
    """

    def __init__(self, byte_count: ByteCount) -> None:
        self._byte_count = byte_count
        self.queues: OrderedDict[str, ShrinkableQueue] = OrderedDict()
        self.spreading: Shrinkable | None = None
        self._shrinking = False

    def add(self, size: int) -> None:
        """Count so many bytes more; fewer, if `size` is negative."""
        self._byte_count.add(size)
        if self._byte_count.is_over and not self._shrinking:
            self._shrinking = True
            try:
                self._shrink()
            finally:
                self._shrinking = False

    def _shrink(self) -> None:
        """Drop deliveries first, which only tell what was, then what waits, until there is room."""
        self._drop(lambda queue: queue.drop_delivery())
        while self._byte_count.is_over and self.spreading and self.spreading.drop_pending():
            pass
        self._drop(lambda queue: queue.drop_pending())

    def _drop(self, drop: Callable[[ShrinkableQueue], bool]) -> None:
        without = 0
        while self._byte_count.is_over and without < len(self.queues):
            id, queue = next(iter(self.queues.items()))
            self.queues.move_to_end(id)
            without = 0 if drop(queue) else without + 1
