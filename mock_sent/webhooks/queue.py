"""The queue of one webhook: pending events and attempts, ordered by due time, and the task that makes them.

Attempts are made one at a time, in the order of their due times. So when the clock is advanced by a day, the events and
retries of that day are delivered in their order, and each attempt has its own due time as its time.
"""

import asyncio
from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from mock_sent.ground.clock import Clock
from mock_sent.webhooks.attempts import Attempts
from mock_sent.webhooks.events import MessageEvent, MessageFacts
from mock_sent.webhooks.options import DeliveryOptions
from mock_sent.webhooks.state import DeliveryRecord, PendingAttempt, PendingEvent, QueueEntry, QueueState, size_of_entry


class Undelivered(NamedTuple):
    """What a stop drops: `due` counts deliveries that were due or pending retries, `later` counts future events."""

    due: int
    later: int


class WebhookQueue:
    """Processes the queue whose data is `state`. The task exists only while something is pending.

    `most` is the number of entries that may be pending.
    """

    def __init__(self, state: QueueState, attempts: Attempts, clock: Clock, most: int) -> None:
        self._state, self._attempts, self._clock, self._most = state, attempts, clock, most
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.Future[None] | None = None
        self._idle = asyncio.Event()

    @property
    def waiting(self) -> int:
        """How many entries are pending; the current entry counts as one."""
        return len(self._state.pending) + bool(self._state.in_hand)

    def unmade(self) -> Iterator[int]:
        """The numbers of deliveries that are due and not made yet, those in hand first, then entry by entry."""
        now = self._clock.now()
        yield len(self._state.in_hand)
        for entry in tuple(self._state.pending):
            yield self._deliveries_of(entry, now) if entry.due <= now else 0

    def add_message(
        self, message: MessageFacts, events: tuple[MessageEvent, ...], options: DeliveryOptions, shared: int = 0
    ) -> None:
        """Queue all events of a new message, each for its own instant. `shared` are bytes that count for it."""
        if options.order == "natural":
            first = PendingEvent(0, 0, message, events, 0, options, shared)
            self._push(first._replace(due=events[0].at + self._delay(first)))
            return
        # In another order, the queue holds all events until the last one has happened.
        last = events[-1].at + options.delay_of(message.id, 0, self._clock)
        for event in options.ordered(
            events, message.id, self._clock, lambda each: self._attempts.word_of(self._state, each)
        ):
            self._push(PendingEvent(last, 0, message, (event,), 0, options, shared))

    def add_event(self, message: MessageFacts, event: MessageEvent) -> None:
        """Queue one event that has just happened."""
        self._push(PendingEvent(event.at, 0, message, (event,), 0, DeliveryOptions()))

    def add_ready(self, kind: str, body: str, retries: int = 0, at: int | None = None) -> DeliveryRecord:
        """Queue a delivery that is due now, or was at an instant before, with so many retries."""
        at = self._clock.now() if at is None else at
        delivery = self._attempts.delivery(self._state, kind, body, at, retries)
        self._push_attempt(delivery.created_at, delivery)
        return delivery

    def resend(self, delivery: DeliveryRecord) -> None:
        """Queue one attempt that is due now. It replaces the pending attempts of the delivery."""
        if delivery.queued:
            self._remove_attempts(delivery)
        delivery.retries_left, delivery.state, delivery.completed_at = 0, "pending", None
        self._push_attempt(self._clock.now(), delivery)

    def start(self) -> None:
        """Start the task if it does not run and there are entries, for example after the state was restored."""
        if self.waiting and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self._work())

    async def settle(self) -> None:
        """Wait until nothing is due any more."""
        while self._task and not self._task.done() and (self._state.in_hand or self._is_due()):
            self._idle.clear()
            await self._idle.wait()

    def stop(self) -> Undelivered:
        """Make no further attempt, and drop what is pending. Returns what was not delivered."""
        now, state = self._clock.now(), self._state
        due = sum(entry.due <= now or isinstance(entry, PendingAttempt) for entry in state.pending)
        left = Undelivered(due + len(state.in_hand), len(state.pending) - due)
        for entry in (*state.in_hand, *state.pending):
            self._done(entry)
        self._attempts.room.add(-sum(map(size_of_entry, state.pending)))
        state.in_hand.clear()
        state.pending.clear()
        self._cancel()
        return left

    def take_apart(self, now: int) -> Iterator[Undelivered]:
        """Make no further attempt, and drop what is kept, one thing a step. Each step tells what was not delivered."""
        state = self._state
        self._cancel()
        yield Undelivered(len(state.in_hand), 0)
        state.in_hand.clear()
        while state.pending:
            entry = state.pending.pop()
            is_due = entry.due <= now or isinstance(entry, PendingAttempt)
            yield Undelivered(int(is_due), int(not is_due))
        for deliveries in (state.deliveries, state.unlisted):
            while deliveries:
                deliveries.popitem()
                yield Undelivered(0, 0)

    def drop_delivery(self) -> bool:
        """Drop the oldest delivery."""
        if not self._state.deliveries:
            return False
        self._attempts.room.add(-self._state.drop_oldest())
        return True

    def drop_pending(self) -> bool:
        """Drop the entry that is due first."""
        if not self._state.pending:
            return False
        self._drop()
        return True

    @property
    def task(self) -> asyncio.Task[None] | None:
        """The task that `stop` cancelled; at its end the attempt has closed its connection."""
        return self._task

    def _push_attempt(self, due: int, delivery: DeliveryRecord) -> None:
        self._push(self._state.attempt(due, 0, delivery))

    def _push(self, entry: QueueEntry) -> None:
        state = self._state
        state.number += 1
        heappush(state.pending, entry._replace(number=state.number))
        self._attempts.room.add(size_of_entry(entry))
        if len(state.pending) > self._most:
            self._drop()
        if self._timer and state.pending and state.pending[0].number == state.number:
            self._timer.cancel()  # this entry is due before the one that the task sleeps for
        self.start()

    def _drop(self) -> None:
        """Drop the entry that is due first, because too many are pending."""
        state = self._state
        entry = self._pop()
        state.dropped += 1
        if isinstance(entry, PendingAttempt):
            self._attempts.give_up(state.delivery(entry), "too many deliveries wait", self._clock.now())
        self._done(entry)
        if state.dropped & (state.dropped - 1) == 0:  # the 1st, 2nd, 4th, 8th, ...: the log must not be flooded
            self._attempts.log.event(
                "webhook delivery dropped, because too many wait", webhook=state.webhook_id, dropped=state.dropped
            )

    def _pop(self) -> QueueEntry:
        """Take the entry that is due first out of the queue."""
        entry = heappop(self._state.pending)
        self._attempts.room.add(-size_of_entry(entry))
        return entry

    def _done(self, entry: QueueEntry) -> None:
        self._attempts.room.add(-self._state.done(entry))

    def _cancel(self) -> None:
        if self._task:
            self._task.cancel()

    def _remove_attempts(self, delivery: DeliveryRecord) -> None:
        state = self._state
        kept: list[QueueEntry] = []
        for entry in state.pending:
            if isinstance(entry, PendingAttempt) and entry.delivery_id == delivery.id:
                self._done(entry)
                self._attempts.room.add(-size_of_entry(entry))
            else:
                kept.append(entry)
        heapify(kept)
        state.pending = kept

    def _deliveries_of(self, entry: QueueEntry, now: int) -> int:
        """How many deliveries an entry makes until `now`, if none fails."""
        if isinstance(entry, PendingAttempt):
            return 1
        steps, following = 1, self._following(entry)
        while following and following.due <= now:
            steps, following = steps + 1, self._following(following)
        return steps * entry.options.duplicate

    def _following(self, entry: PendingEvent) -> PendingEvent | None:
        """The entry for the next event of the same message."""
        step = entry.step + 1
        if step == len(entry.events):
            return None
        after = entry._replace(step=step)
        return after._replace(due=max(entry.due, after.event.at + self._delay(after)))

    def _delay(self, entry: PendingEvent) -> int:
        return entry.options.delay_of(entry.message.id, entry.step, self._clock)

    def _is_due(self) -> bool:
        pending = self._state.pending
        return bool(pending) and pending[0].due <= self._clock.now()

    async def _work(self) -> None:
        try:
            while self.waiting:
                if self._state.in_hand or self._is_due():
                    await self._make_next()
                else:
                    await self._sleep()
        finally:
            self._idle.set()

    async def _make_next(self) -> None:
        """Make the next delivery. A bug of ours does not stop the deliveries after it."""
        in_hand = self._state.in_hand
        try:
            if not in_hand:
                self._take()
            if in_hand:
                await self._deliver(in_hand[0])
        except Exception as bug:
            self._attempts.log.event("bug in mock-sent", where=f"webhook delivery: {type(bug).__name__}: {bug}")
            while in_hand:
                self._done(in_hand.pop())

    def _take(self) -> None:
        """Move the first pending entry to `in_hand`, and queue the next event of the same message."""
        entry = self._pop()
        if isinstance(entry, PendingAttempt):
            self._state.in_hand.append(entry)
            return
        if following := self._following(entry):
            self._push(following)
        if self._attempts.is_active(self._state):
            self._state.in_hand += [entry] * entry.options.duplicate

    async def _deliver(self, entry: QueueEntry) -> None:
        """Make one attempt for the current entry. If it fails, queue the retry."""
        state = self._state
        if isinstance(entry, PendingEvent):
            # An entry that names the delivery replaces it, so that restored data does not make a second delivery.
            delivery = self._attempts.delivery_of(state, entry)
            state.in_hand[0] = state.attempt(entry.due, entry.number, delivery)
        else:
            delivery = state.delivery(entry)
        retry_at = await self._attempt(entry.due, delivery)
        if retry_at is not None:
            self._push_attempt(retry_at, delivery)
        self._done(state.in_hand.pop(0))

    async def _attempt(self, due: int, delivery: DeliveryRecord) -> int | None:
        if not self._attempts.is_active(self._state):
            self._attempts.give_up(delivery, "the webhook is not active", due)
            return None
        # The attempt's time: when it was due, or when the attempt before it ended, but never in the future.
        at = max(due, min(self._state.free_at, self._clock.now()))
        retry_at, spent = await self._attempts.make(delivery, at)
        self._state.free_at = at + spent  # without its wait for a slot: other accounts do not shift the timetable
        return retry_at

    async def _sleep(self) -> None:
        self._idle.set()
        self._timer = asyncio.ensure_future(self._clock.sleep_until(self._state.pending[0].due))
        try:
            await asyncio.wait({self._timer})
        finally:
            self._timer.cancel()
            self._timer = None
