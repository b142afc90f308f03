"""The counters of one account's rules: calls in a window, attempts, steps of a list. Their number is limited.

All of it is plain data: texts as keys, integers and named tuples as values. There is no lock: the event loop that owns
the account is the only one that counts.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from sys import getsizeof
from typing import Any, NamedTuple, TypeVar

from mock_sent.ground.clock import SECOND
from mock_sent.ground.memory import ByteCount
from mock_sent.scenarios.scenario import Limit, MessageRule, Scenario, Scope, SendRule
from mock_sent.scenarios.words import Facts

MAX_COUNTERS = 100_000
# A longer subject, such as a list of recipients, is kept as its digest.
_LONGEST_SUBJECT = 64
# The bytes of a counter, and of a window, without its key.
_COUNTER, _WINDOW = 110, 180

Value = TypeVar("Value")


class Figures(NamedTuple):
    """The state of a limit after a call; `reset` is the instant at which its window ends."""

    limit: int
    remaining: int
    reset: int

    def wait(self, now: int) -> int:
        """Whole seconds until the window ends, rounded up."""
        return max(1, -((now - self.reset) // SECOND))


class CountedWindow(NamedTuple):
    """The calls that a limit has counted since `start`."""

    start: int
    used: int


@dataclass(slots=True)
class CountersState:
    """The three kinds of counters, the least recently used first, and how many counters were dropped.

    A key is the rule's key, a space, and the subject that the rule counts for, or its digest.
    """

    steps: OrderedDict[str, int] = field(default_factory=OrderedDict)
    attempts: OrderedDict[str, int] = field(default_factory=OrderedDict)
    windows: OrderedDict[str, CountedWindow] = field(default_factory=OrderedDict)
    dropped: int = 0


class Counters:
    """Counts in `state`, which keeps at most `most` counters of each kind."""

    def __init__(
        self, most: int = MAX_COUNTERS, state: CountersState | None = None, byte_count: ByteCount | None = None
    ) -> None:
        self.state, self.byte_count = state or CountersState(), byte_count or ByteCount()
        self._most = most
        self.byte_count.add(sum([self._size(kind, key) for kind in self._kinds() for key in kind]))

    def clear(self, scenario: Scenario) -> Iterator[None]:
        """Drop the counters of a scenario, one a step."""
        prefix = key_prefix(scenario.id)
        for counters in self._kinds():
            for key in tuple(counters):
                if key.startswith(prefix) and key in counters:
                    del counters[key]
                    self.byte_count.add(-self._size(counters, key))
                yield

    def take_apart(self) -> Iterator[None]:
        """Drop the counters of a closed account, one a step."""
        for counters in self._kinds():
            while counters:
                counters.popitem()
                yield

    def step(self, rule: SendRule, send: Facts) -> int:
        """How often the rule reached its list of answers before; the lowest count if it counts for several subjects."""
        return min(
            [self._increment(self.state.steps, _key(rule, subject)) for subject in subjects(rule.count_by, send)]
        )

    def attempt(self, rule: SendRule | MessageRule[Any], drawn_for: tuple[str, ...]) -> int:
        """How often the rule drew before for the same recipients, or for the same recipient and channel."""
        return self._increment(self.state.attempts, _key(rule, " ".join(drawn_for)))

    def call(self, rule: SendRule, limit: Limit, send: Facts, now: int) -> tuple[bool, Figures]:
        """Count a call. Returns whether any subject is above the limit, and the figures of the fullest window."""
        windows = [self._in_window(_key(rule, subject), limit, now) for subject in subjects(limit.count_by, send)]
        fullest = max(windows, key=lambda window: window.used)
        figures = Figures(limit.calls, max(0, limit.calls - fullest.used), fullest.start + limit.per)
        return fullest.used > limit.calls, figures

    def _in_window(self, key: str, limit: Limit, now: int) -> CountedWindow:
        window = self.state.windows.get(key)
        # A clock that was set back begins a new window too.
        if window is None or not window.start <= now < window.start + limit.per:
            moved = CountedWindow(now, 1)
        else:
            moved = CountedWindow(window.start, window.used + 1)
        self._put(self.state.windows, key, moved)
        return moved

    def _increment(self, counters: OrderedDict[str, int], key: str) -> int:
        count = counters.get(key, 0)
        self._put(counters, key, count + 1)
        return count

    def _put(self, counters: OrderedDict[str, Value], key: str, value: Value) -> None:
        """Keep the value as the latest. If there are too many, drop the least recently used one."""
        if key in counters:
            counters[key] = value
            counters.move_to_end(key)
            return
        counters[key] = value
        self.byte_count.add(self._size(counters, key))
        if len(counters) > self._most:
            self._drop_oldest(counters)
        while self.byte_count.is_over and len(most := max(self._kinds(), key=len)) > 1:
            self._drop_oldest(most)

    def _drop_oldest(self, counters: OrderedDict[str, Any]) -> None:
        # A plain dict would look through all the places that were freed before.
        key, _ = counters.popitem(last=False)
        self.byte_count.add(-self._size(counters, key))
        self.state.dropped += 1

    def _kinds(self) -> tuple[OrderedDict[str, Any], ...]:
        return self.state.steps, self.state.attempts, self.state.windows

    def _size(self, counters: OrderedDict[str, Any], key: str) -> int:
        return getsizeof(key) + (_WINDOW if counters is self.state.windows else _COUNTER)


def _key(rule: SendRule | MessageRule[Any], subject: str) -> str:
    if len(subject) > _LONGEST_SUBJECT:
        subject = blake2b(subject.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return f"{rule.key} {subject}"


def key_prefix(scenario_id: str) -> str:
    """The prefix of the keys of a scenario's rules. No name and no digest contains a slash."""
    return f"{scenario_id}/"


def subjects(scope: Scope, send: Facts) -> list[str]:
    """The subjects whose counters a send increments. Sends without an idempotency key share one counter."""
    if scope == "recipient":
        return list(dict.fromkeys(send.words["to"])) or [""]
    return [send.key or ""] if scope == "idempotency_key" else [""]
