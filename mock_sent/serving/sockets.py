"""The sockets that a server listens on."""

import errno
import socket
from typing import Any

from mock_sent.ground.errors import StartupError
from mock_sent.serving.exhaustion import ListeningSocket, descriptor_limit

BACKLOG = 2048
_LOOPBACK = ("127.0.0.1", "localhost")
_TRIES = 5
_FEWEST_DESCRIPTORS = 32


def bind(host: str, port: int) -> list[socket.socket]:
    """Listening sockets. A loopback name gets both families, because `localhost` may mean either to a client."""
    if not 0 <= port <= 65_535:  # getaddrinfo would take it modulo 65536
        raise StartupError(f"port {port} is not between 0 and 65535; set MOCK_SENT_PORT / --port")
    if (limit := descriptor_limit()) and limit < _FEWEST_DESCRIPTORS:
        raise StartupError(
            f"this process may have {limit} files and connections open, and needs {_FEWEST_DESCRIPTORS}; "
            "raise its limit (ulimit -n)"
        )
    if host not in _LOOPBACK:
        return [_listen(host, port)]
    for _ in range(_TRIES if port == 0 else 1):
        first = _listen("127.0.0.1", port)
        try:
            second = _listen_on_v6(first.getsockname()[1])
        except StartupError:
            first.close()
            if port:
                raise
        else:
            return [first, second] if second else [first]
    return [_listen("127.0.0.1", port)]


def url_of(sockets: list[socket.socket], scheme: str = "http") -> str:
    """Where a client finds the first of them."""
    host, port = sockets[0].getsockname()[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _listen_on_v6(port: int) -> socket.socket | None:
    """None where the machine has no IPv6 loopback, as in many containers."""
    if not socket.has_ipv6:
        return None
    try:
        return _open(socket.AF_INET6, ("::1", port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise _cannot_listen(error, "::1", port) from None
        return None


def _listen(host: str, port: int) -> socket.socket:
    try:
        # A text would be encoded as an international name, whose tables take 2 ms to import.
        name = host.encode() if host.isascii() else host
        family, _, _, _, address = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return _open(socket.AddressFamily(family), address)
    except (OSError, UnicodeError) as error:
        raise _cannot_listen(error, host, port) from None


def _open(family: socket.AddressFamily, address: Any) -> socket.socket:
    """Listen at once: two sockets that are only bound can share a port, and the clash would show too late."""
    dualstack = family == socket.AF_INET6 and address[0] == "::" and socket.has_dualstack_ipv6()
    plain = socket.create_server(address, family=family, backlog=BACKLOG, dualstack_ipv6=dualstack)
    return ListeningSocket(family, socket.SOCK_STREAM, fileno=plain.detach())


def _cannot_listen(error: Exception, host: str, port: int) -> StartupError:
    why = error.errno if isinstance(error, OSError) and not isinstance(error, socket.gaierror) else None
    if why == errno.EADDRINUSE:
        return StartupError(f"port {port} on {host} is in use; stop the other server or set MOCK_SENT_PORT / --port")
    if why in (errno.EACCES, errno.EPERM):
        return StartupError(
            f"port {port} on {host} may not be opened by this user; set MOCK_SENT_PORT / --port to 1024 or more"
        )
    if why == errno.EADDRNOTAVAIL:
        return StartupError(f"{host} is not an address of this machine; set MOCK_SENT_HOST / --host")
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return StartupError(f"host {host!r} cannot be resolved; set MOCK_SENT_HOST / --host")
    return StartupError(f"cannot listen on {host} port {port} ({error}); set MOCK_SENT_HOST and MOCK_SENT_PORT")
