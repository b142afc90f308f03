"""The errors of the package, and the types of paths and places in files.

MockSentError
├── StartupError       a bad setting or file: the command prints it and exits with 2
│   ├── FileError      the same, with file, line and column
│   └── StartupErrors  several of them
├── ApiError           a failure that the contract documents: the caller gets the vendor's envelope
├── Misuse             a request uses the mock itself wrongly: 400 with code MOCK_001
└── SocketNeeded       a scenario asks for a fault below HTTP, and the app has no socket

Any other exception is a bug in mock-sent; the caller gets a plain 500 that says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

# The path to a part of a file: names of members and indexes of items.
Steps = tuple[str | int, ...]

# A longer word is like none of ours, and comparing it would take long.
_LONGEST_WORD = 200

# A line and a column, from 1.
Place = tuple[int, int]


class MockSentError(Exception):
    """The base class of all errors of the package."""


class StartupError(MockSentError):
    """The server cannot start. The text is one sentence: what is wrong, where, and how to fix it."""

    @property
    def errors(self) -> "Sequence[StartupError]":
        """The errors that this one stands for: itself."""
        return [self]


class FileError(StartupError):
    """A file, or a text given instead of one, cannot be used. `line` and `column` count from 1; 0 means unknown."""

    def __init__(self, source: str, line: int, column: int, reason: str) -> None:
        self.source, self.line, self.column, self.reason = source, line, column, reason
        place = source if not line else f"{source}:{line}" if not column else f"{source}:{line}:{column}"
        super().__init__(f"{place}: {reason}")


class StartupErrors(StartupError):
    """Several errors prevent the start. The text has a line for each."""

    def __init__(self, errors: Sequence[StartupError]) -> None:
        self._errors = errors
        super().__init__("\n".join(map(str, errors)))

    @property
    def errors(self) -> Sequence[StartupError]:
        return self._errors


class ApiError(MockSentError):
    """A documented failure. `outcome` is its name in the contract, e.g. `insufficient_balance`.

    `details` becomes `error.details`. `code` and `message` replace those of the contract. `warning` is shown in
    `X-Mock-Warning` and in the log.
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


class Lack(NamedTuple):
    """A word that an edition lacks, and another one may have: an outcome, a status, ..."""

    kind: str
    word: str


class Misuse(MockSentError):
    """A request asks the mock for something that it does not have. The text says what, and suggests a similar name.

    `status` is that of the reply, if it is not the usual 400. `lack` is the word that is missing, if an edition could
    have it.
    """

    def __init__(self, text: str, *, status: int = 0, lack: Lack | None = None) -> None:
        super().__init__(text)
        self.status, self.lack = status, lack


class SocketNeeded(MockSentError):
    """The app runs inside the client's process without a connection, so it cannot play a fault of the connection."""

    def __init__(self, fault: str) -> None:
        self.fault = fault
        super().__init__(f"the fault {fault!r} needs a real socket: serve with mock_sent_client.running(...)")


def reason_of(error: Exception) -> str:
    """Why the system refuses a file, without the file's name, which the sentence has."""
    return getattr(error, "strerror", None) or str(error)


def did_you_mean(word: Any, choices: Iterable[str]) -> str:
    """`` (did you mean 'x'?)`` for the most similar of the choices; empty if none is similar."""
    import difflib  # imported late, because only errors need it

    text = str(word)
    if len(text) > _LONGEST_WORD:
        return ""
    near = difflib.get_close_matches(text, list(choices), n=1, cutoff=0.6)
    return f" (did you mean {near[0]!r}?)" if near else ""


def one_line(text: str, most: int) -> str:
    """A text as one line of printable ASCII of at most `most` characters, safe to put into a log line or a header."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(c if c.isascii() and c.isprintable() else _escaped(c) for c in text[:most])
    return text if len(text) <= most else text[: most - 3] + "..."


def _escaped(c: str) -> str:
    return f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}"
