"""Standard output and standard error that nobody reads, or that are not there: the server serves on."""

import json
import os
import pty
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from select import select

import pytest
from lonely import alone, in_shell

from mock_sent.ground.output import ProcessOutput

pytestmark = pytest.mark.real_socket

# More than a pipe and the server's own memory hold together.
MANY = 1_000


def _pipe() -> tuple[int, int]:
    return os.pipe()


def _socket() -> tuple[int, int]:
    ours, theirs = socket.socketpair()
    return ours.detach(), theirs.detach()


def _terminal() -> tuple[int, int]:
    return pty.openpty()


def _full(reader: int, writer: int) -> None:
    """Fill it, and leave it as it was otherwise."""
    os.set_blocking(writer, False)
    for size in (4_096, 1):
        try:
            while True:
                os.write(writer, b"x" * size)
        except BlockingIOError:
            pass
    os.set_blocking(writer, True)


def _read_until(reader: int, word: bytes) -> bytes:
    """What comes until a whole line with this word has come."""
    got = b""
    while word not in got or not got.endswith(b"\n"):
        assert select([reader], [], [], 10)[0], got[-200:]
        got += os.read(reader, 65_536)
    return got


@pytest.mark.parametrize("opened", [_pipe, _socket, _terminal])
def test_log_that_nobody_reads(opened: Callable[[], tuple[int, int]]) -> None:
    """Each send is answered; a late reader gets whole lines, and one line about how many were dropped."""
    reader, writer = opened()
    with alone(stdout=subprocess.DEVNULL, stderr=writer) as server:
        os.close(writer)
        server.send(MANY)
        lines = _read_until(reader, b"dropped").splitlines()
        server.send(3)
        lines += _read_until(reader, b"202").splitlines()
        code, took = server.stop()
    os.close(reader)

    *_, told = [json.loads(line) for line in lines if b"dropped" in line]
    assert told == {
        "event": "log lines were dropped, because stderr could not be written",
        "lines": told["lines"],
        "reason": "nobody reads it",
    }
    assert len([line for line in lines if b"dropped" in line]) == 1
    sends = [json.loads(line) for line in lines if b"dropped" not in line]
    assert all(each["status"] == 202 for each in sends)
    assert MANY < len(sends) + told["lines"] <= MANY + 3
    assert (code, took < 1) == (0, True)


@pytest.mark.parametrize("opened", [_pipe, _socket])
def test_streams_that_are_full_before_the_start(opened: Callable[[], tuple[int, int]]) -> None:
    """Not even the first lines wait for a reader, nor does the end."""
    reader, writer = opened()
    _full(reader, writer)
    with alone(stdout=writer, stderr=writer) as server:
        os.close(writer)
        server.send(5)
        code, took = server.stop()
    os.close(reader)

    assert (code, took < 1) == (0, True)


def test_streams_whose_reader_has_left() -> None:
    """As with `| head -1`."""
    reader, writer = os.pipe()
    os.close(reader)
    with alone(stdout=writer, stderr=writer) as server:
        os.close(writer)
        server.send(5)
        code, took = server.stop()

    assert (code, took < 1) == (0, True)


def test_named_pipe_whose_reader_comes_back(tmp_path: Path) -> None:
    """The log goes on, and says how many lines nobody could read."""
    path = f"{tmp_path}/log"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(path, os.O_WRONLY)
    with alone(stdout=subprocess.DEVNULL, stderr=writer) as server:
        os.close(writer)
        server.send()
        os.close(reader)
        server.send(4)
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        server.send()
        lines = [json.loads(line) for line in _read_until(reader, b"202").splitlines()]
        code, _ = server.stop()
    os.close(reader)

    assert [line.get("lines", line.get("status")) for line in lines] == [202, 4, 202]
    assert code == 0


@pytest.mark.parametrize(
    ("streams", "reason"),
    [
        ("2>&-", "it is closed"),
        ("2>/dev/full", "No space left on device"),
        (">&-", None),
        (">/dev/full", None),
        (">&- 2>&-", None),
        ("<&- >&- 2>&-", None),
        (">/dev/full 2>/dev/full", None),
    ],
)
def test_streams_that_take_nothing(streams: str, reason: str | None) -> None:
    """The server serves, and ends with code 0; where stderr takes nothing, stdout says so once, after its own lines."""
    with alone(in_shell(streams), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        server.send(5)
        server.process.terminate()
        out, errors = server.process.communicate(timeout=5)

    assert server.process.returncode == 0
    told = [line for line in out.decode().splitlines()[4:] if line]
    cannot = f"mock-sent: stderr cannot be written ({reason}), and its lines are dropped"
    assert told == ([f"{cannot}; MOCK_SENT_LOG=off writes no log"] if reason else [])
    assert len(errors.splitlines()) == (0 if "2>" in streams else 5)
    assert b"Traceback" not in out + errors


PRINTING = """
import logging, sys, warnings
from mock_sent.serving.outputs import Outputs

outputs = Outputs()
for number in range(20_000):
    print("a line of somebody's")
    logging.getLogger("asyncio").error("a line of asyncio's")
warnings.warn("a warning")
outputs.finish()
"""


def test_whatever_else_is_printed() -> None:
    """The loggers of libraries, warnings and Python's own end do not wait for a reader either."""
    readers_and_writers = [os.pipe(), os.pipe()]
    (_, out), (_, errors) = readers_and_writers
    process = subprocess.Popen([sys.executable, "-c", PRINTING], stdout=out, stderr=errors)
    try:
        assert process.wait(20) == 0
    finally:
        process.kill()
        for each in readers_and_writers:
            os.close(each[0])
            os.close(each[1])


def test_pipe_that_cannot_be_opened_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe of another user's, or a system without /proc: writing does not wait either, and loses no line's half."""

    def refuse(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "open", refuse)
    reader, writer = os.pipe()
    written = ProcessOutput(writer, "stderr")
    line = b"y" * 5_000 + b"\n"
    for _ in range(100):
        written.write(line)
    got: list[bytes] = []
    reading = threading.Thread(target=lambda: got.append(_read_until(reader, b"dropped")))
    reading.start()
    while reading.is_alive():
        written.finish(0.1)
    os.close(reader)
    os.close(writer)

    *whole, told = got[0].splitlines(keepends=True)
    assert set(whole) == {line}
    assert told == b"mock-sent: %d lines were dropped, because stderr could not be written: nobody reads it\n" % (
        100 - len(whole)
    )
