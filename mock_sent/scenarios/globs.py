"""Patterns of texts; `*` is the only wildcard. No regular expressions, so no pattern can slow the server down."""

from collections.abc import Callable, Sequence

Glob = Callable[[str], bool]


def compile_glob(patterns: Sequence[str]) -> Glob:
    """A function that says whether a text fits one of the patterns."""
    exact = frozenset(pattern for pattern in patterns if "*" not in pattern)
    globs = [_one_glob(pattern) for pattern in patterns if "*" in pattern]
    if not globs:
        return exact.__contains__
    if len(patterns) == 1:
        return globs[0]
    return lambda text: text in exact or any(glob(text) for glob in globs)


def shared_prefix(texts: Sequence[str]) -> str:
    """The longest prefix that all the texts share; empty without texts."""
    least, most = min(texts, default=""), max(texts, default="")
    return next((least[:at] for at, letter in enumerate(least) if not most.startswith(letter, at)), least)


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
