"""How an app of ours answers a request: whole, piece by piece, or cut off, on a socket and without one."""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any

from mock_sent.ground.errors import SocketNeeded
from mock_sent.wire.asgi import AsgiReceive, AsgiSend, HeaderLines

# The extension of an ASGI scope that has the request's `WireRequest`.
EXTENSION = "mock_sent.wire"


class Answering:
    """The answer to one request, by ASGI: where there is no socket, or a middleware has put its `send` in place.

    `left`: the client has closed its half or the connection, or the server stops, so nothing waits any more.
    `over`: nothing can be written any more. A client that has closed its half only still reads.
    """

    left = over = False

    def __init__(self, receive: AsgiReceive, send: AsgiSend) -> None:
        self._receive, self._send = receive, send

    async def answer(self, status: int, headers: HeaderLines, body: bytes) -> None:
        """Send a whole answer, whose headers have its length."""
        await self.start(status, headers)
        await self._send({"type": "http.response.body", "body": body})

    async def start(self, status: int, headers: HeaderLines) -> None:
        """Send a head. A body without a length goes in chunks; in HTTP/1.0, until the end of the connection."""
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def write(self, piece: bytes) -> None:
        """Send a piece of the body. Waits while the client does not read."""
        await self._send({"type": "http.response.body", "body": piece, "more_body": True})

    async def finish(self) -> None:
        """End the body."""
        await self._send({"type": "http.response.body", "body": b""})

    async def cut(self, fault: str, status: int, headers: HeaderLines, body: bytes, cap: int) -> None:
        """Break the answer in the way that `faults.FAULTS` names. A hang ends after `cap` nanoseconds.

        Raises `SocketNeeded` where there is no connection to break.
        """
        raise SocketNeeded(fault)

    async def left_before(self, wait: Awaitable[object]) -> bool:
        """Wait for something, but not longer than the client does. True: the client left first."""
        self.left = self.over = await first(wait, asyncio.ensure_future(self._gone()))
        return self.left

    async def is_lost(self) -> bool:
        """Whether the client cannot have the answer that was written. Asked after `left`."""
        return self.left

    async def _gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass


def answering_of(scope: Mapping[str, Any], receive: AsgiReceive, send: AsgiSend) -> Answering:
    """The answer to the request of an ASGI call."""
    own = (scope.get("extensions") or {}).get(EXTENSION)
    return own if own is not None and own.send == send else Answering(receive, send)


async def first(wait: Awaitable[object], event: "asyncio.Future[None]") -> bool:
    """Wait for either, and cancel the wait if the event came first, which is then True."""
    waiting: asyncio.Future[Any] = asyncio.ensure_future(wait)
    try:
        await asyncio.wait([waiting, event], return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():
            waiting.result()
        return not waiting.done()
    finally:
        waiting.cancel()
        event.cancel()
