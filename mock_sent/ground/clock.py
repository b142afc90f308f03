"""Time, ids and chance. One clock an account; nothing else in the package reads the machine's time or randomness.

Instants and spans are integers: nanoseconds (since 1970, UTC). Ids and draws come from a stream that seed and scope
determine, so that the same seed gives the same ids on any machine.
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

# 9999-12-31: a clock that is advanced further cannot print its time any more.
LAST = 253_402_214_400 * SECOND

_UNITS = {"ms": MILLISECOND, "s": SECOND, "m": MINUTE, "h": HOUR}
_DURATION = re.compile(r"([0-9]{1,12})(ms|s|m|h)", re.ASCII)
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
# Each byte as a letter of the alphabet: A to H stand for five of the 256 bytes each, the other 54 letters for four.
_LETTERS = bytes(ord(_ALPHABET[i % len(_ALPHABET)]) for i in range(256))
# Digits of a block, and ids that are made at a time.
_BLOCK = 4096
_BATCH = 32


class Span(NamedTuple):
    """A time between two ends, in nanoseconds; the same ends for a fixed one."""

    least: int
    most: int

    @property
    def fixed(self) -> bool:
        return self.least == self.most

    def at(self, share: float) -> int:
        """The time that a draw in [0, 1) picks."""
        return self.least + int((self.most - self.least) * share)


@dataclass(slots=True)
class MadeIds:
    """Where a stream of ids stands: the batches that were made, and the ids of them that nobody has taken yet."""

    batches: int = 0
    ready: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ClockState:
    """Where a clock stands. A clock that is not frozen is `offset` ahead of the machine's time.

    `digits` counts the digits that each stream has given, with those that it passed over.
    """

    seed: str
    offset: int = 0
    frozen_at: int | None = None
    message_ids: MadeIds = field(default_factory=MadeIds)
    request_ids: MadeIds = field(default_factory=MadeIds)
    digits: dict[str, int] = field(default_factory=dict)


class Clock:
    """The time of one account, and its ids and draws: what `state` says, or the beginning of a seed."""

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
        # How often it was reset: an instant of before means nothing afterwards, so nobody goes on waiting for it.
        self._resets = 0
        self._message_ids = _IdStream(self._stream("messages"), 16, _message_ids, state.message_ids)
        self._request_ids = _IdStream(self._stream("requests"), 10, _request_ids, state.request_ids)
        # The block in which each stream of digits stands, with its number.
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
        """Stand still, now or at the given instant."""
        self.state.frozen_at = self.now() if at is None else at
        self._wake()

    def advance(self, span: int) -> None:
        """Jump ahead; a frozen clock stays frozen."""
        if self.state.frozen_at is not None:
            self.state.frozen_at += span
        else:
            self.state.offset += span
        self._wake()

    def resume(self) -> None:
        """Run on from where the frozen clock stands."""
        if self.state.frozen_at is not None:
            self.state.offset = self.state.frozen_at - self._machine()
            self.state.frozen_at = None
            self._wake()

    def reset(self) -> None:
        """Back to the machine's time, and the ids from their beginning."""
        state = self.state
        state.offset, state.frozen_at = 0, None
        state.digits.clear()
        self._message_ids.restart()
        self._resets += 1
        self._wake()

    async def sleep_until(self, instant: int) -> None:
        """Return once this clock has reached the instant, or was reset. A frozen one reaches it when it is moved."""
        resets = self._resets
        while resets == self._resets and (left := instant - self.now()) > 0:
            await self._moved(left)

    async def sleep(self, span: int) -> None:
        """Let so much time pass on this clock. If it is set back, the span at most begins anew."""
        began, resets = self.now(), self._resets
        while resets == self._resets and (left := began + span - self.now()) > 0:
            await self._moved(left)
            began = min(began, self.now())

    async def _moved(self, left: int) -> None:
        """Return when somebody moves this clock, or so much time has passed."""
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
        """UUIDs."""
        return self._message_ids.take(count)

    def uuid(self, stream: str) -> str:
        """The next UUID of a stream. Each kind of thing has its own, so that one does not change another's ids."""
        return uuid_of(self.digits(stream, 32))

    def digits(self, stream: str, count: int) -> str:
        """The next hexadecimal digits of a stream."""
        number, at = divmod(self.state.digits.get(stream, 0), _BLOCK)
        if at + count > _BLOCK:
            number, at = number + 1, 0
        known, block = self._blocks.get(stream, (-1, ""))
        if known != number:  # made a block at a time because one hash for many ids is cheap
            block = shake_128(f"{self._stream(stream)}/{number}".encode()).hexdigest(_BLOCK // 2)
            self._blocks[stream] = number, block
        self.state.digits[stream] = number * _BLOCK + at + count
        return block[at : at + count]

    def request_id(self) -> str:
        """`req_` and ten of A-Z, a-z, 0-9, as on the page."""
        return self._request_ids.take(1)[0]

    def draw(self, *what: object) -> float:
        """A number in [0, 1) that depends on the seed and `what` alone, not on what was drawn before."""
        text = "\x1f".join(map(str, (self.seed, *what)))
        return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") / 2**64

    def _stream(self, name: str) -> str:
        return f"{self.seed}/{self.scope}/{name}"


class _IdStream:
    """Ids without end, made a batch at a time: one hash and one warm loop for many. `size` is in random bytes an id."""

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
        """Give the same ids again."""
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
    """A UUID that `what` determines: the same on every machine."""
    return uuid_of(blake2b("\x1f".join(what).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest())


def new_seed() -> str:
    return secrets.token_hex(4)


def ticks() -> int:
    """The machine's stopwatch in nanoseconds: for durations of real work only."""
    return time.perf_counter_ns()


def timestamp(instant: int) -> str:
    """`2026-03-11T21:50:50.1796606+00:00`: the page's format, seven digits of a second."""
    seconds, rest = divmod(instant, SECOND)
    return f"{_date_and_time(seconds)}.{rest // 100:07d}+00:00"


def whole_second(instant: int) -> str:
    """`2026-03-11T21:50:50Z`: the format of webhook payloads."""
    return _date_and_time(instant // SECOND) + "Z"


@lru_cache(maxsize=16)  # a thousand answers a second share it; pure, so that no two mocks meet in it
def _date_and_time(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def instant_of(text: str) -> int:
    """The instant of an ISO 8601 time with an offset. ValueError says what is wrong."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a time such as 2026-03-11T21:50:50Z") from None
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
    """Nanoseconds of `900ms`, `2s`, `5m`, `24h`. ValueError says what is wrong."""
    found = _DURATION.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not a duration; write a number and a unit, such as 900ms, 2s, 5m or 24h")
    return int(found[1]) * _UNITS[found[2]]
