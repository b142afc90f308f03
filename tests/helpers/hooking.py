"""A world for the tests of deliveries: a dispatcher on a frozen clock, without a server round it."""

from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from mock_sent.contract.editions import MARCH_2026

from mock_sent.ground.clock import SECOND, Clock, Span
from mock_sent.journal import Log
from mock_sent.webhooks.destinations import Destinations
from mock_sent.webhooks.dispatcher import Dispatcher
from mock_sent.webhooks.records import WebhookRecord
from mock_sent.webhooks.sender import HttpSender
from mock_sent.webhooks.state import DeliveryRecord, DispatchState
from mock_sent.world.lifecycle import DELIVERED, Event, Timetable

# 2026-03-11T21:50:50Z, the page's own second.
START = 1_773_265_850
# What a message that is delivered goes through.
WAY = ["ACCEPTED", "PROCESSED", "SENT", "DELIVERED"]
ACCOUNT = "550e8400-e29b-41d4-a716-446655440000"


@dataclass
class Message:
    """A message, as far as deliveries look at it."""

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
    """A dispatcher, its clock, and what it logs. Frozen at START."""

    most: int = 100_000
    in_flight: int = 20
    destinations: Destinations = field(default_factory=Destinations)

    def __post_init__(self) -> None:
        self.text = StringIO()
        self.clock = Clock("tests", ACCOUNT)
        self.clock.freeze(START * SECOND)
        self.sender = HttpSender(self.destinations, Log("text", self.text), self.in_flight)
        self.hooks = self.dispatcher()

    def dispatcher(self, state: DispatchState | None = None) -> Dispatcher:
        return Dispatcher(ACCOUNT, self.clock, self.sender, MARCH_2026, "sms", self.most, state)

    def webhook(self, url: str, **more: Any) -> WebhookRecord:
        return self.hooks.registry.keep(self.hooks.registry.draft("test", url, ["messages"], **more))

    def deliveries(self, webhook: WebhookRecord) -> list[DeliveryRecord]:
        return self.hooks.deliveries_of(webhook.id)

    async def send(self, *ids: str, **more: Any) -> None:
        """Messages accepted now; returns when everything that is due has been tried."""
        options = more.pop("options", None)
        self.hooks.follow([Message(id, self.clock.now(), **more) for id in ids], options)
        await self.hooks.settle()

    async def advance(self, seconds: float) -> None:
        self.clock.advance(int(seconds * SECOND))
        await self.hooks.settle()

    async def __aenter__(self) -> "World":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.hooks.end()
        await self.sender.close()


def seconds(least: float, most: float | None = None) -> Span:
    """A span in seconds, fixed or to be drawn from."""
    return Span(int(least * SECOND), int((least if most is None else most) * SECOND))
