"""Puts the events of a send into many queues, a few in each turn of the event loop, so that other requests go on."""

import asyncio
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from mock_sent.journal import Log
from mock_sent.webhooks.room import Room

# How many events are queued in one turn: for many webhooks, each of which starts a task, and for few.
FOR_MANY, FOR_FEW = 50, 1_000
# More webhooks than this are many.
_FEW = 50

# Each step queues one event for one webhook.
Pushes = Iterator[None]


# The bytes of what waits of one send, and of each webhook for which it waits.
_SEND, _WEBHOOK = 2_000, 8


class _Rest(NamedTuple):
    pushes: Pushes
    at_once: int
    size: int


class Spreading:
    """What is not in the queues yet. The first part of a send is queued at once, if nothing waits before it."""

    def __init__(self, room: Room, log: Log) -> None:
        self._room, self._log = room, log
        self._waiting: deque[_Rest] = deque()
        self._task: asyncio.Task[None] | None = None
        # Of how many sends not all events were queued, because there was no room.
        self.dropped = 0

    def add(self, pushes: Pushes, webhooks: int) -> None:
        """Make pushes for so many webhooks, behind those that wait."""
        at_once = FOR_FEW if webhooks <= _FEW else FOR_MANY
        if not self._waiting and _is_over(pushes, at_once):
            return
        part = _Rest(pushes, at_once, _SEND + _WEBHOOK * webhooks)
        self._waiting.append(part)
        self._room.add(part.size)
        if self._waiting and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self._work())

    async def settle(self) -> None:
        """Wait until everything is in the queues."""
        if self._task and not self._task.done():
            await asyncio.wait({self._task})

    def stop(self) -> None:
        """Drop what waits."""
        while self._waiting:
            self._done()
        if self._task:
            self._task.cancel()

    def drop_pending(self) -> bool:
        """Drop what waits of the oldest send, because there is no room."""
        if not self._waiting:
            return False
        self._done()
        self.dropped += 1
        if self.dropped & (self.dropped - 1) == 0:  # the 1st, 2nd, 4th, 8th, ...: the log must not be flooded
            self._log.event("webhook events of a send dropped, because too many wait", sends=self.dropped)
        return True

    def _done(self) -> None:
        self._room.add(-self._waiting.popleft().size)

    async def _work(self) -> None:
        while self._waiting:
            part = self._waiting[0]
            if _is_over(part.pushes, part.at_once) and self._waiting and self._waiting[0] is part:
                self._done()
            await asyncio.sleep(0)


def _is_over(pushes: Pushes, at_once: int) -> bool:
    return sum(1 for _ in islice(pushes, at_once)) < at_once
