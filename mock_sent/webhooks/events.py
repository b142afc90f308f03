"""What deliveries need of a message: the members that a payload shows, and its events."""

from typing import NamedTuple, Protocol

from mock_sent.world.lifecycle import Event, HasLifecycle, life


class DeliverableMessage(HasLifecycle, Protocol):
    """The members of a mailbox message that a payload shows."""

    @property
    def id(self) -> str: ...

    @property
    def to(self) -> str: ...

    @property
    def channel(self) -> str | None: ...

    @property
    def template_id(self) -> str: ...

    @property
    def profile(self) -> str | None: ...


class MessageFacts(NamedTuple):
    """What payloads say about a message: a copy, because the mailbox may evict the message of a pending event."""

    id: str
    to: str
    channel: str | None
    template_id: str


class MessageEvent(NamedTuple):
    """A stage that a message reaches, by our name of the stage, and the instant."""

    stage: str
    at: int


def facts_of(message: DeliverableMessage) -> MessageFacts:
    return MessageFacts(message.id, message.to, message.channel, message.template_id)


def event_of(event: Event) -> MessageEvent:
    return MessageEvent(event.stage, event.at)


def events_of(message: DeliverableMessage) -> tuple[MessageEvent, ...]:
    """All events of a message: those that the clock decides, and those that manual moves have made."""
    return tuple([event_of(event) for event in life(message)])
