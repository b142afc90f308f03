"""The list that an answer of the control plane shows: written as JSON item by item, and sent piece by piece."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from mock_sent.wire.answering import answering_of

# The most bytes of a list. A message can have a text of a megabyte, and a request the ids of 16,000 messages.
MOST_BYTES = 32 * 1024 * 1024
# A larger piece takes milliseconds to copy.
_PIECE = 256 * 1024


class Listing:
    """At most `limit` items, and at most `most` bytes of them; the first one in any case."""

    def __init__(self, limit: int, most: int = MOST_BYTES) -> None:
        self.items: list[bytes] = []
        self._limit, self._room = limit, most

    @property
    def full(self) -> bool:
        return len(self.items) >= self._limit or self._room <= 0

    def add(self, shown: Any) -> None:
        """Add an item, unless the list is full."""
        if not self.full:
            written = orjson.dumps(shown)
            self._room -= len(written)
            self.items.append(written)


class ListAnswer(Response):
    """An answer of which members are listings. It never exists as one text, which would take long to make."""

    def __init__(self, content: Mapping[str, Any], status: int) -> None:
        super().__init__(status_code=status, media_type="application/json")
        self._content = content
        self.headers["content-length"] = str(sum(map(len, _written(content))))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answering = answering_of(scope, receive, send)
        await answering.start(self.status_code, self.raw_headers)
        for piece in _joined(_written(self._content)):
            await answering.write(piece)
            await asyncio.sleep(0)
        await answering.finish()


def _written(content: Mapping[str, Any]) -> Iterator[bytes]:
    before = b"{"
    for name, value in content.items():
        yield before + orjson.dumps(name) + b":"
        before = b","
        if isinstance(value, Listing):
            yield b"["
            for i, item in enumerate(value.items):
                yield b"," if i else b""
                yield item
            yield b"]"
        else:
            yield orjson.dumps(value)
    yield b"}"


def _joined(texts: Iterator[bytes]) -> Iterator[bytes]:
    waiting, size = list[bytes](), 0
    for text in texts:
        waiting.append(text)
        size += len(text)
        if size >= _PIECE:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)
