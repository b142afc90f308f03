"""The record of one exchange. Answering a request only stores references; the shown texts are made on reading."""

from collections.abc import Sequence
from hashlib import blake2b
from itertools import chain
from sys import getsizeof
from typing import Any

import orjson

from mock_sent.ground.headers import joined
from mock_sent.ground.memory import size_of
from mock_sent.ground.money import Money
from mock_sent.ground.names import Differing
from mock_sent.ground.strictjson import DEEPEST, fingerprint, is_deep
from mock_sent.scenarios.rules import Decision
from mock_sent.scenarios.scenario import ScenarioRecord

_ACCEPT = Decision()

# The bytes of an exchange, of a header of its answer, of a decision with rules and of each note in it, without texts.
_FIXED, _HEADER, _DECIDED, _NOTE = 640, 60, 300, 78

RawHeaders = Sequence[tuple[bytes, bytes]]


# Ten thousand of these are kept. They hold tuples, because the garbage collector stops tracking tuples of texts, but
# would traverse every list in each collection.
class Exchange:
    """A request and its answer, with the reasons for the answer.

    `head` is the request's headers as one text. `reply_headers` are without the headers of every reply, which are made
    again on reading. `arrived` and `at` are the instants of request and answer on the account's clock. `number` counts
    the account's exchanges in the order in which they ended, `arrival` in the order in which they began (0 if no
    account is known). `key_fate` is `fresh`, `replayed` or `conflict`; it is empty without a key. `original` is the id
    of the request whose answer was replayed, or that held the key; `other_body` says that its body was different.
    `ids` are those of the messages that it made, as one text: the mailbox may have dropped its own.
    `balance` is the account's when the request came (None if unlimited). `original_edition` is the edition of a
    replayed answer if it is not that of the account. `query` is the query string.
    `scenarios` are the active ones, in the order of their precedence. `parameters` are the names in which the values of
    a send differ from those that its template asks for; None if they do not.
    """

    # What most exchanges do not have stands here once, which costs them nothing.
    method: str
    path: str
    head: str
    query: str
    number: int
    arrival: int = 0
    arrived: int = 0
    at: int = 0
    balance: Money | None = None
    request_id: str
    account: str = "-"
    operation: str = ""
    profile: str | None = None
    request_body: bytes = b""
    reply_headers: RawHeaders = ()
    reply_body: bytes = b""
    status: int = 0
    milliseconds: int = 0
    outcome: str = ""
    key: str | None = None
    key_fate: str = ""
    original: str = ""
    original_edition: str = ""
    other_body: bool = False
    by_example: bool = False
    rule: str = ""
    decision: Decision = _ACCEPT
    scenarios: tuple[ScenarioRecord, ...] = ()
    world: int = 0
    fault: str = ""
    lost: bool = False
    ids: str = ""
    parameters: Differing | None = None
    unknown: Sequence[str] = ()
    violations: Sequence[str] = ()
    warnings: Sequence[str] = ()

    def __init__(self, method: str, path: str, head: str = "", query: str = "") -> None:
        self.method = method
        self.path = path
        self.head = head
        self.query = query

    def warn(self, sentence: str) -> None:
        """Add a warning, once, for a person who debugs; programs are not meant to read it."""
        if sentence not in self.warnings:
            self.warnings = (*self.warnings, sentence)

    @property
    def made(self) -> Sequence[str]:
        """The ids of the messages that it made."""
        return self.ids.split() if self.ids else ()

    @property
    def size(self) -> int:
        """The bytes that it takes, without the answer to a key, which the replays share."""
        size = _FIXED + len(self.path) + len(self.query) + getsizeof(self.head) + len(self.request_body) + len(self.ids)
        size += len(self.reply_body) if self.key is None else getsizeof(self.key)
        if self.warnings or self.violations or self.parameters or self.decision.trail:
            size += self._size_of_reasons()
        return size

    def _size_of_reasons(self) -> int:
        size = size_of(self.violations) + size_of(self.warnings) + size_of(self.rule)
        size += sum([_HEADER + len(value) for _, value in self.reply_headers]) + 10 * len(self.unknown)
        if self.parameters:
            size += self.parameters.size
        if trail := self.decision.trail:
            size += _DECIDED + sum([_NOTE + getsizeof(note) for _, note in trail.notes])
        return size

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The request's headers, their names in lower case."""
        return headers_of(self.head)

    def body(self) -> Any:
        """The request's JSON; None if it is none."""
        return _json(self.request_body)

    def reply(self) -> Any:
        """The reply's JSON; None if it is none."""
        return _json(self.reply_body)

    def header(self, name: str) -> str | None:
        """A header of the request."""
        return joined(self.headers)[0].get(name.lower())

    def reply_header(self, name: str) -> str | None:
        """A header of the reply."""
        wanted = name.lower().encode()
        return next((value.decode("latin-1") for key, value in self.reply_headers if key.lower() == wanted), None)

    def fingerprint(self) -> bytes:
        """A hash of profile and body that does not depend on white space or on the order of members."""
        body = self.body()
        of_body = blake2b(self.request_body, digest_size=16).digest() if body is None else fingerprint(body)
        return of_body + (self.profile or "").encode()


def head_text(headers: Sequence[tuple[bytes, bytes]]) -> str:
    """Names and values as one text, a line each, which takes a fifth of the memory of a list of pairs.

    A header cannot have a line feed (RFC 9110, 5.5). A client without a socket can still send one; it becomes a space.
    Bytes above ASCII are read as UTF-8, as everybody writes them; a value that is not UTF-8, as ISO-8859-1.
    """
    text = b"\n".join(chain.from_iterable(headers))
    if text.count(b"\n") >= 2 * len(headers):
        text = b"\n".join([part.replace(b"\n", b" ") for part in chain.from_iterable(headers)])
    try:
        return text.decode()
    except UnicodeDecodeError:
        return "\n".join([_as_text(part) for part in text.split(b"\n")])


def _as_text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def headers_of(head: str) -> list[tuple[str, str]]:
    """The names and values in a text that `head_text` made."""
    lines = head.split("\n")
    return list(zip(lines[::2], lines[1::2], strict=False))


def _json(text: bytes) -> Any:
    """The value of a JSON text. None if it is none, or is nested too deep to be written again."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return None if text.count(b"[") + text.count(b"{") > DEEPEST and is_deep(value) else value
