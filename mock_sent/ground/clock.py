"""Time, ids and chance. Each account has a clock; nothing else in the package reads the machine's time or randomness.

Instants and spans are integers, in nanoseconds; instants count from 1970, UTC. Ids and draws come from streams that
depend only on the seed and the scope, so the same seed gives the same ids on any machine.
"""

import asyncio
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b, shake_128
from typing import NamedTuple

MICROSECOND = 1_000
MILLISECOND = 1_000_000
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# 9999-12-31: a later time has no timestamp.
LAST = 253_402_214_400 * SECOND

_UNITS = (HOUR, MINUTE, SECOND, MILLISECOND)
_DURATION = re.compile(r"(?!$)(?:([0-9]{1,12})h)?(?:([0-9]{1,12})m)?(?:([0-9]{1,12})s)?(?:([0-9]{1,12})ms)?", re.ASCII)
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
# The letter for each byte. Each of A to H is the letter for five of the 256 bytes, each of the other 54 for four.
_LETTERS = bytes(ord(_ALPHABET[i % len(_ALPHABET)]) for i in range(256))
# The digits in a block, and the ids in a batch.
_BLOCK = 4096
_BATCH = 32


class Span(NamedTuple):
    """A range of durations, in nanoseconds. A fixed duration has equal ends."""

    least: int
    most: int

    @property
    def fixed(self) -> bool:
        return self.least == self.most

    def at(self, share: float) -> int:
        """The duration that a draw in [0, 1) selects."""
        return self.least + int((self.most - self.least) * share)


@dataclass(slots=True)
class MadeIds:
    """The position of a stream of ids: how many batches were made, and their ids that have not been taken yet."""

    batches: int = 0
    ready: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ClockState:
    """The state of a clock. A clock that is not frozen is `offset` ahead of the machine's time.

    `digits` is the position in each stream of digits: how many were given or skipped.
    """

    seed: str
    offset: int = 0
    frozen_at: int | None = None
    message_ids: MadeIds = field(default_factory=MadeIds)
    request_ids: MadeIds = field(default_factory=MadeIds)
    digits: dict[str, int] = field(default_factory=dict)


class Clock:
    """The time, ids and draws of one account. It continues from `state`; without one, it starts anew with the seed."""

    def __init__(
        self,
        seed: str,
        scope: str = "",
        machine: Callable[[], int] = time.time_ns,
        state: ClockState | None = None,
    ) -> None:
        self.state = state = state or ClockState(seed)
        self.seed = state.seed
        self.scope = scope
        self._machine = machine
        self._waiting: set[asyncio.Future[None]] = set()
        # How often it was reset. A reset ends all waiting, because an instant from before it has no meaning any more.
        self._resets = 0
        self._message_ids = _IdStream(self._stream("messages"), 16, _message_ids, state.message_ids)
        self._request_ids = _IdStream(self._stream("requests"), 10, _request_ids, state.request_ids)
        # The current block of each stream of digits, with its number.
        self._blocks: dict[str, tuple[int, str]] = {}

    # Time

    def now(self) -> int:
        """Nanoseconds since 1970."""
        state = self.state
        if state.frozen_at is not None:
            return state.frozen_at
        return self._machine() + state.offset

    @property
    def frozen(self) -> bool:
        return self.state.frozen_at is not None

    def freeze(self, at: int | None = None) -> None:
        """Stop the clock, now or at the given instant."""
        self.state.frozen_at = self.now() if at is None else at
        self._wake()

    def advance(self, span: int) -> None:
        """Move the clock forward by a span; a frozen clock stays frozen."""
        if self.state.frozen_at is not None:
            self.state.frozen_at += span
        else:
            self.state.offset += span
        self._wake()

    def resume(self) -> None:
        """Let a frozen clock run again, from the instant at which it is frozen."""
        if self.state.frozen_at is not None:
            self.state.offset = self.state.frozen_at - self._machine()
            self.state.frozen_at = None
            self._wake()

    def reset(self) -> None:
        """Return to the machine's time, and restart the streams of message ids and digits."""
        state = self.state
        state.offset, state.frozen_at = 0, None
        state.digits.clear()
        self._message_ids.restart()
        self._resets += 1
        self._wake()

    async def sleep_until(self, instant: int) -> None:
        """Return when this clock has reached the instant or was reset. A frozen clock must be advanced to reach it."""
        resets = self._resets
        while resets == self._resets and (left := instant - self.now()) > 0:
            await self.moved(left)

    async def sleep(self, span: int) -> None:
        """Return when the span has passed on this clock, or it was reset. If it is set back, the span starts anew."""
        began, resets = self.now(), self._resets
        while resets == self._resets and (left := began + span - self.now()) > 0:
            await self.moved(left)
            began = min(began, self.now())

    async def moved(self, left: int) -> None:
        """Return when this clock is moved; if it runs, at the latest after `left` nanoseconds."""
        moved = asyncio.get_running_loop().create_future()
        self._waiting.add(moved)
        try:
            await asyncio.wait_for(moved, None if self.frozen else left / SECOND)
        except TimeoutError:
            pass
        finally:
            self._waiting.discard(moved)

    def _wake(self) -> None:
        for moved in self._waiting:
            if not moved.done():
                moved.set_result(None)

    # Ids and chance

    def message_ids(self, count: int) -> tuple[str, ...]:
        """The next UUIDs for messages."""
        return self._message_ids.take(count)

    def uuid(self, stream: str) -> str:
        """The next UUID of a stream. Each kind of object has a stream, so that one kind does not affect others' ids."""
        return uuid_of(self.digits(stream, 32))

    def digits(self, stream: str, count: int) -> str:
        """The next hexadecimal digits of a stream."""
        number, at = divmod(self.state.digits.get(stream, 0), _BLOCK)
        if at + count > _BLOCK:
            number, at = number + 1, 0
        known, block = self._blocks.get(stream, (-1, ""))
        if known != number:  # one hash for a block of many ids is cheap
            block = shake_128(f"{self._stream(stream)}/{number}".encode()).hexdigest(_BLOCK // 2)
            self._blocks[stream] = number, block
        self.state.digits[stream] = number * _BLOCK + at + count
        return block[at : at + count]

    def request_id(self) -> str:
        """The next id of a request: `req_` and ten of A-Z, a-z, 0-9, as on the vendor's page."""
        return self._request_ids.take(1)[0]

    def draw(self, *what: object) -> float:
        """A number in [0, 1) that depends only on the seed and `what`, not on earlier draws."""
        text = "\x1f".join(map(str, (self.seed, *what)))
        return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") / 2**64

    def _stream(self, name: str) -> str:
        return f"{self.seed}/{self.scope}/{name}"


class _IdStream:
    """An endless stream of ids, made in batches, which is faster. `size` is the number of random bytes per id."""

    def __init__(self, name: str, size: int, make: Callable[[bytes, int], list[str]], made: MadeIds) -> None:
        self._name, self._size, self._make = name, size, make
        self._made, self._ready = made, made.ready

    def take(self, count: int) -> tuple[str, ...]:
        while count > len(self._ready):
            drawn = shake_128(f"{self._name}/{self._made.batches}".encode()).digest(_BATCH * self._size)
            self._ready += self._make(drawn, self._size)
            self._made.batches += 1
        taken = tuple(self._ready[:count])
        del self._ready[:count]
        return taken

    def restart(self) -> None:
        """Return to the first id of the stream."""
        self._made.batches = 0
        self._ready.clear()


def _message_ids(drawn: bytes, size: int) -> list[str]:
    digits = drawn.hex()
    return [uuid_of(digits[i : i + 2 * size]) for i in range(0, len(digits), 2 * size)]


def _request_ids(drawn: bytes, size: int) -> list[str]:
    letters = drawn.translate(_LETTERS).decode("ascii")
    return ["req_" + letters[i : i + size] for i in range(0, len(letters), size)]


def uuid_of(h: str) -> str:
    """The version 4 UUID (RFC 9562) made of 32 hexadecimal digits."""
    return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:32]}"


