"""What is written to a connection, gathered until the next turn of the loop."""

import asyncio
import socket
import struct
import sys
from asyncio import AbstractEventLoop, Transport

# SO_LINGER with a time of zero: the close is a reset. Windows has two shorts there.
_RESET = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)

# Bytes that one connection gathers at most. Beyond that the transport below tells a writer to wait.
_MOST_UNSENT = 65_536

# Seconds between two looks whether a client has confirmed what was sent to it.
_LOOKS = (0.001, 0.01, 0.05, 0.1, 0.3, 0.5)


class Outbox:
    """The transports of one server that have bytes to send at the next turn of the loop."""

    def __init__(self) -> None:
        self._waiting: list[Joined] = []

    def add(self, transport: "Joined", loop: AbstractEventLoop) -> None:
        if not self._waiting:
            loop.call_soon(self._empty)
        self._waiting.append(transport)

    def _empty(self) -> None:
        waiting, self._waiting = self._waiting, []
        for transport in waiting:
            transport.flush()


class Joined:
    """A transport that gathers what is written until the next turn of the loop: head and body become one packet.

    A loop with many connections then does all its work first and all its system calls afterwards, which uses the
    processor's caches better (docs/performance.md).
    """

    def __init__(self, transport: Transport, loop: AbstractEventLoop, outbox: Outbox) -> None:
        self._transport, self._loop, self._outbox = transport, loop, outbox
        own = transport.get_extra_info("socket")
        if own is not None and own.family in (socket.AF_INET, socket.AF_INET6):
            # asyncio does it only where the socket names its protocol, and sockets that were bound before do not.
            # Without it the kernel holds a body back until the client has confirmed the head: 40 ms.
            own.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._unsent = b""
        self.is_closing = transport.is_closing
        self.get_extra_info = transport.get_extra_info
        self.pause_reading = transport.pause_reading
        self.resume_reading = transport.resume_reading

    @property
    def unsent(self) -> int:
        """The bytes that the kernel has not taken yet."""
        return len(self._unsent) + self._transport.get_write_buffer_size()

    def write(self, data: bytes) -> None:
        if self._unsent:
            data = self._unsent + data
        else:
            self._outbox.add(self, self._loop)
        self._unsent = data
        if len(data) > _MOST_UNSENT:
            self.flush()

    def end(self) -> None:
        """Close our half. TLS has no half: there the connection stays as it is, and the client ends it."""
        self.flush()
        try:
            if self._transport.can_write_eof():
                self._transport.write_eof()
        except OSError:  # the client has reset the connection meanwhile
            self._transport.abort()

    def close(self) -> None:
        """Close after what was written, with a FIN."""
        self.flush()
        self._transport.close()

    def abort(self) -> None:
        """Close without sending what is still to be written."""
        self._unsent = b""
        self._transport.abort()

    def reset(self) -> None:
        """A true reset (RST); abort() alone would send a FIN."""
        self.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.abort()

    async def is_taken(self) -> bool:
        """Whether the client's machine has confirmed all that was written. Waits a second for it."""
        own, looks = self.get_extra_info("socket"), iter(_LOOKS)
        while not self.is_closing() and not own.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            if self.unsent == 0 and _unconfirmed(own) == 0:
                return True
            if not (pause := next(looks, 0)):
                break
            await asyncio.sleep(pause)
        return False

    def flush(self) -> None:
        if self._unsent:
            data, self._unsent = self._unsent, b""
            self._transport.write(data)


def _unconfirmed(found: socket.socket) -> int:
    """The bytes that the kernel has sent and that were not confirmed. Zero where the kernel does not tell."""
    try:
        from fcntl import ioctl
        from termios import TIOCOUTQ

        return int.from_bytes(ioctl(found.fileno(), TIOCOUTQ, bytes(4)), sys.byteorder)
    except (ImportError, OSError):
        return 0
