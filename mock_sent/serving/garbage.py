"""Collects Python's garbage in seconds with few requests."""

import gc
from collections.abc import Callable

# Containers made and not yet freed: the least for a collection in a pause, and the most before Python collects anyway.
# asyncio leaves seven behind with each connection.
WORTH_A_PAUSE, TOO_MANY = 10_000, 50_000

# Requests in a second that are a pause all the same: the inbox asks once a second.
_FEW = 20


class Sweeper:
    """Collects garbage in a second in which few requests are answered, or none.

    A collection visits everything that is kept, some hundred thousand objects, and no answer is made meanwhile. The
    path of a request leaves almost nothing to collect.
    """

    def __init__(
        self, collect: Callable[[], object] = gc.collect, made: Callable[[], int] = lambda: gc.get_count()[0]
    ) -> None:
        self._collect, self._made = collect, made
        self._served = 0

    def take_over(self) -> None:
        """Change the collector of the whole process: what the start has made is not visited any more."""
        gc.freeze()
        gc.set_threshold(TOO_MANY, 10, 10)

    def look(self, served: int) -> None:
        """Collect if it is time. Call it each second with the number of all requests that were answered."""
        if served - self._served <= _FEW and self._made() >= WORTH_A_PAUSE:
            self._collect()
        self._served = served
