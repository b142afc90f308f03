"""Clients that make a server keep as much as they can: how much memory does it take, beside what it says?"""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count, islice
from pathlib import Path
from typing import Any

from servers import ServerProcess
from soak import memory_of

NUMBERS = [f"+1415{5_000_000 + n}" for n in range(100)]
SEND = {"template": {"name": "order_confirmation", "parameters": {"name": "Ann", "order_id": "1"}}, "channel": ["sms"]}
# Nobody answers there, and the attempt ends at once.
RECEIVER = "http://127.0.0.1:9/"
TRAILS = "\n".join(["schema: 1", "name: trails", "send:", *["  - {chance: 0%, then: {fail: conflict}}"] * 300])
CHANCES = "{schema: 1, name: chances, send: [{chance: 0%, count_by: recipient, then: [{fail: conflict}, pass]}]}"
PLANS = "{schema: 1, name: plans, deliver: [{then: {reach: sent, every: {min: 1s, max: 9s}}}]}"

# A line, a body, and headers.
Ask = tuple[str, Any, dict[str, str]]


def send(n: int, key: str, **members: Any) -> Ask:
    return "POST /v3/messages", {**SEND, "to": [NUMBERS[n % 100]], **members}, {"x-api-key": key}


def small_accounts() -> Iterator[Ask]:
    for n in count():
        yield send(n, f"small-account-{n}")


def fat_bodies() -> Iterator[Ask]:
    for n in count():
        text = {"name": "order_confirmation", "parameters": {"name": "\u00e9" * 20_000 + str(n), "order_id": "1"}}
        yield send(n, f"fat-{n // 40}", template=text)


