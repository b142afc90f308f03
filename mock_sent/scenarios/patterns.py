"""The patterns of the house: the `when` of a rule, what verify looks for, the filters of the inbox's search.

The only primitive is the difference. It is None where the facts fit; otherwise it is a function that writes the
sentence, because most sentences are never read. A part looks at each fact once, inside `not` and `any` too: the
sentence of an `any` is made from the differences that its parts found, and asks them nothing again.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from mock_sent.ground.errors import Misuse, did_you_mean
from mock_sent.scenarios.comparison import Comparison
from mock_sent.scenarios.globs import compile_glob, shared_prefix

# A request's JSON is at most 64 deep, a scenario file 32. Each word of a pattern is a part.
DEEPEST, MOST_PARTS = 64, 1_000
# The channels of a send that names none: the API chooses.
DEFAULT_CHANNELS = ("sent",)
_LENGTH, _MOST_SHOWN = 80, 3


class Facts(NamedTuple):
    """What a pattern is held against: a send, a message, or a request.

    `words` has the texts of each word of the kind. Header names are in lower case; `headers` is None for a message
    whose request is no longer known.
    """

    words: Mapping[str, Sequence[str]]
    headers: Mapping[str, str] | None = MappingProxyType({})
    key: str | None = None
    key_seen: bool = False
    recipients: int = 1
    sandbox: bool = False


class Kind(NamedTuple):
    """The words that patterns have for one kind of facts: those for texts, and `others`, which take other values."""

    texts: Sequence[str]
    others: Sequence[str] = ("header", "recipients", "sandbox", "idempotency_key")

    @property
    def words(self) -> Sequence[str]:
        return (*self.texts, *self.others, "not", "any")


SEND = Kind(("to", "channel", "template"))
# What a `deliver` rule sees: one recipient on one channel, before the message exists.
LEG = Kind(("to", "channel", "template"), ())
MESSAGE = Kind(("id", "to", "channel", "template", "text", "status", "profile", "request_id"))
REQUEST = Kind(
    ("to", "channel", "template", "status", "profile", "request_id", "method", "path", "outcome", "rule", "key_fate")
)

# Writes what differs, such as `channel: whatsapp, wanted sms`, of the facts in which the difference was found.
Sentence = Callable[[Facts], str]
Difference = Callable[[Facts], Sentence | None]


class Pattern(NamedTuple):
    """A compiled pattern: all its parts must fit.

    `difference` finds the first part that differs. `prefix` is what one recipient must begin with; `words` are all
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
    """The pattern of `{"to": "+44*", "channel": "sms"}`. Raises `Misuse` for what is no pattern of that kind."""
    compiler = _PatternCompiler(kind)
    parts = compiler.parts(wanted, 1)
    return Pattern(
        _first_of([part.difference for part in parts]),
        tuple(part.difference for part in parts),
        _prefix_of(parts),
        frozenset(compiler.words),
    )


class _Part(NamedTuple):
    """One word of a pattern, and what one recipient must begin with for it to fit."""

    difference: Difference
    prefix: str = ""


