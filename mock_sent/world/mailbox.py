"""A mailbox keeps the messages of an account, as many as it may."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile

from mock_sent.ground.memory import ByteCount
from mock_sent.world.messages import Message, Send


@dataclass(slots=True)
class MailboxState:
    """The sends, the oldest first. The first `evicted_of_oldest` messages of the oldest send were evicted."""

    sends: deque[Send] = field(default_factory=deque)
    evicted_of_oldest: int = 0
    evicted: int = 0


class Mailbox:
    """The messages of one account. It evicts the oldest ones if there are too many, or they are too large together."""

    def __init__(self, most: int, byte_count: ByteCount | None = None, state: MailboxState | None = None) -> None:
        self.state, self.byte_count = state or MailboxState(), byte_count or ByteCount()
        self._most = most
        self._sends = self.state.sends
        self._by_id = {id: send for send in self._sends for id in send.ids}
        for id in self._sends[0].ids[: self.state.evicted_of_oldest] if self._sends else ():
            del self._by_id[id]
        earlier: Send | None = None
        for send in self._sends:
            self.byte_count.add(send.measured(earlier))
            earlier = send

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

    def sends(self) -> tuple[Send, ...]:
        """The sends, the oldest first."""
        return tuple(self._sends)

    def newest(self) -> Iterator[Message]:
        """The messages, the newest first."""
        for send in reversed(self.sends()):
            yield from reversed(tuple(self.messages_of((send,))))

    @property
    def last(self) -> Send | None:
        """The latest send that made messages."""
        return self._sends[-1] if self._sends else None

    def has(self, id: str) -> bool:
        return id in self._by_id

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
        by_id, sends, byte_count = self._by_id, self._sends, self.byte_count
        by_id.update(dict.fromkeys(send.ids, send))
        byte_count.add(send.measured(sends[-1] if sends else None))
        sends.append(send)
        while len(by_id) > self._most or (byte_count.bytes > byte_count.most and sends[0] is not send):
            self._evict_oldest()

    def take_apart(self) -> Iterator[None]:
        """Drop the messages of a closed account, one a step."""
        self.state.evicted_of_oldest = 0
        while self._sends:
            for id in self._sends.popleft().ids:
                self._by_id.pop(id, None)
                yield

    def _evict_oldest(self) -> None:
        state, send = self.state, self._sends[0]
        del self._by_id[send.ids[state.evicted_of_oldest]]
        state.evicted_of_oldest += 1
        state.evicted += 1
        if state.evicted_of_oldest == len(send.ids):
            state.evicted_of_oldest = 0
            self._sends.popleft()
            self.byte_count.add(-send.size)
