"""Puts the events of an account's messages into the queues of its webhooks. Without a webhook nothing here runs."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from mock_sent.contract import Edition
from mock_sent.contract.editions import Editions
from mock_sent.ground.clock import Clock
from mock_sent.ground.errors import Misuse
from mock_sent.ground.memory import ByteCount, size_of
from mock_sent.webhooks.attempts import Attempts
from mock_sent.webhooks.events import (
    DeliverableMessage,
    MessageEvent,
    MessageFacts,
    events_of,
    facts_of,
    is_heard,
    is_wanted,
    told,
)
from mock_sent.webhooks.options import DeliveryOptions
from mock_sent.webhooks.payload import body_of, sample_of
from mock_sent.webhooks.preregistered import everything, webhook_of_settings
from mock_sent.webhooks.queue import Undelivered, WebhookQueue
from mock_sent.webhooks.records import is_active, subscription
from mock_sent.webhooks.room import Room
from mock_sent.webhooks.sender import HttpSender
from mock_sent.webhooks.signing import new_secret
from mock_sent.webhooks.spreading import Spreading
from mock_sent.webhooks.state import DeliveryRecord, DispatchState, QueueState
from mock_sent.world.lifecycle import Event, Turn, life, turn_events
from mock_sent.world.resources import Item, Items

# Entries that may be pending for one webhook. Beyond that the entry that is due first is dropped, counted and logged.
MOST_PENDING = 100_000
# The bytes of a queue with its task and what this waits for.
_QUEUE = 7_000


class Dispatcher:
    """The webhooks of one account and their queues, which run on the data in `state`.

    A webhook gets the events of the edition under which it was made; one without an edition gets those of `edition`,
    which the account speaks.
    """

    def __init__(
        self,
        account_id: str,
        clock: Clock,
        sender: HttpSender,
        editions: Editions,
        edition: Edition,
        most: int = MOST_PENDING,
        state: DispatchState | None = None,
        byte_count: ByteCount | None = None,
    ) -> None:
        self.state = state or DispatchState()
        self._room, self._running = Room(byte_count or ByteCount()), dict[str, WebhookQueue]()
        self.sender = sender
        self.edition, self._editions = edition, editions
        self._account_id, self._clock, self._most = account_id, clock, most
        self._attempts = Attempts(account_id, clock, sender, self.edition_of, self.state.webhooks, self._room)
        # What was not delivered, once the account is closed.
        self.left, self._closed_at = Undelivered(0, 0), 0
        self._spreading = self._room.spreading = Spreading(self._room, sender.log)
        self._room.add(sum(queue.bytes for queue in self.state.queues.values()))

    @property
    def webhooks(self) -> Items:
        """The webhooks by id. The engine of resources adds, changes and removes them."""
        return self.state.webhooks

    @property
    def dropped(self) -> int:
        """How many entries were dropped because too many were pending."""
        return sum(queue.dropped for queue in self.state.queues.values()) + self._spreading.dropped

    @property
    def waiting(self) -> int:
        """How many entries are pending, those that are being processed included."""
        return sum(queue.waiting for queue in self._running.values())

    def unmade(self) -> Iterator[int]:
        """The numbers of deliveries that are due and not made yet: their sum is how many."""
        for queue in tuple(self._running.values()):
            yield from queue.unmade()

    def preregister(self, url: str, secret: str) -> Item:
        """The webhook that the settings give to every account."""
        webhook = webhook_of_settings(self.edition, self._account_id, self._clock, url, secret)
        self.state.webhooks[webhook.id] = webhook
        return webhook

    def speak(self, edition: Edition) -> None:
        """Use another edition for webhooks that have none of their own: the one that the settings give."""
        self.edition = edition
        for webhook in self.state.webhooks.values():
            if not webhook.members.get("edition"):
                webhook.members.update(everything(edition))

    def edition_of(self, webhook: Item) -> Edition:
        """The edition whose events a webhook gets."""
        name = webhook.members.get("edition")
        return self._editions.get(name) if name else self.edition

    def new_secret(self, *, sandbox: bool = False) -> str:
        """A secret for a webhook. For a sandbox call, which keeps nothing, it is drawn from a separate stream."""
        return new_secret(self._clock, "sandbox secrets" if sandbox else "secrets")

    def start(self) -> None:
        """Start the tasks of the queues that have entries, after the state was restored."""
        for id in self.state.queues:
            self._queue(id).start()

    def follow(self, messages: Iterable[DeliverableMessage], options: DeliveryOptions | None = None) -> None:
        """Queue the events of new messages that the clock decides."""
        if not self.state.webhooks or self._attempts.closed:
            return
        each = iter(messages)
        first = next(each, None)
        if first and (ids := self._subscribed(first)):  # the messages of a send have one profile
            pushes = self._pushes(chain([first], each), ids, options or DeliveryOptions())
            self._spreading.add(pushes, len(ids))

    def deliver(self, message: DeliverableMessage, event: Event) -> None:
        """Queue one event that a manual move has made."""
        self._deliver(message, (event,))

    def follow_turn(self, message: DeliverableMessage, turn: Turn) -> None:
        """Queue the events of a message whose plan changed."""
        self._deliver(message, turn_events(turn))

    def _deliver(self, message: DeliverableMessage, events: Sequence[Event]) -> None:
        if not self.state.webhooks:
            return
        ids, facts, options = self._subscribed(message), facts_of(message), DeliveryOptions()
        # Whether an event has a channel depends on those before it.
        new = told([*life(message), *events], self.edition.lifecycle.way)[-len(events) :]
        shared = size_of((facts, new)) // max(1, len(ids))

        def pushes() -> Iterator[None]:
            for webhook in self._kept(ids):
                if heard := self._heard(webhook, facts, new):
                    self._queue(webhook.id).add_message(facts, heard, options, shared)
                yield

        self._spreading.add(pushes(), len(ids))

    def tell(self, name: str, payload: Mapping[str, object], request_id: str, at: int) -> None:
        """Queue an event of an instant that is no stage of a message, for the webhooks that subscribe to it."""
        for webhook in tuple(self.state.webhooks.values()):
            edition = self.edition_of(webhook)
            kind = edition.events.types.get(name)
            wanted = kind and subscription(webhook, edition, kind.topic, None)
            if kind and wanted and is_wanted(kind, wanted.get("event_filters")):
                body = body_of(kind, {**payload, "account_id": self._account_id}, at, request_id)
                self._queue(webhook.id).add_ready(name, body, webhook.members["retry_count"], at)

    def test(self, webhook_id: str, event_type: str, request_id: str = "") -> DeliveryRecord:
        """Queue a sample event for one attempt without retries."""
        edition = self.edition_of(self.state.webhooks[webhook_id])
        sample = sample_of(edition, self._account_id, event_type, self._clock.now(), request_id)
        return self._queue(webhook_id).add_ready(*sample)

    def resend(self, delivery_id: str) -> DeliveryRecord:
        """Make one more attempt of a delivery. Raises `Misuse` if it is unknown, or its webhook is not active."""
        found = self.find(delivery_id)
        if found is None:
            raise Misuse(f"no webhook of this account remembers a delivery {delivery_id!r}")
        webhook, delivery = found
        if not is_active(webhook):
            raise Misuse(f"the webhook {webhook.id} is not active; toggle-status switches it on")
        self._queue(webhook.id).resend(delivery)
        return delivery

    def find(self, delivery_id: str) -> tuple[Item, DeliveryRecord] | None:
        """A delivery among the latest of a webhook, and that webhook."""
        for id, queue in self.state.queues.items():
            if delivery := queue.deliveries.get(delivery_id):
                return self.state.webhooks[id], delivery
        return None

    def deliveries(self) -> Iterator[tuple[Item, DeliveryRecord]]:
        """The latest deliveries of all webhooks, webhook by webhook, the oldest first."""
        for webhook in tuple(self.state.webhooks.values()):
            for delivery in self.deliveries_of(webhook.id):
                yield webhook, delivery

    def deliveries_of(self, webhook_id: str) -> list[DeliveryRecord]:
        """The latest deliveries of one webhook, the oldest first."""
        queue = self.state.queues.get(webhook_id)
        return list(queue.deliveries.values()) if queue else []

    def forget(self, webhook: Item) -> None:
        """Drop the queue of a webhook that was deleted."""
        webhook.members["is_active"] = False
        if queue := self._running.pop(webhook.id, None):
            queue.stop()
            del self._room.queues[webhook.id]
            self._room.add(-_QUEUE)
        if state := self.state.queues.pop(webhook.id, None):
            self._room.add(-state.bytes)

    async def settle(self) -> None:
        """Wait until nothing is due any more, for example after the clock was advanced."""
        await self._spreading.settle()
        for queue in tuple(self._running.values()):
            await queue.settle()

    def stop(self) -> Undelivered:
        """Make no further attempt, and drop what is pending. Returns what was not delivered."""
        self._spreading.stop()
        left = [queue.stop() for queue in self._running.values()]
        return Undelivered(sum(each.due for each in left), sum(each.later for each in left))

    async def end(self) -> Undelivered:
        """Stop, and wait until nothing runs any more."""
        left = self.stop()
        tasks = {queue.task for queue in self._running.values() if queue.task}
        if tasks:
            await asyncio.wait(tasks)
        return left

    def close(self) -> None:
        """Make no further attempt, because the account is closed."""
        self._attempts.closed, self._closed_at = True, self._clock.now()
        self._spreading.stop()

    def take_apart(self) -> Iterator[None]:
        """Drop the webhooks, queues and deliveries of a closed account, one thing a step. Counts what `left` says."""
        while self._running:
            id, queue = self._running.popitem()
            self._room.queues.pop(id, None)
            for each in queue.take_apart(self._closed_at):
                self.left = Undelivered(self.left.due + each.due, self.left.later + each.later)
                yield
        self.state.queues.clear()
        while self.state.webhooks:
            _, webhook = self.state.webhooks.popitem()
            webhook.members["is_active"] = False
            yield
        # Nothing refers in a circle any more, so that all is freed at once.
        usual = self._editions.usual
        self._attempts.edition_of, self._room.spreading = lambda _: usual, None

    def _heard(self, webhook: Item, facts: MessageFacts, events: tuple[MessageEvent, ...]) -> tuple[MessageEvent, ...]:
        """The events that a webhook gets: its edition has them, and its filters let them pass."""
        edition = self.edition_of(webhook)
        wanted = subscription(webhook, edition, edition.events.of_messages, facts.profile)
        filters = wanted.get("event_filters") if wanted else None
        has_template = facts.template_id is not None
        return tuple([e for e in events if is_heard(edition, filters, e.stage, has_template=has_template)])

    def _subscribed(self, message: DeliverableMessage) -> list[str]:
        """The ids of the webhooks that get the events of a message."""
        profile, found = message.profile, []
        for webhook in self.state.webhooks.values():
            edition = self.edition_of(webhook)
            if subscription(webhook, edition, edition.events.of_messages, profile):
                found.append(webhook.id)
        return found

    def _pushes(
        self, messages: Iterable[DeliverableMessage], ids: Sequence[str], options: DeliveryOptions
    ) -> Iterator[None]:
        """Queue the events of each message for each webhook, one queue a step."""
        way, text = self.edition.lifecycle.way, ""
        for message in messages:
            facts, events = facts_of(message), events_of(message, way)
            # The messages of a send have one text, which counts once.
            shared = size_of((facts if facts.body is not text else facts._replace(body=""), events)) // len(ids)
            text = facts.body
            for webhook in self._kept(ids):
                if heard := self._heard(webhook, facts, events):
                    self._queue(webhook.id).add_message(facts, heard, options, shared)
                yield

    def _kept(self, ids: Sequence[str]) -> Iterator[Item]:
        """Those webhooks that were not deleted meanwhile."""
        return (self.state.webhooks[id] for id in ids if id in self.state.webhooks)

    def _queue(self, webhook_id: str) -> WebhookQueue:
        queue = self._running.get(webhook_id)
        if queue is None:
            state = self.state.queues.setdefault(webhook_id, QueueState(webhook_id))
            queue = WebhookQueue(state, self._attempts, self._clock, self._most)
            self._running[webhook_id] = self._room.queues[webhook_id] = queue
            self._room.add(_QUEUE)
        return queue
