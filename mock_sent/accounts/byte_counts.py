"""What an account keeps, counted by kind."""

from collections.abc import Iterator

from mock_sent.ground.memory import ByteCount, Memory, SharedBytes, taken_by

# The most that an account keeps of each kind, in sixteenths of what the server may keep: together all of it.
MESSAGES, REQUESTS, ANSWERS, KEYS, DELIVERIES, SETUP, COUNTERS, CONTACTS = 4, 2, 2, 2, 2, 2, 1, 1
_ALL = 16

# The bytes of an account that keeps nothing: what works on its state, and the ids that it has drawn for later use.
_ACCOUNT = 14_500


class ByteCounts:
    """The bytes of one account.

    `answers` are the bodies that requests and idempotency keys share, `setup` is what a user has set up: webhooks and
    other resources, templates, scenarios.
    """

    def __init__(self, memory: Memory) -> None:
        def share(of: int) -> ByteCount:
            return ByteCount(memory, memory.most * of // _ALL)

        self.messages, self.requests, self.keys = share(MESSAGES), share(REQUESTS), share(KEYS)
        self.answers, self.deliveries = SharedBytes(share(ANSWERS)), share(DELIVERIES)
        self.setup, self.counters, self.contacts = share(SETUP), share(COUNTERS), share(CONTACTS)
        self._account = ByteCount(memory)
        self._account.add(_ACCOUNT)

    def __iter__(self) -> Iterator[ByteCount]:
        yield from (self.messages, self.requests, self.keys, self.answers.byte_count, self.deliveries)
        yield from (self.setup, self.counters, self.contacts, self._account)

    @property
    def taken(self) -> int:
        """The bytes that the process needs for what they count."""
        return taken_by(sum(byte_count.bytes for byte_count in self))

    def detach(self) -> None:
        """Count for the server no more."""
        for byte_count in self:
            byte_count.detach()
