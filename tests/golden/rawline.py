"""Reads replies from a raw socket: as far as they go, and how the connection ended."""

import json
import socket
from typing import Any, NamedTuple

# Seconds that an answer may take on a busy machine. Only a server that has a fault lets them pass.
PATIENCE = 20.0
CLOSED, RESET = "closed", "reset"


class Reply(NamedTuple):
    """One reply on the wire, its body without the frame of chunks."""

    status_line: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def status(self) -> int:
        return int(self.status_line.split(" ")[1])

    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")


class Heard(NamedTuple):
    """What came over a connection: whole replies, what was left over, and the end of it; "" for one that stays open."""

    replies: list[Reply]
    rest: bytes
    ending: str


def connect(port: int) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port), PATIENCE)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


def hear(
    line: socket.socket, *, patience: float = PATIENCE, bodyless: bool = False, until: bytes = b"", whole: bool = False
) -> Heard:
    """Read until there is a reply on a connection that stays open, `until` was seen, or the connection ends.

    `whole` reads on to the end whatever comes.
    """
    data, ending = b"", ""
    line.settimeout(patience)
    while True:
        replies, rest = _parsed(data, bodyless)
        done = bool(replies) and replies[-1].status >= 200 and replies[-1].header("connection") != "close"
        if (done and not whole) or (until and until in data):
            return Heard(replies, rest, ending)
        try:
            chunk = line.recv(1 << 20)
        except TimeoutError:
            return Heard(replies, rest, f"no answer within {patience:g} s")
        except ConnectionResetError:
            return Heard(replies, rest, RESET)
        if not chunk:
            return Heard(replies, rest, CLOSED)
        data += chunk


def send(line: socket.socket, data: bytes) -> None:
    """All of it, unless the server has left: it may refuse what is too large before it has it all."""
    try:
        line.sendall(data)
    except (BrokenPipeError, ConnectionResetError):
        pass


def dechunked(rest: bytes) -> tuple[str, bytes]:
    """The head, and the body so far, of a chunked reply that has no end yet."""
    head, _, body = rest.partition(b"\r\n\r\n")
    plain, _, _ = _chunks(body)
    return head.decode("latin-1"), plain


def _parsed(data: bytes, bodyless: bool) -> tuple[list[Reply], bytes]:
    replies = []
    while found := _first(data, bodyless):
        reply, data = found
        replies.append(reply)
    return replies, data


def _first(data: bytes, bodyless: bool) -> tuple[Reply, bytes] | None:
    head, end, body = data.partition(b"\r\n\r\n")
    if not end or not head.startswith(b"HTTP/1."):
        return None
    status_line, *lines = head.decode("latin-1").split("\r\n")
    headers = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    reply = Reply(status_line, headers, b"")
    if bodyless or reply.status < 200 or reply.status in (204, 304):
        return reply, body
    if reply.header("transfer-encoding") == "chunked":
        plain, rest, whole = _chunks(body)
        return (reply._replace(body=plain), rest) if whole else None
    length = int(reply.header("content-length") or 0)
    return (reply._replace(body=body[:length]), body[length:]) if len(body) >= length else None


def _chunks(body: bytes) -> tuple[bytes, bytes, bool]:
    """What the chunks hold, what comes after them, and whether the last one was there."""
    plain = b""
    while True:
        size, found, rest = body.partition(b"\r\n")
        if not found or len(rest) < int(size, 16) + 2:
            return plain, body, False
        length = int(size, 16)
        plain, body = plain + rest[:length], rest[length + 2 :]
        if length == 0:
            return plain, body, True
