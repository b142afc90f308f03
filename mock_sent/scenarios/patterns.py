"""Patterns: the `when` of a rule, the pattern of verify, and the filters of the lists of messages and requests.

A pattern compiles to differences. A difference is a function of facts. It returns None if the facts fit; otherwise it
returns a function that writes the sentence, because most sentences are never read. Each part checks each fact once,
inside `not` and `any` too: `any` makes its sentence from the results of its parts, and does not call the parts again.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from mock_sent.ground.errors import Misuse, did_you_mean
from mock_sent.scenarios.globs import is_costly, shared_prefix
from mock_sent.scenarios.words import Difference, Facts, Kind, Sentence, difference_of, first_of, texts_of

# A request's JSON is at most 64 levels deep, a scenario file 32. Each word of a pattern is a part.
DEEPEST, MOST_PARTS = 64, 1_000
# Texts with several wildcards are compared one by one.
MOST_COSTLY = 1_000
# The alternatives of an `any` that a sentence names.
_MOST_NAMED = 5


class Pattern(NamedTuple):
    """A compiled pattern: all its parts must fit.

    `difference` finds the first part that differs. At least one recipient must begin with `prefix`. `words` are all
    words of the pattern, those inside `not` and `any` too.
    """

    difference: Difference
    parts: Sequence[Difference]
    prefix: str
    words: frozenset[str]

    def fits(self, facts: Facts) -> bool:
        return self.difference(facts) is None

    def differences(self, facts: Facts) -> list[Sentence]:
        """One entry for each part that differs."""
        return [sentence for part in self.parts if (sentence := part(facts)) is not None]


def compile_pattern(wanted: Any, kind: Kind) -> Pattern:
    """The pattern of `{"to": "+44*", "channel": "sms"}`. Raises `Misuse` for an invalid pattern."""
    compiler = _PatternCompiler(kind)
    parts = compiler.parts(wanted, 1)
    return Pattern(
        first_of([part.difference for part in parts]),
        tuple(part.difference for part in parts),
        _prefix_of(parts),
        frozenset(compiler.words),
    )


class _Part(NamedTuple):
    """One word of a pattern. It fits only if at least one recipient begins with `prefix`."""

    difference: Difference
    prefix: str = ""


class _PatternCompiler:
    """Compiles one pattern, and counts its parts."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._count = self._costly = 0
        self.words: set[str] = set()

    def parts(self, wanted: Any, depth: int) -> list[_Part]:
        if not isinstance(wanted, dict):
            raise Misuse('a pattern must be an object, such as {"to": "+44*", "channel": "sms"}')
        if depth > DEEPEST:
            raise Misuse(f"a pattern may be nested {DEEPEST} deep, not deeper")
        self._count_parts(max(len(wanted), 1))
        if strange := next((word for word in wanted if word not in self._kind.words), None):
            raise Misuse(self._unknown(strange))
        self.words.update(wanted)
        return [self._part(word, value, depth) for word, value in wanted.items()]

    def _part(self, word: str, value: Any, depth: int) -> _Part:
        if word == "not":
            return self._not(value, depth)
        if word == "any":
            return self._any(value, depth)
        self._count_texts(value)
        difference = difference_of(word, value)
        prefix = shared_prefix([text.split("*")[0] for text in texts_of(word, value)]) if word == "to" else ""
        return _Part(difference, prefix)

    def _unknown(self, word: str) -> str:
        known, shown = self._kind.words, word[:50]
        return f"a pattern has no word {shown!r}{did_you_mean(shown, known)}; it has {', '.join(known)}"

    def _count_parts(self, count: int) -> None:
        self._count += count
        if self._count > MOST_PARTS:
            raise Misuse(f"a pattern may have {MOST_PARTS:,} words, those inside not and any counted, not more")

    def _count_texts(self, value: Any) -> None:
        """Count the texts that cost most, and the names of headers, of which each is a part."""
        if isinstance(value, dict):
            self._count_parts(len(value) - 1)
        for each in value.values() if isinstance(value, dict) else (value,):
            texts = each if isinstance(each, list) else (each,)
            self._costly += sum(isinstance(text, str) and is_costly(text) for text in texts)
        if self._costly > MOST_COSTLY:
            raise Misuse(f"a pattern may have {MOST_COSTLY:,} texts with more than one *, not more")

    def _not(self, value: Any, depth: int) -> _Part:
        inner = self._inner(value, depth)[0]
        words = ", ".join(value)

        def sentence(_: Facts) -> str:
            return f"not: its {words} fits"

        return _Part(lambda facts: sentence if inner(facts) is None else None)

    def _any(self, value: Any, depth: int) -> _Part:
        if not isinstance(value, list) or not value:
            raise Misuse("any must be a list of patterns")
        each, prefixes = zip(*[self._inner(wanted, depth) for wanted in value], strict=True)

        def difference(facts: Facts) -> Sentence | None:
            found = []
            for inner in each:
                sentence = inner(facts)
                if sentence is None:
                    return None
                found.append(sentence)
            return lambda facts: _alternatives(found, facts)

        return _Part(difference, shared_prefix(prefixes))

    def _inner(self, wanted: Any, depth: int) -> tuple[Difference, str]:
        parts = self.parts(wanted, depth + 1)
        return first_of([part.difference for part in parts]), _prefix_of(parts)


def _alternatives(found: Sequence[Sentence], facts: Facts) -> str:
    texts = [sentence(facts) for sentence in found[:_MOST_NAMED]]
    if len(found) > _MOST_NAMED:
        texts.append(f"{len(found) - _MOST_NAMED} more")
    return "any: " + " or ".join(texts)


def _prefix_of(parts: Sequence[_Part]) -> str:
    return max((part.prefix for part in parts), key=len, default="")
