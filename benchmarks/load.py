"""Load: wrk where it is installed, else a loop in Python. Both keep 32 connections busy and count the statuses."""

import asyncio
import itertools
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 32


@dataclass(frozen=True)
class Request:
    """One kind of request. `{n}` in a header becomes another number each time; `status` is what must come back."""

    method: str
    path: str
    headers: dict[str, str]
    body: str
    status: int


@dataclass(frozen=True)
class Result:
    """What a run of load saw: answers, how many were wrong, seconds, and the 99th percentile in milliseconds."""

    requests: int
    wrong: int
    seconds: float
    p99: float


def run(port: int, request: Request, seconds: int) -> Result:
    return _wrk(port, request, seconds) if shutil.which("wrk") else asyncio.run(_python(port, request, seconds))


_LUA = """
local n = 0
local seed = %(seed)d
function request()
  n = n + 1
  local headers = {}
%(headers)s
  return wrk.format("%(method)s", "%(path)s", headers, %(body)s)
end
wrong = 0
function response(status) if status ~= %(status)d then wrong = wrong + 1 end end
local threads = {}
function setup(thread) table.insert(threads, thread) end
function done(summary, latency)
  local bad = 0
  for _, thread in ipairs(threads) do bad = bad + thread:get("wrong") end
  io.write(string.format("RESULT %%d %%d %%d %%d\\n", summary.requests, bad, summary.duration, latency:percentile(99)))
end
"""


def _wrk(port: int, request: Request, seconds: int) -> Result:
    number = '" .. seed .. "-" .. n .. "'
    headers = "\n".join(f'  headers["{k}"] = "{v.replace("{n}", number)}"' for k, v in request.headers.items())
    script = _LUA % {
        "seed": time.time_ns() % 10**9,
        "headers": headers,
        "method": request.method,
        "path": request.path,
        "body": f"[==[{request.body}]==]" if request.body else "nil",
        "status": request.status,
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "load.lua")
        path.write_text(script)
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(path), f"http://127.0.0.1:{port}"]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    words = next(line for line in printed.splitlines() if line.startswith("RESULT")).split()[1:]
    requests, wrong, micros, p99 = map(int, words)
    return Result(requests, wrong, micros / 1e6, p99 / 1000)


async def _python(port: int, request: Request, seconds: int) -> Result:
    counter = itertools.count(time.time_ns() // 1000)  # another run has other numbers, as with wrk's seed
    until = time.monotonic() + seconds
    times: list[float] = []
    wrong = 0

    async def connection() -> None:
        nonlocal wrong
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.monotonic() < until:
            started = time.monotonic()
            writer.write(_raw(request, next(counter)))
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            await reader.readexactly(length)
            times.append(time.monotonic() - started)
            wrong += head.split(b" ", 2)[1] != str(request.status).encode()
        writer.close()

    started = time.monotonic()
    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    elapsed = time.monotonic() - started
    return Result(len(times), wrong, elapsed, 1000 * sorted(times)[int(len(times) * 0.99)])


def _raw(request: Request, n: int) -> bytes:
    headers = {"host": "localhost", "content-length": str(len(request.body)), **request.headers}
    lines = [f"{name}: {value.replace('{n}', str(n))}" for name, value in headers.items()]
    return "\r\n".join([f"{request.method} {request.path} HTTP/1.1", *lines, "", request.body]).encode()
