"""Hundreds of slow and silent clients are gone in time, and nobody honest waits for them."""

import contextlib
import socket
import time
from collections.abc import Iterator

import pytest
from wiring import HOST, get, listen, process, say

from mock_sent.ground.clock import SECOND
from mock_sent.wire.limits import Limits

pytestmark = pytest.mark.real_socket

SLOW, IDLE = 200, 500


@contextlib.contextmanager
def attack(port: int) -> Iterator[tuple[list[socket.socket], list[socket.socket]]]:
    with contextlib.ExitStack() as lines:

        def connect() -> socket.socket:
            return lines.enter_context(socket.create_connection((HOST, port), timeout=5))

        yield [connect() for _ in range(SLOW)], [connect() for _ in range(IDLE)]


def trickle(slow: list[socket.socket], port: int, seconds: float) -> list[float]:
    """A byte from each slow one now and then, and an honest client in between: how long that one waits."""
    waits = []
    asked = iter(b"GET /echo HTTP/1.1\r\nX: " + b"a" * 10_000)
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline:
        byte = bytes([next(asked)])
        for line in slow:
            with contextlib.suppress(OSError):
                line.sendall(byte)
        until = min(deadline, time.perf_counter() + 0.2)
        while time.perf_counter() < until:
            began = time.perf_counter()
            assert say(port, get("/echo")).status == 200
            waits.append(time.perf_counter() - began)
    return sorted(waits)


def still_open(lines: list[socket.socket]) -> int:
    """Those that neither ended nor have anything to read."""
    for line in lines:
        line.settimeout(0.001)
    return sum(listen(line).end == "open" for line in lines)


def test_slow_and_idle_clients_are_gone_in_time() -> None:
    """200 that send a byte now and then and 500 that say nothing; an honest client's p99 stays under 100 ms."""
    with process(Limits(head_timeout=SECOND, linger=SECOND // 2)) as (_, port), attack(port) as (slow, idle):
        waits = trickle(slow, port, 2.5)
        assert waits[len(waits) * 99 // 100] < 0.1
        assert (still_open(slow), still_open(idle)) == (0, 0)


def test_without_the_time_out_they_stay() -> None:
    """The same attack on a server that waits: every connection is still held."""
    with process(Limits(head_timeout=600 * SECOND)) as (_, port), attack(port) as (slow, idle):
        trickle(slow, port, 2)
        assert (still_open(slow), still_open(idle)) == (SLOW, IDLE)
