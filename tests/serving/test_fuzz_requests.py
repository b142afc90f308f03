"""Twenty thousand random requests to a real server: no bug, nothing left behind."""

import sys
from collections import Counter
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from socket import create_connection, socket

import pytest
from fuzzed import FuzzedServer
from fuzzing import RequestFuzz

pytestmark = [
    pytest.mark.volume,
    pytest.mark.real_socket,
    pytest.mark.skipif(sys.platform != "linux", reason="descriptors are read from /proc"),
]
REQUESTS = 20_000
SEED = 20_261_126


class KeptConnection:
    """A connection that is opened anew when the server has closed it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket | None = None

    def ask(self, request: bytes) -> tuple[HTTPResponse, bytes]:
        """The answer and its body. Raises OSError or HTTPException if there is no whole one."""
        if self._socket is None:
            self._socket = create_connection(("127.0.0.1", self._port), timeout=10)
        self._socket.sendall(request)
        answer = HTTPResponse(self._socket, method=request.split(b" ", 1)[0].decode())
        answer.begin()
        is_stream = answer.getheader("content-type") == "text/event-stream"
        body = b"" if is_stream else answer.read()
        if is_stream or answer.will_close:
            answer.close()
            self.close()
        return answer, body

    def close(self) -> None:
        if self._socket:
            self._socket.close()
        self._socket = None


def test_requests(tmp_path: Path) -> None:
    """Each has a whole answer that is no bug; descriptors are free again, nothing but log lines was written."""
    fuzz, seen = RequestFuzz(SEED), Counter[int]()
    with FuzzedServer(tmp_path) as server:
        connection = KeptConnection(server.port)
        for number in range(REQUESTS):
            request = fuzz.request()
            try:
                answer, body = connection.ask(request)
            except (OSError, HTTPException) as e:
                pytest.fail(f"seed {SEED}, request {number}: {e!r} after {request!r}")
            is_bug = answer.status >= 500 and not answer.getheader("x-mock-rule")
            assert not is_bug, f"seed {SEED}, request {number}: {answer.status} {answer.headers} after {request!r}"
            seen[answer.status] += 1
            fuzz.learn(body)
        connection.close()
        server.demand_health()

    print(dict(seen))
    assert {200, 201, 202, 204, 307, 400, 401, 402, 403, 404, 405, 415, 429} <= seen.keys()
    assert seen[200] + seen[201] + seen[202] > REQUESTS / 10
