"""Counts the bytes that are kept: for each kind of things that an account keeps, and for the whole server.

Python has no such figure: these are the sizes of the objects, and constants for what their containers take.
"""

from collections import deque
from collections.abc import Callable
from sys import getsizeof
from typing import Any

from mock_sent.ground.errors import Misuse

# The allocator rounds each object up to 16 bytes: half of that on average.
_ROUNDING = 8
# Of every ten bytes that are kept, one more is lost between them once many have come and gone.
_LOST = 10


def taken_by(size: int) -> int:
    """The bytes that the process needs to keep so many."""
    return size + size // _LOST


def _nothing() -> None:
    pass


class Memory:
    """What one server keeps, in bytes. With more than `most` of them, it calls `on_full` at each addition.

    `room` are the bytes that the process may take for them.
    """

    __slots__ = ("bytes", "most", "on_full", "room")

    def __init__(self, room: int, on_full: Callable[[], None] = _nothing) -> None:
        self.bytes, self.room, self.on_full = 0, room, on_full
        self.most = room * _LOST // (_LOST + 1)

    @property
    def is_over(self) -> bool:
        return self.bytes > self.most


# More than any machine has: nothing is ever above it.
_UNBOUNDED = 1 << 60


class ByteCount:
    """The bytes of one kind of things that an account keeps, at most `most` of them. They count for the server too."""

    __slots__ = ("_memory", "bytes", "most")

    def __init__(self, memory: Memory | None = None, most: int = _UNBOUNDED) -> None:
        self._memory, self.bytes, self.most = memory or Memory(_UNBOUNDED), 0, most

    def add(self, size: int) -> None:
        """Count so many bytes more; fewer, if `size` is negative."""
        self.bytes += size
        memory = self._memory
        memory.bytes += size
        if memory.bytes > memory.most:
            memory.on_full()

    @property
    def is_over(self) -> bool:
        return self.bytes > self.most

    def demand_room(self, size: int) -> None:
        """Raise `Misuse` if so many bytes more are too many."""
        if size > 0 and self.bytes + size > self.most:
            raise Misuse(
                f"this account's templates, webhooks and scenarios would take more than {self.most:,} bytes; delete "
                "some, reset the account, or raise MOCK_SENT_MAX_MEMORY, of which they may take an eighth"
            )

    def detach(self) -> int:
        """Count for the server no more, because the account was dropped. Returns the bytes that counted until now."""
        self._memory.bytes -= self.bytes
        self._memory = Memory(_UNBOUNDED)
        return self.bytes


class SharedBytes:
    """Bytes that several parts of an account refer to, such as an answer and its replays: each object counts once."""

    def __init__(self, byte_count: ByteCount) -> None:
        self.byte_count = byte_count
        self._holders: dict[int, int] = {}

    def hold(self, content: bytes) -> None:
        """Count an object for one more part that refers to it."""
        known = self._holders.get(id(content), 0)
        self._holders[id(content)] = known + 1
        if not known:
            self.byte_count.add(getsizeof(content))

    def release(self, content: bytes) -> None:
        """Take the object from one part that referred to it."""
        known = self._holders.pop(id(content))
        if known > 1:
            self._holders[id(content)] = known - 1
        else:
            self.byte_count.add(-getsizeof(content))


def size_of(value: Any) -> int:
    """The bytes of plain data: texts, numbers, tuples, lists, dicts, and objects that declare their members.

    What it refers to twice counts twice. The keys of dicts do not count: they are mostly names in the code.
    """
    total, left = 0, [value]
    while left:
        each = left.pop()
        if each is None or each is True or each is False:
            continue
        total += getsizeof(each) + _ROUNDING
        kind = type(each)
        if kind in (str, bytes, int, float):
            continue
        if kind is dict:
            left.extend(each.values())
        elif isinstance(each, tuple | list | deque):
            left.extend(each)
        else:
            left.extend([getattr(each, name, None) for name in getattr(kind, "__slots__", ())])
    return total
