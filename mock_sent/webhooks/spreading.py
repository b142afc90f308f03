"""Puts the events of a send into many queues, a few in each turn of the event loop, so that other requests go on."""

import asyncio
from collections import deque
from collections.abc import Iterator
from itertools import islice

# How many events are queued in one turn: for many webhooks, each of which starts a task, and for few.
FOR_MANY, FOR_FEW = 50, 1_000
# More webhooks than this are many.
_FEW = 50

# Each step queues one event for one webhook.
Pushes = Iterator[None]


class Spreading:
    """What is not in the queues yet. The first part of a send is queued at once, if nothing waits before it."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Pushes, int]] = deque()
        self._task: asyncio.Task[None] | None = None

    def add(self, pushes: Pushes, webhooks: int) -> None:
        """Make pushes for so many webhooks, behind those that wait."""
        at_once = FOR_FEW if webhooks <= _FEW else FOR_MANY
        if not self._waiting and _is_over(pushes, at_once):
            return
        self._waiting.append((pushes, at_once))
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._work())

    async def settle(self) -> None:
        """Wait until everything is in the queues."""
        if self._task and not self._task.done():
            await asyncio.wait({self._task})

    def stop(self) -> None:
        """Drop what waits."""
        self._waiting.clear()
        if self._task:
            self._task.cancel()

    async def _work(self) -> None:
        while self._waiting:
            pushes, at_once = self._waiting[0]
            if _is_over(pushes, at_once):
                self._waiting.popleft()
            await asyncio.sleep(0)


def _is_over(pushes: Pushes, at_once: int) -> bool:
    return sum(1 for _ in islice(pushes, at_once)) < at_once
