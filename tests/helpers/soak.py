"""A server at full speed with good, bad and faulty requests: does it stay small, and are its answers all expected?"""

import asyncio
import json
import os
import resource
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from servers import ServerProcess

PAGE = {"to": ["+14155551234"], "channel": ["sms"], "template": {"name": "order_confirmation"}}
# What is sent, and what may come back: statuses, or `cut` for a connection that ends without a whole answer.
KINDS: dict[str, tuple[dict[str, str], Any, set[str]]] = {
    "good": ({}, PAGE, {"202"}),
    "keyed": ({"idempotency-key": "k{n}"}, PAGE, {"202", "409"}),
    "replayed": ({"idempotency-key": "same"}, PAGE, {"202", "409"}),
    "invalid": ({}, {"to": ["nobody"]}, {"400"}),
    "malformed": ({}, b'{"to": [', {"400"}),
    "unknown template": ({}, {**PAGE, "template": {"name": "nobody"}}, {"404"}),
    "other account": ({"x-api-key": "account-{n}"}, PAGE, {"202"}),
    "failure": ({"x-mock-scenario": "internal-error"}, PAGE, {"500"}),
    "reset": ({"x-mock-scenario": "connection-reset"}, PAGE, {"cut"}),
    "empty": ({}, {**PAGE, "to": ["+15005550172"]}, {"cut"}),
    "two lengths": ({"content-length": "3"}, PAGE, {"400", "cut"}),
    "preference": ({"prefer": "code=418"}, PAGE, {"400"}),
}
SETTINGS = {
    "MOCK_SENT_LOG": "off",
    "MOCK_SENT_MAX_MESSAGES": "2000",
    "MOCK_SENT_MAX_KEYS": "1000",
    "MOCK_SENT_MAX_JOURNAL": "500",
    "MOCK_SENT_MAX_ACCOUNTS": "20",
}


async def ask(port: int, headers: dict[str, str], body: bytes) -> str:
    """One request on a connection of its own: the status, or `cut`."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    fields = {"content-type": "application/json", "connection": "close", "x-api-key": "soak"}
    lines = [f"{name}: {value}" for name, value in (fields | headers).items()]
    head = "\r\n".join(["POST /v3/messages HTTP/1.1", "host: x", *lines, f"content-length: {len(body)}", "", ""])
    try:
        writer.write(head.encode() + body)
        answer = await reader.read()
        return answer.split(b" ", 2)[1].decode() if answer.startswith(b"HTTP/1.1 ") else "cut"
    except ConnectionError:
        return "cut"
    finally:
        writer.close()


async def worker(port: int, until: float, seen: Counter[tuple[str, str]]) -> None:
    n = 0
    while time.monotonic() < until:
        for kind, (headers, body, _) in KINDS.items():
            n += 1
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            answer = await ask(port, {k: v.replace("{n}", str(n)) for k, v in headers.items()}, raw)
            seen[kind, answer] += 1


async def load(port: int, seconds: float) -> Counter[tuple[str, str]]:
    """The answers by kind, after so many seconds of eight clients at once."""
    seen: Counter[tuple[str, str]] = Counter()
    until = time.monotonic() + seconds
    await asyncio.gather(*(worker(port, until, seen) for _ in range(8)))
    return seen


def memory_of(pid: int) -> int:
    """Resident memory in bytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def descriptors_of(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def soak(seconds: float, warm_up: float) -> dict[str, object]:
    """Figures of one run. Raises AssertionError for an answer outside the table."""
    with ServerProcess(SETTINGS) as server:
        base = descriptors_of(server.pid)
        asyncio.run(load(server.port, warm_up))
        warm = memory_of(server.pid)
        seen = asyncio.run(load(server.port, seconds))
        unexpected = {f"{kind}: {a}": n for (kind, a), n in seen.items() if a not in KINDS[kind][2]}
        assert not unexpected, unexpected
        return {
            "requests": seen.total(),
            "memory_warm_mb": round(warm / 2**20, 1),
            "memory_growth_mb": round((memory_of(server.pid) - warm) / 2**20, 1),
            "descriptors_left": _left(server.pid, base),
        }


def _left(pid: int, base: int) -> int:
    """How many descriptors are open beyond the base, once the last connections have ended."""
    for _ in range(200):
        if (left := descriptors_of(pid) - base) <= 2:
            break
        time.sleep(0.01)
    return left


if __name__ == "__main__":
    print(json.dumps(soak(float(sys.argv[1]), float(sys.argv[2]))))
