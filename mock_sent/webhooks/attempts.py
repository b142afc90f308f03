"""One webhook's deliveries: made, signed, tried, and judged by what came back."""

from collections.abc import Mapping
from typing import Literal

from mock_sent.ground.clock import HOUR, MINUTE, SECOND, Clock
from mock_sent.webhooks.courier import Courier, Outcome
from mock_sent.webhooks.payload import Told, of_event
from mock_sent.webhooks.registry import MOST_TRIES, Delivery, Try, Webhook
from mock_sent.webhooks.signing import EVENT_TYPE, ID, SIGNATURE, TIMESTAMP, TOLERANCE, new_secret, sign
from mock_sent.world.lifecycle import Event

# The waits between attempts: a minute, doubling, an hour at most (WEB-5).
_FIRST_RETRY, _LONGEST_RETRY, _DOUBLINGS = MINUTE, HOUR, 10


class Attempts:
    """Makes deliveries and attempts for one webhook. `routed` is the channel that an automatic choice becomes."""

    def __init__(self, webhook: Webhook, account_id: str, clock: Clock, courier: Courier, routed: str) -> None:
        self.webhook = webhook
        self.log = courier.log
        self._account_id, self._clock, self._courier, self._routed = account_id, clock, courier, routed

    def of_event(self, message: Told, event: Event, at: int) -> Delivery:
        kind, body = of_event(self._account_id, message, event, self._routed)
        return self.delivery(kind, body, at, self.webhook.retry_count)

    def delivery(self, kind: str, body: bytes, at: int, retries: int) -> Delivery:
        made = Delivery(self._clock.uuid("deliveries"), self.webhook, kind, body, at, retries)
        self.webhook.deliveries.append(made)
        return made

    async def make(self, delivery: Delivery, at: int) -> int | None:
        """Try once, as of an instant. The instant of the next try, or None if there is to be none."""
        webhook = self.webhook
        delivery.attempts += 1
        webhook.last_attempt_at = delivery.started_at = at
        outcome = await self._courier.carry(
            webhook.endpoint_url, delivery.body, lambda: self._headers(delivery, at), webhook.timeout_seconds
        )
        # Whole seconds only: what a quick receiver took must not show in a timetable that a test reads.
        ended = at + outcome.spent // SECOND * SECOND
        delivery.http_status, delivery.answer, delivery.error = outcome.status, outcome.answer, outcome.error
        delivery.tries.append(Try(at, outcome.status, outcome.answer, outcome.error))
        del delivery.tries[:-MOST_TRIES]
        if outcome.ok:
            webhook.succeeded(ended)
            _end(delivery, "DELIVERED", ended)
            return None
        return self._failed(delivery, outcome, ended)

    def give_up(self, delivery: Delivery, why: str, at: int) -> None:
        """No further attempt; what the last one met, if there was one, stays in front."""
        last = f"{delivery.error}; " if delivery.error else ""
        delivery.error = f"{last}given up, because {why}"
        _end(delivery, "FAILED", at)

    def _failed(self, delivery: Delivery, outcome: Outcome, ended: int) -> int | None:
        webhook = self.webhook
        if webhook.failed():
            self.log.event(
                "webhook switched off after ten failed attempts in a row", webhook=webhook.id, last=outcome.error
            )
        if delivery.retries_left <= 0 or not webhook.is_active:
            _end(delivery, "FAILED", ended)
            return None
        delivery.retries_left -= 1
        delivery.status = "RETRYING"
        return ended + min(_FIRST_RETRY << min(delivery.attempts - 1, _DOUBLINGS), _LONGEST_RETRY)

    def _headers(self, delivery: Delivery, at: int) -> Mapping[str, str]:
        """Signed anew at each attempt, with the secret of that moment (WEB-4)."""
        webhook, seconds, secret = self.webhook, at // SECOND, self.webhook.secret
        if delivery.signature == "stale":
            seconds -= 2 * TOLERANCE
        if delivery.signature == "wrong":
            secret = new_secret(Clock(self._clock.seed, "nobody's"))
        headers = {ID: webhook.id, TIMESTAMP: str(seconds), EVENT_TYPE: delivery.event_type}
        if delivery.signature != "absent":
            headers[SIGNATURE] = sign(secret, webhook.id, seconds, delivery.body)
        return headers


def _end(delivery: Delivery, status: Literal["DELIVERED", "FAILED"], at: int) -> None:
    delivery.status, delivery.completed_at, delivery.retries_left = status, at, 0
