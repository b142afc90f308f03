"""What a connection does besides refusing: order, time, upgrades and early answers."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from wiring import (
    HOST,
    Answer,
    app,
    connect,
    connections,
    eventually,
    get,
    head,
    listen,
    live,
    noise,
    one_answer,
    say,
    serving,
)

from mock_sent.ground.clock import SECOND
from mock_sent.wire.asgi import AsgiMessage
from mock_sent.wire.limits import Limits

pytestmark = pytest.mark.real_socket

KEPT = head("GET /echo HTTP/1.1", "Host: a")
LIMITS = Limits(head_timeout=SECOND // 2, body_timeout=SECOND // 2, keep_alive=SECOND // 4, linger=SECOND // 4)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(LIMITS) as port:
        yield port


# Order


def test_pipelined_requests_are_answered_in_order(port: int) -> None:
    """Ten requests in one packet give ten answers in their order."""
    asked = b"".join(head(f"GET /echo/{n} HTTP/1.1", "Host: a") for n in range(9)) + get("/echo/9")
    answer = say(port, asked)

    assert answer.statuses == [200] * 10
    assert [answer.raw.find(b'"/echo/%d"' % n) for n in range(10)] == sorted(
        answer.raw.find(b'"/echo/%d"' % n) for n in range(10)
    )


def test_body_does_not_wait_for_the_confirmation_of_its_head(port: int) -> None:
    """Fifty requests on one connection; with Nagle's algorithm each second one would take 40 ms."""
    began = time.perf_counter()
    with connect(port) as line:
        for _ in range(50):
            line.sendall(KEPT)
            one_answer(line)
    assert time.perf_counter() - began < 0.8


def test_pipeline_is_bounded(port: int) -> None:
    """Those that fit are answered, then one refusal, then the end."""
    answer = say(port, KEPT * 3_000)

    assert answer.statuses == [200] * 101 + [400]
    assert "may wait" in json.dumps(answer.body)


def test_pipeline_is_bounded_for_upgrades_too(port: int) -> None:
    """The refusal of a request that asks for an upgrade has its reason as well."""
    upgrade = head("GET /echo HTTP/1.1", "Host: a", "Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings")
    answer = say(port, head("GET /slow/0.1 HTTP/1.1", "Host: a") + KEPT * 100 + upgrade)

    assert answer.statuses == [200] * 101 + [400]
    assert "may wait" in json.dumps(answer.body)


def test_size_of_a_head_is_its_own(port: int) -> None:
    """Requests that came in the same packet do not count."""
    answer = say(port, KEPT * 90 + get("/echo", "X: " + "a" * 65_000))

    assert answer.statuses == [200] * 91


def test_refusal_waits_for_the_answer_before_it(port: int) -> None:
    """A bad request behind a slow one is refused after the slow one's answer, not in its middle."""
    answer = say(port, head("GET /slow/0.2 HTTP/1.1", "Host: a") + b"nonsense\r\n\r\n" + b"x" * 100_000)

    assert answer.statuses == [200, 400]
    assert answer.end == "fin"


def test_bad_body_in_the_queue_is_refused_in_its_turn(port: int) -> None:
    """The queued request whose chunk is bad never reaches the app."""
    bad = head("POST /echo HTTP/1.1", "Host: a", "Transfer-Encoding: chunked") + b"zz\r\n"
    answer = say(port, head("GET /slow/0.2 HTTP/1.1", "Host: a") + bad)

    assert answer.statuses == [200, 400]


@pytest.mark.parametrize("path", ["early", "half"])
def test_bad_body_after_the_answer_closes(port: int, path: str, caplog: pytest.LogCaptureFixture) -> None:
    """A request whose answer has begun before its bad body came gets no second answer."""
    with connect(port) as line:
        line.sendall(head(f"POST /{path} HTTP/1.1", "Host: a", "Transfer-Encoding: chunked"))
        assert line.recv(100).startswith(b"HTTP/1.1 200")
        line.sendall(b"zz\r\n")
        assert b"HTTP/1.1" not in listen(line).raw
    assert noise(caplog) == []


