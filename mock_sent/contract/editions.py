"""The words that the vendor changed from edition to edition of the API. A later edition is data, not code."""

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple


class Stage(Enum):
    """Where a message can stand, whatever an edition calls it."""

    ACCEPTED = "accepted"
    PROCESSED = "processed"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"


class Edition(NamedTuple):
    """One edition. `events` are what webhooks call the stages, `topics` what a webhook can subscribe to.

    `delivery_states` are the vendor's words for our states of a delivery: pending, retrying, delivered, failed.
    """

    name: str
    statuses: Mapping[Stage, str]
    descriptions: Mapping[Stage, str]
    events: Mapping[Stage, str]
    messages: str
    templates: str
    topics: tuple[str, ...]
    delivery_states: Mapping[str, str]
    unrouted: str
    sender: str

    def stage(self, status: str) -> Stage | None:
        """The stage of a status, as scenarios and requests write it."""
        return next((stage for stage, word in self.statuses.items() if word == status), None)


MARCH_2026 = Edition(
    name="2026-03",
    statuses={stage: stage.name for stage in Stage},
    descriptions={
        Stage.ACCEPTED: "Message accepted for processing",
        Stage.PROCESSED: "Message processed and routed",
        Stage.SENT: "Message sent to the provider",
        Stage.DELIVERED: "Message delivered to the recipient",
        Stage.FAILED: "Message failed",
    },
    events={stage: f"message.{stage.value}" for stage in Stage},
    messages="messages",
    templates="templates",
    topics=("messages", "templates"),
    delivery_states={state: state.upper() for state in ("pending", "retrying", "delivered", "failed")},
    unrouted="sent",  # what a webhook calls the channel of a message that is not routed yet
    sender="+14155550000",  # your number, in every payload
)
