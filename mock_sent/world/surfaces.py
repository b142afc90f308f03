"""What a message shows of its way: the channel, whether it is charged, until when it is held."""

from collections.abc import Sequence

from mock_sent.contract.lifecycle import Lifecycle
from mock_sent.world.lifecycle import CANCELLED, HELD, Event
from mock_sent.world.messages import UNROUTED, Message

# Stages of a message that was never handed on.
_FREE = (HELD, CANCELLED, "blocked", "filtered")


def channel_now(message: Message, past: Sequence[Event], lifecycle: Lifecycle) -> str:
    """The channel that a read shows (LIFE-5)."""
    if not is_routed(past, lifecycle):
        return message.channel or UNROUTED
    return message.channel or past[-1].route or message.route


def is_routed(past: Sequence[Event], lifecycle: Lifecycle) -> bool:
    """Whether the message got a channel. In an edition without `unrouted`, one that ended had a channel too."""
    if any(event.stage in lifecycle.way[1:] or event.stage == "received" for event in past):
        return True
    return not lifecycle.unrouted and past[-1].stage != lifecycle.first


def is_charged(past: Sequence[Event]) -> bool:
    return past[-1].stage not in _FREE


def until_of(past: Sequence[Event]) -> int | None:
    """The latest instant until which the message is or was held."""
    return next((event.until for event in reversed(past) if event.until is not None), None)
