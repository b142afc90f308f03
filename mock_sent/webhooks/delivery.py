"""The webhooks of one account and what is on its way to them. Without a webhook nothing here runs."""

from collections.abc import Iterable

from mock_sent.ground.clock import Clock
from mock_sent.ground.errors import Misuse
from mock_sent.webhooks.attempts import Attempts
from mock_sent.webhooks.chaos import ORDERLY, Chaos
from mock_sent.webhooks.courier import Courier
from mock_sent.webhooks.lanes import Lane, Left
from mock_sent.webhooks.payload import Told, sample
from mock_sent.webhooks.registry import Delivery, Registry, Webhook
from mock_sent.world.lifecycle import Event

# Events and retries that wait for one webhook; the oldest goes first, loudly.
MOST_WAITING = 100_000


class Hooks:
    """Follows messages and tells the webhooks of them. `routed` is the channel that an automatic choice becomes."""

    def __init__(self, account_id: str, clock: Clock, courier: Courier, routed: str, most: int = MOST_WAITING) -> None:
        self.registry = Registry(clock)
        self.courier = courier
        self._account_id, self._clock, self._routed, self._most = account_id, clock, routed, most
        self._lanes: dict[str, Lane] = {}

    @property
    def dropped(self) -> int:
        """Events and retries that were given up because too many waited."""
        return sum(lane.dropped for lane in self._lanes.values())

    @property
    def waiting(self) -> int:
        """Events and retries that are still to come."""
        return sum(lane.waiting for lane in self._lanes.values())

    @property
    def unmade(self) -> int:
        """Deliveries that are due and not made yet."""
        return sum(lane.unmade for lane in self._lanes.values())

    def follow(self, messages: Iterable[Told], chaos: Chaos = ORDERLY) -> None:
        """Tell of what becomes of new messages, as far as the clock decides it."""
        if not self.registry:
            return
        for message in messages:
            for lane in self._listening(message):
                lane.begin(message, chaos)

    def tell(self, message: Told, event: Event, chaos: Chaos = ORDERLY) -> None:
        """Tell of one event that somebody brought about: a manual move."""
        for lane in self._listening(message):
            lane.tell(message, event, chaos)

    def test(self, webhook: Webhook, event_type: str) -> Delivery:
        """Deliver a made-up event once; it is not tried again."""
        return self._lane(webhook).once(*sample(self._account_id, event_type, self._clock.now()))

    def resend(self, delivery_id: str) -> Delivery:
        """Make one more attempt of a delivery. Raises `Misuse` if no webhook remembers it, or it is switched off."""
        found = self.find(delivery_id)
        if found is None:
            raise Misuse(f"no webhook of this account remembers a delivery {delivery_id!r}")
        if not found.webhook.is_active:
            raise Misuse(f"the webhook {found.webhook.id} is not active; toggle-status switches it on")
        self._lane(found.webhook).again(found)
        return found

    def find(self, delivery_id: str) -> Delivery | None:
        return next((d for webhook in self.registry for d in webhook.deliveries if d.id == delivery_id), None)

    def delete(self, webhook: Webhook) -> None:
        """What waits for a deleted webhook is given up."""
        self.registry.delete(webhook)
        if lane := self._lanes.pop(webhook.id, None):
            lane.stop()

    async def settle(self) -> None:
        """Return once nothing is due any more: after the clock was advanced, say."""
        for lane in tuple(self._lanes.values()):
            await lane.settle()

    def stop(self) -> Left:
        """Make no further attempt."""
        left = [lane.stop() for lane in self._lanes.values()]
        return Left(sum(each.due for each in left), sum(each.later for each in left))

    async def end(self) -> Left:
        """Stop, and return once nothing runs any more."""
        left = self.stop()
        for lane in tuple(self._lanes.values()):
            await lane.end()
        return left

    def clear(self) -> Left:
        """Forget everything; what that leaves unmade."""
        left = self.stop()
        self._lanes.clear()
        self.registry.clear()
        return left

    def _listening(self, message: Told) -> list[Lane]:
        return [self._lane(webhook) for webhook in self.registry if webhook.hears(message.profile)]

    def _lane(self, webhook: Webhook) -> Lane:
        lane = self._lanes.get(webhook.id)
        if lane is None:
            attempts = Attempts(webhook, self._account_id, self._clock, self.courier, self._routed)
            lane = self._lanes[webhook.id] = Lane(attempts, self._clock, self._most)
        return lane
