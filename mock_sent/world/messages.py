"""Messages: a send makes one for each pair of recipient and channel."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from sys import getsizeof
from typing import NamedTuple

from mock_sent.ground.errors import Misuse
from mock_sent.ground.memory import size_of
from mock_sent.ground.money import Money
from mock_sent.world.lifecycle import Event, Timetable, Turn
from mock_sent.world.templates import Template

# The most channels of a send. Each recipient gets a message on each, so that a short request could fill the memory.
MOST_CHANNELS = 16

# The word of `channel` in a request with which the API chooses the channel.
AUTO = "sent"
# The channel that is shown if the API chooses: before the message is routed, and after it (LIFE-5).
UNROUTED, ROUTED, ROUTED_MEDIA = "auto", "sms", "mms"


class Extra(NamedTuple):
    """What only some sends have. `text` says that there is no template; an inbound message comes from `to`.

    `media` are URLs, `scheduled_at` is the instant that the request named, `planned` what follows the release of a held
    message: one timetable for all, or one for each. `numbers` are own numbers to send from, by channel; `number` is
    that of an inbound message, and `by_rule` says that a scenario's phone wrote it.
    """

    text: bool = False
    media: tuple[str, ...] = ()
    numbers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    subject: str | None = None
    scheduled_at: int | None = None
    planned: Timetable | tuple[Timetable, ...] | None = None
    inbound: bool = False
    by_rule: bool = False
    number: str | None = None

    @property
    def route(self) -> str:
        """The channel on which a message travels if the API chooses: that of pictures, if there are any."""
        return ROUTED_MEDIA if self.media else ROUTED


NOTHING = Extra()

# The bytes of a send, of each of its messages, and of the moves of a message, without the texts of the client.
_SEND, _MESSAGE, _MOVES = 360, 125, 400


class Send:
    """One accepted request and its messages: each recipient on each channel, recipient by recipient (SEND-2, SEND-4).

    To save memory, data that its messages share is kept once, the recipients are one text, and a `Message` is made only
    on reading. `timetable` is one for all messages, or a sequence with one for each.
    """

    __slots__ = (
        "at",
        "body",
        "channels",
        "extra",
        "ids",
        "key",
        "moves",
        "prices",
        "profile",
        "recipients",
        "request_id",
        "size",
        "template",
        "timetable",
        "turns",
    )
    at: int
    template: Template | None
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
    # What changed the plans of messages, by message id.
    turns: dict[str, list[Turn]] | None
    extra: Extra
    # The bytes that it takes, once it is kept.
    size: int

    def __init__(
        self,
        at: int,
        template: Template | None,
        body: str,
        request_id: str,
        profile: str | None,
        key: str | None,
        ids: Sequence[str],
        to: Sequence[str],
        channels: Sequence[str | None],
        prices: Mapping[str, Money],
        timetable: Timetable | Sequence[Timetable],
        extra: Extra = NOTHING,
    ) -> None:
        self.at, self.template, self.body = at, template, body
        self.request_id, self.profile, self.key = request_id, profile, key
        self.ids, self.channels, self.prices, self.timetable = ids, channels, prices, timetable
        self.recipients = "\n".join(to)
        self.moves = self.turns = None
        self.extra = extra

    def measured(self, earlier: "Send | None") -> int:
        """Set and return the bytes that it takes, without the plans that it shares with an earlier send."""
        size = _SEND + _MESSAGE * len(self.ids) + len(self.recipients) + getsizeof(self.body)
        if self.template:
            size += self.template.size
        if earlier is None or self.timetable is not earlier.timetable:
            size += sum([_size_of_plan(each) for each in self.timetables if each.rule])
        if self.extra is not NOTHING:
            size += self._size_of_extra()
        self.size = size
        return size

    def _size_of_extra(self) -> int:
        planned = self.extra.planned
        each = () if planned is None else (planned,) if isinstance(planned, Timetable) else planned
        return size_of(self.extra._replace(planned=None)) + sum([timetable.size for timetable in each])

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
        turns = self.turns.get(id, ()) if self.turns else ()
        return Message(id, to, channel, self.prices[channel or self.extra.route], self, timetable, moves, turns)

    def turn(self, id: str, turn: Turn) -> int:
        """Change the plan of a message from an instant on. Returns the bytes that this takes."""
        if self.turns is None:
            self.turns = {}
        self.turns.setdefault(id, []).append(turn)
        size = turn.timetable.size + _MOVES
        self.size += size
        return size

    def held(self) -> list[tuple[str, int]]:
        """The ids of the messages that begin with a hold, each with the instant of its end."""
        if self.extra.planned is None:
            return []
        each = [self.timetable] * len(self.ids) if isinstance(self.timetable, Timetable) else self.timetable
        last = [timetable.steps[-1] for timetable in each]
        return [(id, step.until) for id, step in zip(self.ids, last, strict=True) if step.until is not None]

    def planned(self, id: str) -> Timetable | None:
        """What follows the release of a held message."""
        planned = self.extra.planned
        return planned if planned is None or isinstance(planned, Timetable) else planned[self.ids.index(id)]

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
    turns: Sequence[Turn] = ()

    @property
    def route(self) -> str:
        """The channel on which the message travels, if no step names another."""
        return self.channel or self.send.extra.route

    @property
    def accepted_at(self) -> int:
        return self.send.at

    @property
    def template_id(self) -> str | None:
        return self.send.template.id if self.send.template else None

    @property
    def template_name(self) -> str | None:
        return self.send.template.name if self.send.template else None

    @property
    def profile(self) -> str | None:
        return self.send.profile

    @property
    def body(self) -> str:
        return self.send.body

    @property
    def request_id(self) -> str:
        return self.send.request_id

    @property
    def number(self) -> str | None:
        """Our number of an inbound message."""
        return self.send.extra.number

    @property
    def media(self) -> tuple[str, ...]:
        return self.send.extra.media


def _size_of_plan(timetable: Timetable) -> int:
    return timetable.size + (_MOVES if timetable.manual else 0)


@lru_cache(maxsize=64)  # many sends share one tuple; the function is pure, so mocks can share the cache
def channels_of(reserved: frozenset[str], *wanted: str) -> tuple[str | None, ...]:
    """The channels for the words of a request's `channel`, in their order; None if the API chooses the channel.

    `reserved` are words that make no message.

    Raises `Misuse` for more than a send may have, whatever a user's contract lets pass.
    """
    if len(wanted) > MOST_CHANNELS:
        raise Misuse(f"a send may name {MOST_CHANNELS} channels here, not {len(wanted):,}")
    return tuple([None if c == AUTO else c for c in wanted or (AUTO,) if c not in reserved])
