"""Counts the entries of a record that fit a pattern, compares the count with the wanted one, and finds near misses."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mock_sent.scenarios.comparison import Comparison
from mock_sent.scenarios.patterns import Pattern
from mock_sent.scenarios.words import MESSAGE, Facts, Sentence

Result = Literal["ok", "failed", "unknown"]

# How many entries that do not fit are described, and the lines about them and the differences in a line.
_NEAR, _LINES, _MOST_NAMED = 1_000, 5, 5

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


class Tally:
    """A verify: `add` each entry of the record, then `describe` each of the `nearest`, then ask for the `verdict`.

    `complete` says that no entry was evicted; `noun` names an entry, such as `message`.
    """

    def __init__(self, pattern: Pattern, times: Times, *, complete: bool, noun: str) -> None:
        self._pattern, self._times, self._complete, self._noun = pattern, times, complete, noun
        self._needs_request = needs_request(pattern)
        self._count = self._differing = 0
        self._others: deque[Other] = deque(maxlen=_NEAR)
        self._lines: Counter[str] = Counter()
        self._unsent: Sequence[str] = ()

    def add(self, facts: Facts) -> bool:
        """Count an entry of the record. True: it fits."""
        if facts.headers is None and self._needs_request:
            self._complete = False  # the journal has evicted the request of this message
        elif differences := self._pattern.differences(facts):
            self._differing += 1
            self._others.append((facts, differences))
        else:
            self._count += 1
            return True
        return False

    @property
    def result(self) -> Result:
        return self._times.result(self._count, self._complete)

    @property
    def misses(self) -> bool:
        """Whether too few entries fit."""
        return self.result == "failed" and not self._times.sign.startswith("<") and self._count <= self._times.count

    def nearest(self) -> list[Other]:
        """Of the latest entries that do not fit, those with the fewest differences; none if the result is ok."""
        if self.result == "ok":
            return []
        fewest = self._fewest()
        return [other for other in self._others if len(other[1]) == fewest]

    def describe(self, other: Other) -> None:
        """Count an entry under the line that says how it differs."""
        facts, differences = other
        texts = [sentence(facts) for sentence in differences[:_MOST_NAMED]]
        if len(differences) > _MOST_NAMED:
            texts.append(f"and {len(differences) - _MOST_NAMED} more")
        self._lines["; ".join(texts)] += 1

    def explain(self, unsent: Sequence[str]) -> None:
        """Take the lines about sends that fit but made no entry."""
        self._unsent = unsent

    def verdict(self) -> Verdict:
        """The verdict, with one line for each set of differences, the most frequent set first."""
        only = self._fewest() == 1
        near = [_near(text, n, self._noun, only) for text, n in self._lines.most_common(_LINES)]
        near += self._unsent
        return Verdict(self.result, self._count, near, self._sentence(near))

    def _fewest(self) -> int:
        return min((len(differences) for _, differences in self._others), default=0)

    def _sentence(self, near: Sequence[str]) -> str:
        result, count, times, noun = self.result, self._count, self._times, self._noun
        wanted = f"wanted {_counted(times.count, noun, times.text)}"
        said = f"{wanted}, {'at least ' if result == 'unknown' else ''}{count} {'fits' if count == 1 else 'fit'}"
        if result == "ok":
            return said
        if result == "unknown":
            return f"{said}; older ones were evicted, so that nobody can tell (see MOCK_SENT_MAX_JOURNAL)"
        if not near and not count:
            return f"{said}; there is no {noun} at all"
        return "; ".join([said, *near])


def needs_request(pattern: Pattern) -> bool:
    """Whether the pattern asks for what only the request of a message has."""
    return not pattern.words.isdisjoint(MESSAGE.others)


def _near(text: str, n: int, noun: str, only: bool) -> str:
    verb = "differs" if n == 1 else "differ"
    return f"{_counted(n, noun)} {verb} {'only in' if only else 'in'} {text}"


def _counted(n: int, noun: str, text: str = "") -> str:
    return f"{text or n} {noun}{'' if n == 1 else 's'}"
