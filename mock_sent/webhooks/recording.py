"""Events of an account apart: recorded by the request that caused them, and delivered to nobody."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, NamedTuple

from mock_sent.ground.clock import Clock
from mock_sent.webhooks.attempts import Attempts
from mock_sent.webhooks.dispatcher import Dispatcher
from mock_sent.webhooks.events import DeliverableMessage, MessageEvent, MessageFacts
from mock_sent.webhooks.options import DeliveryOptions
from mock_sent.webhooks.payload import payload_of
from mock_sent.webhooks.queue import WebhookQueue
from mock_sent.webhooks.spreading import Pushes, Spreading
from mock_sent.webhooks.state import DeliveryRecord, QueueState

# How many messages of a send, and how many events in one go, are looked at.
_MOST_MESSAGES, _MOST_PUSHES = 100, 1_000


class RecordedEvent(NamedTuple):
    """An event that a webhook would get. `stage` is our name of its stage, or its own name if it has none."""

    stage: str
    name: str
    body: str


class EventRecorder(Dispatcher):
    """Records one event of each kind by the id of the request that made its message."""

    def __init__(self, *parts: Any, **more: Any) -> None:
        super().__init__(*parts, **more)
        self._spreading = _AtOnce(self._room, self.sender.log)
        self._recorded: dict[str, dict[object, RecordedEvent]] = {}

    def take(self, request_id: str) -> list[RecordedEvent]:
        """The events of a request, in the order in which they come; they are forgotten."""
        return list(self._recorded.pop(request_id, {}).values())

    def follow(self, messages: Iterable[DeliverableMessage], options: DeliveryOptions | None = None) -> None:
        """Record the events of the first messages of a send: the others get the same, or nearly."""
        super().follow(islice(messages, _MOST_MESSAGES), options)

    def tell(self, name: str, payload: Mapping[str, object], request_id: str, at: int) -> None:
        """Record nothing: no recorded request tells such an event."""

    def record(self, webhook_id: str, message: MessageFacts, events: Iterable[MessageEvent]) -> None:
        """Record the events of a message that a webhook would get."""
        kept = self._recorded.setdefault(message.request_id, {})
        for event in events:
            kind = (webhook_id, event.stage, event.code, event.route, event.is_routed, message.channel)
            if kind not in kept:
                edition = self.edition_of(self.state.webhooks[webhook_id])
                kept[kind] = RecordedEvent(event.stage, *payload_of(edition, self._account_id, message, event))

    def _queue(self, webhook_id: str) -> WebhookQueue:
        if webhook_id not in self._running:
            state = self.state.queues.setdefault(webhook_id, QueueState(webhook_id))
            self._running[webhook_id] = _RecordingQueue(state, self._attempts, self._clock, self)
        return self._running[webhook_id]


class _RecordingQueue(WebhookQueue):
    """A queue that makes no delivery."""

    def __init__(self, state: QueueState, attempts: Attempts, clock: Clock, recorder: EventRecorder) -> None:
        super().__init__(state, attempts, clock, 0)
        self._recorder = recorder

    def add_message(
        self, message: MessageFacts, events: tuple[MessageEvent, ...], options: DeliveryOptions, shared: int = 0
    ) -> None:
        """Record the events."""
        self._recorder.record(self._state.webhook_id, message, events)

    def add_ready(self, kind: str, body: str, retries: int = 0, at: int | None = None) -> DeliveryRecord:
        """A delivery that nobody makes."""
        return self._attempts.delivery(self._state, kind, body, self._clock.now() if at is None else at, retries)

    def resend(self, delivery: DeliveryRecord) -> None:
        """Do nothing."""


class _AtOnce(Spreading):
    """Makes the first pushes at once, so that no task is left behind."""

    def add(self, pushes: Pushes, webhooks: int) -> None:
        for _ in islice(pushes, _MOST_PUSHES):
            pass
