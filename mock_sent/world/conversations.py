"""Which number a conversation, or a contact, belongs to. Their ids are made of the account and the number."""

import asyncio
from hashlib import sha1

from mock_sent.ground.memory import ByteCount
from mock_sent.world.contacts import contact_id
from mock_sent.world.mailbox import Mailbox
from mock_sent.world.messages import Send

# The bytes of a number that is known.
_NUMBER = 560
# Numbers whose ids are made in one turn of the loop.
_AT_ONCE = 500


class Conversations:
    """The numbers of one account by the id of their conversation and by that of their contact (READ-10).

    The ids are made when somebody asks, for the sends that came since. If most of the numbers may belong to messages
    that were evicted, all are made again.
    """

    def __init__(self, account_id: str, mailbox: Mailbox, byte_count: ByteCount | None = None) -> None:
        self._account_id, self._mailbox, self._byte_count = account_id, mailbox, byte_count or ByteCount()
        self._last: Send | None = None
        self._numbers: dict[str, str] = {}
        self._known: set[str] = set()

    async def number_of(self, id: str) -> str | None:
        """The number of a conversation's or contact's id; None if no message went to or came from it."""
        made = 0
        if len(self._known) > 2 * len(self._mailbox) + _AT_ONCE:
            self.clear()
        for send in self._mailbox.after(self._last):
            for number in send.recipients.split("\n"):
                made += self._learn(number)
                if made >= _AT_ONCE:
                    made = 0
                    await asyncio.sleep(0)
            self._last = send
        return self._numbers.get(id.lower())

    def clear(self) -> None:
        """Forget the numbers."""
        self._byte_count.add(-_NUMBER * len(self._known))
        self._last = None
        self._known.clear()
        self._numbers.clear()

    def _learn(self, number: str) -> bool:
        if number in self._known:
            return False
        self._known.add(number)
        self._byte_count.add(_NUMBER)
        contact = contact_id(number)
        self._numbers[contact] = self._numbers[_uuid5(self._account_id, contact)] = number
        return True


def _uuid5(namespace: str, name: str) -> str:
    """The version-5 UUID of a name (RFC 9562, 5.5)."""
    digits = sha1(bytes.fromhex(namespace.replace("-", "")) + name.encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"
