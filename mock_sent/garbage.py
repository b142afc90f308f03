"""Garbage is collected when nobody waits for an answer."""

import gc
from collections.abc import Callable

# Containers made and not yet freed before Python collects by itself. What is kept under the default caps stays below
# half of it; a program that leaves cycles behind reaches it in time.
_UNTIL_PYTHON_COLLECTS = 400_000


class Sweeper:
    """Collects once after each burst of requests.

    A collection walks over everything that is kept, some hundred thousand objects, and stops every answer meanwhile;
    the path of a request leaves next to nothing for it. So it can wait for a second in which no request is answered.
    """

    def __init__(self, collect: Callable[[], object] = gc.collect) -> None:
        self._collect = collect
        self._served = self._swept = 0

    def take_over(self) -> None:
        """From now on, for the whole process. What the start has made stays for ever and is not walked over."""
        gc.freeze()
        gc.enable()
        gc.set_threshold(_UNTIL_PYTHON_COLLECTS, 10, 10)

    def look(self, served: int) -> None:
        """To be called each second with the number of all requests that were answered."""
        if served == self._served != self._swept:
            self._collect()
            self._swept = served
        self._served = served