def keyed_fat_bodies() -> Iterator[Ask]:
    """Each key is used twice: the answer of the second time is that of the first."""
    for n in count():
        text = {"name": "order_confirmation", "parameters": {"name": "x" * 20_000, "order_id": str(n // 2)}}
        line, body, headers = send(n // 2, f"keyed-{n // 100}", template=text)
        yield line, body, {**headers, "idempotency-key": f"k{n // 2}"}


def deep_trails() -> Iterator[Ask]:
    for n in count():
        key = f"trails-{n // 50}"
        if n % 50 == 0:
            yield "PUT /_mock/scenario", TRAILS, {"x-api-key": key}
        yield send(n, key)


def chances() -> Iterator[Ask]:
    for n in count():
        key = f"chances-{n // 20}"
        if n % 20 == 0:
            yield "PUT /_mock/scenario", CHANCES, {"x-api-key": key}
        yield send(n, key, to=[f"+1415{6_000_000 + 100 * (n % 20) + i}" for i in range(100)])


def plans() -> Iterator[Ask]:
    for n in count():
        key = f"plans-{n // 20}"
        if n % 20 == 0:
            yield "PUT /_mock/scenario", PLANS, {"x-api-key": key}
        yield send(n, key, to=NUMBERS)


def webhooks() -> Iterator[Ask]:
    """Every hundred webhooks, a send to a hundred numbers, which wait on a frozen clock."""
    for n in count():
        key = f"webhooks-{n // 100}"
        if n % 100 == 0:
            yield "POST /_mock/clock", {"freeze": True}, {"x-api-key": key}
        hook = {"display_name": f"w{n}", "endpoint_url": RECEIVER, "event_types": ["messages"]}
        yield "POST /v3/webhooks", hook, {"x-api-key": key}
        if n % 100 == 99:
            yield send(n, key, to=NUMBERS)


def deliveries() -> Iterator[Ask]:
    """A webhook whose deliveries fail, and are tried again."""
    for n in count():
        key = f"deliveries-{n // 50}"
        if n % 50 == 0:
            hook = {"display_name": "w", "endpoint_url": RECEIVER, "event_types": ["messages"]}
            yield "POST /v3/webhooks", hook, {"x-api-key": key}
        yield send(n, key)
        if n % 50 == 49:
            yield "POST /_mock/clock", {"advance": "10s"}, {"x-api-key": key}


def templates() -> Iterator[Ask]:
    for n in count():
        each = {"id": f"7ba7b820-9dad-11d1-80b4-{n:012x}", "name": f"t{n}", "body": "Hi {{name}} " * 50}
        yield "PUT /_mock/templates", [each], {"x-api-key": f"templates-{n // 500}"}


def bulks() -> Iterator[Ask]:
    """Sends to a thousand numbers, each text another one."""
    for n in count():
        text = {"name": "order_confirmation", "parameters": {"name": f"Ann {n}" * 20, "order_id": "1"}}
        yield send(n, f"bulks-{n // 30}", to=[f"+1415{6_000_000 + i}" for i in range(1_000)], template=text)


def contacts() -> Iterator[Ask]:
    """Texts that come in from new numbers, and a question that makes the ids of their conversations."""
    for n in count():
        account = {"x-api-key": f"contacts-{n // 500}"}
        if n % 500 == 0:
            yield "PUT /_mock/edition", {"edition": "2026-10"}, account
        yield "POST /_mock/inbound", {"from": f"+1415{6_000_000 + n % 500}", "text": f"Hello {n}"}, account
        if n % 100 == 99:
            yield "GET /v3/conversations/7ba7b820-9dad-11d1-80b4-00c04fd430ff", None, account


def held() -> Iterator[Ask]:
    """Sends that wait for a later day."""
    for n in count():
        account = {"x-api-key": f"held-{n // 200}"}
        if n % 200 == 0:
            yield "PUT /_mock/edition", {"edition": "2026-10"}, account
            yield "POST /_mock/clock", {"freeze": "2026-10-23T09:00:00Z"}, account
        yield send(n, f"held-{n // 200}", scheduled_at="2026-11-01T09:00:00Z", to=NUMBERS[:20])


def long_heads() -> Iterator[Ask]:
    for n in count():
        line, body, headers = send(n, f"heads-{n // 100}")
        yield line, body, {**headers, **{f"x-{i}": f"{n}" * 60 for i in range(60)}}


def refusals() -> Iterator[Ask]:
    for n in count():
        yield "POST /v3/messages", {"to": [f"nobody-{n}-{i}" for i in range(50)]}, {"x-api-key": f"refused-{n // 100}"}


def unowned() -> Iterator[Ask]:
    """Keys that are too long."""
    for n in count():
        yield send(n, f"{n:06}" * 200)


HOARDERS = (
    small_accounts, fat_bodies, keyed_fat_bodies, deep_trails, chances, plans, webhooks, deliveries, templates, bulks,
    contacts, held, long_heads, refusals, unowned,
)  # fmt: skip


# What else than success is answered.
_EXPECTED = {"refusals": (400,), "unowned": (401,), "contacts": (200, 201, 404)}


class Line:
    """One connection that is kept."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def ask(self, line: str, body: Any, headers: dict[str, str]) -> tuple[int, bytes]:
        """The status and the body of the answer."""
        raw = body.encode() if isinstance(body, str) else b"" if body is None else json.dumps(body).encode()
        kind = "application/yaml" if isinstance(body, str) else "application/json"
        fields = {"host": "localhost", "content-type": kind, "content-length": str(len(raw)), **headers}
        head = [f"{line} HTTP/1.1", *[f"{name}: {value}" for name, value in fields.items()], "", ""]
        self._writer.write("\r\n".join(head).encode() + raw)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = next(part[16:] for part in answer.split("\r\n") if part.startswith("content-length: "))
        return int(answer[9:12]), await self._reader.readexactly(int(length))

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


class Hoard:
    """A server that is made to keep much.

    `kept` are the bytes that it says, `taken` those that it takes beyond its first moments, `taken_most` the most ever.
    """

    def __init__(self, server: ServerProcess, hoarders: Sequence[Callable[[], Iterator[Ask]]] = HOARDERS) -> None:
        self._server, self._each = server, hoarders
        self._hoarders = [(each.__name__, each()) for each in hoarders]
        self._base = self.kept = self.taken = self.taken_most = self.most = self.evicted = self.requests = 0

    async def begin(self) -> None:
        """Let all ask for the first time, so that what is loaded late is loaded, and drop what they made."""
        await self.fill(lambda: True)
        line = await self._line()
        status, answer = await line.ask("POST /_mock/reset?all=true", {}, {})
        assert status == 200, answer
        await line.close()
        await asyncio.sleep(1)
        self._hoarders = [(each.__name__, each()) for each in self._each]
        self._base = memory_of(self._server.pid)

    async def fill(self, is_over: Callable[[], bool]) -> None:
        """Let all ask in turn, until the function says so."""
        lines = [await self._line() for _ in self._hoarders]
        while True:
            await asyncio.gather(*[self._some(line, *each) for line, each in zip(lines, self._hoarders, strict=True)])
            _, shown = await lines[0].ask("GET /_mock/accounts", None, {})
            memory = json.loads(shown)["memory"]
            self.kept, self.most, self.evicted = memory["bytes"], memory["most"], memory["evicted"]
            self.taken = memory_of(self._server.pid) - self._base
            self.taken_most = max(self.taken_most, self.taken)
            if is_over():
                break
        for line in lines:
            await line.close()

    async def _line(self) -> Line:
        return Line(*await asyncio.open_connection("127.0.0.1", self._server.port))

    async def _some(self, line: Line, name: str, hoarder: Iterator[Ask]) -> None:
        for asked in islice(hoarder, 20):
            status, answer = await line.ask(*asked)
            assert status in _EXPECTED.get(name, (200, 201, 202)), (asked, status, answer)
            self.requests += 1


def hoard(seconds: float, most: str = "128M", errors: Path | None = None) -> dict[str, int]:
    """Figures after the memory was nearly used up, and so many seconds of going on."""
    with ServerProcess({"MOCK_SENT_LOG": "json", "MOCK_SENT_MAX_MEMORY": most}, errors) as server:
        hoarder = Hoard(server)

        async def run() -> None:
            await hoarder.begin()
            await hoarder.fill(lambda: hoarder.kept > hoarder.most * 0.9)
            end = time.monotonic() + seconds
            await hoarder.fill(lambda: time.monotonic() > end)

        asyncio.run(run())
        return {name: getattr(hoarder, name) for name in ("kept", "taken", "taken_most", "most", "evicted", "requests")}


if __name__ == "__main__":
    print(json.dumps(hoard(float(sys.argv[1]), errors=Path(sys.argv[2]))))
