"""Servers that answer oddly, or not at all: what a command or a test can meet at a wrong URL."""

import json
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

MEBIBYTE = 1024 * 1024
GOOD: dict[str, Any] = {
    "result": "failed",
    "errors": 1,
    "warnings": 0,
    "findings": [{"kind": "missing_api_key", "severity": "error", "sentence": "one sentence"}],
}

# What a server does with a connection. The event is set when the test is over.
Play = Callable[[socket.socket, Event], None]


class OddServer:
    """`received` is what the connections have sent, as far as it was read."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.port = int(url.rpartition(":")[2])
        self.received: list[bytes] = []


@contextmanager
def odd(play: Play, tls: ssl.SSLContext | None = None) -> Iterator[OddServer]:
    """A server that does this with each connection, after it has read what came first."""
    over = Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = OddServer(f"{'https' if tls else 'http'}://127.0.0.1:{listener.getsockname()[1]}")

        def each(connection: socket.socket) -> None:
            with suppress(OSError), tls.wrap_socket(connection, True) if tls else connection as connection:
                connection.settimeout(10)
                server.received.append(connection.recv(65_536))
                play(connection, over)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    Thread(target=each, args=(listener.accept()[0],), daemon=True).start()

        thread = Thread(target=accept, daemon=True)
        thread.start()
        yield server
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def answer(body: bytes | str, status: str = "200 OK", *headers: str, length: int | None = None) -> bytes:
    """An answer as a whole."""
    content = body if isinstance(body, bytes) else body.encode()
    size = len(content) if length is None else length
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {size}", "Content-Type: application/json", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + content


def says(data: bytes) -> Play:
    """Sends this and closes."""
    return lambda connection, _: connection.sendall(data)


def stays(data: bytes) -> Play:
    """Sends this and keeps the connection open."""

    def play(connection: socket.socket, over: Event) -> None:
        connection.sendall(data)
        over.wait(10)

    return play


def forever(start: bytes, part: bytes) -> Play:
    """Sends the start once, and the part until nobody reads any more."""

    def play(connection: socket.socket, over: Event) -> None:
        connection.sendall(start)
        while not over.is_set():
            connection.sendall(part)

    return play


def drips(data: bytes) -> Play:
    """Sends byte by byte, so that no single read takes long, and begins again at the end."""

    def play(connection: socket.socket, over: Event) -> None:
        position = 0
        while not over.wait(0.02):
            connection.sendall(data[position : position + 1])
            position = (position + 1) % len(data)

    return play


def resets(connection: socket.socket, _: Event) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")


def changed(**members: Any) -> Play:
    """The good audit with other members; `...` leaves one out."""
    return says(answer(json.dumps({n: v for n, v in {**GOOD, **members}.items() if v is not ...})))


def of_finding(**members: Any) -> Play:
    finding = {n: v for n, v in {**GOOD["findings"][0], **members}.items() if v is not ...}
    return changed(findings=[finding])


@dataclass(frozen=True)
class Odd:
    """`audit` is a part of what `mock-sent audit` says of the server."""

    name: str
    play: Play
    audit: str


OK = b"HTTP/1.1 200 OK\r\n"
TOO_LARGE = "the answer has more than 64 MiB"
LATE = "within 0.7 seconds"
# Servers that give no answer in time.
SLOW = [
    Odd("says nothing", stays(b""), f"there was no answer {LATE}"),
    Odd("half a status line", stays(b"HTTP/1.1 20"), f"the answer was not complete {LATE}"),
    Odd("half a head", stays(OK + b"A: b\r\n"), f"the answer was not complete {LATE}"),
    Odd("half a body", stays(answer("{", length=9)), f"the answer was not complete {LATE}"),
    Odd("body without an end", stays(OK + b"\r\n{}"), f"the answer was not complete {LATE}"),
    Odd("chunk without an end", stays(OK + b"Transfer-Encoding: chunked\r\n\r\n9\r\n{"), LATE),
    Odd("drips the head", drips(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 99), LATE),
    Odd("drips the body", drips(answer("[" * 900)), LATE),
    Odd("endless 1xx", forever(b"", b"HTTP/1.1 103 Early\r\nA: b\r\n\r\n" * 999), LATE),
    Odd("drips 1xx", drips(b"HTTP/1.1 100 Continue\r\n\r\n"), LATE),
]  # fmt: skip
# Servers that answer something that is not HTTP, or no end of it.
BROKEN = [
    Odd("closes", says(b""), "the connection was closed without an answer"),
    Odd("resets", resets, "the connection was reset"),
    Odd("TLS", stays(b"\x15\x03\x01\x00\x02\x02\x46"), "what came is TLS, not HTTP; a server with TLS"),
    Odd("SSH", stays(b"SSH-2.0-OpenSSH_9.6\r\n"), "what came is not HTTP: 'SSH-2.0-OpenSSH_9.6'"),
    Odd("SMTP", stays(b"220 mail ESMTP\r\n"), "what came is not HTTP: '220 mail ESMTP'"),
    Odd("HTTP/2", stays(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00"), "what came is not HTTP"),
    Odd("HTTP/0.9", says(b"<html>Hello</html>"), "what came is not HTTP: '<html>Hello</html>'"),
    Odd("garbage", stays(bytes(range(128, 256)) * 99), "what came is not HTTP: '"),
    Odd("escape sequences", stays(b"\x1b[2J\x1b]0;x\x07\r\n"), "what came is not HTTP: '\\x1b[2J"),
    Odd("HTTP/3.0", says(b"HTTP/3.0 200 OK\r\n\r\n"), "what came is not HTTP: 'HTTP/3.0 200 OK'"),
    Odd("ICY", says(b"ICY 200 OK\r\n\r\n"), "what came is not HTTP: 'ICY 200 OK'"),
    Odd("status abc", says(b"HTTP/1.1 abc OK\r\n\r\n"), "the answer is not HTTP as it should be"),
    Odd("status 99999", says(b"HTTP/1.1 99999 OK\r\n\r\n"), "the answer is not HTTP as it should be"),
    Odd("no status", says(b"HTTP/1.1\r\n\r\n"), "the answer is not HTTP as it should be"),
    Odd("endless line", forever(OK, b"x" * 65_536), "the answer is not HTTP as it should be"),
    Odd("endless head", forever(OK, b"A: b\r\n" * 999), "the answer is not HTTP as it should be"),
    Odd("endless body", forever(OK + b"\r\n", b" " * MEBIBYTE), TOO_LARGE),
    Odd("endless chunks", forever(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b" " * 65_536 + b"\r\n"),
        TOO_LARGE),
    Odd("endless trailer", forever(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"A: " + b"b" * 60_000 + b"\r\n"),
        TOO_LARGE),
    Odd("a gigabyte", forever(answer("", length=2**30), b" " * MEBIBYTE), TOO_LARGE),
    Odd("huge length", stays(answer("", length=10**30)), TOO_LARGE),
    Odd("shorter than its length", says(answer("{}", length=9)), "the answer ends before it is complete"),
    Odd("chunks without their end", says(OK + b"Transfer-Encoding: chunked\r\n\r\n9\r\n{"),
        "the answer ends before it is complete"),
    Odd("chunk of -5", says(OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nab"), "the answer "),
    Odd("chunk of xy", says(OK + b"Transfer-Encoding: chunked\r\n\r\nxy\r\nab"), "the answer "),
]  # fmt: skip
REFUSED = "answers 500, which is no control plane of mock-sent"
NO_JSON = "is no mock-sent server: its answer is no JSON, because"
OTHER = "is no mock-sent server of this version: the answer"
# Servers that answer HTTP, but not as mock-sent does.
OTHERS = [
    Odd("HTML", says(answer("<!doctype html>")), NO_JSON),
    Odd("empty", says(answer("")), f"{OTHER} is null, not an object"),
    Odd("204", says(b"HTTP/1.1 204 No Content\r\n\r\n"), f"{OTHER} is null, not an object"),
    Odd("length abc", says(OK + b"Content-Length: abc\r\n\r\n{}"), f"{OTHER} has no member 'result'"),
    Odd("length -1", says(OK + b"Content-Length: -1\r\n\r\n{}"), f"{OTHER} has no member 'result'"),
    Odd("HTTP/1.0", says(b"HTTP/1.0 200 OK\r\n\r\n{}"), f"{OTHER} has no member 'result'"),
    Odd("bad UTF-8", says(answer(b'{"result": "\xff\xfe"}')), NO_JSON),
    Odd("UTF-16", says(answer("{}".encode("utf-16"))), NO_JSON),
    Odd("byte order mark", says(answer("\ufeff{}")), NO_JSON),
    Odd("100,000 lists deep", says(answer("[" * 100_000)), f"{NO_JSON} it is nested too deep"),
    Odd("100,000 objects deep", says(answer('{"a":' * 100_000)), f"{NO_JSON} it is nested too deep"),
    Odd("two values", says(answer("{}{}")), NO_JSON),
    Odd("a list", says(answer("[]")), f"{OTHER} is a list, not an object"),
    Odd("null", says(answer("null")), f"{OTHER} is null, not an object"),
    Odd("a number", says(answer("1e999")), f"{OTHER} is a number, not an object"),
    Odd("a text", says(answer('"\\u001b[2J"')), f"{OTHER} is '\\x1b[2J', not an object"),
    Odd("a huge number", says(answer("9" * 5000)), NO_JSON),
    Odd("NaN", changed(errors=float("nan")), f"{NO_JSON} it has NaN, which JSON does not have"),
    Odd("a doubled member", says(answer('{"result": "ok", "result": "ok"}')), f"{NO_JSON} it has an object with"),
    Odd("no result", changed(result=...), f"{OTHER} has no member 'result'"),
    Odd("result true", changed(result=True), f"{OTHER}.result is true or false, not a text of the form ok|fai"),
    Odd("result of another", changed(result="fine\n"), f"{OTHER}.result is 'fine\\n', not a text of the form"),
    Odd("errors as text", changed(errors="1"), f"{OTHER}.errors is '1', not a whole number"),
    Odd("errors true", changed(errors=True), f"{OTHER}.errors is true or false, not a whole number"),
    Odd("errors below 0", changed(errors=-1), f"{OTHER}.errors is a number, not a whole number"),
    Odd("errors of 400 digits", changed(errors=10**400), f"{OTHER}.errors is a number, not a whole number"),
    Odd("warnings null", changed(warnings=None), f"{OTHER}.warnings is null, not a whole number"),
    Odd("no findings", changed(findings=...), f"{OTHER} has no member 'findings'"),
    Odd("findings null", changed(findings=None), f"{OTHER}.findings is null, not a list"),
    Odd("findings object", changed(findings={"0": {}}), f"{OTHER}.findings is an object, not a list"),
    Odd("a finding of text", changed(findings=["x"]), f"{OTHER}.findings[0] is 'x', not an object"),
    Odd("no sentence", of_finding(sentence=...), f"{OTHER}.findings[0] has no member 'sentence'"),
    Odd("a sentence of lists", of_finding(sentence=["x"]), f"{OTHER}.findings[0].sentence is a list, not a text"),
    Odd("ok with errors", changed(result="ok"), "contradicts itself: its audit is ok, with 1 errors"),
    Odd("403 of a proxy", says(answer("<html>Forbidden</html>", "403 Forbidden")), "answers 403, which is no"),
    Odd("407", says(answer("", "407 \x1b[2J")), "/_mock/audit answers 407, which is no control plane"),
    Odd("500 with a list", says(answer("[1]", "500 Oops")), REFUSED),
    Odd("500 too deep", says(answer("[" * 100_000, "500 Oops")), REFUSED),
    Odd("500 with an object", says(answer('{"error": {"code": 1}}', "500 Oops")), REFUSED),
    Odd("500 with an empty error", says(answer('{"error": " "}', "500 Oops")), REFUSED),
    Odd("an error with escapes", says(answer('{"error": "a\\nb\\u202e\\u001b[2J\\ud800"}', "400 Bad Request")),
        "a\\nb\\u202e\\x1b[2J\\ud800"),
    Odd("101", says(b"HTTP/1.1 101 Switching\r\n\r\n"), "/_mock/audit answers 101, which is no control plane"),
    Odd("redirect to itself", says(answer("", "302 Found", "Location: /_mock/audit")), "answers 302 and points"),
    Odd("redirect to nowhere", says(answer("", "307 Temporary")), "answers 307 and points elsewhere"),
    Odd("redirect with escapes", says(answer("", "301 Moved", "Location: \x1b]0;x\x07")), "(is it \\x1b]0;x\\x07?)"),
]  # fmt: skip


def ids(cases: list[Odd]) -> list[str]:
    return [case.name for case in cases]
