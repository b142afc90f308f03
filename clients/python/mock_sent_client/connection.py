"""One request to a server and its answer, over HTTP/1.1, within a time and a size, whatever the server does."""

import io
import socket
import threading
from collections.abc import Sequence
from http.client import BadStatusLine, HTTPException, HTTPResponse, IncompleteRead, LineTooLong, RemoteDisconnected
from typing import Any, NamedTuple

from mock_sent_client.address import ServerAddress
from mock_sent_client.errors import BrokenAnswer, HandleError, NoAnswer, escaped, fault_of_header_value
from mock_sent_client.machine_time import elapsed

_MEBIBYTE = 1024 * 1024
# The bytes that an answer may have. An audit of ten thousand requests with two findings each has fourteen million.
_MOST = 64 * _MEBIBYTE
_PIECE = 64 * 1024
_START = b"HTTP/1."
# The first bytes of a TLS record that is an alert.
_TLS_ALERT = b"\x15\x03"


class RawAnswer(NamedTuple):
    """The final answer to a request. Answers of 1xx were skipped, and a redirect was not followed."""

    status: int
    headers: Sequence[tuple[str, str]]
    content: bytes


def ask_server(
    address: ServerAddress,
    method: str,
    path: str,
    headers: Sequence[tuple[str, str]] = (),
    content: bytes | None = None,
    *,
    timeout: float,
    most: int = _MOST,
) -> RawAnswer:
    """Send a request over a connection of its own.

    `timeout` is the number of seconds that all of it may take, and `most` the number of bytes that the answer may have.
    Proxies are not used, because the server is usually on this machine. Redirects are not followed, because keys and
    tokens would go with them.

    Raises `NoAnswer`, whose text may be long and quote the server, and `HandleError` if the request cannot be written.
    """
    request = _request(address, method, path, headers, content)
    stream = _TimedStream(timeout, most)
    try:
        stream.connect(address)
        stream.send(request)
        return _answer(stream, method, most)
    except RemoteDisconnected:
        raise NoAnswer("the connection was closed without an answer") from None
    except TimeoutError:
        raise NoAnswer(f"{stream.got_so_far} within {timeout:g} seconds") from None
    except OSError as e:
        raise NoAnswer(_reason(e, address)) from None
    except IncompleteRead:
        raise BrokenAnswer("the answer ends before it is complete") from None
    except (HTTPException, ValueError) as e:
        raise BrokenAnswer(f"the answer is not HTTP as it should be ({_fault(e)})") from None
    finally:
        stream.close()


def _request(
    address: ServerAddress, method: str, path: str, headers: Sequence[tuple[str, str]], content: bytes | None
) -> bytes:
    target = address.path + path
    if not (target.isascii() and target.isprintable()) or " " in target:
        raise HandleError(f"the path {escaped(path, 100)!r} has characters that must be escaped")
    own = [("Host", address.netloc), ("Accept-Encoding", "identity"), ("Connection", "close")]
    length = [] if content is None else [("Content-Length", str(len(content)))]
    lines = [f"{method} {target} HTTP/1.1"]
    for name, value in [*own, *headers, *length]:
        if fault := fault_of_header_value(value):
            raise HandleError(f"the header {name} {fault}")
        lines.append(f"{name}: {value}")
    return "\r\n".join([*lines, "", ""]).encode() + (content or b"")  # keys and tokens may have any letter, as in curl


def _answer(stream: "_TimedStream", method: str, most: int) -> RawAnswer:
    informed = []  # an answer of 1xx would close the stream if it were thrown away
    while True:
        response = HTTPResponse(stream, method=method)  # type: ignore[arg-type]  # it asks for `makefile` alone
        response.begin()
        if not 100 <= response.status < 200 or response.status == 101:
            return RawAnswer(response.status, response.getheaders(), _content(response, most))
        informed.append(response)


def _content(response: HTTPResponse, most: int) -> bytes:
    if (response.length or 0) > most:
        raise _too_large(most)
    content = bytearray()
    while piece := response.read(_PIECE):
        content += piece
    if response.length:
        raise IncompleteRead(b"")
    return bytes(content)


def _too_large(most: int) -> BrokenAnswer:
    return BrokenAnswer(f"the answer has more than {most // _MEBIBYTE} MiB")


