"""What the rules of one account have counted: calls in a window, attempts, steps of a list. Bounded in number.

All of it is plain data: texts as keys, integers and named tuples as values. There is no lock: the event loop that owns
the account is the only one that counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

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


class CountedWindow(NamedTuple):
    """The calls that a limit has counted since `start`."""

    start: int
    used: int


@dataclass(slots=True)
class CountersState:
    """The three kinds of counters, the one that was used longest ago first, and how many were dropped for newer ones.

    A key is a rule's key, a space, and whom the rule counts for.
    """

    steps: dict[str, int] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    windows: dict[str, CountedWindow] = field(default_factory=dict)
    dropped: int = 0


class Counters:
    """Counts in `state`, at most so many of each kind."""

    def __init__(self, most: int = MAX_COUNTERS, state: CountersState | None = None) -> None:
        self.state = state or CountersState()
        self._most = most

    def clear(self, scenario: Scenario | None = None) -> None:
        """Begin to count again, for all scenarios or for one."""
        prefix, state = key_prefix(scenario.id) if scenario else "", self.state
        state.steps = _others(state.steps, prefix)
        state.attempts = _others(state.attempts, prefix)
        state.windows = _others(state.windows, prefix)

    def step(self, rule: SendRule, send: Facts) -> int:
        """How often the rule got this far before; of several that it counts for, the lowest number."""
        return min([self._move(self.state.steps, f"{rule.key} {subject}") for subject in subjects(rule.count_by, send)])

    def attempt(self, rule: SendRule | DeliverRule, whom: tuple[str, ...]) -> int:
        """How often the rule drew for these recipients before."""
        return self._move(self.state.attempts, f"{rule.key} {' '.join(whom)}")

    def call(self, rule: SendRule, limit: Limit, send: Facts, now: int) -> tuple[bool, Figures]:
        """Count a call. Whether it is above the limit for anyone, and the figures of the one that used most."""
        windows = [self._in_window(f"{rule.key} {subject}", limit, now) for subject in subjects(limit.count_by, send)]
        fullest = max(windows, key=lambda window: window.used)
        figures = Figures(limit.calls, max(0, limit.calls - fullest.used), fullest.start + limit.per)
        return fullest.used > limit.calls, figures

    def _in_window(self, key: str, limit: Limit, now: int) -> CountedWindow:
        window = self.state.windows.pop(key, None)
        # A clock that was set back begins a new window too.
        if window is None or not window.start <= now < window.start + limit.per:
            moved = CountedWindow(now, 1)
        else:
            moved = CountedWindow(window.start, window.used + 1)
        self._put(self.state.windows, key, moved)
        return moved

    def _move(self, counters: dict[str, int], key: str) -> int:
        count = counters.pop(key, 0)
        self._put(counters, key, count + 1)
        return count

    def _put(self, counters: dict[str, Value], key: str, value: Value) -> None:
        """Keep the value as the latest. If there are too many, the one that was used longest ago is dropped."""
        counters[key] = value
        if len(counters) > self._most:
            del counters[next(iter(counters))]
            self.state.dropped += 1


def key_prefix(scenario_id: str) -> str:
    """What the keys of a scenario's rules begin with. No name and no digest has a slash."""
    return f"{scenario_id}/"


def subjects(scope: Scope, send: Facts) -> list[str]:
    """Whose counters a send moves. Sends without a key share one."""
    if scope == "recipient":
        return list(dict.fromkeys(send.words["to"])) or [""]
    return [send.key or ""] if scope == "idempotency_key" else [""]


def _others(counters: Mapping[str, Value], prefix: str) -> dict[str, Value]:
    """Those whose key does not begin so."""
    return {key: value for key, value in counters.items() if not key.startswith(prefix)}
