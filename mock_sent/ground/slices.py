"""Long walks on the event loop in slices, so that no walk holds up a request."""

import asyncio
from collections.abc import Callable, Iterable
from typing import TypeVar

from mock_sent.ground.clock import MICROSECOND, MILLISECOND, ticks

# How long a walk works at once: at its beginning, and in each of its turns.
_FIRST, _SLICE = 500 * MICROSECOND, 2 * MILLISECOND

Walked = TypeVar("Walked")


class Walk:
    """Calls `visit` with each of some items, a slice at a time."""

    def __init__(self, items: Iterable[Walked], visit: Callable[[Walked], object]) -> None:
        self._items, self._visit = iter(items), visit

    def go_on(self, span: int = _FIRST) -> bool:
        """Visit items for so many nanoseconds. True: that was the last one."""
        until, visit = ticks() + span, self._visit
        for item in self._items:
            visit(item)
            if ticks() >= until:
                return False
        return True


class Slices:
    """The turns of all walks of one server: between two turns of the loop, one walk does one slice."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def finish(self, walk: Walk) -> None:
        """Visit the rest of a walk's items. To end it earlier, cancel the task."""
        over = False
        while not over:
            async with self._turn:
                over = walk.go_on(_SLICE)
                await asyncio.sleep(0)  # other requests, before the next walk has its turn

    async def visit(self, items: Iterable[Walked], visit: Callable[[Walked], object]) -> None:
        """Call `visit` with each item."""
        walk = Walk(items, visit)
        if not walk.go_on():
            await self.finish(walk)
