"""Everything that can go wrong, by name.

MockSentError
├── StartupError       a bad setting or file: the command prints it and exits with 2
│   └── FileError      the same, with file, line and column
├── ApiError           a failure that the contract documents: the caller gets the vendor's envelope
├── Misuse             the mock itself was used wrongly: 400 with code MOCK_001
└── SocketNeeded       a fault below HTTP was to be played where there is no socket

Anything else that is raised is a bug of ours and becomes a plain 500 that says so.
"""

from collections.abc import Iterable, Mapping
from typing import Any

# The way to a part of a file: names of members and indexes of items.
Steps = tuple[str | int, ...]

# A line and a column, from 1.
Place = tuple[int, int]


class MockSentError(Exception):
    """Base of all of them."""


class StartupError(MockSentError):
    """The server cannot start like this. The text is one sentence: what, where, and what to do."""


class FileError(StartupError):
    """A file, or a text in its place, that cannot be used. `line` and `column` count from 1; 0 means unknown."""

    def __init__(self, source: str, line: int, column: int, reason: str) -> None:
        self.source, self.line, self.column, self.reason = source, line, column, reason
        place = source if not line else f"{source}:{line}" if not column else f"{source}:{line}:{column}"
        super().__init__(f"{place}: {reason}")


class ApiError(MockSentError):
    """A documented failure. `outcome` is its name in the contract, e.g. `insufficient_balance`.

    `details` goes into `error.details`; `code` and `message` take the place of the contract's; `warning` is for the
    person who reads `X-Mock-Warning` or the log.
    """

    def __init__(
        self,
        outcome: str,
        *,
        details: Mapping[str, list[str]] | None = None,
        code: str | None = None,
        message: str | None = None,
        headers: Mapping[str, str] | None = None,
        warning: str | None = None,
    ) -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.details = details
        self.code = code
        self.message = message
        self.headers: Mapping[str, str] = headers or {}
        self.warning = warning


class Misuse(MockSentError):
    """The mock was asked for something that it does not have; the text says what and names the nearest thing."""


class SocketNeeded(MockSentError):
    """The app runs inside the client's process, where no connection can be broken."""

    def __init__(self, fault: str) -> None:
        self.fault = fault
        super().__init__(f"the fault {fault!r} needs a real socket: serve with mock_sent_client.running(...)")


def did_you_mean(word: Any, choices: Iterable[str]) -> str:
    """`` (did you mean 'x'?)`` for the nearest of the choices, or nothing."""
    import difflib  # only what is wrong pays for it

    near = difflib.get_close_matches(str(word), list(choices), n=1, cutoff=0.6)
    return f" (did you mean {near[0]!r}?)" if near else ""


def one_line(text: str, most: int) -> str:
    """Any text as one line of printable ASCII, cut where it is long: it must not forge a log or a header."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(c if c.isascii() and c.isprintable() else _escaped(c) for c in text[:most])
    return text if len(text) <= most else text[: most - 3] + "..."


def _escaped(c: str) -> str:
    return f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}"