def _fault(e: Exception) -> str:
    if isinstance(e, LineTooLong):
        return "a line of its head is too long"
    if isinstance(e, BadStatusLine):
        return f"its first line is {str(e)!r}"
    return "its head has too many fields" if "headers" in str(e) else "its length is wrong"


def _reason(e: OSError, address: ServerAddress) -> str:
    if isinstance(e, socket.gaierror):
        return f"the host {address.host!r} is not found ({e.strerror})"
    if isinstance(e, ConnectionRefusedError):
        return "nobody listens there (connection refused)"
    if isinstance(e, ConnectionResetError | BrokenPipeError):
        return "the connection was reset"
    if message := getattr(e, "verify_message", ""):
        return f"its certificate is not trusted ({escaped(message, 100)})"
    if hasattr(e, "library"):
        return f"there is no TLS as it should be ({e.reason}); a server without TLS has a URL with http://"  # type: ignore[attr-defined]
    return escaped(e.strerror or str(e), 100)


class _TimedStream(io.RawIOBase):
    """A connection that ends at a fixed time, after a fixed number of bytes, and at once if it is not HTTP/1."""

    def __init__(self, timeout: float, most: int) -> None:
        self._most = most
        self._end = elapsed() + timeout
        self._socket: socket.socket | None = None
        self._reader = io.BufferedReader(self, _PIECE)
        self._start = b""
        self._count = 0

    def makefile(self, _mode: str) -> "io.BufferedReader[_TimedStream]":
        return self._reader

    def readable(self) -> bool:
        return True

    def connect(self, address: ServerAddress) -> None:
        """Connect to the first of the host's addresses that takes the connection."""
        refused: OSError | None = None
        for family, kind, protocol, _, place in self._look_up(address):
            self._socket = socket.socket(family, kind, protocol)
            try:
                self._timed().connect(place)
            except TimeoutError:
                raise
            except OSError as e:
                self._socket.close()
                refused = e
                continue
            if address.scheme == "https":
                self._encrypt(address.host)
            return
        raise refused or OSError(f"the host {address.host!r} has no address")

    def send(self, data: bytes) -> None:
        """Send the request. A server may answer and close before it has read all; then its answer can still be read."""
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._timed().send(rest[:_PIECE]) :]
        except (BrokenPipeError, ConnectionResetError):
            pass

    def readinto(self, buffer: Any) -> int:
        count = self._timed().recv_into(buffer)
        self._count += count
        if self._count > self._most:
            raise _too_large(self._most)
        if count and len(self._start) < len(_START):
            self._start += bytes(buffer[:count])
            if not (self._start.startswith(_START) or _START.startswith(self._start)):
                raise BrokenAnswer(_not_http(self._start))
        return count

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        super().close()

    @property
    def got_so_far(self) -> str:
        """What has not happened yet, for the text of a time-out."""
        if self._socket is None or self._socket.fileno() < 0:
            return "there was no connection"
        return "the answer was not complete" if self._count else "there was no answer"

    def _timed(self) -> socket.socket:
        """The socket, which may wait for the rest of the time."""
        assert self._socket is not None
        self._socket.settimeout(self._left())
        return self._socket

    def _left(self) -> float:
        left = self._end - elapsed()
        if left <= 0:
            raise TimeoutError
        return left

    def _encrypt(self, host: str) -> None:
        import ssl

        self._socket = ssl.create_default_context().wrap_socket(self._timed(), server_hostname=host)

    def _look_up(self, address: ServerAddress) -> list[Any]:
        """The host's addresses. A name is looked up in a thread, because a resolver may take longer than we have."""
        where = address.host, address.port
        try:
            return socket.getaddrinfo(*where, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        except socket.gaierror:
            pass
        found: list[Any] = []
        failures: list[OSError] = []

        def look_up() -> None:
            try:
                found.extend(socket.getaddrinfo(*where, type=socket.SOCK_STREAM))
            except OSError as e:
                failures.append(e)

        thread = threading.Thread(target=look_up, name="mock-sent look-up", daemon=True)
        thread.start()
        thread.join(self._left())
        if failures:
            raise failures[0]
        if not found:
            raise TimeoutError
        return found


def _not_http(start: bytes) -> str:
    if start.startswith(_TLS_ALERT):
        return "what came is TLS, not HTTP; a server with TLS has a URL with https://"
    return f"what came is not HTTP: {(start.splitlines() or [b''])[0].decode('latin-1')!r}"
