"""The messages of an account as deliveries see them: what a payload says of a message, and its events."""

from typing import NamedTuple, Protocol

from mock_sent.world.lifecycle import Event, HasLifecycle, life


class DeliverableMessage(HasLifecycle, Protocol):
    """A message of the mailbox, as far as a payload shows it."""

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
    """What payloads say of a message. A pending event keeps a copy, because the mailbox may drop the message."""

    id: str
    to: str
    channel: str | None
    template_id: str


class MessageEvent(NamedTuple):
    """A stage that a message reaches, by our own name, and the instant."""

    stage: str
    at: int


def facts_of(message: DeliverableMessage) -> MessageFacts:
    return MessageFacts(message.id, message.to, message.channel, message.template_id)


def event_of(event: Event) -> MessageEvent:
    return MessageEvent(event.stage, event.at)


def events_of(message: DeliverableMessage) -> tuple[MessageEvent, ...]:
    """All events of a message that the clock decides, and those that a manual move has made."""
    return tuple([event_of(event) for event in life(message)])
