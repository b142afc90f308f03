"""The list that an answer of the control plane shows, each item written as JSON when it is found."""

from typing import Any

import orjson

# The most bytes of a list. A message can have a text of a megabyte, and a request the ids of 16,000 messages.
MOST_BYTES = 16 * 1024 * 1024


class Listing:
    """At most `limit` items, and at most `MOST_BYTES` of them; the first one in any case."""

    def __init__(self, limit: int) -> None:
        self.items: list[orjson.Fragment] = []
        self._limit, self._room = limit, MOST_BYTES

    @property
    def full(self) -> bool:
        return len(self.items) >= self._limit or self._room <= 0

    def add(self, shown: Any) -> None:
        """Add an item, unless the list is full."""
        if not self.full:
            written = orjson.dumps(shown)
            self._room -= len(written)
            self.items.append(orjson.Fragment(written))