@pytest.mark.parametrize("pause", [0, 0.05])
def test_leaving_is_seen_behind_a_pipelined_request(pause: float) -> None:
    """The request that is running learns that its client left, although another one waits behind it."""
    left = threading.Event()

    async def waiting(scope: AsgiMessage, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await live(receive, send)
            return
        while (await receive())["type"] != "http.disconnect":
            pass
        left.set()

    with serving(LIMITS, waiting) as own:
        with connect(own) as line:
            line.sendall(KEPT)
            time.sleep(pause)
            line.sendall(KEPT)
            time.sleep(0.05)
        assert left.wait(1)


@pytest.mark.parametrize("size", [2_000_000, 20_000_000])
def test_client_that_still_sends_gets_the_answer(port: int, size: int) -> None:
    """An answer that ends the connection before the body is through is not lost to a reset."""
    for _ in range(3):
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(f"http://{HOST}:{port}/early", data=b"x" * size, headers={"Connection": "close"})
            assert answer.status_code == 200


# Time


def test_slow_head_is_refused_and_a_new_one_gets_new_time(port: int) -> None:
    """The time of a head runs from its own first byte, whatever was answered before."""
    with connect(port) as line:
        for _ in range(3):
            line.sendall(KEPT[:20])
            time.sleep(0.3)
            line.sendall(KEPT[20:])
            assert one_answer(line).status == 200
        line.sendall(KEPT[:20])
        answer = listen(line)
    assert (answer.status, answer.end) == (408, "fin")


def test_idle_connection_is_closed(port: int) -> None:
    """After the last answer, and blank lines do not keep it alive."""
    with connect(port) as line:
        line.sendall(KEPT)
        one_answer(line)
        began = time.perf_counter()
        line.sendall(b"\r\n")
        assert listen(line).raw == b""
    assert time.perf_counter() - began < 1


def test_slow_body_is_refused_and_the_app_sees_its_client_leave(port: int) -> None:
    """408 while the app still waits for the body."""
    answer = say(port, head("POST /echo HTTP/1.1", "Host: a", "Content-Length: 9") + b"ab")

    assert (answer.statuses, answer.end) == ([408], "fin")


def test_client_is_not_blamed_while_we_do_not_read(port: int) -> None:
    """A body that waits in the socket because the app is slow to read it is in time."""
    body = b"a" * 400_000
    with serving(Limits(body_timeout=SECOND // 5)) as own:
        length = f"Content-Length: {len(body)}"
        answer = say(own, head("POST /late HTTP/1.1", "Host: a", "Connection: close", length) + body)
    assert answer.statuses == [200]


def test_client_that_does_not_read_is_cut_off() -> None:
    """An answer that nobody takes holds its request and its memory only so long."""
    asked = threading.Event()

    async def big(scope: AsgiMessage, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            asked.set()
        await app(scope, receive, send)

    with serving(Limits(write_timeout=SECOND // 5), big) as own, connect(own) as line:
        line.sendall(get("/big"))
        assert asked.wait(5)
        assert eventually(lambda: not connections(own))
        assert len(listen(line).raw) < 20_000_000
    with serving(Limits(write_timeout=2 * SECOND)) as own, connect(own) as line:
        line.sendall(get("/big"))
        time.sleep(0.2)
        assert len(listen(line).raw) > 20_000_000


def test_refused_client_that_goes_on_sending_is_cut_off(port: int) -> None:
    """The linger ends by time or by bytes, and the answer is out before that."""
    with serving(Limits(linger_bytes=100_000)) as own, connect(own) as line:
        line.sendall(b"nonsense\r\n\r\n")
        assert listen(line).status == 400
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            send_for_ever(line)


def send_for_ever(line: socket.socket) -> None:
    while True:
        line.sendall(b"x" * 10_000)
        time.sleep(0.001)


# Upgrades, expectations, trailers


@pytest.mark.parametrize("body", ["Content-Length: 2", "Transfer-Encoding: chunked"])
def test_upgrade_is_ignored_with_its_body_kept(port: int, body: str) -> None:
    """Java's first request asks for h2c: it is answered as if it did not, and the connection goes on."""
    data = b"2\r\nab\r\n0\r\n\r\n" if "chunked" in body else b"ab"
    asked = head("POST /echo HTTP/1.1", "Host: a", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", body) + data
    with connect(port) as line:
        for half in (asked[:30], asked[30:], asked):
            line.sendall(half)
        for _ in range(2):
            answer = one_answer(line)
            assert answer.status == 200
            assert answer.body["body"] == "ab"


def test_continue_is_sent_when_the_body_is_wanted(port: int) -> None:
    """Expect: 100-continue gets its 100 and then the answer, and the connection stays usable."""
    with connect(port) as line:
        line.sendall(head("POST /echo HTTP/1.1", "Host: a", "Content-Length: 2", "Expect: 100-continue"))
        assert line.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        line.sendall(b"ab")
        assert one_answer(line).body["body"] == "ab"
        line.sendall(KEPT)
        assert one_answer(line).status == 200


def test_answer_instead_of_continue_ends_the_connection(port: int) -> None:
    """A client that then keeps its body back would have its next head read as that body."""
    answer = say(port, head("POST /early HTTP/1.1", "Host: a", "Content-Length: 99", "Expect: 100-continue"))

    assert (answer.statuses, answer.end) == ([200], "fin")


def test_trailers_are_dropped(port: int) -> None:
    """What stands behind the body cannot pass for a header."""
    asked = head("POST /echo HTTP/1.1", "Host: a", "Connection: close", "Transfer-Encoding: chunked")
    answer = say(port, asked + b"2\r\nab\r\n0\r\nX-Late: 1\r\n\r\n")

    assert "x-late" not in dict(answer.body["headers"])


def test_rest_of_a_body_is_read_away_after_an_early_answer(port: int) -> None:
    """The connection can be used again, however big the body that nobody wanted, and is closed when it is idle."""
    early = head("POST /early HTTP/1.1", "Host: a", "Content-Length: 3000000") + b"x" * 3_000_000
    with connect(port) as line:
        for asked in (early, KEPT, early):
            line.sendall(asked)
            assert one_answer(line).status == 200
        assert listen(line) == Answer(b"", "fin")
