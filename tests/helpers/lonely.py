"""A server that says its port in a file alone, because a test takes its standard streams away."""

import http.client
import json
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import perf_counter
from typing import Any

from commands import COMMAND, PATIENCE, environment
from page import REQUEST

# What one send may take on a busy machine; a server that waits for a reader takes for ever.
_ANSWER = 5


class LonelyServer:
    """A server, and a client with one connection to it."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        self.process, self.port = process, port
        self.client = http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWER)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
        """Status and body of an answer."""
        self.begin(self.client, method, path, body, **headers)
        answer = self.client.getresponse()
        return answer.status, answer.read()

    def begin(self, client: http.client.HTTPConnection, method: str, path: str, body: Any, **headers: str) -> None:
        """Send a request."""
        data = None if body is None else json.dumps(body)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        client.request(method, path, data, {"content-type": "application/json", **names})

    def send(self, times: int = 1) -> None:
        for _ in range(times):
            assert self.ask("POST", "/v3/messages", REQUEST)[0] == 202

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """Exit code, and the seconds that the end took."""
        started = perf_counter()
        self.process.send_signal(number)
        return self.process.wait(PATIENCE), perf_counter() - started


@contextmanager
def alone(
    command: Sequence[str] = (COMMAND,), variables: Mapping[str, str] | None = None, **streams: Any
) -> Iterator[LonelyServer]:
    """A server with these streams, ended with the block whatever happened."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "port"
        given = environment(MOCK_SENT_PORT="0", MOCK_SENT_PORT_FILE=str(path), MOCK_SENT_LOG="json")
        process = subprocess.Popen(command, env={**given, **(variables or {})}, **streams)
        try:
            server = LonelyServer(process, _port(process, path))
            yield server
            server.client.close()
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            for stream in (process.stdout, process.stderr):
                if stream:
                    stream.close()


def in_shell(words: str) -> list[str]:
    """The command, started by a shell that does something before: `ulimit -n 256;`, or with its streams: `2>&-`."""
    before, _, streams = words.rpartition(";")
    return ["bash", "-c", f'{before}{";" if before else ""} exec "$0" {streams}', COMMAND]


def wait_until(condition: Any, what: str) -> None:
    """Wait for something that another process does."""
    end = perf_counter() + PATIENCE
    while not condition():
        assert perf_counter() < end, what
        time.sleep(0.005)


def _port(process: "subprocess.Popen[bytes]", path: Path) -> int:
    text = ""

    def written() -> bool:
        nonlocal text
        assert process.poll() is None, process.returncode
        with suppress(FileNotFoundError):
            text = path.read_text()
        return text.endswith("\n")

    wait_until(written, "the server has not said its port")
    return int(text)
