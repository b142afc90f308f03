"""A receiver of webhooks on a real port, in a thread of its own, that answers as a test tells it."""

import asyncio
import json
import socket
import struct
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
RESET, HANG = b"reset", b"hang"


def answer(status: int, body: bytes = b"", *headers: str) -> bytes:
    """The bytes of an answer."""
    head = [f"HTTP/1.1 {status} Whatever", f"content-length: {len(body)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


@dataclass(frozen=True)
class Received:
    """One request, as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def status(self) -> str:
        status: str = self.payload["message_status"]
        return status

    @property
    def payload(self) -> dict[str, Any]:
        payload: dict[str, Any] = json.loads(self.body)["payload"]
        return payload

    @property
    def at(self) -> int:
        return int(self.headers["x-webhook-timestamp"])


class Receiver:
    """`behave(n)` gives the bytes to answer the n-th request with, or RESET or HANG; it starts with OK for all."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.connections = 0
        self.behave: Callable[[int], bytes] = lambda n: OK
        self.port = 0
        self.open: set[asyncio.Transport] = set()
        self.most_open = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def statuses(self) -> list[str]:
        return [each.status for each in self.received]


class _Connection(asyncio.Protocol):
    def __init__(self, receiver: Receiver) -> None:
        self._receiver, self._data = receiver, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._receiver.open.add(transport)
        self._receiver.connections += 1
        self._receiver.most_open = max(self._receiver.most_open, len(self._receiver.open))

    def connection_lost(self, exc: Exception | None) -> None:
        self._receiver.open.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, found, body = self._data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:])
        headers = {name.lower(): value for name, value in headers.items()}
        if not found or len(body) < int(headers["content-length"]):
            return
        self._data = b""
        self._receiver.received.append(Received(lines[0].split(" ")[1], headers, body))
        self._answer(self._receiver.behave(len(self._receiver.received)))

    def _answer(self, reply: bytes) -> None:
        if reply == RESET:
            self._transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
            self._transport.abort()
        elif reply != HANG:
            self._transport.write(reply)


@asynccontextmanager
async def serving(receiver: Receiver) -> AsyncIterator[None]:
    """A receiver in the loop that runs already: for many deliveries, where two threads would fight."""
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(receiver), "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield
    finally:
        server.close()
        while receiver.open:
            receiver.open.pop().abort()
        await asyncio.sleep(0)
        await asyncio.sleep(0)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver for as long as the block lasts."""
    receiver, loop, ready = Receiver(), asyncio.new_event_loop(), threading.Event()

    async def serve() -> None:
        async with serving(receiver):
            ready.set()
            await stop.wait()

    stop = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield receiver
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()
