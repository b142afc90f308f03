"""The sends that made no message although they ask for one that verify looks for: refused ones, sandbox ones, ..."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mock_sent.api.switches import SENDING
from mock_sent.journal import Exchange, Journal
from mock_sent.journal.facts import facts_of
from mock_sent.scenarios.patterns import compile_pattern
from mock_sent.scenarios.words import MESSAGE

# What only a message has.
_OF_MESSAGES = frozenset({"id", "text", "status", "request_id"})
_INNER = ("not", "any")
_LINES, _LENGTH = 5, 100


class UnsentSends:
    """Counts the sends without a message that fit a pattern, by the reason why they have none."""

    def __init__(self, words: Mapping[str, Any]) -> None:
        asked = {word: value for word, value in words.items() if word not in _OF_MESSAGES}
        if asked.get("sandbox") is False:  # the switch that was left on is what the test must learn of
            del asked["sandbox"]
        if not _OF_MESSAGES.isdisjoint(compile_pattern(asked, MESSAGE).words):
            asked = {word: value for word, value in asked.items() if word not in _INNER}
        self._pattern = compile_pattern(asked, MESSAGE)
        to = asked.get("to")
        self._to = f" to {to[:_LENGTH]}" if isinstance(to, str) else ""
        self._reasons: Counter[str] = Counter()

    def of(self, journal: Journal) -> Iterator[Exchange]:
        """The sends to look at."""
        return (x for x in journal if x.operation == SENDING and not x.made)

    def look(self, x: Exchange) -> None:
        """Count a send if it fits."""
        facts = facts_of(x)
        if self._pattern.fits(facts):
            self._reasons[_reason(x, sandbox=facts.sandbox)] += 1

    def lines(self) -> Sequence[str]:
        """A line for each reason, the most frequent one first."""
        counted = self._reasons.most_common(_LINES)
        return [f"{n} send{'' if n == 1 else 's'}{self._to} {_verb(reason, n)}" for reason, n in counted]


def _verb(reason: str, n: int) -> str:
    return f"were {reason[4:]}" if n > 1 and reason.startswith("was ") else reason


def _reason(x: Exchange, *, sandbox: bool) -> str:
    by = f", by the rule {x.rule}" if x.rule else ""
    if x.status >= 400:
        return f"was refused: {x.status} {x.outcome}{by}{_first(x.violations)}"
    if x.key_fate == "replayed":
        return f"came under a key that was used before, so the first answer was given again ({x.original})"
    if sandbox:
        return "had sandbox: true, which makes no message"
    return f"made no message: {x.fault or 'answered ' + str(x.status)}{by}"


def _first(violations: Sequence[str]) -> str:
    more = f", and {len(violations) - 1} more" if len(violations) > 1 else ""
    return f" ({violations[0][:_LENGTH]}{more})" if violations else ""
