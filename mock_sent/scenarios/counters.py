"""The counters of one account's rules: calls in a window, attempts, steps of a list. Their number is limited.

All of it is plain data: texts as keys, integers and named tuples as values. There is no lock: the event loop that owns
the account is the only one that counts.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from mock_sent.ground.clock import SECOND
from mock_sent.scenarios.scenario import Limit, MessageRule, Scenario, Scope, SendRule
from mock_sent.scenarios.words import Facts

MAX_COUNTERS = 100_000

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

    A key is the rule's key, a space, and the subject that the rule counts for.
    """

    steps: OrderedDict[str, int] = field(default_factory=OrderedDict)
    attempts: OrderedDict[str, int] = field(default_factory=OrderedDict)
    windows: OrderedDict[str, CountedWindow] = field(default_factory=OrderedDict)
    dropped: int = 0


class Counters:
    """Counts in `state`, which keeps at most `most` counters of each kind."""

    def __init__(self, most: int = MAX_COUNTERS, state: CountersState | None = None) -> None:
        self.state = state or CountersState()
        self._most = most

    def clear(self, scenario: Scenario) -> Iterator[None]:
        """Drop the counters of a scenario, one a step."""
        prefix, state = key_prefix(scenario.id), self.state
        every: tuple[OrderedDict[str, Any], ...] = (state.steps, state.attempts, state.windows)
        for counters in every:
            for key in tuple(counters):
                if key.startswith(prefix):
                    counters.pop(key, None)
                yield

    def step(self, rule: SendRule, send: Facts) -> int:
        """How often the rule reached its list of answers before; the lowest count if it counts for several subjects."""
        return min(
            [self._increment(self.state.steps, f"{rule.key} {subject}") for subject in subjects(rule.count_by, send)]
        )

    def attempt(self, rule: SendRule | MessageRule[Any], drawn_for: tuple[str, ...]) -> int:
        """How often the rule drew before for the same recipients, or for the same recipient and channel."""
        return self._increment(self.state.attempts, f"{rule.key} {' '.join(drawn_for)}")

    def call(self, rule: SendRule, limit: Limit, send: Facts, now: int) -> tuple[bool, Figures]:
        """Count a call. Returns whether any subject is above the limit, and the figures of the fullest window."""
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

    def _increment(self, counters: OrderedDict[str, int], key: str) -> int:
        count = counters.pop(key, 0)
        self._put(counters, key, count + 1)
        return count

    def _put(self, counters: OrderedDict[str, Value], key: str, value: Value) -> None:
        """Keep the value as the latest. If there are too many, drop the least recently used one."""
        counters[key] = value
        if len(counters) > self._most:
            counters.popitem(last=False)  # a plain dict would look through all the places that were freed before
            self.state.dropped += 1


def key_prefix(scenario_id: str) -> str:
    """The prefix of the keys of a scenario's rules. No name and no digest contains a slash."""
    return f"{scenario_id}/"


def subjects(scope: Scope, send: Facts) -> list[str]:
    """The subjects whose counters a send increments. Sends without an idempotency key share one counter."""
    if scope == "recipient":
        return list(dict.fromkeys(send.words["to"])) or [""]
    return [send.key or ""] if scope == "idempotency_key" else [""]
