"""Standard output and standard error of a server: writing never waits for the reader, and never fails."""

import io
import os
import stat
import sys
from collections import deque
from collections.abc import Callable
from functools import partial
from select import select
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

# Bytes that are kept while a reader is late. A pipe of Linux holds as many again.
MOST_KEPT = 64 * 1024

NOT_READ = "nobody reads it"


class ProcessOutput(io.RawIOBase):
    """Writes to a descriptor. What it does not take is kept, up to `MOST_KEPT`; then lines are dropped and counted.

    As soon as the descriptor takes something again, one line says how many lines were dropped; `word_dropped` words it.
    Without a descriptor everything is dropped. `lost` is told once, with the reason, when writing fails.
    """

    def __init__(self, descriptor: int | None, name: str, lost: Callable[[str], None] | None = None) -> None:
        self.name = name
        self.word_dropped: Callable[[int, str], str] = partial(_dropped, name)
        self._descriptor = descriptor
        self._lost = lost
        self._kept: deque[bytes] = deque()
        self._kept_bytes = self._dropped = 0
        self._reason = NOT_READ
        # True while something is kept, or dropped and not yet told.
        self._late = False
        self._watching: AbstractEventLoop | None = None
        self._watched, self._send = (-1, _absent) if descriptor is None else _sender_of(descriptor)

    def write(self, data: Any) -> int:
        """Take the bytes, which should be whole lines."""
        lines = bytes(data)
        if self._late:
            self.catch_up()
        if self._late:
            self._keep(lines)
        else:
            try:
                sent = self._send(lines)
            except BlockingIOError:
                self._keep(lines)
            except OSError as error:
                self._fail(lines, error)
            else:
                if sent < len(lines):
                    self._keep(lines[sent:])
        return len(lines)

    def catch_up(self) -> None:
        """Write what is kept, as far as the descriptor takes it, and then how many lines were dropped."""
        try:
            while self._kept:
                self._send_kept()
            if self._dropped:
                self._tell_dropped()
        except BlockingIOError:
            self._watch()
            return
        except OSError as error:
            lines = b"".join(self._kept)
            self._kept.clear()
            self._kept_bytes = 0
            self._fail(lines, error)
        self._late = bool(self._kept or self._dropped)
        if not self._kept:
            self._stop_watching()

    def finish(self, seconds: float) -> None:
        """Give a reader that is late a last chance, at the end of the process."""
        if self._late and sys.platform != "win32":
            select([], [self._watched] if self._watched >= 0 else [], [], seconds)
            self.catch_up()

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        if self._descriptor is None:
            raise io.UnsupportedOperation(f"{self.name} is closed")
        return self._descriptor

    def isatty(self) -> bool:
        return self._descriptor is not None and os.isatty(self._descriptor)

    def _send_kept(self) -> None:
        part = self._kept[0]
        sent = self._send(part)
        self._kept_bytes -= sent
        if sent < len(part):
            self._kept[0] = part[sent:]
        else:
            self._kept.popleft()

    def _tell_dropped(self) -> None:
        line = f"{self.word_dropped(self._dropped, self._reason)}\n".encode()
        sent = self._send(line)
        self._dropped, self._reason = 0, NOT_READ
        if sent < len(line):
            self._keep(line[sent:])

    def _keep(self, lines: bytes) -> None:
        if self._dropped or self._kept_bytes + len(lines) > MOST_KEPT:
            self._dropped += lines.count(b"\n")
        else:
            self._kept.append(lines)
            self._kept_bytes += len(lines)
            self._watch()
        self._late = True

    def _fail(self, lines: bytes, error: OSError) -> None:
        self._dropped += lines.count(b"\n")
        self._reason = error.strerror or type(error).__name__
        self._late = True
        if self._lost is not None:
            lost, self._lost = self._lost, None
            lost(self._reason)

    def _watch(self) -> None:
        """Catch up as soon as there is room, if a loop runs in this thread. Otherwise the next line does it."""
        if self._watching is None:
            from asyncio import get_running_loop  # only a late reader needs it

            try:
                loop = get_running_loop()
                loop.add_writer(self._watched, self.catch_up)
            except (RuntimeError, OSError, NotImplementedError):
                return
            self._watching = loop

    def _stop_watching(self) -> None:
        if self._watching is not None:
            if not self._watching.is_closed():
                self._watching.remove_writer(self._watched)
            self._watching = None


def _dropped(name: str, lines: int, reason: str) -> str:
    return f"mock-sent: {lines} lines were dropped, because {name} could not be written: {reason}"


def _absent(data: bytes) -> int:
    raise OSError(0, "it is closed")


def _sender_of(descriptor: int) -> tuple[int, Callable[[bytes], int]]:
    """The descriptor to watch for room, and a function that writes as much as there is room for.

    The function raises `BlockingIOError` if there is no room. Other processes share the file of the descriptor, and a
    non-blocking mode would be theirs too. So a socket is told for each call, and a pipe or a terminal is opened anew.
    """
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISSOCK(mode):
        import socket

        copy = socket.socket(fileno=os.dup(descriptor))
        flags = getattr(socket, "MSG_DONTWAIT", 0)
        return copy.fileno(), lambda data: copy.send(data, flags)
    if not stat.S_ISFIFO(mode) and not os.isatty(descriptor):
        return descriptor, partial(os.write, descriptor)
    try:
        own = os.open(f"/proc/self/fd/{descriptor}", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except (OSError, AttributeError):
        return descriptor, _polling(descriptor)
    return own, partial(os.write, own)


def _polling(descriptor: int) -> Callable[[bytes], int]:
    """For systems without /proc, and for a pipe or terminal of another user, which cannot be opened anew."""
    if sys.platform == "win32":
        return partial(os.write, descriptor)
    from select import PIPE_BUF, POLLOUT, poll

    room = poll()
    room.register(descriptor, POLLOUT)

    def send(data: bytes) -> int:
        if not room.poll(0):
            raise BlockingIOError
        return os.write(descriptor, data[:PIPE_BUF])

    return send
