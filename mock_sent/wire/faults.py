"""Faults below HTTP: what a network can do to an answer."""

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from mock_sent.ground.clock import MILLISECOND
from mock_sent.wire.answering import Answering
from mock_sent.wire.asgi import HeaderLines

# A dripped body comes in this many pieces at least, if it has as many bytes, and in one each 100 ms.
_PIECES, _PACE = 10, 100 * MILLISECOND


class Fault(NamedTuple):
    """The error that httpx raises for a fault: the name of its class, and its text."""

    error: str
    text: str


# By the word that a scenario has for it under `drop`. `WireRequest.cut` makes them.
FAULTS: Mapping[str, Fault] = {
    "reset": Fault("ReadError", "[Errno 104] Connection reset by peer"),
    "empty": Fault("RemoteProtocolError", "Server disconnected without sending a response."),
    "truncate": Fault("RemoteProtocolError", "peer closed connection without sending complete message body"),
    "garbage": Fault("RemoteProtocolError", "illegal status line"),
    "hang": Fault("ReadTimeout", "The read operation timed out"),
}


async def drip(
    answering: Answering,
    span: int,
    *,
    status: int,
    headers: HeaderLines,
    body: bytes,
    sleep: Callable[[int], Awaitable[None]],
) -> None:
    """Send a good answer whose body takes `span` nanoseconds of the clock behind `sleep`; without a client, none."""
    await answering.start(status, headers)
    pieces = max(1, min(len(body), max(_PIECES, span // _PACE)))
    for n in range(pieces):
        await answering.left_before(sleep(span * (n + 1) // pieces - span * n // pieces))
        await answering.write(body[len(body) * n // pieces : len(body) * (n + 1) // pieces])
    await answering.finish()
