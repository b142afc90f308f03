"""Thousands of random connections to a real server: bytes in pieces, pipelines, clients that leave in the middle."""

import re
import sys
from collections import Counter
from pathlib import Path

import pytest
from fuzzed import FuzzedServer
from fuzzlines import ConnectionFuzz

pytestmark = [
    pytest.mark.volume,
    pytest.mark.real_socket,
    pytest.mark.skipif(sys.platform != "linux", reason="descriptors are read from /proc"),
]
CONNECTIONS = 5_000
SEED = 20_261_126
_HEAD = re.compile(rb"HTTP/1\.1 (\d\d\d) [^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n")


def test_connections(tmp_path: Path) -> None:
    """Each ends, with answers of which none is a bug; the server is as it was before."""
    fuzz, seen = ConnectionFuzz(SEED), Counter[int]()
    with FuzzedServer(tmp_path) as server:
        for number in range(CONNECTIONS):
            connection = fuzz.connection()
            replay = f"seed {SEED}, connection {number}: {connection!r}"
            try:
                heard = connection.say(server.port)
            except TimeoutError:
                pytest.fail(f"it has no end: {replay}")
            if heard is None:
                continue
            assert not heard or _HEAD.match(heard), f"{heard[:200]!r} is no answer: {replay}"
            for head in _HEAD.finditer(heard):
                seen[int(head[1])] += 1
                is_bug = head[1] >= b"500" and b"\r\nx-mock-rule: " not in head[0]
                assert not is_bug, f"{head[0]!r}: {replay}"
        server.demand_health()

    print(dict(seen))
    assert {200, 202, 400, 404, 405, 415} <= seen.keys()
    assert seen.total() > CONNECTIONS / 2
