"""The last resort, for an app that fails, and what a stop does."""

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from wiring import Answer, connect, get, head, listen, noise, say, serving

pytestmark = pytest.mark.real_socket


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving() as port:
        yield port


@pytest.mark.parametrize(("path", "statuses"), [("raise", [500]), ("forget", [500]), ("raise/late", [200])])
def test_bug_of_the_app_is_the_envelope(
    port: int, path: str, statuses: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    """500 as JSON if nothing was said yet, else the end of the connection; the log has the exception."""
    answer = say(port, get(f"/{path}"))

    assert (answer.statuses, answer.end) == (statuses, "fin")
    if statuses == [500]:
        assert answer.body["success"] is False
    assert ("ValueError: a bug" in caplog.text) is path.startswith("raise")


def test_refused_request_leaves_no_trace_in_the_log(port: int, caplog: pytest.LogCaptureFixture) -> None:
    """Refusals are the client's affair."""
    caplog.set_level(logging.DEBUG)
    say(port, b"nonsense\r\n\r\n")

    assert noise(caplog) == []


def test_a_stop_ends_waits_and_lets_work_end() -> None:
    """A wait is answered at once, and a request that works is answered in its time."""
    with contextlib.ExitStack() as lines:
        with serving() as own:
            waiting, working = lines.enter_context(connect(own)), lines.enter_context(connect(own))
            waiting.sendall(head("GET /wait/60 HTTP/1.1", "Host: a"))
            working.sendall(head("GET /slow/0.2 HTTP/1.1", "Host: a"))
            time.sleep(0.05)
        assert listen(waiting).body == {"left": True}
        assert listen(working).status == 200


def test_a_stop_does_not_wait_for_a_body(caplog: pytest.LogCaptureFixture) -> None:
    """A request that has not come as a whole is answered by the end of its connection, and by no bug of ours."""
    with contextlib.ExitStack() as lines:
        with serving() as own:
            line = lines.enter_context(connect(own))
            line.sendall(head("POST /echo HTTP/1.1", "Host: a", "Content-Length: 9") + b"ab")
            time.sleep(0.05)
        assert listen(line) == Answer(b"", "fin")
    assert noise(caplog) == []


@pytest.mark.parametrize("then", [b"zz\r\n", b""], ids=["a bad chunk", "the end"])
def test_a_stop_drops_what_waits_behind_a_request(then: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """What still comes of it is no error."""
    with contextlib.ExitStack() as lines:
        with serving() as own:
            line = lines.enter_context(connect(own))
            line.sendall(head("GET /slow/0.2 HTTP/1.1", "Host: a"))
            line.sendall(head("POST /echo HTTP/1.1", "Host: a", "Transfer-Encoding: chunked"))
            time.sleep(0.05)
            later = threading.Timer(0.05, line.sendall if then else line.shutdown, [then or socket.SHUT_WR])
            later.start()
        later.join()
        assert listen(line).statuses == [200]
    assert noise(caplog) == []
