"""Messages: made by a send, one for each pair of recipient and channel, and kept in a mailbox with an end."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from mock_sent.clock import Clock
from mock_sent.lifecycle import DELIVERED, Event, Timetable
from mock_sent.templates import Template

# Money is counted in ten-thousandths, because the API shows prices with four decimals.
Money = int

# Of all texts that a mailbox keeps: a hundred thousand messages of the usual length are a fifth of it.
MOST_CHARACTERS = 64 * 1024 * 1024

# The order of `channel` in the request is kept; `sent` lets the API choose, `rcs` is reserved and gives no message.
AUTO, RESERVED = "sent", "rcs"
# What an automatic choice becomes once the message is routed.
ROUTED = "sms"


class Send:
    """What the messages of one request have in common."""

    __slots__ = ("at", "body", "key", "missing", "profile", "request_id", "template")

    def __init__(
        self,
        at: int,
        template: Template,
        body: str,
        missing: list[str],
        request_id: str,
        profile: str | None,
        key: str | None,
    ) -> None:
        self.at, self.template, self.body, self.missing = at, template, body, missing
        self.request_id, self.profile, self.key = request_id, profile, key


class Message(NamedTuple):
    """One message to one recipient on one channel; the channel is None where the API chooses."""

    id: str
    to: str
    channel: str | None
    price: Money
    send: Send
    timetable: Timetable = DELIVERED
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


class Mailbox:
    """The messages of one account, the oldest dropped when there are too many, or their texts too long together."""

    def __init__(self, most: int, most_characters: int = MOST_CHARACTERS) -> None:
        self._most, self._most_characters = most, most_characters
        self._by_id: dict[str, Message] = {}
        # Ids in their order, each with the characters that it adds: the messages of a send share one text.
        self._order: deque[tuple[str, int]] = deque()
        self._characters = 0
        self.evicted = 0

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Message]:
        """The oldest first."""
        return iter(self._by_id.values())

    def get(self, id: str) -> Message | None:
        return self._by_id.get(id)

    def keep(self, messages: list[Message]) -> None:
        """Add the messages of one send."""
        characters = len(messages[0].send.body)
        self._characters += characters
        for message in messages:
            self._by_id[message.id] = message
            self._order.append((message.id, characters))
            characters = 0
        while len(self._order) > self._most or (
            self._characters > self._most_characters and len(self._order) > len(messages)
        ):
            id, characters = self._order.popleft()
            del self._by_id[id]
            self._characters -= characters
            self.evicted += 1


def legs(to: list[str], channels: list[str] | None) -> list[tuple[str, str | None]]:
    """Recipients times channels, recipient by recipient (SEND-2); duplicates stay (SEND-4)."""
    wanted: list[str | None] = [None if c == AUTO else c for c in channels or [AUTO] if c != RESERVED]
    return [(recipient, channel) for recipient in to for channel in wanted]


def make(
    send: Send,
    pairs: list[tuple[str, str | None]],
    prices: Mapping[str, Money],
    clock: Clock,
    timetable: Timetable | Callable[[str, str, str | None], Timetable] = DELIVERED,
) -> list[Message]:
    """One message for each pair. The timetable is theirs together, or made for each from id, recipient and channel."""
    if isinstance(timetable, Timetable):
        moves = timetable.manual
        return [
            Message(clock.message_id(), to, channel, prices[channel or ROUTED], send, timetable, [] if moves else None)
            for to, channel in pairs
        ]
    made = []
    for to, channel in pairs:
        id = clock.message_id()
        own = timetable(id, to, channel)
        made.append(Message(id, to, channel, prices[channel or ROUTED], send, own, [] if own.manual else None))
    return made
