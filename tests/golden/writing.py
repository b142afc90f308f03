"""How an exchange is written down: what is masked, how a body is folded, and what is shortened.

A folded body is the raw one with line ends and indentation put between its members: nothing of it is left out.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256

# A body up to this many characters stays on one line; a JSON reply of more bytes than that, or anything else of more
# than a third of it, is shortened.
WIDTH, MOST = 150, 6144
# Of a shortened body so much is shown.
_BEGINNING = 240

_MILLISECONDS = re.compile(r'("milliseconds": ?)\d+')
_BYTES = re.compile(r'("bytes": ?)\d+')
_RESPONSE_TIME = re.compile(r'("x-response-time": ?")\d+ms"')
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:\+00:00|Z)")
# In the log of a chapter that leaves its clock where it was frozen.
_SPENT, _TIME_OF_DAY = re.compile(r" \d+ms req_"), re.compile(r"^(?!21:50:50\.000)\d\d:\d\d:\d\d\.\d{3} ")
_DATE = re.compile(r"^(date: ).* GMT", re.IGNORECASE)
_A_WHILE = timedelta(seconds=2)


class Mask:
    """Takes out what differs from run to run: ports, milliseconds, bytes of memory, times of the machine's clock."""

    def __init__(self) -> None:
        self._ports: set[int] = set()
        self._since = datetime.now(UTC) - _A_WHILE

    def hide_port(self, port: int) -> None:
        self._ports.add(port)

    def text(self, text: str) -> str:
        """The text with `<port>`, `<ms>`, `<bytes>` and `<now>` in their places."""
        for port in self._ports:
            text = re.sub(rf":{port}\b", ":<port>", text)
        text = _BYTES.sub(r"\1<bytes>", _MILLISECONDS.sub(r"\1<ms>", text))
        text = _RESPONSE_TIME.sub(r'\1<ms>"', text)
        return _TIME.sub(self._time, text)

    def header(self, line: str) -> str:
        """A line of a reply's head."""
        line = re.sub(r"^(x-response-time: )\d+ms", r"\1<ms>", line, flags=re.IGNORECASE)
        return self.text(_DATE.sub(r"\1<date>", line))

    def log_line(self, line: str) -> str:
        """A line of the log."""
        return self.text(_TIME_OF_DAY.sub("<now> ", _SPENT.sub(" <ms> req_", line)))

    def _time(self, found: re.Match[str]) -> str:
        """Accounts stand still in March 2026; a time that lies in this run is one of a clock that nobody froze."""
        seconds = datetime.fromisoformat(found[0][:19] + "+00:00")
        return "<now>" if self._since <= seconds <= datetime.now(UTC) + _A_WHILE else found[0]


def as_lines(raw: bytes, mask: Mask, most: int = MOST // 3) -> list[str]:
    """A body for people: folded JSON, lines of text, or the bytes as Python writes them."""
    text = _printable(raw)
    masked = mask.text(text) if text is not None else repr(raw)
    if len(raw) > most:
        whole = masked.encode() if text is not None else raw
        lines = _lines(masked[:_BEGINNING], fold=False)
        return [*lines, f"... {len(whole)} bytes in all, sha256 {sha256(whole).hexdigest()}"]
    return _lines(masked, fold=text is not None)


def masked_length(raw: bytes, mask: Mask) -> int:
    """How many bytes the masked body has: a length must not tell how many digits the milliseconds had."""
    text = _printable(raw)
    return len(raw if text is None else mask.text(text).encode())


def _printable(raw: bytes) -> str | None:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    return text if all(line.isprintable() for line in text.split("\n")) else None


def _lines(text: str, *, fold: bool) -> list[str]:
    if fold and text[:1] in ("{", "[") and "\n" not in text:
        return ["  " * depth + line for line, depth in _folded(text, 0)]
    return text.split("\n")


def _folded(text: str, depth: int) -> Iterator[tuple[str, int]]:
    """The pieces of a JSON text, each with its depth: cut at the outermost commas, and again where still too long."""
    if len(text) + 2 * depth <= WIDTH or not (cuts := _commas(text)):
        yield text, depth
        return
    for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        yield from _folded(text[start:end], depth + (start > 0))


def _commas(text: str) -> list[int]:
    """Where the text may be cut: after the commas of the smallest depth that has any."""
    found: dict[int, list[int]] = {}
    depth, quoted, escaped = 0, False, False
    for i, letter in enumerate(text):
        if quoted:
            quoted = escaped or letter != '"'
            escaped = letter == "\\" and not escaped
        elif letter == '"':
            quoted = True
        elif letter in "{[":
            depth += 1
        elif letter in "}]":
            depth -= 1
        elif letter == "," and i + 1 < len(text):
            found.setdefault(depth, []).append(i + 1)
    return found[min(found)] if found else []
