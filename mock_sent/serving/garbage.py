"""Garbage is collected when nobody waits for an answer."""

import gc
from collections.abc import Callable

# Containers made and not yet freed: from how many on a pause is used, and at how many Python does not wait for one.
# asyncio leaves seven behind with each connection.
WORTH_A_PAUSE, TOO_MANY = 10_000, 50_000

# Requests in a second that are a pause all the same: the inbox asks once a second.
_FEW = 20


class Sweeper:
    """Collects garbage in a second in which few requests are answered, or none.

    A collection walks over everything that is kept, some hundred thousand objects, and stops every answer meanwhile;
    the path of a request leaves next to nothing for it.
    """

    def __init__(
        self, collect: Callable[[], object] = gc.collect, made: Callable[[], int] = lambda: gc.get_count()[0]
    ) -> None:
        self._collect, self._made = collect, made
        self._served = 0

    def take_over(self) -> None:
        """From now on, for the whole process. What the start has made stays for ever and is not walked over."""
        gc.freeze()
        gc.set_threshold(TOO_MANY, 10, 10)

    def look(self, served: int) -> None:
        """To be called each second with the number of all requests that were answered."""
        if served - self._served <= _FEW and self._made() >= WORTH_A_PAUSE:
            self._collect()
        self._served = served
