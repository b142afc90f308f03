"""What the rules of one account have counted: calls in a window, attempts, steps of a list. Bounded in number.

All of it is plain data: texts as keys, integers and named tuples as values. There is no lock: the event loop that owns
the account is the only one that counts.
"""

from typing import Generic, NamedTuple, TypeVar

from mock_sent.ground.clock import SECOND
from mock_sent.scenarios.scenario import DeliverRule, Limit, Scenario, Scope, SendRule
from mock_sent.scenarios.words import Facts

MAX_COUNTERS = 100_000

Value = TypeVar("Value")


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


class BoundedCounters(Generic[Value]):
    """Values by key. When there are too many, the one that was used longest ago is dropped."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: dict[str, Value] = {}
        self.dropped = 0

    def take(self, key: str, default: Value) -> Value:
        """The value, removed; `put` follows."""
        return self._values.pop(key, default)

    def put(self, key: str, value: Value) -> None:
        self._values[key] = value
        if len(self._values) > self._most:
            del self._values[next(iter(self._values))]
            self.dropped += 1

    def clear(self, prefix: str) -> None:
        """Forget the values whose key begins so."""
        self._values = {key: value for key, value in self._values.items() if not key.startswith(prefix)}


class Counters:
    """The three kinds of counters. A key is a rule's key, a space, and whom the rule counts for."""

    def __init__(self, most: int = MAX_COUNTERS) -> None:
        self._steps: BoundedCounters[int] = BoundedCounters(most)
        self._attempts: BoundedCounters[int] = BoundedCounters(most)
        self._windows: BoundedCounters[_Window | None] = BoundedCounters(most)

    @property
    def dropped(self) -> int:
        return self._steps.dropped + self._attempts.dropped + self._windows.dropped

    def clear(self, scenario: Scenario | None = None) -> None:
        """Begin to count again, for all scenarios or for one."""
        prefix = key_prefix(scenario.id) if scenario else ""
        for counters in (self._steps, self._attempts, self._windows):
            counters.clear(prefix)

    def step(self, rule: SendRule, send: Facts) -> int:
        """How often the rule got this far before; of several that it counts for, the lowest number."""
        return min([_move(self._steps, f"{rule.key} {subject}") for subject in subjects(rule.count_by, send)])

    def attempt(self, rule: SendRule | DeliverRule, whom: tuple[str, ...]) -> int:
        """How often the rule drew for these recipients before."""
        return _move(self._attempts, f"{rule.key} {' '.join(whom)}")

    def call(self, rule: SendRule, limit: Limit, send: Facts, now: int) -> tuple[bool, Figures]:
        """Count a call. Whether it is above the limit for anyone, and the figures of the one that used most."""
        windows = [self._in_window(f"{rule.key} {subject}", limit, now) for subject in subjects(limit.count_by, send)]
        fullest = max(windows, key=lambda window: window.used)
        figures = Figures(limit.calls, max(0, limit.calls - fullest.used), fullest.start + limit.per)
        return fullest.used > limit.calls, figures

    def _in_window(self, key: str, limit: Limit, now: int) -> _Window:
        window = self._windows.take(key, None)
        # A clock that was set back begins a new window too.
        fresh = window is None or not window.start <= now < window.start + limit.per
        moved = _Window(now, 1) if window is None or fresh else _Window(window.start, window.used + 1)
        self._windows.put(key, moved)
        return moved


def key_prefix(scenario_id: str) -> str:
    """What the keys of a scenario's rules begin with. No name and no digest has a slash."""
    return f"{scenario_id}/"


def subjects(scope: Scope, send: Facts) -> list[str]:
    """Whose counters a send moves. Sends without a key share one."""
    if scope == "recipient":
        return list(dict.fromkeys(send.words["to"])) or [""]
    return [send.key or ""] if scope == "idempotency_key" else [""]


def _move(counters: BoundedCounters[int], key: str) -> int:
    count = counters.take(key, 0)
    counters.put(key, count + 1)
    return count
