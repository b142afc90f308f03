"""Patterns in the words of the scenario language, held against what was sent: how many fit, and what nearly did.

A pattern says what differs; it fits where nothing does. So a failed expectation can always say why.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from mock_sent.ground.errors import Misuse, did_you_mean
from mock_sent.scenarios.matching import compile_glob

Result = Literal["ok", "failed", "unknown"]

# Words of one text or several: what is said of a message, and of a request.
OF_MESSAGES = ("id", "to", "channel", "template", "text", "status", "profile", "request_id")
OF_REQUESTS = (
    "to", "channel", "template", "status", "profile", "request_id", "method", "path", "outcome", "rule", "key_fate",
)  # fmt: skip
# Words that ask for the request of a message, which may have left the journal before the message did.
_OF_THE_REQUEST = {"header", "recipients", "sandbox", "idempotency_key"}
_STATES = ("present", "absent", "fresh", "seen")
_COMPARE: Mapping[str, Callable[[int, int], bool]] = {
    "=": int.__eq__,
    ">": int.__gt__,
    "<": int.__lt__,
    ">=": int.__ge__,
    "<=": int.__le__,
}
_NEAR, _LINES, _LENGTH = 1_000, 5, 80


class Seen(NamedTuple):
    """A message or a request, as a pattern sees it. Without `headers` its request is not known any more."""

    words: Mapping[str, Sequence[str]]
    headers: Mapping[str, str] | None = MappingProxyType({})
    key: str | None = None
    key_seen: bool = False
    recipients: int = 1
    sandbox: bool = False


# What differs, such as `channel: whatsapp, wanted sms`; None where nothing does.
Difference = Callable[[Seen], str | None]


class Pattern:
    """What is looked for: every word must fit. Raises `Misuse` for a pattern that says nothing sensible."""

    def __init__(self, wanted: Any, words: Sequence[str]) -> None:
        if not isinstance(wanted, dict):
            raise Misuse('a pattern must be an object, such as {"to": "+44*", "channel": "sms"}')
        self._differences = [_difference(word, value, words) for word, value in wanted.items()]
        self.asks_the_request = bool(_OF_THE_REQUEST & _words_of(wanted))

    def differences(self, seen: Seen) -> list[str]:
        """What does not fit, one entry for each word."""
        return [text for difference in self._differences if (text := difference(seen)) is not None]

    def fits(self, seen: Seen) -> bool:
        return not any(difference(seen) is not None for difference in self._differences)


class Times:
    """How often: 2, "2", ">=1", "<3"."""

    def __init__(self, wanted: Any) -> None:
        text = str(wanted).replace(" ", "")
        self.sign = text.rstrip("0123456789") or "="
        digits = text[len(text.rstrip("0123456789")) :]
        if isinstance(wanted, bool) or self.sign not in _COMPARE or not digits.isascii() or not 0 < len(digits) < 10:
            raise Misuse(f'times must be a number or a comparison, such as 2, 0 or ">=1", not {str(wanted)[:50]!r}')
        self.count = int(digits)
        self.text = str(self.count) if self.sign == "=" else f"{self.sign}{self.count}"

    def result(self, count: int, complete: bool) -> Result:
        """Whether the count fits. Of an incomplete record any greater count may be true."""
        fits = _COMPARE[self.sign](count, self.count)
        if complete:
            return "ok" if fits else "failed"
        if self.sign in (">", ">="):
            return "ok" if fits else "unknown"
        too_many = count > self.count or (self.sign == "<" and count == self.count)
        return "failed" if too_many else "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of it; `count` is how many fit among those that are still known."""

    result: Result
    count: int
    near_misses: Sequence[str]
    sentence: str


def verify(pattern: Pattern, times: Times, record: Iterable[Seen], *, complete: bool, noun: str) -> Verdict:
    """Count what fits. `complete` says that nothing was forgotten; `noun` is what is counted, `message`."""
    count, others = 0, []
    for seen in record:
        if seen.headers is None and pattern.asks_the_request:
            complete = False
        elif pattern.fits(seen):
            count += 1
        else:
            others.append(seen)
    result = times.result(count, complete)
    near = [] if result == "ok" else near_misses(pattern, others[-_NEAR:], noun)
    return Verdict(result, count, near, _sentence(result, count, times, near, noun, len(others)))


