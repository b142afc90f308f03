"""What deliveries need of a message: the members that a payload shows, and its events."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from mock_sent.contract import Edition
from mock_sent.contract.events import EventType
from mock_sent.world.lifecycle import RECEIVED, Event, HasLifecycle, life


class DeliverableMessage(HasLifecycle, Protocol):
    """The members of a mailbox message that a payload shows."""

    @property
    def id(self) -> str: ...

    @property
    def to(self) -> str: ...

    @property
    def channel(self) -> str | None: ...

    @property
    def route(self) -> str: ...

    @property
    def template_id(self) -> str | None: ...

    @property
    def template_name(self) -> str | None: ...

    @property
    def body(self) -> str: ...

    @property
    def request_id(self) -> str: ...

    @property
    def number(self) -> str | None: ...

    @property
    def media(self) -> tuple[str, ...]: ...

    @property
    def profile(self) -> str | None: ...


class MessageFacts(NamedTuple):
    """What payloads say about a message: a copy, because the mailbox may evict the message of a pending event.

    `route` is the channel of a message whose channel the API chose; `number` is our number of an inbound message.
    """

    id: str
    to: str
    channel: str | None
    route: str
    template_id: str | None
    template_name: str | None
    body: str
    request_id: str
    number: str | None = None
    media: tuple[str, ...] = ()
    profile: str | None = None


class MessageEvent(NamedTuple):
    """A stage that a message reaches, by our name of the stage, and the instant. `is_routed`: it has a channel by then.

    The other members are those of the event of the lifecycle.
    """

    stage: str
    at: int
    is_routed: bool = True
    reason: str | None = None
    code: str | None = None
    until: int | None = None
    route: str | None = None


def facts_of(message: DeliverableMessage) -> MessageFacts:
    m = message
    named = (m.template_id, m.template_name)
    return MessageFacts(m.id, m.to, m.channel, m.route, *named, m.body, m.request_id, m.number, m.media, m.profile)


def events_of(message: DeliverableMessage, way: Sequence[str]) -> tuple[MessageEvent, ...]:
    """All events of a message: those that the clock decides, and those that manual moves have made."""
    return told(life(message), way)


def told(life: Iterable[Event], way: Sequence[str]) -> tuple[MessageEvent, ...]:
    """The events of a message as webhooks hear them. `way` are the usual stages; all but the first have a channel."""
    found: list[MessageEvent] = []
    is_routed = False
    for stage, at, reason, code, until, route in life:
        is_routed = stage == RECEIVED or stage in way[1:] or (is_routed and stage != way[0])
        found.append(MessageEvent(stage, at, is_routed, reason, code, until, route))
    return tuple(found)


Filters = Mapping[str, Sequence[str] | None]


def is_heard(edition: Edition, filters: Filters | None, stage: str, *, has_template: bool) -> bool:
    """Whether a webhook of an edition with these filters gets an event: the edition has one, and can tell of it."""
    kind = edition.events.of_stage(stage)
    if kind is None or not is_wanted(kind, filters):
        return False
    return has_template or not kind.needs_template


def is_wanted(kind: EventType, filters: Filters | None) -> bool:
    """Whether filters let the events of a type pass; none, or an empty list, is all of them."""
    wanted = filters.get(kind.topic) if filters else None
    return not wanted or kind.name in wanted or kind.name.partition(".")[2] in wanted
