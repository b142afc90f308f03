"""A process whose descriptors are all in use, or nearly: it says so, goes on for those who are there, and recovers."""

import contextlib
import json
import socket
import subprocess
import sys
import threading
from time import perf_counter

import pytest
from lonely import LonelyServer, alone, in_shell, wait_until
from page import REQUEST
from receiver import receiving

pytestmark = [
    pytest.mark.real_socket,
    pytest.mark.skipif(sys.platform == "win32", reason="there is no limit of descriptors"),
]

FEW = in_shell("ulimit -n 256;")


class _Log:
    """The events in the log of a server, as they come."""

    def __init__(self, server: LonelyServer) -> None:
        assert server.process.stderr
        self._stream, self.lines = server.process.stderr, list[bytes]()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        for line in self._stream:
            self.lines.append(line)

    def events(self) -> list[str]:
        told = [json.loads(line) for line in tuple(self.lines)]
        return [each["event"] for each in told if "event" in each]

    def end(self) -> None:
        self._thread.join(10)


def _idle(server: LonelyServer, number: int, clients: contextlib.ExitStack) -> None:
    for _ in range(number):
        clients.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=5))


@pytest.mark.slow
def test_more_connections_than_descriptors() -> None:
    """One line a second says what to do; who is connected is served; who waited is, when others leave."""
    with alone(FEW, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as server:
        server.send()
        log = _Log(server)
        with contextlib.ExitStack() as clients:
            began = perf_counter()
            _idle(server, 300, clients)
            wait_until(lambda: len(log.events()) > 2, "the log says nothing")
            server.send(20)
            told, took = log.events(), perf_counter() - began
        began = perf_counter()
        server.client.close()
        server.send()
        recovered = perf_counter() - began
        with contextlib.ExitStack() as clients:
            _idle(server, 300, clients)
            code, stopped = server.stop()
        log.end()

    assert set(told) == {
        "new connections wait, because this process may not open more connections; close idle ones, or raise its limit "
        "(ulimit -n)"
    }
    assert len(told) <= took + 1
    assert recovered < 2
    assert (code, stopped < 1) == (0, True)
    assert all(line.startswith(b"{") for line in log.lines)


def test_files_and_webhooks_in_spite_of_many_connections() -> None:
    """Connections leave descriptors for files, for what is loaded late, and for deliveries."""
    with (
        receiving() as receiver,
        alone(FEW, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as server,
        contextlib.ExitStack() as clients,
    ):
        server.send()
        log = _Log(server)
        _idle(server, 300, clients)
        wait_until(log.events, "the log says nothing")
        hook = {"display_name": "hook", "endpoint_url": receiver.url, "event_types": ["messages"]}
        answers = [
            server.ask("POST", "/v3/webhooks", hook),
            server.ask("POST", "/v3/messages", REQUEST, x_mock_scenario="retry-then-ok"),
            server.ask("POST", "/v3/messages", REQUEST),
            server.ask("GET", "/docs"),
            server.ask("GET", "/_mock/inbox"),
            server.ask("GET", "/_mock/audit"),
            server.ask("POST", "/_mock/clock", {"advance": "1m"}),
        ]
        server.process.terminate()
        log.end()

    assert [status for status, _ in answers] == [201, 500, 202, 200, 200, 200, 200]
    assert receiver.received


def test_too_few_descriptors_to_serve() -> None:
    """It is said at the start."""
    done = subprocess.run(in_shell("ulimit -n 12;"), capture_output=True, text=True, timeout=30)

    says = "mock-sent: this process may have 12 files and connections open, and needs 32; raise its limit (ulimit -n)\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", says)
