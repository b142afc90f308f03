"""Connections of a fuzz: bytes that may be no HTTP, in pieces, and ended in each way that TCP has."""

import socket
import struct
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from fuzzing import RequestFuzz
from hostile import CASES

# How a client ends its connection. `read` and `half` close their own half; `read` has sent all before, `half` a part.
ENDS = ("read", "read", "read", "half", "fin", "reset", "part")
# What is put into the bytes of a request.
# fmt: off
NOISE = [
    b"\r\n", b"\r", b"\n", b"\0", b" ", b":", b"\xff", b"\r\n\r\n", b"HTTP/1.1", b"0\r\n\r\n", b"9" * 30,
    b"\x16\x03\x01",
    b"Transfer-Encoding: chunked\r\n", b"Content-Length: 5\r\n", b"Connection: close\r\n",
    b"Expect: 100-continue\r\n",
]
# fmt: on
HOSTILE = [case.data for case in CASES if len(case.data) < 20_000]


@dataclass
class FuzzConnection:
    """The pieces that a client sends, and how it ends. `repr` shows them, so that a test can send them again."""

    pieces: list[bytes]
    end: str

    def say(self, port: int) -> bytes | None:
        """What the server said until the end of the connection. None if the client did not wait for it."""
        with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                for piece in self.pieces:
                    line.sendall(piece)
                if self.end == "reset":
                    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                if self.end in ("reset", "fin"):
                    return None
                line.shutdown(socket.SHUT_WR)
                if self.end == "part":
                    line.recv(10)
                    return None
            except TimeoutError:
                raise
            except OSError:
                pass  # the server has refused it already, and what it said can still be read
            return _heard(line)


class ConnectionFuzz:
    """Random connections, one after the other."""

    def __init__(self, seed: int) -> None:
        self._requests, self._random = RequestFuzz(seed), Random(seed)

    def connection(self) -> FuzzConnection:
        chance = self._random
        said = b"".join(self._request() for _ in range(chance.choice((1, 1, 1, 2, 3, 5))))
        end = chance.choice(ENDS)
        if end != "read" and chance.random() < 0.7:
            said = said[: chance.randrange(len(said) + 1)]
        cuts = sorted({0, len(said), *(chance.randrange(len(said) + 1) for _ in range(chance.choice((0, 1, 3, 8))))})
        return FuzzConnection([said[a:b] for a, b in pairwise(cuts)], end)

    def _request(self) -> bytes:
        chance = self._random
        if chance.random() < 0.1:
            return chance.choice(HOSTILE)
        request = self._requests.request()
        if chance.random() < 0.2:
            request = self._in_chunks(request)
        if chance.random() < 0.1:
            request = request.replace(b"HTTP/1.1", b"HTTP/1.0", 1)
        for _ in range(chance.choice((0, 0, 0, 1, 2))):
            at = chance.randrange(len(request) + 1)
            request = request[:at] + chance.choice(NOISE) + request[at + chance.choice((0, 0, 1, 10)) :]
        return request

    def _in_chunks(self, request: bytes) -> bytes:
        head, _, body = request.partition(b"\r\n\r\n")
        kept = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")]
        chunks, size = [], self._random.randrange(1, 100)
        for at in range(0, len(body), size):
            chunks.append(
                b"%x%s\r\n%s\r\n"
                % (len(body[at : at + size]), self._random.choice((b"", b";a=b")), body[at : at + size])
            )
        return b"\r\n".join([*kept, b"Transfer-Encoding: chunked"]) + b"\r\n\r\n" + b"".join(chunks) + b"0\r\n\r\n"


def _heard(line: socket.socket) -> bytes:
    """Everything until the end. Raises TimeoutError if the end does not come."""
    heard = bytearray()
    try:
        while piece := line.recv(65_536):
            heard += piece
    except ConnectionResetError:
        pass  # the server had refused the rest
    return bytes(heard)
