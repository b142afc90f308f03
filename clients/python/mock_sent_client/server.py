"""A server for tests: that of MOCK_SENT_URL, or a process that lasts as long as a `with` block."""

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
from mock_sent_client.control import Control
from mock_sent_client.errors import HandleError
from mock_sent_client.forms import HEALTH
from mock_sent_client.ids import new_id
from mock_sent_client.machine_time import ended_within

# Settings that become options of the command; the others become environment variables.
_OPTIONS = ("host", "port", "port_file")
_ANY_HOST = ("", "0.0.0.0", "::")

# Seconds: between two checks for the port, for a start, and for a stop.
_PAUSE, _START_TIMEOUT, _STOP_TIMEOUT = 0.01, 60, 5


class ServerStartError(HandleError):
    """The server did not start; the text has the server's own reason."""


class MockServer:
    """A running server. `url` is its base URL, without a slash at the end."""

    def __init__(self, url: str, token: str = "") -> None:
        self.url, self.token = url.rstrip("/"), token

    def account(self, api_key: str | None = None) -> SentMock:
        """The account of this key, or of a new key. Accounts share nothing: use one for each test."""
        return SentMock(self.url, api_key or f"sent-test-{new_id()}", self.token)


@contextlib.contextmanager
def running(**settings: object) -> Iterator[MockServer]:
    """A server for as long as the block lasts: `with running(scenario="slow") as mock:`.

    A setting has the name that `mock-sent config` prints, without `MOCK_SENT_` and in lower case; it overrides the
    environment. Unless settings say otherwise, a key is required and nothing is logged. If MOCK_SENT_URL names a
    server, that server is used, and the settings are ignored.

    Raises `ServerStartError` with the server's own reason if it does not start, and `HandleError` if no mock-sent
    server answers at MOCK_SENT_URL.
    """
    chosen = {name: _text(value) for name, value in settings.items() if value not in (None, "")}
    token = chosen.get("control_token") or os.environ.get("MOCK_SENT_CONTROL_TOKEN", "")
    if url := os.environ.get("MOCK_SENT_URL"):
        control = Control(url, token=token)
        control.ask("GET", "/health", form=HEALTH)
        yield MockServer(control.url, token)
        return
    with tempfile.TemporaryDirectory(prefix="mock-sent-") as scratch, _process(Path(scratch) / "port", chosen) as url:
        yield MockServer(url, token)


def _text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


@contextlib.contextmanager
def _process(port_file: Path, settings: Mapping[str, str]) -> Iterator[str]:
    """Start a server process, and yield its URL. The process ends with the block, or with this interpreter."""
    host = settings.get("host", "127.0.0.1")
    reachable = "127.0.0.1" if host in _ANY_HOST else f"[{host}]" if ":" in host else host
    scheme = "https" if settings.get("tls_cert") or os.environ.get("MOCK_SENT_TLS_CERT") else "http"
    with contextlib.ExitStack() as stack:
        try:
            port = stack.enter_context(_listening(port_file, {**_ends_with_us(), **settings}))
        except ServerStartError as e:
            # An older server does not know the setting, and one in a container does not see this process.
            if "exit_with_parent" in settings or "MOCK_SENT_EXIT_WITH_PARENT" not in str(e):
                raise
            port = stack.enter_context(_listening(port_file, settings))
        yield f"{scheme}://{reachable}:{port}"


def _ends_with_us() -> dict[str, str]:
    """The setting that ends the server with this process, even if this is killed.

    The first process of a container needs none: its end is the end of all others.
    """
    return {} if os.getpid() == 1 else {"exit_with_parent": str(os.getpid())}


@contextlib.contextmanager
def _listening(port_file: Path, settings: Mapping[str, str]) -> Iterator[str]:
    """A server process, as soon as it listens: its port."""
    options = ["--host", settings.get("host", "127.0.0.1"), "--port", settings.get("port", "0")]
    command = [*_command(), "serve", *options, "--port-file", str(port_file)]
    try:
        process = subprocess.Popen(
            command,
            env=_environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            # Ctrl-C must not stop the server, because the tests use it until they end.
            process_group=0,
        )
    except OSError as e:
        raise ServerStartError(f"{command[0]!r} cannot be started: {e.strerror or e}") from None
    output, stop = _Output(process), partial(_stop, process)
    atexit.register(stop)
    try:
        yield _port(process, port_file, output)
    finally:
        stop()
        atexit.unregister(stop)
        output.close()


def _command() -> list[str]:
    """The command that starts `mock-sent`. The package of this Python is preferred to a command on the PATH."""
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
    """The environment of the server. It has the settings, because every user of the machine can read options."""
    environment = {name: value for name, value in os.environ.items() if name != "MOCK_SENT_COMMAND"}
    environment["MOCK_SENT_AUTH"] = environment.get("MOCK_SENT_AUTH") or "required"
    environment["MOCK_SENT_LOG"] = "off"
    environment.pop("MOCK_SENT_EXIT_WITH_PARENT", None)  # it is about another process's server
    return environment | {f"MOCK_SENT_{n.upper()}": value for n, value in settings.items() if n not in _OPTIONS}


def _port(process: "subprocess.Popen[str]", port_file: Path, output: "_Output") -> str:
    """The port, as soon as the server listens. Raises `ServerStartError` with the server's output if it ended."""
    for _ in range(int(_START_TIMEOUT / _PAUSE)):
        if ended_within(process, _PAUSE):
            code = process.returncode
            reason = output.reason() or f"it ended with code {code}"
            raise ServerStartError(f"the mock-sent server did not start: {reason}")
        with contextlib.suppress(FileNotFoundError):
            text = port_file.read_text()
            if text.endswith("\n"):
                output.forward()
                return text.strip()
    raise ServerStartError(
        f"the mock-sent server did not start within {_START_TIMEOUT} seconds; {process.args!r} still runs"
    )


def _stop(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    if not ended_within(process, _STOP_TIMEOUT):
        process.kill()
        process.wait()


class _Output:
    """The standard error of the server: kept until the server has started, then written to ours."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stderr
        self._stream = process.stderr
        self._kept: list[str] = []
        self._started = False
        self._thread = threading.Thread(target=self._read, name="mock-sent output", daemon=True)
        self._thread.start()

    def forward(self) -> None:
        """Write the lines of the server to our standard error from now on, because it has started."""
        self._started = True

    def reason(self) -> str:
        """The output of a server that has ended, in one line."""
        self._thread.join(_STOP_TIMEOUT)
        lines = "".join(self._kept).removeprefix("mock-sent: ").replace("\nmock-sent: ", "; ")
        return " ".join(lines.split())

    def close(self) -> None:
        """Close the stream. Call it when the server has ended."""
        self._thread.join(_STOP_TIMEOUT)
        self._stream.close()

    def _read(self) -> None:
        for line in self._stream:
            if not self._started:
                self._kept.append(line)
                continue
            with contextlib.suppress(ValueError, OSError):  # our standard error is closed
                sys.stderr.write(line)
