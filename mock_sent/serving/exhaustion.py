"""What happens when the process, or the machine, has no descriptor left for another connection.

The connection waits in the kernel. asyncio stops accepting for a second, and tries again.
"""

import errno
import os
import socket
import sys
from asyncio import AbstractEventLoop
from collections.abc import Callable
from typing import Any

if sys.platform != "win32":
    import resource

# Descriptors that connections leave for files, modules that are loaded late, and webhooks; of a small limit, a share.
_RESERVE, _SHARE = 64, 4

# Seconds from one line about it to the next.
_PAUSE = 1.0

_CAUSES = {
    errno.EMFILE: "this process may not open more connections; close idle ones, or raise its limit (ulimit -n)",
    errno.ENFILE: "this machine may not open more connections; close idle ones, or raise its limit (fs.file-max)",
    errno.ENOBUFS: "this machine has no memory left for another; close idle ones",
    errno.ENOMEM: "this machine has no memory left for another; close idle ones",
}


class ListeningSocket(socket.socket):
    """Accepts connections, and reports that no descriptor is left while there still are a few.

    asyncio goes on accepting in spite of the error, as often as it lets connections wait: `accept` ends that.
    """

    # True: this call of asyncio's is to end.
    _ends = False
    # The descriptor of the latest connection.
    _highest = 0

    def accept(self) -> tuple[socket.socket, Any]:
        if self._ends:
            self._ends = False
            raise BlockingIOError
        try:
            if self._highest and self._highest >= _first_of_reserve() and self._is_full():
                raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
            connection, address = super().accept()
        except OSError as error:
            self._ends = error.errno in _CAUSES
            raise
        self._highest = connection.fileno()
        return connection, address

    def _is_full(self) -> bool:
        """Whether the next descriptor, which is the lowest free one, belongs to the reserve."""
        self._highest = os.dup(self.fileno())
        os.close(self._highest)
        return self._highest >= _first_of_reserve()


class Exhaustion:
    """Exception handler of a loop: tells `event` that connections wait, at most once a second, without a traceback."""

    def __init__(self, event: Callable[..., None]) -> None:
        self._event = event
        self._next = 0.0

    def __call__(self, loop: AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        cause = _CAUSES.get(error.errno or 0) if isinstance(error, OSError) and "socket" in context else None
        if cause is None:
            loop.default_exception_handler(context)
        elif loop.time() >= self._next:
            self._next = loop.time() + _PAUSE
            self._event(f"new connections wait, because {cause}", descriptors=descriptor_limit() or "unknown")


def _first_of_reserve() -> int:
    """The first descriptor of the reserve."""
    limit = descriptor_limit()
    return sys.maxsize if limit is None else limit - min(_RESERVE, limit // _SHARE)


def descriptor_limit() -> int | None:
    """The descriptors that this process may have; None where there is no limit, or no way to know it."""
    if sys.platform == "win32":
        return None
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return None if limit == resource.RLIM_INFINITY else limit
