"""The states of a connection, and what the connections of a server share."""

import asyncio
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from mock_sent.wire.asgi import HeaderLines


class State(Enum):
    """Where a connection stands with its first request. More requests may wait behind it."""

    HEAD = auto()  # there is no request: a head is awaited, or a part of it has come
    BODY = auto()  # the app runs, the body is not complete, and no answer has begun
    WAITING = auto()  # the app runs, the body is complete, and no answer has begun
    ANSWERING = auto()  # an answer has begun, and it or the body is not complete
    LINGERING = auto()  # our half is closed, and what the client still sends is dropped


@dataclass
class ServerState:
    """What the connections of a server share. uvicorn's class of that name can take its place."""

    connections: set[Any] = field(default_factory=set)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    total_requests: int = 0
    # The first headers of each answer.
    default_headers: HeaderLines = field(default_factory=list)
