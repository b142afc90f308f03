"""Answers to bytes that are no valid request: the reason, and the bytes of the answer."""

from collections.abc import Callable
from http import HTTPStatus

import httptools

from mock_sent.ground.clock import SECOND
from mock_sent.wire.asgi import HeaderLines

# (status, one sentence) -> the body, and the headers that go with it
Refusal = Callable[[int, str], tuple[bytes, HeaderLines]]


class Refused(Exception):
    """Raised inside the parser's callbacks."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


def why(error: httptools.HttpParserError) -> Refused:
    """What a callback has raised, or the parser's own words."""
    cause = error.__context__
    if isinstance(cause, Refused):
        return cause
    said = "" if isinstance(error, httptools.HttpParserCallbackError) else f": {error}"
    return Refused(400, f"this is not valid HTTP/1.1{said}")


def framed(headers: HeaderLines, body: bytes) -> HeaderLines:
    """The headers, completed with media type and length of the body."""
    given = {name.lower() for name, _ in headers}
    added = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    return headers + [header for header in added if header[0] not in given]


def answer(status: int, headers: HeaderLines, body: bytes, *, without_body: bool) -> bytes:
    """The bytes of the last answer on a connection. A HEAD gets the same head, and no body (RFC 9110, 9.3.2)."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode()]
    lines += [b"%s: %s" % header for header in [*framed(headers, body), (b"connection", b"close")]]
    return b"\r\n".join(lines) + b"\r\n\r\n" + (b"" if without_body else body)


def seconds(span: int) -> str:
    return f"{span / SECOND:g} s"
