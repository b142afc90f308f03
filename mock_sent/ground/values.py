"""Values of settings that are more than a word or a number. A parser raises `ValueError` with what a text must be."""

import re
from collections.abc import Callable

from mock_sent.ground.errors import did_you_mean

_HOST = re.compile(r"\.?([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*|[0-9a-f:]*:[0-9a-f:.]*")
# Text that is a certificate or key itself: PEM, or base64 of PEM or DER.
_KEY_MATERIAL = re.compile(r"-----BEGIN|\A\s*(LS0tLS1C|M[A-P])[A-Za-z0-9+/=\s]{50,}\Z")
_BYTES = re.compile(r"([0-9]{1,15})([KMG]?)", re.ASCII | re.IGNORECASE)
_SHIFTS = {"": 0, "K": 10, "M": 20, "G": 30}
# The end of this process is the end of its container, whether it is watched or not. So 1 can mean `on`.
_FIRST_PROCESS = 1


def pem_path(text: str) -> str:
    """The path of a PEM file."""
    if _KEY_MATERIAL.search(text):
        raise ValueError("must be the path of a PEM file, not its content")
    if not text.isprintable():
        raise ValueError("must be printable text")
    return text


def shown_pem_path(text: str) -> str:
    """The path as people may see it: not if it is a key in place of a path."""
    return "****" if _KEY_MATERIAL.search(text) else text


def process_id(text: str) -> str:
    """`on`, `off`, or the id of a process."""
    if text in ("on", "off"):
        return text
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text)):
        raise ValueError(f"must be on, off or the id of a process{did_you_mean(text, ('on', 'off'))}")
    return "on" if int(text) == _FIRST_PROCESS else str(int(text))


def whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= 100 and low <= int(text) <= high):
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(text)

    return parse


def one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in words:
            raise ValueError(f"must be one of {', '.join(words)}{did_you_mean(text, words)}")
        return text

    return parse


def words_of(text: str) -> tuple[str, ...]:
    """Words between commas or line ends, each perhaps in quotes. A list of nothing is a mistake: it would allow all."""
    words = tuple(unquoted(word) for word in re.split(r"[,\r\n]", text))
    found = tuple(word for word in words if word)
    if not found:
        raise ValueError("has nothing in it; leave it out, or name one")
    for word in found:
        printable(word)
    return found


def hosts(text: str) -> tuple[str, ...]:
    """Host names; one with a dot before it stands for its subdomains. Raises `ValueError` for what no host can be."""
    found = tuple(word.lower().rstrip(".") for word in words_of(text))
    for word in found:
        if not _HOST.fullmatch(word):
            raise ValueError(f"has {word[:100]!r}, which no host can be; write names such as mock.example or .example")
    return found


def printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be printable text")
    return text


def unquoted(text: str) -> str:
    """A value without white space around it, and without the quotes that files and compose leave."""
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1].strip()
    return text


def bytes_of(text: str) -> int:
    """Bytes, with K, M or G for 1,024 of them, of those, and of those: `512M`. Raises `ValueError` with the reason."""
    found = _BYTES.fullmatch(text)
    if not found:
        raise ValueError("must be a number of bytes, with K, M or G if need be, such as 512M")
    number = int(found[1]) << _SHIFTS[found[2].upper()]
    if not 1 << 20 <= number <= 1 << 40:
        raise ValueError("must be from 1M to 1024G")
    return number


def shown_bytes(number: int) -> str:
    """The same number as a text, in the largest unit that divides it."""
    unit = next(unit for unit in "GMK" if not number % (1 << _SHIFTS[unit])) if number % 1024 == 0 else ""
    return f"{number >> _SHIFTS[unit]}{unit}"
