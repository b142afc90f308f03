"""The webhooks of one account, their deliveries and their pending entries, as plain data.

Instants are nanoseconds since 1970, of the account's clock.
"""

from dataclasses import dataclass, field
from sys import getsizeof
from typing import Literal, NamedTuple

from mock_sent.webhooks.events import MessageEvent, MessageFacts
from mock_sent.webhooks.options import DeliveryOptions, Signature
from mock_sent.world.resources import Items

DeliveryState = Literal["pending", "retrying", "delivered", "failed"]

# Deliveries that each webhook keeps, and attempts that each delivery keeps. The oldest are evicted first.
MOST_DELIVERIES, MOST_ATTEMPTS = 1_000, 20
# The bytes of a delivery, of an attempt, and of a pending entry, without the texts of others.
_DELIVERY, _ATTEMPT, _PENDING = 480, 160, 180


class AttemptRecord(NamedTuple):
    """One attempt and its result."""

    at: int
    http_status: int | None
    answer: str | None
    error: str | None


@dataclass(slots=True)
class DeliveryRecord:
    """One event that is delivered to one webhook. `queued` counts the queue entries for this delivery.

    `size` is how many bytes count for it.
    """

    id: str
    webhook_id: str
    event_type: str
    body: str
    created_at: int
    retries_left: int
    signature: Signature = "valid"
    state: DeliveryState = "pending"
    attempts: int = 0
    http_status: int | None = None
    answer: str | None = None
    error: str | None = None
    started_at: int | None = None
    completed_at: int | None = None
    history: list[AttemptRecord] = field(default_factory=list)
    queued: int = 0
    size: int = 0

    def grown(self) -> int:
        """Set its size. Returns by how many bytes it has grown."""
        texts = sum([getsizeof(text) for text in (self.body, self.answer, self.error)])
        attempts = sum([_ATTEMPT + getsizeof(each.answer) + getsizeof(each.error) for each in self.history[:-1]])
        before, self.size = self.size, _DELIVERY + texts + attempts + (_ATTEMPT if self.history else 0)
        return self.size - before


class PendingEvent(NamedTuple):
    """The events of a message from `step` on. The first of them is delivered at the instant `due`.

    `shared` are the bytes that it takes beside its own: its part of what the entries of several webhooks share.
    """

    due: int
    number: int
    message: MessageFacts
    events: tuple[MessageEvent, ...]
    step: int
    options: DeliveryOptions
    shared: int = 0

    @property
    def event(self) -> MessageEvent:
        return self.events[self.step]


class PendingAttempt(NamedTuple):
    """A pending attempt of a delivery that exists already: a retry, a resend or a test."""

    due: int
    number: int
    delivery_id: str


def size_of_entry(entry: "QueueEntry") -> int:
    """The bytes of an entry."""
    return _PENDING + (entry.shared if isinstance(entry, PendingEvent) else 0)


# Both begin with `due` and a number that is unique in the queue, so that a heap can hold and compare both.
QueueEntry = PendingEvent | PendingAttempt


@dataclass(slots=True)
class QueueState:
    """The queue of one webhook, and its latest deliveries.

    `pending` is a heap. `in_hand` are the entries that are being processed, one after the other, the current one first;
    an event that is delivered twice is in it twice. `unlisted` are deliveries that are no longer among the latest, but
    have a pending attempt. `free_at` is the end of the latest attempt.
    """

    webhook_id: str
    pending: list[QueueEntry] = field(default_factory=list)
    in_hand: list[QueueEntry] = field(default_factory=list)
    number: int = 0
    free_at: int = 0
    dropped: int = 0
    deliveries: dict[str, DeliveryRecord] = field(default_factory=dict)
    unlisted: dict[str, DeliveryRecord] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        """The bytes of all that it keeps."""
        deliveries = sum([each.size for each in (*self.deliveries.values(), *self.unlisted.values())])
        return deliveries + sum(map(size_of_entry, self.pending))

    def add(self, delivery: DeliveryRecord) -> int:
        """Add a new delivery, and evict the oldest one if there are too many. Returns the bytes that are free then."""
        self.deliveries[delivery.id] = delivery
        return self.drop_oldest() if len(self.deliveries) > MOST_DELIVERIES else 0

    def drop_oldest(self) -> int:
        """Evict the oldest delivery. Returns the bytes that are free then: none while an entry needs it."""
        oldest = self.deliveries.pop(next(iter(self.deliveries)))
        if not oldest.queued:
            return oldest.size
        self.unlisted[oldest.id] = oldest
        return 0

    def delivery(self, entry: PendingAttempt) -> DeliveryRecord:
        id = entry.delivery_id
        return self.deliveries.get(id) or self.unlisted[id]

    def attempt(self, due: int, number: int, delivery: DeliveryRecord) -> PendingAttempt:
        """A new entry for one attempt. The caller queues it, and passes it to `done` when it leaves the queue."""
        delivery.queued += 1
        return PendingAttempt(due, number, delivery.id)

    def done(self, entry: QueueEntry) -> int:
        """Release what was kept for an entry that has left the queue. Returns the bytes that are free then."""
        if isinstance(entry, PendingAttempt):
            delivery = self.delivery(entry)
            delivery.queued -= 1
            if not delivery.queued and delivery.id in self.unlisted:
                return self.unlisted.pop(delivery.id).size
        return 0


@dataclass(slots=True)
class DispatchState:
    """The webhooks of one account and their queues, both by the webhook's id."""

    webhooks: Items = field(default_factory=dict)
    queues: dict[str, QueueState] = field(default_factory=dict)
