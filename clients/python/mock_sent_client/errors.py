"""The errors of the package, and texts of others as they may be shown: in one line, and without secrets."""

import re
from collections.abc import Iterable
from typing import Any

# A shorter text is nobody's secret, and replacing it would damage words.
_SHORTEST_SECRET = 6


class HandleError(Exception):
    """The server cannot be reached, or refuses the request; the text says why."""

    @classmethod
    def hides(cls, raised: Any) -> bool:
        """For `__tracebackhide__` of a module: pytest leaves its lines out of the traceback of such an error."""
        return bool(raised.errisinstance(cls))


class NoAnswer(HandleError):
    """A server gave no answer to a request. The text goes on after "no answer: "."""


class BrokenAnswer(NoAnswer):
    """A server sent something, but it is no answer of HTTP/1.1, or has no end."""


def escaped(text: str, most: int = 1_000) -> str:
    """A text as one line of at most `most` characters, with escapes for all that a terminal would not print."""
    kept = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[:most])
    return kept if len(kept) <= most and len(text) <= most else kept[: most - 3] + "..."


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """The text without these secrets, also where their characters are escaped: by backslashes, or as in a URL."""
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            text = re.sub("".join(rf"(?:\\*{re.escape(c)}|(?i:%{ord(c):02x}))" for c in secret), "****", text)
    return text


def fault_of_header_value(value: str) -> str:
    """Why a key or token cannot be the value of a header, without the value itself; empty if it can."""
    if value.rstrip("\r\n") != value:
        return "has a line break at its end, which no header can have"
    if any(c < " " or c == "\x7f" for c in value):
        return "has a control character, which no header can have"
    if any("\ud800" <= c <= "\udfff" for c in value):
        return "has half of a character, which no header can have"
    return "has a space at its start or end, which no header can have" if value != value.strip() else ""
