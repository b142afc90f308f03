"""Messages: made by a send, one for each pair of recipient and channel, and kept in a mailbox with an end."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from mock_sent.ground.money import Money
from mock_sent.world.lifecycle import Event, Timetable
from mock_sent.world.templates import Template

# Of all texts that a mailbox keeps: a hundred thousand messages of the usual length are a fifth of it.
MOST_CHARACTERS = 64 * 1024 * 1024

# The order of `channel` in the request is kept; `sent` lets the API choose, `rcs` is reserved and gives no message.
AUTO, RESERVED = "sent", "rcs"
# How an automatic choice reads until the message is routed, and what it becomes then (LIFE-5).
UNROUTED, ROUTED = "auto", "sms"


class Send:
    """One accepted request and its messages: each recipient on each channel, recipient by recipient (SEND-2, SEND-4).

    A hundred thousand messages are kept, so what those of a send have in common is kept once, its recipients are one
    text, and a `Message` is made when somebody reads one. `timetable` is that of all messages, or each has its own.
    """

    __slots__ = (
        "at",
        "body",
        "channels",
        "ids",
        "key",
        "moves",
        "prices",
        "profile",
        "recipients",
        "request_id",
        "template",
        "timetable",
    )
    at: int
    template: Template
    body: str
    request_id: str
    profile: str | None
    key: str | None
    ids: Sequence[str]
    recipients: str
    channels: Sequence[str | None]
    prices: Mapping[str, Money]
    timetable: Timetable | Sequence[Timetable]
    # What was done by hand to those whose timetable is manual, by their ids.
    moves: dict[str, list[Event]] | None

    def __init__(
        self,
        at: int,
        template: Template,
        body: str,
        request_id: str,
        profile: str | None,
        key: str | None,
        ids: Sequence[str],
        to: Sequence[str],
        channels: Sequence[str | None],
        prices: Mapping[str, Money],
        timetable: Timetable | Sequence[Timetable],
    ) -> None:
        self.at, self.template, self.body = at, template, body
        self.request_id, self.profile, self.key = request_id, profile, key
        self.ids, self.channels, self.prices, self.timetable = ids, channels, prices, timetable
        self.recipients = "\n".join(to)
        self.moves = None

    def messages(self, first: int = 0) -> Iterator["Message"]:
        """From the n-th one on, counted from 0."""
        to = self.recipients.split("\n")
        for n in range(first, len(self.ids)):
            yield self._message(n, to)

    def message(self, id: str) -> "Message":
        return self._message(self.ids.index(id), self.recipients.split("\n"))

    def _message(self, n: int, recipients: Sequence[str]) -> "Message":
        to, channel = recipients[n // len(self.channels)], self.channels[n % len(self.channels)]
        timetable = self.timetable if isinstance(self.timetable, Timetable) else self.timetable[n]
        id = self.ids[n]
        moves = self._moves_of(id) if timetable.manual else None
        return Message(id, to, channel, self.prices[channel or ROUTED], self, timetable, moves)

    def _moves_of(self, id: str) -> list[Event]:
        if self.moves is None:
            self.moves = {}
        return self.moves.setdefault(id, [])


class Message(NamedTuple):
    """One message to one recipient on one channel; the channel is None where the API chooses."""

    id: str
    to: str
    channel: str | None
    price: Money
    send: Send
    timetable: Timetable
    moves: list[Event] | None = None

    @property
    def accepted_at(self) -> int:
        return self.send.at

    @property
    def template_id(self) -> str:
        return self.send.template.id

    @property
    def profile(self) -> str | None:
        return self.send.profile


@dataclass(slots=True)
class MailboxState:
    """The sends, the oldest first. The first `gone` messages of the oldest one are no longer there."""

    sends: deque[Send] = field(default_factory=deque)
    gone: int = 0
    evicted: int = 0


class Mailbox:
    """The messages of one account, the oldest dropped when there are too many, or their texts too long together."""

    def __init__(self, most: int, most_characters: int = MOST_CHARACTERS, state: MailboxState | None = None) -> None:
        self.state = state or MailboxState()
        self._most, self._most_characters = most, most_characters
        self._sends = self.state.sends
        self._by_id = {id: send for send in self._sends for id in send.ids}
        for id in self._sends[0].ids[: self.state.gone] if self._sends else ():
            del self._by_id[id]
        self._characters = sum(len(send.body) for send in self._sends)

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Message]:
        """The oldest first."""
        gone = self.state.gone
        for send in tuple(self._sends):
            yield from send.messages(gone)
            gone = 0

    @property
    def evicted(self) -> int:
        """How many messages were dropped for newer ones."""
        return self.state.evicted

    def get(self, id: str) -> Message | None:
        send = self._by_id.get(id)
        return send.message(id) if send else None

    def keep(self, send: Send) -> None:
        """Add the messages of one send. (A contract of the user's may let one through that has none.)"""
        if not send.ids:
            return
        self._by_id.update(dict.fromkeys(send.ids, send))
        self._sends.append(send)
        self._characters += len(send.body)
        while len(self._by_id) > self._most or (
            self._characters > self._most_characters and self._sends[0] is not send
        ):
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        state, send = self.state, self._sends[0]
        del self._by_id[send.ids[state.gone]]
        state.gone += 1
        state.evicted += 1
        if state.gone == len(send.ids):
            state.gone = 0
            self._sends.popleft()
            self._characters -= len(send.body)


@lru_cache(maxsize=64)  # many sends share one tuple; pure, so that no two mocks meet in it
def channels_of(*wanted: str) -> tuple[str | None, ...]:
    """The channels that a request's `channel` means, in its order; None where the API chooses."""
    return tuple([None if c == AUTO else c for c in wanted or (AUTO,) if c != RESERVED])
