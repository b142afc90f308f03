"""A world for the tests of deliveries: a dispatcher on a frozen clock, without a server round it."""

from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from march import EDITION, USUAL

from mock_sent.contract.editions import Editions
from mock_sent.ground.clock import SECOND, Clock, Span
from mock_sent.journal import Log
from mock_sent.webhooks.destinations import Destinations
from mock_sent.webhooks.dispatcher import Dispatcher
from mock_sent.webhooks.sender import HttpSender
from mock_sent.webhooks.state import DeliveryRecord, DispatchState
from mock_sent.world.lifecycle import Event, Timetable, Turn
from mock_sent.world.resources import Item

# 2026-03-11T21:50:50Z, the page's own second.
START = 1_773_265_850
# What a message that is delivered goes through.
WAY = ["ACCEPTED", "PROCESSED", "SENT", "DELIVERED"]
EDITIONS = Editions(EDITION, {EDITION.name: lambda: EDITION})
ACCOUNT = "550e8400-e29b-41d4-a716-446655440000"


@dataclass
class Message:
    """A message, as far as deliveries look at it."""

    id: str
    accepted_at: int = START * SECOND
    timetable: Timetable = USUAL
    moves: list[Event] | None = None
    to: str = "+14155551234"
    channel: str | None = "sms"
    template_id: str = "7ba7b820-9dad-11d1-80b4-00c04fd430c8"
    template_name: str = "order_confirmation"
    profile: str | None = None
    route: str = "sms"
    body: str = "Hi"
    request_id: str = "req_7X9zKp2jDw"
    number: str | None = None
    media: tuple[str, ...] = ()
    turns: tuple[Turn, ...] = ()


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
        return Dispatcher(ACCOUNT, self.clock, self.sender, EDITIONS, EDITION, self.most, state)

    def webhook(self, url: str, **more: Any) -> Item:
        """A webhook as the engine of resources makes one. `more` are members of it, or its profile."""
        profile, members = more.pop("profile", None), EDITION.new_members("webhook")
        id, secret = self.clock.uuid("webhooks"), self.hooks.new_secret()
        given = {
            "display_name": "test",
            "endpoint_url": url,
            "event_types": ["messages"],
            "created_at": self.clock.now(),
        }
        item = self.hooks.webhooks[id] = Item({**members, "id": id, "signing_secret": secret, **given, **more}, profile)
        return item

    def delete(self, webhook: Item) -> None:
        del self.hooks.webhooks[webhook.id]
        self.hooks.forget(webhook)

    def deliveries(self, webhook: Item) -> list[DeliveryRecord]:
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
