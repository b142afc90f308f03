"""What waits for one webhook, by the instant at which it is due, and the task that works it off.

Attempts are made one at a time, in the order of their instants. So a clock that is advanced by a day plays a day's
events and retries in their order, each as of its own instant.
"""

import asyncio
from heapq import heappop, heappush
from typing import NamedTuple

from mock_sent.ground.clock import Clock, ticks
from mock_sent.webhooks.attempts import Attempts
from mock_sent.webhooks.chaos import Chaos
from mock_sent.webhooks.payload import Told
from mock_sent.webhooks.registry import Delivery
from mock_sent.world.lifecycle import Event, life


class Journey(NamedTuple):
    """One event of a message that is still to be told; without one, the message's events from `step` on."""

    message: Told
    chaos: Chaos
    step: int = 0
    event: Event | None = None


class Left(NamedTuple):
    """What a stop leaves unmade: deliveries that were due or to be tried again, and events that were still to come."""

    due: int
    later: int


class Lane:
    """The queue of one webhook. Its task exists only while something waits."""

    def __init__(self, attempts: Attempts, clock: Clock, most: int) -> None:
        self._attempts, self._clock, self._most = attempts, clock, most
        self._heap: list[tuple[int, int, Journey | Delivery]] = []
        self._sequence = 0
        self._free_at = 0
        self._task: asyncio.Task[None] | None = None
        self._nap: asyncio.Future[None] | None = None
        self._rested = asyncio.Event()
        self._working = 0  # deliveries of what is in hand that are still to be made
        self.dropped = 0

    @property
    def waiting(self) -> int:
        return len(self._heap) + bool(self._working)

    @property
    def unmade(self) -> int:
        """Deliveries that are due and not made yet, the one that is being made too."""
        now = self._clock.now()
        return self._working + sum(self._due_of(at, what, now) for at, _, what in self._heap if at <= now)

    def begin(self, message: Told, chaos: Chaos) -> None:
        """Wait for all events of a message."""
        if chaos.order == "natural":
            self._push(message.accepted_at + self._late(message, chaos, 0), Journey(message, chaos))
            return
        # Out of order means: held until the last has happened, because none may be told before it is true.
        events = life(message)
        last = events[-1].at + self._late(message, chaos, 0)
        for event in chaos.mixed(events, self._clock, message.id):
            self._push(last, Journey(message, chaos, event=event))

    def tell(self, message: Told, event: Event, chaos: Chaos) -> None:
        """Deliver one event that has just happened."""
        self._push(event.at + chaos.late(self._clock, message.id, event.stage), Journey(message, chaos, event=event))

    def once(self, kind: str, body: bytes) -> Delivery:
        """Deliver this now, and do not try again."""
        delivery = self._attempts.delivery(kind, body, self._clock.now(), 0)
        self._push(delivery.created_at, delivery)
        return delivery

    def again(self, delivery: Delivery) -> None:
        """One more attempt now, in the place of any that was to come."""
        self._heap = [entry for entry in self._heap if entry[2] is not delivery]
        self._heap.sort()
        delivery.retries_left, delivery.status, delivery.completed_at = 0, "PENDING", None
        self._push(self._clock.now(), delivery)

    async def settle(self) -> None:
        """Return once nothing is due any more."""
        while self._task and not self._task.done() and (self._working or self._is_due()):
            self._rested.clear()
            await self._rested.wait()

    def stop(self) -> Left:
        """Make no further attempt."""
        now = self._clock.now()
        due = sum(at <= now or isinstance(what, Delivery) for at, _, what in self._heap)
        left = Left(due + self._working, len(self._heap) - due)
        self._heap.clear()
        if self._task:
            self._task.cancel()
        return left

    async def end(self) -> None:
        """Return once the attempt that a stop broke off has let go of its connection."""
        if self._task:
            await asyncio.wait({self._task})

    def _push(self, due: int, what: Journey | Delivery) -> None:
        self._sequence += 1
        heappush(self._heap, (due, self._sequence, what))
        if len(self._heap) > self._most:
            self._drop()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._work())
        elif self._nap and self._heap[0][1] == self._sequence:
            self._nap.cancel()  # this one is due before what the task sleeps for

    def _drop(self) -> None:
        _, _, what = heappop(self._heap)
        self.dropped += 1
        if isinstance(what, Delivery):
            self._attempts.give_up(what, "too many deliveries wait", self._clock.now())
        if self.dropped & (self.dropped - 1) == 0:  # the 1st, 2nd, 4th, 8th, ...: loud, but no flood
            self._attempts.log.event(
                "webhook delivery dropped, because too many wait",
                webhook=self._attempts.webhook.id,
                dropped=self.dropped,
            )

    def _due_of(self, at: int, what: Journey | Delivery, now: int) -> int:
        """How many deliveries will come of this until now, all going well."""
        if isinstance(what, Delivery):
            return 1
        message, chaos, step, event = what
        steps = 1
        if event is None:
            events = life(message)
            while (following := step + steps) < len(events):
                at = max(at, events[following].at + self._late(message, chaos, following))
                if at > now:
                    break
                steps += 1
        return steps * chaos.duplicate

    def _is_due(self) -> bool:
        return bool(self._heap) and self._heap[0][0] <= self._clock.now()

    async def _work(self) -> None:
        try:
            while self._heap:
                if self._is_due():
                    due, _, what = heappop(self._heap)
                    await self._do(due, what)
                else:
                    await self._sleep()
        finally:
            self._working = 0
            self._rested.set()

    async def _do(self, due: int, what: Journey | Delivery) -> None:
        self._working = 1
        try:
            if isinstance(what, Delivery):
                await self._try(due, what)
            else:
                await self._travel(due, what)
        except Exception as bug:  # the next delivery must go out, whatever this one met
            self._attempts.log.event("bug in mock-sent", where=f"webhook delivery: {type(bug).__name__}: {bug}")
        self._working = 0

    async def _sleep(self) -> None:
        self._rested.set()
        self._nap = asyncio.ensure_future(self._clock.sleep_until(self._heap[0][0]))
        try:
            await asyncio.wait({self._nap})
        finally:
            self._nap.cancel()
            self._nap = None

    async def _travel(self, due: int, journey: Journey) -> None:
        """Deliver the journey's event, and wait for the next one."""
        message, chaos, step, event = journey
        if event is None:
            events = life(message)
            event = events[step]
            if step + 1 < len(events):
                at = events[step + 1].at + self._late(message, chaos, step + 1)
                self._push(max(due, at), Journey(message, chaos, step + 1))
        if not self._attempts.webhook.is_active:
            return
        for left in range(chaos.duplicate, 0, -1):
            self._working = left
            delivery = self._attempts.of_event(message, event, due)
            delivery.signature = chaos.signature
            await self._try(due, delivery)

    async def _try(self, due: int, delivery: Delivery) -> None:
        if not self._attempts.webhook.is_active:
            self._attempts.give_up(delivery, "the webhook is not active", due)
            return
        # As of the instant at which it was due, or at which the one before it was through, but never in the future.
        at = max(due, min(self._free_at, self._clock.now()))
        started = ticks()
        again_at = await self._attempts.make(delivery, at)
        self._free_at = at + ticks() - started
        if again_at is not None:
            self._push(again_at, delivery)

    def _late(self, message: Told, chaos: Chaos, which: int) -> int:
        return chaos.late(self._clock, message.id, which)