class _PatternCompiler:
    """Goes through one pattern and counts its parts."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._count = 0
        self.words: set[str] = set()

    def parts(self, wanted: Any, depth: int) -> list[_Part]:
        if not isinstance(wanted, dict):
            raise Misuse('a pattern must be an object, such as {"to": "+44*", "channel": "sms"}')
        if depth > DEEPEST:
            raise Misuse(f"a pattern may be nested {DEEPEST} deep, not deeper")
        self._count += len(wanted)
        if self._count > MOST_PARTS:
            raise Misuse(f"a pattern may have {MOST_PARTS:,} words, those inside not and any counted, not more")
        self.words.update(wanted)
        return [self._part(word, value, depth) for word, value in wanted.items()]

    def _part(self, word: str, value: Any, depth: int) -> _Part:
        if word == "not":
            return self._not(value, depth)
        if word == "any":
            return self._any(value, depth)
        if word in self._kind.texts:
            return _text(word, value)
        if word not in self._kind.others:
            known = self._kind.words
            raise Misuse(f"a pattern has no word {word[:50]!r}{did_you_mean(word, known)}; it has {', '.join(known)}")
        return _Part(_OTHERS[word](value))

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
            return lambda facts: "any: " + " or ".join([sentence(facts) for sentence in found])

        return _Part(difference, shared_prefix(prefixes))

    def _inner(self, wanted: Any, depth: int) -> tuple[Difference, str]:
        parts = self.parts(wanted, depth + 1)
        return _first_of([part.difference for part in parts]), _prefix_of(parts)


def _prefix_of(parts: Sequence[_Part]) -> str:
    return max((part.prefix for part in parts), key=len, default="")


def _first_of(differences: Sequence[Difference]) -> Difference:
    """The first difference of several: a send that does not fit is asked nothing more."""
    if len(differences) == 1:
        return differences[0]
    if len(differences) == 2:
        first, second = differences
        return lambda facts: first(facts) or second(facts)

    def difference(facts: Facts) -> Sentence | None:
        for each in differences:
            sentence = each(facts)
            if sentence is not None:
                return sentence
        return None

    return difference


def _text(word: str, value: Any) -> _Part:
    texts = _texts(word, value)
    glob, wanted = compile_glob(texts), _shown(texts)

    def sentence(facts: Facts) -> str:
        return f"{word}: {_shown(facts.words[word])}, wanted {wanted}"

    def difference(facts: Facts) -> Sentence | None:
        for text in facts.words[word]:
            if glob(text):
                return None
        return sentence

    return _Part(difference, shared_prefix([text.split("*")[0] for text in texts]) if word == "to" else "")


def _header(value: Any) -> Difference:
    if not isinstance(value, dict):
        raise Misuse("header must be an object of names and patterns")
    return _first_of([_one_header(str(name).lower(), _texts("header", texts)) for name, texts in value.items()])


def _one_header(name: str, texts: Sequence[str]) -> Difference:
    glob, wanted = compile_glob(texts), _shown(texts)

    def sentence(facts: Facts) -> str:
        has = (facts.headers or {}).get(name)
        return f"header {name}: {'absent' if has is None else _cut(has)}, wanted {wanted}"

    def difference(facts: Facts) -> Sentence | None:
        has = facts.headers.get(name) if facts.headers else None
        return None if has is not None and glob(has) else sentence

    return difference


def _recipients(value: Any) -> Difference:
    wanted = Comparison("recipients", value)

    def sentence(facts: Facts) -> str:
        return f"recipients: {facts.recipients}, wanted {wanted.text}"

    return lambda facts: None if wanted.fits(facts.recipients) else sentence


def _sandbox(value: Any) -> Difference:
    if not isinstance(value, bool):
        raise Misuse("sandbox must be true or false")

    def sentence(_: Facts) -> str:
        return f"sandbox: wanted {str(value).lower()}"

    return lambda facts: None if facts.sandbox is value else sentence


def _idempotency_key(value: Any) -> Difference:
    """One of the four states; any other text is the key itself, which only verify and search may ask for."""
    texts = _texts("idempotency_key", value)
    present, absent, fresh, seen = (state in texts for state in _STATES)
    glob, wanted = compile_glob([text for text in texts if text not in _STATES]), _shown(texts)

    def sentence(facts: Facts) -> str:
        return f"idempotency_key: {_cut(facts.key) if facts.key else 'absent'}, wanted {wanted}"

    def difference(facts: Facts) -> Sentence | None:
        key = facts.key
        if key is None:
            return None if absent else sentence
        return None if present or (seen if facts.key_seen else fresh) or glob(key) else sentence

    return difference


_STATES = ("present", "absent", "fresh", "seen")
_OTHERS: Mapping[str, Callable[[Any], Difference]] = {
    "header": _header,
    "recipients": _recipients,
    "sandbox": _sandbox,
    "idempotency_key": _idempotency_key,
}


def _texts(word: str, value: Any) -> list[str]:
    each = value if isinstance(value, list) else [value]
    texts = [str(text) if isinstance(text, int) and not isinstance(text, bool) else text for text in each]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise Misuse(f"{word} must be a text or a list of texts; * stands for anything")
    return texts


def _shown(texts: Sequence[str]) -> str:
    if not texts:
        return "none"
    shown = " or ".join(texts[:_MOST_SHOWN])
    if len(shown) > _LENGTH:
        shown = " or ".join([_cut(text) for text in texts[:_MOST_SHOWN]])
    return shown if len(texts) <= _MOST_SHOWN else f"{shown} ..."


def _cut(text: str) -> str:
    return text if len(text) <= _LENGTH else text[: _LENGTH - 3] + "..."
