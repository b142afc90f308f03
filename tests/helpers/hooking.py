"""A world for the tests of deliveries: hooks on a frozen clock, without a server round them."""

from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from mock_sent.ground.clock import SECOND, Clock, Span
from mock_sent.journal import Log
from mock_sent.webhooks.courier import Courier
from mock_sent.webhooks.delivery import Hooks
from mock_sent.webhooks.registry import Webhook
from mock_sent.webhooks.targets import Targets
from mock_sent.world.lifecycle import DELIVERED, Event, Timetable

# 2026-03-11T21:50:50Z, the page's own second.
START = 1_773_265_850
# What a message that is delivered goes through.
WAY = ["ACCEPTED", "PROCESSED", "SENT", "DELIVERED"]
ACCOUNT = "550e8400-e29b-41d4-a716-446655440000"


@dataclass
class Message:
    """A message, as far as hooks look at it."""

    id: str
    accepted_at: int = START * SECOND
    timetable: Timetable = DELIVERED
    moves: list[Event] | None = None
    to: str = "+14155551234"
    channel: str | None = "sms"
    template_id: str = "7ba7b820-9dad-11d1-80b4-00c04fd430c8"
    profile: str | None = None


@dataclass
class World:
    """Hooks, their clock, and what they log. Frozen at START."""

    most: int = 100_000
    in_flight: int = 20
    targets: Targets = field(default_factory=Targets)

    def __post_init__(self) -> None:
        self.text = StringIO()
        self.clock = Clock("tests", ACCOUNT)
        self.clock.freeze(START * SECOND)
        self.courier = Courier(self.targets, Log("text", self.text), self.in_flight)
        self.hooks = Hooks(ACCOUNT, self.clock, self.courier, "sms", self.most)

    def webhook(self, url: str, **more: Any) -> Webhook:
        return self.hooks.registry.keep(self.hooks.registry.draft("test", url, ["messages"], **more))

    async def send(self, *ids: str, **more: Any) -> None:
        """Messages accepted now; returns when everything that is due has been tried."""
        chaos = {"chaos": more.pop("chaos")} if "chaos" in more else {}
        self.hooks.follow([Message(id, self.clock.now(), **more) for id in ids], **chaos)
        await self.hooks.settle()

    async def advance(self, seconds: float) -> None:
        self.clock.advance(int(seconds * SECOND))
        await self.hooks.settle()

    async def __aenter__(self) -> "World":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.hooks.end()
        await self.courier.close()


def seconds(least: float, most: float | None = None) -> Span:
    """A span in seconds, fixed or to be drawn from."""
    return Span(int(least * SECOND), int((least if most is None else most) * SECOND))
