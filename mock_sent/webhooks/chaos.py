"""How deliveries misbehave on purpose, so that a receiver can be tested (WEB-10)."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from mock_sent.ground.clock import Clock, Span
from mock_sent.world.lifecycle import Event

Signature = Literal["valid", "stale", "wrong", "absent"]


class Chaos(NamedTuple):
    """A scenario's `webhooks` block; as it stands here when there is none."""

    duplicate: int = 1
    order: Literal["natural", "shuffled", "reversed"] = "natural"
    delay: Span | None = None
    signature: Signature = "valid"

    def late(self, clock: Clock, *what: object) -> int:
        """How much later than its time a delivery is made. The draw depends on `what` alone."""
        if self.delay is None or self.delay.least == self.delay.most:
            return self.delay.least if self.delay else 0
        return self.delay.least + int((self.delay.most - self.delay.least) * clock.draw("webhook delay", *what))

    def mixed(self, events: Sequence[Event], clock: Clock, id: str) -> list[Event]:
        """A message's events in the order in which they are to be told."""
        if self.order == "reversed":
            return list(reversed(events))
        return sorted(events, key=lambda event: clock.draw("webhook order", id, event.stage.value))


ORDERLY = Chaos()
