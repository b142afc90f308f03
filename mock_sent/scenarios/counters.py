"""What the rules of one account have counted: calls in a window, attempts, steps of a list. Bounded in number."""

from typing import Generic, NamedTuple, TypeVar

from mock_sent.ground.clock import SECOND
from mock_sent.scenarios.matching import Send
from mock_sent.scenarios.scenario import DeliverRule, Limit, Scope, SendRule

MAX_COUNTERS = 100_000

Value = TypeVar("Value")
Subject = tuple[str, ...]
Key = tuple[SendRule | DeliverRule, Subject]


class Figures(NamedTuple):
    """Where a limit stands after a call; `reset` is the instant at which its window ends."""

    limit: int
    remaining: int
    reset: int

    def wait(self, now: int) -> int:
        """Whole seconds until the window ends, rounded up."""
        return max(1, -((now - self.reset) // SECOND))


class _Window(NamedTuple):
    start: int
    used: int


class Kept(Generic[Value]):
    """Values by key; the one that was touched longest ago is dropped when there are too many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: dict[Key, Value] = {}
        self.dropped = 0

    def take(self, key: Key, default: Value) -> Value:
        """The value, out of its place; `put` follows."""
        return self._values.pop(key, default)

    def put(self, key: Key, value: Value) -> None:
        self._values[key] = value
        if len(self._values) > self._most:
            del self._values[next(iter(self._values))]
            self.dropped += 1

    def clear(self, rules: frozenset[object] | None = None) -> None:
        """Forget all, or what belongs to these rules."""
        self._values = {} if rules is None else {k: v for k, v in self._values.items() if k[0] not in rules}


class Counters:
    """The three kinds of counters. Not safe for threads by itself: its owner holds the lock."""

    def __init__(self, most: int = MAX_COUNTERS) -> None:
        self._steps: Kept[int] = Kept(most)
        self._attempts: Kept[int] = Kept(most)
        self._windows: Kept[_Window | None] = Kept(most)

    @property
    def dropped(self) -> int:
        return self._steps.dropped + self._attempts.dropped + self._windows.dropped

    def clear(self, rules: frozenset[object] | None = None) -> None:
        for kept in (self._steps, self._attempts, self._windows):
            kept.clear(rules)

    def step(self, rule: SendRule, send: Send) -> int:
        """How often the rule got this far before, for whom it counts; the one furthest behind, if several."""
        return min(self._move(self._steps, (rule, subject)) for subject in subjects(rule.count_by, send))

    def attempt(self, rule: SendRule | DeliverRule, whom: Subject) -> int:
        """How often a draw was thrown for these recipients before."""
        return self._move(self._attempts, (rule, whom))

    def call(self, rule: SendRule, limit: Limit, send: Send, now: int) -> tuple[bool, Figures]:
        """Count a call; whether it is above the limit for anyone, and the figures of whoever used most."""
        windows = [self._in_window((rule, subject), limit, now) for subject in subjects(limit.count_by, send)]
        fullest = max(windows, key=lambda window: window.used)
        figures = Figures(limit.calls, max(0, limit.calls - fullest.used), fullest.start + limit.per)
        return fullest.used > limit.calls, figures

    def _in_window(self, key: Key, limit: Limit, now: int) -> _Window:
        window = self._windows.take(key, None)
        # A clock that was set back begins a new window too.
        fresh = window is None or not window.start <= now < window.start + limit.per
        moved = _Window(now, 1) if window is None or fresh else _Window(window.start, window.used + 1)
        self._windows.put(key, moved)
        return moved

    def _move(self, kept: Kept[int], key: Key) -> int:
        count = kept.take(key, 0)
        kept.put(key, count + 1)
        return count


def subjects(scope: Scope, send: Send) -> list[Subject]:
    """Whose counters a send moves. Sends without a key share one."""
    if scope == "recipient":
        return [(number,) for number in dict.fromkeys(send.to)] or [()]
    return [(send.idempotency_key or "",)] if scope == "idempotency_key" else [()]
