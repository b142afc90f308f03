"""A server for tests: the one that MOCK_SENT_URL names, or a process that lasts as long as a block."""

import atexit
import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from mock_sent_client.account import SentMock
from mock_sent_client.control import Control, HandleError
from mock_sent_client.ids import new_id

# Settings that become options of the command; the others become variables.
_OPTIONS = ("host", "port", "port_file")
_EVERYWHERE = ("", "0.0.0.0", "::")

# Seconds between two looks for the port, seconds that a start may take, and that an end may take.
_PAUSE, _START, _END = 0.01, 60, 5


class ServerStartError(HandleError):
    """The server did not start; the text has the server's own reason."""


class MockServer:
    """A server that answers. `url` is its base URL, without a slash at the end."""

    def __init__(self, url: str, token: str = "") -> None:
        self.url, self.token = url.rstrip("/"), token

    def account(self, api_key: str | None = None) -> SentMock:
        """The account of this key, or of a new key. Accounts never meet: one for each test is best."""
        return SentMock(self.url, api_key or f"sent-test-{new_id()}", self.token)


@contextlib.contextmanager
def running(**settings: object) -> Iterator[MockServer]:
    """A server for as long as the block lasts: `with running(scenario="slow") as mock:`.

    A setting has the name that `mock-sent config` prints, without `MOCK_SENT_` and in small letters; it wins over the
    environment. Unless settings say otherwise, a key is required and nothing is logged. If MOCK_SENT_URL names a
    server, that one is used, and the settings are not.

    Raises `ServerStartError` with the server's own reason if it does not start, and `HandleError` if no mock-sent
    server answers at MOCK_SENT_URL.
    """
    chosen = {name: _text(value) for name, value in settings.items() if value not in (None, "")}
    token = chosen.get("control_token") or os.environ.get("MOCK_SENT_CONTROL_TOKEN", "")
    if url := os.environ.get("MOCK_SENT_URL"):
        Control(url, token=token).ask("GET", "/health")
        yield MockServer(url, token)
        return
    with tempfile.TemporaryDirectory(prefix="mock-sent-") as scratch, _process(Path(scratch) / "port", chosen) as url:
        yield MockServer(url, token)


def _text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


@contextlib.contextmanager
def _process(port_file: Path, settings: Mapping[str, str]) -> Iterator[str]:
    """The URL of a server process that ends with the block, or at the latest with this interpreter."""
    host = settings.get("host", "127.0.0.1")
    options = ["--host", host, "--port", settings.get("port", "0"), "--port-file", str(port_file)]
    command = [*_command(), "serve", *options]
    try:
        process = subprocess.Popen(
            command,
            env=_environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            # Ctrl-C is for the tests: they ask the server until their end.
            process_group=0,
        )
    except OSError as e:
        raise ServerStartError(f"{command[0]!r} cannot be started: {e.strerror or e}") from None
    output, stop = _Output(process), partial(_stop, process)
    atexit.register(stop)
    try:
        port = _port(process, port_file, output)
        near = "127.0.0.1" if host in _EVERYWHERE else f"[{host}]" if ":" in host else host
        yield f"http://{near}:{port}"
    finally:
        stop()
        atexit.unregister(stop)
        output.close()


def _command() -> list[str]:
    """How to start `mock-sent`. The one of this Python comes before another one that the PATH may lead to."""
    import shlex
    import shutil

    if chosen := os.environ.get("MOCK_SENT_COMMAND"):
        return shlex.split(chosen, posix=os.name == "posix")
    found = find_spec("mock_sent")
    if found is not None and found.submodule_search_locations and found.origin:
        return [sys.executable, "-P", "-m", "mock_sent"]
    if path := shutil.which("mock-sent"):
        return [path]
    raise ServerStartError(
        "there is no mock-sent server: install mock-sent, or set MOCK_SENT_URL to a server that runs, "
        "or MOCK_SENT_COMMAND to the command that starts one"
    )


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of the server. Settings go in here, because every user of the machine can read options."""
    environment = {name: value for name, value in os.environ.items() if name != "MOCK_SENT_COMMAND"}
    environment["MOCK_SENT_AUTH"] = environment.get("MOCK_SENT_AUTH") or "required"
    environment["MOCK_SENT_LOG"] = "off"
    return environment | {f"MOCK_SENT_{n.upper()}": value for n, value in settings.items() if n not in _OPTIONS}


def _port(process: "subprocess.Popen[str]", port_file: Path, output: "_Output") -> str:
    """The port, as soon as the server listens. Raises `ServerStartError` with what the server said if it ended."""
    for _ in range(int(_START / _PAUSE)):
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = process.wait(_PAUSE)
            reason = output.reason() or f"it ended with code {code}"
            raise ServerStartError(f"the mock-sent server did not start: {reason}")
        with contextlib.suppress(FileNotFoundError):
            text = port_file.read_text()
            if text.endswith("\n"):
                output.forward()
                return text.strip()
    raise ServerStartError(f"the mock-sent server did not start within {_START} seconds; {process.args!r} still runs")


def _stop(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    try:
        process.wait(_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class _Output:
    """What the server writes to its standard error: kept until it has started, then written to ours."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stderr
        self._stream = process.stderr
        self._kept: list[str] = []
        self._started = False
        self._thread = threading.Thread(target=self._read, name="mock-sent output", daemon=True)
        self._thread.start()

    def forward(self) -> None:
        """The server has started: from now on its lines go to our standard error."""
        self._started = True

    def reason(self) -> str:
        """What a server that has ended said, in one line."""
        self._thread.join(_END)
        return " ".join("".join(self._kept).split()).removeprefix("mock-sent: ")

    def close(self) -> None:
        """To be called when the server has ended."""
        self._thread.join(_END)
        self._stream.close()

    def _read(self) -> None:
        for line in self._stream:
            if not self._started:
                self._kept.append(line)
                continue
            with contextlib.suppress(ValueError, OSError):  # nobody reads ours any more
                sys.stderr.write(line)
