"""One exchange. While a request is answered it only takes references; what people read is made when they read."""

from collections.abc import Sequence
from hashlib import blake2b
from itertools import chain
from typing import Any

import orjson

from mock_sent.ground.strictjson import fingerprint
from mock_sent.scenarios.rules import Decision
from mock_sent.scenarios.scenario import ScenarioRecord

_ACCEPT = Decision()

RawHeaders = Sequence[tuple[bytes, bytes]]


# Ten thousand of these are kept, so they hold tuples: the garbage collector forgets about tuples of texts, and would
# walk over every list again and again.
class Exchange:
    """A request and its answer, with the reasons: what a person needs who asks why.

    `head` are the request's headers as one text. `reply_headers` are those beyond the ones that every reply has: they
    are made again when somebody reads them. `arrived` and `at` are on the account's clock. `number` counts an account's
    exchanges by their ends, `arrival` by their beginnings (0 where no account is known). `key_fate` is `fresh`,
    `replayed` or `conflict`, or empty without a key; `original` is the request whose answer was given again, or that
    held the key; `other_body` says that it had sent another body. `scenarios` are those that might decide, the
    strongest first.
    """

    __slots__ = (
        "account",
        "arrival",
        "arrived",
        "at",
        "by_example",
        "decision",
        "fault",
        "head",
        "key",
        "key_fate",
        "lost",
        "made",
        "method",
        "milliseconds",
        "number",
        "operation",
        "original",
        "other_body",
        "outcome",
        "path",
        "profile",
        "reply_body",
        "reply_headers",
        "request_body",
        "request_id",
        "rule",
        "scenarios",
        "status",
        "unknown",
        "violations",
        "warnings",
        "world",
    )
    method: str
    path: str
    head: str
    number: int
    arrival: int
    arrived: int
    at: int
    request_id: str
    account: str
    operation: str
    profile: str | None
    request_body: bytes
    reply_headers: RawHeaders
    reply_body: bytes
    status: int
    milliseconds: int
    outcome: str
    key: str | None
    key_fate: str
    original: str
    other_body: bool
    by_example: bool
    rule: str
    decision: Decision
    scenarios: tuple[ScenarioRecord, ...]
    world: int
    fault: str
    lost: bool
    made: Sequence[str]
    unknown: Sequence[str]
    violations: Sequence[str]
    warnings: Sequence[str]

    def __init__(self, method: str, path: str, head: str = "") -> None:
        self.method, self.path, self.head = method, path, head
        self.number = self.arrival = self.arrived = self.at = 0
        self.request_id = ""
        self.account = "-"
        self.operation = ""
        self.profile = None
        self.request_body = b""
        self.reply_headers = ()
        self.reply_body = b""
        self.status = 0
        self.milliseconds = 0
        self.outcome = ""
        self.key = None
        self.key_fate = ""
        self.original = ""
        self.other_body = False
        self.by_example = False
        self.rule = ""
        self.decision = _ACCEPT
        self.scenarios = ()
        self.world = 0
        self.fault = ""
        self.lost = False
        self.made = ()
        self.unknown = ()
        self.violations = ()
        self.warnings = ()

    def warn(self, sentence: str) -> None:
        """Tell the person who debugs; the caller's program is not meant to read it."""
        self.warnings = (*self.warnings, sentence)

    @property
    def size(self) -> int:
        """The bytes that keeping it costs, as far as the client decides them."""
        return len(self.path) + len(self.head) + len(self.request_body) + len(self.reply_body)

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
        return next((value for key, value in self.headers if key == name.lower()), None)

    def reply_header(self, name: str) -> str | None:
        """A header of the reply."""
        wanted = name.lower().encode()
        return next((value.decode("latin-1") for key, value in self.reply_headers if key.lower() == wanted), None)

    def fingerprint(self) -> bytes:
        """Equal for equal sends of one profile, whatever the order of members and the white space."""
        body = self.body()
        of_body = blake2b(self.request_body, digest_size=16).digest() if body is None else fingerprint(body)
        return of_body + (self.profile or "").encode()


def head_text(headers: Sequence[tuple[bytes, bytes]]) -> str:
    """Names and values, a line each: one text is a fifth of what a list of pairs takes.

    No header has a line feed (RFC 9110, 5.5). A client without a socket can give one all the same; it becomes a space.
    """
    text = b"\n".join(chain.from_iterable(headers))
    if text.count(b"\n") >= 2 * len(headers):
        text = b"\n".join([part.replace(b"\n", b" ") for part in chain.from_iterable(headers)])
    return text.decode("latin-1")


def headers_of(head: str) -> list[tuple[str, str]]:
    """The pairs that `head_text` made one text of."""
    lines = head.split("\n")
    return list(zip(lines[::2], lines[1::2], strict=False))


def _json(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
