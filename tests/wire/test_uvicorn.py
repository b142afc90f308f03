"""The protocol under uvicorn's own server, by its public setting `http`."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from wiring import app, get, head, refusal, say

from mock_sent.app import create_app
from mock_sent.ground.clock import SECOND
from mock_sent.settings import Settings
from mock_sent.wire.asgi import AsgiApp
from mock_sent.wire.limits import Limits
from mock_sent.wire.refusals import Refusal
from mock_sent.wire.uvicorn import for_uvicorn

pytestmark = pytest.mark.real_socket


@contextmanager
def served(asgi: AsgiApp, refused: Refusal) -> Iterator[int]:
    """The port of an app that `uvicorn.Server` runs."""
    limits = Limits(head_timeout=SECOND // 2)
    server = uvicorn.Server(uvicorn.Config(asgi, http=for_uvicorn(limits, refused), log_config=None))  # type: ignore[arg-type]
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])))
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield int(listening.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join(10)
    assert not thread.is_alive()


def test_it_serves_answers_refuses_and_breaks() -> None:
    """Requests in a row, a refusal with uvicorn's headers, a fault; and uvicorn can stop it while a client waits."""
    with served(app, refusal) as port:
        answer = say(port, head("GET /echo/1 HTTP/1.1", "Host: a") + get("/echo/2"))
        assert (answer.statuses, answer.end) == ([200, 200], "fin")
        assert answer.head.count(b"\r\ndate: ") == answer.head.count(b"\r\nserver: uvicorn") == 1
        assert say(port, b"nonsense\r\n\r\n").status == 400
        assert say(port, b"GET / HT").status == 408
        assert say(port, get("/reset")).end == "rst"
        waiting = socket.create_connection(("127.0.0.1", port))
        waiting.sendall(head("GET /wait/60 HTTP/1.1", "Host: a"))
        time.sleep(0.1)
    assert waiting.recv(100).startswith(b"HTTP/1.1 200")
    waiting.close()


def test_it_serves_the_mock() -> None:
    """The whole mock runs on it."""
    mock = create_app(Settings(seed="tests", log="off"))
    with served(mock, mock.state.refusal) as port:
        assert say(port, get("/_mock/health", f"Host: localhost:{port}")).statuses == [400]
        answer = say(port, head("GET /_mock/health HTTP/1.1", f"Host: localhost:{port}", "Connection: close"))
    assert (answer.status, answer.body["status"]) == (200, "ok")
