"""`mock-sent healthcheck`: asks a server on this machine whether it is well. A container runs it every two seconds.

It takes a tenth of the time of any other command, because it imports a socket and nothing of the server.
"""

import os
import socket
import sys
from collections.abc import Mapping, Sequence
from threading import Thread
from typing import NamedTuple

USAGE = "usage: mock-sent healthcheck [HOST:PORT], by default the server that the environment describes"
# Seconds for all of it; below the two that the image gives the whole command.
_PATIENCE = 1.5
# Bytes that an answer may have.
_MOST = 64 * 1024
_ANYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}
_ENDED_BY_CTRL_C = 130
_START = b"HTTP/1.1 "
# How the body of a mock-sent server that is well begins, after the end of the head.
_WELL = b'\r\n\r\n{"status":"ok"'


class _HealthAddress(NamedTuple):
    """Where the server is, and whether it speaks TLS."""

    host: str
    port: int
    tls: bool

    def __str__(self) -> str:
        return f"{self.host} port {self.port}"


def main(arguments: Sequence[str], environ: Mapping[str, str] | None = None) -> int:
    """The exit code: 0 for a server that is well, 1 for one that is not, 2 for wrong arguments."""
    environ = os.environ if environ is None else environ
    path = "" if arguments else environ.get("MOCK_SENT_PORT_FILE", "")
    try:
        known = _port_in(path) if path else ""
    except ValueError as e:
        print(f"mock-sent: MOCK_SENT_PORT_FILE names {path!a}, which {e}", file=sys.stderr)
        return 1
    try:
        place = _place(arguments, environ, known)
    except ValueError as e:
        print(f"mock-sent: {e} ({USAGE})", file=sys.stderr)
        return 2
    try:
        fault = _fault(place)
    except KeyboardInterrupt:
        return _ENDED_BY_CTRL_C
    if fault:
        print(f"mock-sent: {fault}", file=sys.stderr)
    return 1 if fault else 0


def _port_in(path: str) -> str:
    """The port in the file of a server that lives. Raises `ValueError` with the reason if there is none."""
    from mock_sent.serving.portfile import port_in

    return port_in(path)


def _place(arguments: Sequence[str], environ: Mapping[str, str], known_port: str) -> _HealthAddress:
    """Raises `ValueError` with the reason if arguments or environment name no place."""
    if len(arguments) > 1:
        raise ValueError(f"there are {len(arguments)} arguments")
    if not arguments:
        host = environ.get("MOCK_SENT_HOST", "")
        given = environ.get("MOCK_SENT_PORT", "")
        # Kubernetes sets it to tcp://... beside a Service of that name.
        port = known_port or ("" if "://" in given else given) or environ.get("PORT") or "4010"
        if not _is_port(port):
            raise ValueError(f"MOCK_SENT_PORT or PORT says {port[:20]!a}, which is no port")
        if not _is_host(host):
            raise ValueError(f"MOCK_SENT_HOST says {host[:100]!a}, which is no host")
        return _HealthAddress(_ANYWHERE.get(host, host), int(port), bool(environ.get("MOCK_SENT_TLS_CERT")))
    if "@" in arguments[0]:
        raise ValueError("the address has a user name or password")
    tls = arguments[0].startswith("https://")
    host, _, port = arguments[0].removeprefix("https://" if tls else "http://").rstrip("/").rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not _is_port(port) or not int(port) or not _is_host(bare) or (":" in bare) != (bare != host):
        raise ValueError(f"{arguments[0][:100]!a} is no HOST:PORT, such as 127.0.0.1:4010 or [::1]:4010")
    return _HealthAddress(bare or "127.0.0.1", int(port), tls)


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5 and int(text) < 65536


def _is_host(text: str) -> bool:
    return text.isascii() and text.isprintable() and not set(text) & set(" /?#@\\[]")


def _fault(place: _HealthAddress) -> str:
    """Why the server is not well; empty if it is.

    A thread asks: a name server, and a server that answers byte by byte, can take longer than each of their parts may.
    """
    found: list[str] = []

    def ask() -> None:
        try:
            found.append(_fault_of(place, _answer(place)))
        except (OSError, UnicodeError) as e:  # a host with an empty label is a UnicodeError
            found.append(f"no answer from {place}: {getattr(e, 'strerror', None) or e}")

    thread = Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_PATIENCE)
    return found[0] if found else f"no answer from {place} within {_PATIENCE} seconds"


def _answer(place: _HealthAddress) -> bytes:
    name = f"[{place.host}]" if ":" in place.host else place.host
    with _connection(place) as connection:
        head = f"GET /_mock/health HTTP/1.1\r\nHost: {name}:{place.port}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        answer = b""
        while len(answer) < _MOST and not _is_judged(answer) and (piece := connection.recv(_MOST)):
            answer += piece
    return answer


def _connection(place: _HealthAddress) -> socket.socket:
    plain = socket.create_connection((place.host, place.port), timeout=_PATIENCE)
    if not place.tls:
        return plain
    import ssl

    # Any certificate is right: it is that of a server on this machine, and nothing secret is sent.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(plain, server_hostname=place.host)


def _is_judged(answer: bytes) -> bool:
    """Whether the rest of the answer cannot change what is said of it."""
    line, end, _ = answer.partition(b"\n")
    if not answer.startswith(_START[: len(answer)]):
        return True
    return bool(end) and (not line.startswith(b"HTTP/1.1 200 ") or _WELL in answer)


def _fault_of(place: _HealthAddress, answer: bytes) -> str:
    line = answer.partition(b"\n")[0].strip()
    if line.startswith(b"HTTP/1.1 200 "):
        return "" if _WELL in answer else f"{place} answers 200, but is no mock-sent server"
    status = line.split(b" ")[1] if line.startswith(_START) else line
    return f"{place} answers {status[:80].decode('latin-1')!a}"
