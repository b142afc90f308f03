"""How the deliveries of a send misbehave on purpose, so that a receiver can be tested (WEB-10)."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from mock_sent.ground.clock import Clock, Span
from mock_sent.webhooks.events import MessageEvent

Signature = Literal["valid", "stale", "wrong", "absent"]


class DeliveryOptions(NamedTuple):
    """The `webhooks` block of a scenario. The defaults are those of a send without such a block."""

    duplicate: int = 1
    order: Literal["natural", "shuffled", "reversed"] = "natural"
    delay: Span = Span(0, 0)
    signature: Signature = "valid"

    def delay_of(self, message_id: str, step: int, clock: Clock) -> int:
        """Nanoseconds by which the delivery of an event is late. The draw depends only on message and step."""
        if self.delay.fixed:
            return self.delay.least
        return self.delay.at(clock.draw("webhook delay", message_id, step))

    def ordered(
        self, events: Sequence[MessageEvent], message_id: str, clock: Clock, word_of: Callable[[MessageEvent], str]
    ) -> list[MessageEvent]:
        """The events of a message in the order of their delivery, for an order that is not `natural`.

        The draws depend only on the message and the words of the events.
        """
        if self.order == "reversed":
            return list(reversed(events))
        return sorted(events, key=lambda event: clock.draw("webhook order", message_id, word_of(event)))
