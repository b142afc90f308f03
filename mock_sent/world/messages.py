"""Messages: a send makes one for each pair of recipient and channel; a mailbox of limited size keeps them."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from mock_sent.ground.errors import Misuse
from mock_sent.ground.money import Money
from mock_sent.world.lifecycle import Event, Timetable
from mock_sent.world.templates import Template

# The most characters of all texts in a mailbox; a hundred thousand messages of the usual length need a fifth of it.
MOST_CHARACTERS = 64 * 1024 * 1024

# The most channels of a send. Each recipient gets a message on each, so that a short request could fill the memory.
MOST_CHANNELS = 16

# Words of `channel` in a request: with `sent`, the API chooses the channel; `rcs` is reserved and makes no message.
AUTO, RESERVED = "sent", "rcs"
# The channel that is shown if the API chooses: before the message is routed, and after it (LIFE-5).
UNROUTED, ROUTED = "auto", "sms"


class Send:
    """One accepted request and its messages: each recipient on each channel, recipient by recipient (SEND-2, SEND-4).

    To save memory, data that its messages share is kept once, the recipients are one text, and a `Message` is made only
    on reading. `timetable` is one for all messages, or a sequence with one for each.
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
    # The moves of the messages whose timetable is manual, by message id.
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

    @property
    def timetables(self) -> Sequence[Timetable]:
        """The timetables of its messages: one for all, or one for each."""
        return (self.timetable,) if isinstance(self.timetable, Timetable) else self.timetable

    def messages(self, first: int = 0) -> Iterator["Message"]:
        """The messages from the index `first` on, counted from 0."""
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
    """One message to one recipient on one channel; the channel is None if the API chooses it."""

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
    """The sends, the oldest first. The first `evicted_of_oldest` messages of the oldest send were evicted."""

    sends: deque[Send] = field(default_factory=deque)
    evicted_of_oldest: int = 0
    evicted: int = 0


class Mailbox:
    """The messages of one account. It evicts the oldest ones if there are too many, or their texts are too long."""

    def __init__(self, most: int, most_characters: int = MOST_CHARACTERS, state: MailboxState | None = None) -> None:
        self.state = state or MailboxState()
        self._most, self._most_characters = most, most_characters
        self._sends = self.state.sends
        self._by_id = {id: send for send in self._sends for id in send.ids}
        for id in self._sends[0].ids[: self.state.evicted_of_oldest] if self._sends else ():
            del self._by_id[id]
        self._characters = sum(len(send.body) for send in self._sends)

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Message]:
        """The oldest first."""
        return self.messages_of(tuple(self._sends))

    def messages_of(self, sends: Iterable[Send]) -> Iterator[Message]:
        """The messages of some sends that are still kept."""
        for send in sends:
            if send.ids[-1] in self._by_id:
                yield from send.messages(self.state.evicted_of_oldest if send is self._sends[0] else 0)

    @property
    def last(self) -> Send | None:
        """The latest send that made messages."""
        return self._sends[-1] if self._sends else None

    def send_of(self, id: str) -> Send | None:
        """The send that made a message."""
        return self._by_id.get(id)

    def after(self, send: Send | None) -> list[Send]:
        """The sends that came after a send, the oldest first; all of them for None, or if it was evicted."""
        newer = list(takewhile(lambda each: each is not send, reversed(self._sends)))
        return newer[::-1]

    @property
    def evicted(self) -> int:
        """The number of evicted messages."""
        return self.state.evicted

    def get(self, id: str) -> Message | None:
        send = self._by_id.get(id)
        return send.message(id) if send else None

    def keep(self, send: Send) -> None:
        """Add the messages of a send. (With a user's contract, a send may have none.)"""
        if not send.ids:
            return
        self._by_id.update(dict.fromkeys(send.ids, send))
        self._sends.append(send)
        self._characters += len(send.body)
        while len(self._by_id) > self._most or (
            self._characters > self._most_characters and self._sends[0] is not send
        ):
            self._evict_oldest()

    def _evict_oldest(self) -> None:
        state, send = self.state, self._sends[0]
        del self._by_id[send.ids[state.evicted_of_oldest]]
        state.evicted_of_oldest += 1
        state.evicted += 1
        if state.evicted_of_oldest == len(send.ids):
            state.evicted_of_oldest = 0
            self._sends.popleft()
            self._characters -= len(send.body)


@lru_cache(maxsize=64)  # many sends share one tuple; the function is pure, so mocks can share the cache
def channels_of(*wanted: str) -> tuple[str | None, ...]:
    """The channels for the words of a request's `channel`, in their order; None if the API chooses the channel.

    Raises `Misuse` for more than a send may have, whatever a user's contract lets pass.
    """
    if len(wanted) > MOST_CHANNELS:
        raise Misuse(f"a send may name {MOST_CHANNELS} channels here, not {len(wanted):,}")
    return tuple([None if c == AUTO else c for c in wanted or (AUTO,) if c != RESERVED])
