"""The deliveries of one account's webhooks: makes, signs and attempts them, and records the results."""

from collections.abc import Callable, Mapping
from typing import Literal

from mock_sent.contract import Edition
from mock_sent.ground.clock import HOUR, MINUTE, SECOND, Clock
from mock_sent.webhooks.events import MessageEvent
from mock_sent.webhooks.options import Signature
from mock_sent.webhooks.payload import payload_of
from mock_sent.webhooks.records import attempt_failed, attempt_started, attempt_succeeded, is_active
from mock_sent.webhooks.room import Room
from mock_sent.webhooks.sender import AttemptResult, HttpSender
from mock_sent.webhooks.signing import EVENT_TYPE, ID, SIGNATURE, TIMESTAMP, TOLERANCE, new_secret, sign
from mock_sent.webhooks.state import MOST_ATTEMPTS, AttemptRecord, DeliveryRecord, PendingEvent, QueueState
from mock_sent.world.resources import Item

# The waits between attempts: a minute, doubling, an hour at most (WEB-5).
_FIRST_RETRY, _LONGEST_RETRY, _DOUBLINGS = MINUTE, HOUR, 10


class Attempts:
    """Makes deliveries and attempts. `edition_of` returns the edition of a webhook.

    The store of resources owns `webhooks`: this class looks a record up by id each time, and changes only its members.
    """

    def __init__(
        self,
        account_id: str,
        clock: Clock,
        sender: HttpSender,
        edition_of: Callable[[Item], Edition],
        webhooks: Mapping[str, Item],
        room: Room,
    ) -> None:
        self.log, self.room = sender.log, room
        self.closed = False
        self._account_id, self._clock, self._sender = account_id, clock, sender
        self.edition_of, self._webhooks = edition_of, webhooks

    def word_of(self, queue: QueueState, event: MessageEvent) -> str:
        """The word of an event in draws: the edition's status for its stage."""
        return self.edition_of(self._webhooks[queue.webhook_id]).lifecycle.statuses[event.stage].lower()

    def is_active(self, queue: QueueState) -> bool:
        return not self.closed and is_active(self._webhooks[queue.webhook_id])

    def delivery_of(self, queue: QueueState, entry: PendingEvent) -> DeliveryRecord:
        """A new delivery of a pending event."""
        webhook = self._webhooks[queue.webhook_id]
        kind, body = payload_of(self.edition_of(webhook), self._account_id, entry.message, entry.event)
        retries = webhook.members["retry_count"]
        return self.delivery(queue, kind, body, entry.due, retries, entry.options.signature)

    def delivery(
        self, queue: QueueState, kind: str, body: str, at: int, retries: int, signature: Signature = "valid"
    ) -> DeliveryRecord:
        """A new delivery, added to the webhook's latest deliveries."""
        made = DeliveryRecord(self._clock.uuid("deliveries"), queue.webhook_id, kind, body, at, retries, signature)
        self.room.add(made.grown() - queue.add(made))
        return made

    async def make(self, delivery: DeliveryRecord, at: int) -> tuple[int | None, int]:
        """Make one attempt, as of an instant.

        Returns the instant of the next attempt, or None if there is none, and the nanoseconds that this one took.
        """
        webhook = self._webhooks[delivery.webhook_id]
        delivery.attempts += 1
        delivery.started_at = at
        attempt_started(webhook, at)
        result = await self._sender.post(
            self._account_id,
            webhook.members["endpoint_url"],
            delivery.body.encode(),
            lambda: self._headers(delivery, at),
            webhook.members["timeout_seconds"],
        )
        # Whole seconds only, so that the milliseconds of a fast receiver do not change the times that a test reads.
        ended = at + result.spent // SECOND * SECOND
        delivery.http_status, delivery.answer, delivery.error = result.status, result.answer, result.error
        delivery.history.append(AttemptRecord(at, result.status, result.answer, result.error))
        del delivery.history[:-MOST_ATTEMPTS]
        self.room.add(delivery.grown())
        if result.ok:
            attempt_succeeded(self._webhooks[delivery.webhook_id], ended)
            _end(delivery, "delivered", ended)
            return None, result.spent
        return self._failed(delivery, result, ended), result.spent

    def give_up(self, delivery: DeliveryRecord, why: str, at: int) -> None:
        """Make no further attempt. The delivery's error begins with the error of the last attempt, if there was one."""
        last = f"{delivery.error}; " if delivery.error else ""
        delivery.error = f"{last}given up, because {why}"
        _end(delivery, "failed", at)

    def _failed(self, delivery: DeliveryRecord, result: AttemptResult, ended: int) -> int | None:
        webhook = self._webhooks[delivery.webhook_id]
        if attempt_failed(webhook):
            self.log.event(
                "webhook switched off after ten failed attempts in a row", webhook=webhook.id, last=result.error
            )
        if delivery.retries_left <= 0 or not is_active(webhook):
            _end(delivery, "failed", ended)
            return None
        delivery.retries_left -= 1
        delivery.state = "retrying"
        return ended + min(_FIRST_RETRY << min(delivery.attempts - 1, _DOUBLINGS), _LONGEST_RETRY)

    def _headers(self, delivery: DeliveryRecord, at: int) -> Mapping[str, str]:
        """The headers of one attempt, signed with the present secret (WEB-4)."""
        id, seconds = delivery.webhook_id, at // SECOND
        secret = self._webhooks[id].members["signing_secret"]
        if delivery.signature == "stale":
            seconds -= 2 * TOLERANCE
        if delivery.signature == "wrong":
            secret = new_secret(Clock(self._clock.seed, "nobody's"))
        headers = {ID: id, TIMESTAMP: str(seconds), EVENT_TYPE: delivery.event_type}
        if name := self.edition_of(self._webhooks[id]).event_id_header:
            headers[name] = delivery.id
        if delivery.signature != "absent":
            headers[SIGNATURE] = sign(secret, id, seconds, delivery.body.encode())
        return headers


def _end(delivery: DeliveryRecord, state: Literal["delivered", "failed"], at: int) -> None:
    delivery.state, delivery.completed_at, delivery.retries_left = state, at, 0
