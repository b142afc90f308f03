"""A server at full speed with good, bad and faulty requests: does it stay small, and are its answers all expected?"""

import asyncio
import json
import os
import resource
import socket
import sys
import threading
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
# What asks much of the control plane, beside the sends: each must leave a health call quick.
WALKS: list[tuple[str, Any]] = [
    ("GET /_mock/messages?limit=10000&status=FAILED", None),
    ("GET /_mock/requests?limit=10000&to=*9", None),
    ("GET /_mock/audit?all=true", None),
    ("POST /_mock/verify", {"to": [f"*{i}x*" for i in range(900)], "times": 1}),
    ("POST /_mock/verify", {"any": [{"to": f"+{i}*"} for i in range(900)], "times": 1}),
]
# The most milliseconds of a health call, in 99 of 100.
SLOWEST = 50
SETTINGS = {
    "MOCK_SENT_LOG": "off",
    "MOCK_SENT_MAX_MESSAGES": "2000",
    "MOCK_SENT_MAX_KEYS": "1000",
    "MOCK_SENT_MAX_JOURNAL": "500",
    "MOCK_SENT_MAX_ACCOUNTS": "20",
}


async def ask(port: int, headers: dict[str, str], body: bytes, line: str = "POST /v3/messages") -> str:
    """One request on a connection of its own: the status, or `cut`."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    fields = {"content-type": "application/json", "connection": "close", "x-api-key": "soak"}
    lines = [f"{name}: {value}" for name, value in (fields | headers).items()]
    head = "\r\n".join([f"{line} HTTP/1.1", "host: x", *lines, f"content-length: {len(body)}", "", ""])
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
    await asyncio.gather(walker(port, until), *(worker(port, until, seen) for _ in range(8)))
    return seen


async def walker(port: int, until: float) -> None:
    while time.monotonic() < until:
        for line, body in WALKS:
            answer = await ask(port, {}, b"" if body is None else json.dumps(body).encode(), line)
            assert answer == "200", (line, answer)


def watch(port: int, over: threading.Event, took: list[float]) -> None:
    """Ask for the health twenty times a second, and note how many milliseconds each answer takes."""
    while not over.wait(0.05):
        began = time.perf_counter()
        with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
            line.sendall(b"GET /_mock/health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            assert line.recv(4096).startswith(b"HTTP/1.1 200")
        took.append((time.perf_counter() - began) * 1000)


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
        over, took = threading.Event(), list[float]()
        watching = threading.Thread(target=watch, args=(server.port, over, took))
        watching.start()
        seen = asyncio.run(load(server.port, seconds))
        over.set()
        watching.join()
        unexpected = {f"{kind}: {a}": n for (kind, a), n in seen.items() if a not in KINDS[kind][2]}
        assert not unexpected, unexpected
        return {
            "requests": seen.total(),
            "memory_warm_mb": round(warm / 2**20, 1),
            "memory_growth_mb": round((memory_of(server.pid) - warm) / 2**20, 1),
            "descriptors_left": _left(server.pid, base),
            "health_ms_99": round(sorted(took)[len(took) * 99 // 100], 1),
            "health_ms_most": round(max(took), 1),
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
