"""HTTP's letter: how answers are framed, for each version, method and refusal."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route
from wiring import connect, get, head, live, one_answer, say, serving

from mock_sent.ground.clock import SECOND
from mock_sent.wire.asgi import AsgiMessage
from mock_sent.wire.limits import Limits

pytestmark = pytest.mark.real_socket

QUICK = Limits(head_timeout=SECOND // 2, body_timeout=SECOND // 2)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(QUICK) as port:
        yield port


async def _pieces(request: object) -> StreamingResponse:
    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b"ab", b"", b"cd"):
            yield piece

    return StreamingResponse(pieces(), media_type="text/plain")


async def _whole(request: object) -> PlainTextResponse:
    return PlainTextResponse("abcd")


async def _empty(request: object) -> PlainTextResponse:
    return PlainTextResponse(status_code=204)


async def _unchanged(request: object) -> StreamingResponse:
    return StreamingResponse(iter(()), status_code=304)


@pytest.fixture(scope="module")
def foreign() -> Iterator[int]:
    """An app that knows nothing but ASGI."""
    pages = {"/pieces": _pieces, "/whole": _whole, "/empty": _empty, "/unchanged": _unchanged}
    with serving(app=Starlette(routes=[Route(path, page) for path, page in pages.items()])) as port:
        yield port


# Framing of answers


@pytest.mark.parametrize(("path", "body"), [("/pieces", b"2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n"), ("/whole", b"abcd")])
def test_an_answer_without_a_length_comes_in_chunks(foreign: int, path: str, body: bytes) -> None:
    """And one that has a length does not."""
    answer = say(foreign, get(path))

    assert answer.raw.partition(b"\r\n\r\n")[2] == body
    assert (b"transfer-encoding: chunked" in answer.head) is (path == "/pieces")
    assert (b"content-length: 4" in answer.head) is (path == "/whole")


@pytest.mark.parametrize("path", ["/pieces", "/whole"])
@pytest.mark.parametrize("connection", ["keep-alive", "close"])
def test_http_1_0_gets_no_chunks(foreign: int, path: str, connection: str) -> None:
    """HTTP/1.0 has no chunks: the end of the connection is the end of the body (RFC 9112, 6.1)."""
    answer = say(foreign, head(f"GET {path} HTTP/1.0", f"Connection: {connection}"))

    assert (answer.status, answer.end) == (200, "fin")
    assert answer.raw.partition(b"\r\n\r\n")[2] == b"abcd"
    assert b"transfer-encoding" not in answer.head
    assert b"connection: close" in answer.head


def test_http_1_0_is_not_told_to_continue(port: int) -> None:
    """A server sends no 100 to a client of HTTP/1.0 (RFC 9110, 10.1.1)."""
    answer = say(port, head("POST /echo HTTP/1.0", "Content-Length: 2", "Expect: 100-continue") + b"ab")

    assert answer.statuses == [200]


@pytest.mark.parametrize("request_", ["HEAD /pieces", "HEAD /whole", "GET /empty", "GET /unchanged"])
def test_an_answer_without_a_body_leaves_the_connection_in_step(foreign: int, request_: str) -> None:
    """HEAD, 204 and 304 have no body (RFC 9112, 6.3); what follows is read from its first byte."""
    answer = say(foreign, head(f"{request_} HTTP/1.1", "Host: a") + get("/whole"))

    assert len(answer.statuses) == 2
    assert answer.raw.count(b"abcd") == 1
    assert answer.raw.partition(b"\r\n\r\n")[2].startswith(b"HTTP/1.1 200")
    assert not (b"transfer-encoding" in answer.head and b"content-length" in answer.head)


# Framing of refusals

REFUSED = {
    "400 the method": b"no:such\r\n\r\n",
    "400 the host": head("{method} /echo HTTP/1.1"),
    "400 the version": head("{method} /echo HTTP/3.0", "Host: a"),
    "400 the coding": head("{method} /echo HTTP/1.1", "Host: a", "Transfer-Encoding: gzip, chunked"),
    "400 the chunk": head("{method} /echo HTTP/1.1", "Host: a", "Transfer-Encoding: chunked") + b"zz\r\n",
    "431 the size": head("{method} /echo HTTP/1.1", "Host: a", "X: " + "a" * 70_000),
    "431 the number": head("{method} /echo HTTP/1.1", "Host: a", *["X: a"] * 200),
    "408 the head": b"{method} /echo HTTP/1.1\r\nHost: a\r\n",
    "408 the body": head("{method} /echo HTTP/1.1", "Host: a", "Content-Length: 9") + b"ab",
    "500 the app": head("{method} /raise HTTP/1.1", "Host: a"),
}


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
@pytest.mark.parametrize("refused", REFUSED)
def test_a_refusal_is_framed(port: int, refused: str, method: str) -> None:
    """It says its length, its type and that the connection ends; a HEAD gets the head alone (RFC 9110, 9.3.2)."""
    data = REFUSED[refused].replace(b"{method}", method.encode())
    answer = say(port, data)
    body = answer.raw.partition(b"\r\n\r\n")[2]

    assert (answer.statuses, answer.end) == ([int(refused[:3])], "fin")
    assert answer.head.count(b"\r\ncontent-type: application/json") == 1
    assert answer.head.count(b"\r\nconnection: close") == answer.head.count(b"\r\ndate: ") == 1
    assert b"transfer-encoding" not in answer.head
    length = int(answer.head.partition(b"content-length: ")[2].split()[0])
    if method == "HEAD" and data.startswith(b"HEAD"):
        assert body == b""
        assert length > 0
    else:
        assert len(body) == length
        assert json.loads(body)["success"] is False


# Headers in several lines


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (["Transfer-Encoding: chunked", "Connection: close"], 200),
        (["Transfer-Encoding: gzip", "Transfer-Encoding: chunked"], 400),
        (["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], 400),
        (["Transfer-Encoding: chunked", "Content-Length: 2"], 400),
        (["Content-Length: 2", "Content-Length: 2"], 400),
        (["Content-Length: 2, 2"], 400),
        (["Connection: close", "Connection: keep-alive", "Transfer-Encoding: chunked"], 200),
        (["Connection: keep-alive", "Connection: close", "Transfer-Encoding: chunked"], 200),
    ],
    ids=lambda value: " | ".join(value) if isinstance(value, list) else str(value),
)
def test_lines_of_one_list(port: int, lines: list[str], status: int) -> None:
    """Lines of one list are one list (RFC 9110, 5.3), and a doubtful length ends the connection (RFC 9112, 6.3)."""
    answer = say(port, head("POST /echo HTTP/1.1", "Host: a", *lines) + b"2\r\nab\r\n0\r\n\r\n")

    assert (answer.status, answer.end) == (status, "fin")


def test_bytes_above_ascii_reach_the_app(port: int) -> None:
    """A value may have any byte but controls (RFC 9110, 5.5)."""
    answer = say(port, get("/echo", "X-Value: \xe9\xff"))

    assert dict(answer.body["headers"])["x-value"] == "\xe9\xff"


def test_white_space_around_a_value_is_no_part_of_it(port: int) -> None:
    """Spaces and tabs before and behind a value belong to the line (RFC 9110, 5.5)."""
    answer = say(port, get("/echo", "X-Value: \t a b\t ", "X-Empty: \t "))

    assert dict(answer.body["headers"])["x-value"] == "a b"
    assert dict(answer.body["headers"])["x-empty"] == ""


@pytest.mark.parametrize(
    ("value", "told"),
    [("100-Continue", True), ("100-continue ", True), ("x, 100-continue", True), ("100-continued", False), ("", False)],
)
def test_expectation(port: int, value: str, told: bool) -> None:
    """A list, compared without regard to case; others than 100-continue are none of ours (RFC 9110, 10.1.1)."""
    with connect(port) as line:
        line.sendall(head("POST /echo HTTP/1.1", "Host: a", "Content-Length: 2", f"Expect: {value}"))
        if told:
            assert line.recv(25).startswith(b"HTTP/1.1 100")
        line.sendall(b"ab")
        assert one_answer(line).body["body"] == "ab"


# Apps that know nothing but ASGI, and that little


def start(status: int = 200, *headers: Any) -> AsgiMessage:
    return {"type": "http.response.start", "status": status, "headers": headers}


def body(data: bytes, *, more: bool = False) -> AsgiMessage:
    return {"type": "http.response.body", "body": data, "more_body": more}


def length(value: bytes) -> tuple[bytes, bytes]:
    return (b"Content-Length", value)


# What an app sends, what its client gets, and what the log says.
ODD: dict[str, tuple[list[AsgiMessage], int, bytes, str]] = {
    "headers as lists": ([start(200, [b"x-a", b"b"], length(b"2")), body(b"ab")], 200, b"ab", ""),
    "an empty piece": ([start(), body(b"", more=True), body(b"ab")], 200, b"2\r\nab\r\n0\r\n\r\n", ""),
    "a coding of its own": ([start(200, (b"Transfer-Encoding", b"gzip"), length(b"2")), body(b"ab")], 200, b"ab", ""),
    "a body first": ([body(b"ab")], 500, b"", "'http.response.body' at the wrong time"),
    "two heads": ([start(), start()], 200, b"", "'http.response.start' at the wrong time"),
    "no end": ([start(), body(b"ab", more=True)], 200, b"2\r\nab\r\n", "before the end of its answer"),
    "a head alone": ([start()], 200, b"", "before the end of its answer"),
    "more after the end": ([start(200, length(b"2")), body(b"ab"), body(b"cd")], 200, b"ab", "at the wrong time"),
    "too short": ([start(200, length(b"3")), body(b"ab")], 200, b"ab", "shorter than its Content-Length"),
    "too long": ([start(200, length(b"2")), body(b"abc")], 200, b"", "longer than its Content-Length"),
    "two lengths": ([start(200, length(b"2"), length(b"3")), body(b"abc")], 500, b"", "one Content-Length"),
    "a negative length": (
        [start(200, length(b"-1")), body(b"")],
        500,
        b"",
        "which is a number",
    ),
    "a length with _": ([start(200, length(b"1_0")), body(b"x" * 10)], 500, b"", "which is a number"),
    "a status of information": ([start(101), body(b"")], 500, b"", "KeyError: 101"),
    "a status without a body and a bad header": ([start(204, (b"x", b"a\nb"))], 500, b"", "has a control character"),
}


@pytest.mark.parametrize("odd", ODD)
def test_odd_app(odd: str, caplog: pytest.LogCaptureFixture) -> None:
    """The answer is framed whatever the app says; where that cannot be, the client sees it, and the log says why."""
    messages, status, expected, says = ODD[odd]

    async def app(scope: AsgiMessage, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await live(receive, send)
            return
        for message in messages:
            await send(message)

    with serving(app=app) as port:
        answer = say(port, get("/"))

    found = answer.raw.partition(b"\r\n\r\n")[2]
    assert (answer.statuses, answer.end) == ([status], "fin")
    assert answer.head.count(b"content-length: ") + answer.head.count(b"transfer-encoding: ") == 1
    if status == 500:
        assert answer.head.endswith(b"\r\nconnection: close")
        assert json.loads(found)["success"] is False
    else:
        assert found == expected
    assert says in caplog.text if says else caplog.text == ""


def test_bug_behind_the_parser_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """A bug of ours is not blamed on the request."""
    broken: Any = None
    with serving(Limits(pipeline=broken)) as port:
        assert say(port, get("/echo")).raw == b""
    assert "TypeError" in caplog.text
