"""What those who wait for a message look at: sends that are new, and sends of which a message changed its status."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Iterator, Sequence
from heapq import heappop, heappush
from typing import Any

from mock_sent.accounts import Account
from mock_sent.ground.clock import LAST
from mock_sent.ground.slices import Slices
from mock_sent.world.lifecycle import Timetable
from mock_sent.world.messages import Send

# The changes that are noted before all are forgotten, and the calls look at every message again.
_MOST_NOTED = 10_000


class News(ABC):
    """What one waiting call has not looked at. `look` comes first; `wait` is for what `subscribe` was before."""

    def __init__(self, account: Account, after: Send | None) -> None:
        self._account, self._after = account, after
        self._last: Send | None = None

    @abstractmethod
    async def look(self) -> Sequence[Send]:
        """The sends to look at: at first all from `after` on, then those that are new or changed."""

    async def wait(self, change: "asyncio.Future[None]", seconds: float) -> None:
        """Wait until there may be news, at most for so many real seconds."""
        await asyncio.wait({change}, timeout=seconds)

    def _new(self) -> list[Send]:
        mailbox = self._account.mailbox
        known, self._last = self._last, mailbox.last
        if known is not None:
            return mailbox.after(known)
        return mailbox.after(None) if self._after is None else [self._after, *mailbox.after(self._after)]


class NewSends(News):
    """For a call that does not ask for a status: only new sends can fit."""

    async def look(self) -> Sequence[Send]:
        return self._new()


class Watch:
    """The changes of status in one account, for all calls that wait for a status of its messages.

    `changed` are the sends of which a message changed, in the order of the changes, each with its number.
    `turns` counts how often all was forgotten, or the clock was set back: then every message may have changed.
    """

    def __init__(self, account: Account, slices: Slices) -> None:
        self.account = account
        self.waiting = self.turns = 0
        self.changed: list[tuple[int, Send]] = []
        self.moved = asyncio.Event()
        self._slices, self._looking = slices, asyncio.Lock()
        self._count = 0
        self._last: Send | None = None
        # The instant of each send's next change, with the number of the send.
        self._due: list[tuple[int, int, Send]] = []
        self._at = account.clock.now()

    async def look(self) -> None:
        """Note what changed since the last look."""
        async with self._looking:
            # What was noted for calls that look no more, or of sends that were evicted, is not kept for ever.
            most = _MOST_NOTED + 2 * len(self.account.mailbox)
            is_full = len(self.changed) > _MOST_NOTED or len(self._due) > most
            if (now := self.account.clock.now()) < self._at or is_full:
                self.turns += 1
                self._count, self._last = 0, None
                self._due.clear()
                self.changed.clear()
            self._at = now
            await self._slices.visit(self.account.mailbox.after(self._last), self._add)
            await self._slices.visit(self._changes(now), self.changed.append)

    def note(self, send: Send) -> None:
        """Note that a test moved a message of a send."""
        self.changed.append((self.number_of(send), send))
        self.moved.set()
        self.moved = asyncio.Event()

    def number_of(self, send: Send | None) -> int:
        """The number of a send; -1 for None, or if it was evicted."""
        number = self._count
        for each in reversed(self.account.mailbox.after(None)):
            if each is self._last or number < self._count:
                number -= 1
            if each is send:
                return number
        return -1

    async def next_change(self) -> None:
        """Return at the next change that the clock makes, or when the clock is moved."""
        now = self.account.clock.now()
        if now >= self._at:
            await self.account.clock.moved((self._due[0][0] if self._due else LAST) - now)

    def _add(self, send: Send) -> None:
        number, self._last = self._count, send
        self._count += 1
        self._plan(number, send)

    def _plan(self, number: int, send: Send) -> None:
        timetables = (send.timetable,) if isinstance(send.timetable, Timetable) else send.timetable
        times = {send.at + step.after for timetable in timetables if not timetable.manual for step in timetable.steps}
        due = min((at for at in times if at > self._at), default=None)
        if due is not None:
            heappush(self._due, (due, number, send))

    def _changes(self, now: int) -> Iterator[tuple[int, Send]]:
        while self._due and self._due[0][0] <= now:
            _, number, send = heappop(self._due)
            self._plan(number, send)
            yield number, send


class NewAndChanged(News):
    """For a call that asks for a status."""

    def __init__(self, watch: Watch, after: Send | None) -> None:
        super().__init__(watch.account, after)
        self._watch, self._position, self._turns = watch, 0, -1

    async def look(self) -> Sequence[Send]:
        watch = self._watch
        await watch.look()
        if self._turns != watch.turns:  # the first look, or the clock was set back
            self._turns, self._position, self._last = watch.turns, len(watch.changed), None
            return self._new()
        first = watch.number_of(self._after)
        changed = {number: send for number, send in watch.changed[self._position :] if number >= first}
        self._position = len(watch.changed)
        new = self._new()
        known = set(map(id, new))
        return [*(send for _, send in sorted(changed.items()) if id(send) not in known), *new]

    async def wait(self, change: "asyncio.Future[None]", seconds: float) -> None:
        waits: list[Awaitable[object]] = [self._watch.next_change(), self._watch.moved.wait()]
        others: set[asyncio.Future[Any]] = set(map(asyncio.ensure_future, waits))
        try:
            await asyncio.wait({change, *others}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in others:
                each.cancel()