def uuid_for(*what: str) -> str:
    """A UUID that depends only on `what`, so it is the same on every machine."""
    return uuid_of(blake2b("\x1f".join(what).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest())


def new_seed() -> str:
    return secrets.token_hex(4)


_MONOTONIC: int | None = getattr(time, "CLOCK_MONOTONIC", None)


def ticks() -> int:
    """Nanoseconds of the machine's monotonic clock, which measures how long something takes.

    It is asked by its number where it has one, because freezegun stops `time.monotonic` and `time.perf_counter`.
    """
    return time.perf_counter_ns() if _MONOTONIC is None else time.clock_gettime_ns(_MONOTONIC)


def timestamp(instant: int) -> str:
    """`2026-03-11T21:50:50.1796606+00:00`: the format of the vendor's page, with seven decimals of a second."""
    seconds, rest = divmod(instant, SECOND)
    return f"{_date_and_time(seconds)}.{rest // 100:07d}+00:00"


def whole_second(instant: int) -> str:
    """`2026-03-11T21:50:50Z`: the format of webhook payloads."""
    return _date_and_time(instant // SECOND) + "Z"


@lru_cache(maxsize=16)  # all answers within a second share one text; the function is pure, so mocks can share the cache
def _date_and_time(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def instant_of(text: str) -> int:
    """The instant of an ISO 8601 time with an offset. Raises `ValueError` with the reason."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text[:50]!r} is not a time such as 2026-03-11T21:50:50Z") from None
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset; add Z for UTC")
    try:
        since = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    except OverflowError:
        raise ValueError(f"{text!r} is out of range") from None
    instant = (since.days * 86_400 + since.seconds) * SECOND + since.microseconds * MICROSECOND
    if not 0 <= instant <= LAST:
        raise ValueError(f"{text!r} is out of range; from 1970 to 9999")
    return instant


def duration_of(text: str) -> int:
    """Nanoseconds of `900ms`, `2s`, `5m`, `1h30m`. Raises `ValueError` with the reason."""
    found = _DURATION.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not a duration; write a number and a unit, such as 900ms, 2s, 5m or 1h30m")
    return sum(int(number) * unit for number, unit in zip(found.groups("0"), _UNITS, strict=True))
