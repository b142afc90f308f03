"""The last resort, for an app that fails, and what a stop may cut."""

import logging
import time
from collections.abc import Iterator

import pytest
from wiring import connect, get, head, listen, noise, one_answer, say, serving

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


def test_parked_flag_ends_with_its_request(port: int) -> None:
    """A request after a parked one is not cut off by a stop."""
    with serving() as own:
        line = connect(own)
        line.sendall(head("GET /park HTTP/1.1", "Host: a"))
        assert one_answer(line).status == 200
        line.sendall(head("GET /slow/0.1 HTTP/1.1", "Host: a"))
        time.sleep(0.02)
    assert listen(line).status == 200
    line.close()