def near_misses(pattern: Pattern, others: Iterable[Seen], noun: str) -> list[str]:
    """Those that differ in the fewest words, one line for each difference, the commonest first."""
    differing = [pattern.differences(seen) for seen in others]
    fewest = min(map(len, differing), default=0)
    lines = Counter("; ".join(texts) for texts in differing if len(texts) == fewest)
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


def _words_of(wanted: Any) -> set[str]:
    """All words of a pattern, those inside `not` and `any` too."""
    found = set(wanted)
    for inner in (wanted.get("not"), *(wanted.get("any") or ())):
        found |= _words_of(inner) if isinstance(inner, dict) else set()
    return found


def _difference(word: str, value: Any, words: Sequence[str]) -> Difference:
    if word in words:
        return _word(word, value)
    if word not in _SPECIAL and word not in ("not", "any"):
        known = [*words, *_SPECIAL, "not", "any"]
        raise Misuse(f"a pattern has no word {word[:50]!r}{did_you_mean(word, known)}; it has {', '.join(known)}")
    if word == "not":
        inner = Pattern(value, words)
        return lambda seen: f"not: its {', '.join(value)} fits" if inner.fits(seen) else None
    if word == "any":
        return _any(value, words)
    return _SPECIAL[word](value)


def _any(value: Any, words: Sequence[str]) -> Difference:
    if not isinstance(value, list) or not value:
        raise Misuse("any must be a list of patterns")
    inner = [Pattern(each, words) for each in value]

    def difference(seen: Seen) -> str | None:
        if any(pattern.fits(seen) for pattern in inner):
            return None
        return "any: " + " or ".join(pattern.differences(seen)[0] for pattern in inner)

    return difference


def _word(word: str, value: Any) -> Difference:
    glob, shown = compile_glob(_patterns(word, value)), _shown(_patterns(word, value))

    def difference(seen: Seen) -> str | None:
        has = seen.words.get(word, ())
        return None if any(map(glob, has)) else f"{word}: {_shown(has)}, wanted {shown}"

    return difference


def _header(value: Any) -> Difference:
    if not isinstance(value, dict):
        raise Misuse("header must be an object of names and patterns")
    wanted = {str(name).lower(): _patterns("header", patterns) for name, patterns in value.items()}
    globs = {name: compile_glob(patterns) for name, patterns in wanted.items()}

    def difference(seen: Seen) -> str | None:
        for name, glob in globs.items():
            has = (seen.headers or {}).get(name)
            if has is None or not glob(has):
                return f"header {name}: {'absent' if has is None else _cut(has)}, wanted {_shown(wanted[name])}"
        return None

    return difference


def _recipients(value: Any) -> Difference:
    times = Times(value)
    compare = _COMPARE[times.sign]
    return lambda seen: (
        None if compare(seen.recipients, times.count) else f"recipients: {seen.recipients}, wanted {times.text}"
    )


def _sandbox(value: Any) -> Difference:
    if not isinstance(value, bool):
        raise Misuse("sandbox must be true or false")
    return lambda seen: None if seen.sandbox is value else f"sandbox: wanted {str(value).lower()}"


def _idempotency_key(value: Any) -> Difference:
    """One of the four states, as in a scenario; any other text is the key itself."""
    patterns = _patterns("idempotency_key", value)
    glob = compile_glob([text for text in patterns if text not in _STATES])
    states = set(patterns) & set(_STATES)

    def difference(seen: Seen) -> str | None:
        has = {"absent"} if seen.key is None else {"present", "seen" if seen.key_seen else "fresh"}
        if has & states or (seen.key is not None and glob(seen.key)):
            return None
        return f"idempotency_key: {_cut(seen.key) if seen.key else 'absent'}, wanted {_shown(patterns)}"

    return difference


_SPECIAL: Mapping[str, Callable[[Any], Difference]] = {
    "header": _header,
    "recipients": _recipients,
    "sandbox": _sandbox,
    "idempotency_key": _idempotency_key,
}


def _patterns(word: str, value: Any) -> list[str]:
    each = value if isinstance(value, list) else [value]
    texts = [str(text) if isinstance(text, int) and not isinstance(text, bool) else text for text in each]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise Misuse(f"{word} must be a text or a list of texts; * stands for anything")
    return texts


def _shown(texts: Sequence[str]) -> str:
    return " or ".join(_cut(text) for text in texts[:3]) + (" ..." if len(texts) > 3 else "") if texts else "none"


def _cut(text: str) -> str:
    return text if len(text) <= _LENGTH else text[: _LENGTH - 3] + "..."
