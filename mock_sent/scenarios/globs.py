"""Patterns of texts; `*` is the only wildcard. No regular expressions, so no pattern can slow the server down.

Many patterns are compared at once: those without `*`, and those with one, are found by the text itself.
"""

from collections.abc import Callable, Sequence

Glob = Callable[[str], bool]


def compile_glob(patterns: Sequence[str]) -> Glob:
    """A function that says whether a text fits one of the patterns."""
    if len(patterns) == 1 and "*" in patterns[0]:
        return _one_glob(patterns[0])
    exact = frozenset(pattern for pattern in patterns if "*" not in pattern)
    ends = _ends_of([pattern for pattern in patterns if pattern.count("*") == 1])
    globs = [_one_glob(pattern) for pattern in dict.fromkeys(patterns) if is_costly(pattern)]
    if not ends and not globs:
        return exact.__contains__
    return lambda text: text in exact or _has_ends(text, ends) or any(glob(text) for glob in globs)


def is_costly(pattern: str) -> bool:
    """Whether the pattern has to be compared with each text by itself."""
    return pattern.count("*") > 1


def shared_prefix(texts: Sequence[str]) -> str:
    """The longest prefix that all the texts share; empty without texts."""
    least, most = min(texts, default=""), max(texts, default="")
    return next((least[:at] for at, letter in enumerate(least) if not most.startswith(letter, at)), least)


# The beginnings and ends that texts may have, by the lengths of both, the shortest first.
_Ends = list[tuple[int, int, frozenset[tuple[str, str]]]]


def _ends_of(patterns: Sequence[str]) -> _Ends:
    found: dict[tuple[int, int], set[tuple[str, str]]] = {}
    for pattern in patterns:
        first, _, last = pattern.partition("*")
        found.setdefault((len(first), len(last)), set()).add((first, last))
    return sorted(((first, last, frozenset(ends)) for (first, last), ends in found.items()), key=lambda e: e[0] + e[1])


def _has_ends(text: str, ends: _Ends) -> bool:
    length = len(text)
    for first, last, known in ends:
        if first + last > length:
            return False
        if (text[:first], text[length - last :]) in known:
            return True
    return False


def _one_glob(pattern: str) -> Glob:
    first, *middle, last = pattern.split("*")
    middle = [part for part in middle if part]
    if not middle and not last:
        return lambda text: text.startswith(first)
    if not middle and not first:
        return lambda text: text.endswith(last)
    return lambda text: _walk(text, first, middle, last)


def _walk(text: str, first: str, middle: list[str], last: str) -> bool:
    end = len(text) - len(last)
    if end < len(first) or not text.startswith(first) or not text.endswith(last):
        return False
    at = len(first)
    for part in middle:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True
