"""Counts the entries of a record that fit a pattern, compares the count with the wanted one, and finds near misses."""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mock_sent.scenarios.comparison import Comparison
from mock_sent.scenarios.patterns import Pattern
from mock_sent.scenarios.words import MESSAGE, Facts, Sentence

Result = Literal["ok", "failed", "unknown"]

_NEAR, _LINES = 1_000, 5

# The facts of an entry that does not fit, and its differences from the pattern.
Other = tuple[Facts, Sequence[Sentence]]


class Times(Comparison):
    """The wanted count: 2, "2", ">=1", "<3". Raises `Misuse` for anything else."""

    def __init__(self, wanted: Any) -> None:
        super().__init__("times", wanted)

    def result(self, count: int, complete: bool) -> Result:
        """Whether the count fits. If the record is incomplete, the true count may be greater."""
        fits = self.fits(count)
        if complete:
            return "ok" if fits else "failed"
        if self.sign in (">", ">="):
            return "ok" if fits else "unknown"
        too_many = count > self.count or (self.sign == "<" and count == self.count)
        return "failed" if too_many else "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a verify; `count` is the number of fitting entries that the record still has."""

    result: Result
    count: int
    near_misses: Sequence[str]
    sentence: str


def verify(pattern: Pattern, times: Times, record: Iterable[Facts], *, complete: bool, noun: str) -> Verdict:
    """Count the fitting entries. `complete` says that none was evicted; `noun` names an entry, such as `message`."""
    needs_request = not pattern.words.isdisjoint(MESSAGE.others)
    count = differing = 0
    others: deque[Other] = deque(maxlen=_NEAR)
    for facts in record:
        if facts.headers is None and needs_request:
            complete = False  # the journal has evicted the request of this message
        elif differences := pattern.differences(facts):
            differing += 1
            others.append((facts, differences))
        else:
            count += 1
    result = times.result(count, complete)
    near = [] if result == "ok" else near_misses(others, noun)
    return Verdict(result, count, near, _sentence(result, count, times, near, noun, differing))


def near_misses(others: Iterable[Other], noun: str) -> list[str]:
    """The entries with the fewest differences: one line for each set of differences, the most frequent set first."""
    fewest = min((len(differences) for _, differences in others), default=0)
    lines = Counter(
        "; ".join([sentence(facts) for sentence in differences])
        for facts, differences in others
        if len(differences) == fewest
    )
    return [_near(text, n, noun, fewest == 1) for text, n in lines.most_common(_LINES)]


def _near(text: str, n: int, noun: str, only: bool) -> str:
    verb = "differs" if n == 1 else "differ"
    return f"{_counted(n, noun)} {verb} {'only in' if only else 'in'} {text}"


def _sentence(result: Result, count: int, times: Times, near: Sequence[str], noun: str, others: int) -> str:
    wanted = f"wanted {_counted(times.count, noun, times.text)}"
    said = f"{wanted}, {'at least ' if result == 'unknown' else ''}{count} {'fits' if count == 1 else 'fit'}"
    if result == "ok":
        return said
    if result == "unknown":
        return f"{said}; older ones were evicted, so that nobody can tell (see MOCK_SENT_MAX_JOURNAL)"
    if not others and not count:
        return f"{said}; there is no {noun} at all"
    return "; ".join([said, *near])


def _counted(n: int, noun: str, text: str = "") -> str:
    return f"{text or n} {noun}{'' if n == 1 else 's'}"
