"""`mock-sent healthcheck`: asks a server on this machine whether it is well. A container runs it every two seconds.

It takes a tenth of the time of any other command, because it imports a socket and nothing of the server.
"""

import os
import socket
import sys
from collections.abc import Mapping, Sequence

USAGE = "usage: mock-sent healthcheck [HOST:PORT]   (by default the server that the environment describes)"
# Seconds; below the two that the image gives the whole command.
_PATIENCE = 1.5
_ANYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}


def main(arguments: Sequence[str], environ: Mapping[str, str] | None = None) -> int:
    """The exit code: 0 for a server that is well, 1 for one that is not, 2 for wrong arguments."""
    try:
        host, port = _target(arguments, os.environ if environ is None else environ)
    except ValueError:
        print(USAGE, file=sys.stderr)
        return 2
    try:
        status = _status(host, port)
    except OSError as e:
        print(f"mock-sent: no answer from {host} port {port}: {e}", file=sys.stderr)
        return 1
    if status != b"200":
        print(f"mock-sent: {host} port {port} answers {status.decode('latin-1')!r}", file=sys.stderr)
        return 1
    return 0


def _target(arguments: Sequence[str], environ: Mapping[str, str]) -> tuple[str, int]:
    if len(arguments) > 1:
        raise ValueError
    if arguments:
        host, _, port = arguments[0].removeprefix("http://").rstrip("/").rpartition(":")
        return host.strip("[]") or "127.0.0.1", int(port)
    host = environ.get("MOCK_SENT_HOST", "")
    return _ANYWHERE.get(host, host), int(_port(environ))


def _port(environ: Mapping[str, str]) -> str:
    """The port file knows a port that was taken freely; otherwise it is what the settings would say."""
    if path := environ.get("MOCK_SENT_PORT_FILE"):
        try:
            with open(path, encoding="ascii") as file:
                return file.read()
        except OSError:
            pass  # not written yet, so not listening yet; the environment's port will say so
    return environ.get("MOCK_SENT_PORT") or environ.get("PORT") or "4010"


def _status(host: str, port: int) -> bytes:
    name = f"[{host}]" if ":" in host else host
    with socket.create_connection((host, port), timeout=_PATIENCE) as connection:
        head = f"GET /_mock/health HTTP/1.1\r\nHost: {name}:{port}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        line = connection.makefile("rb").readline(200)
    return line.split(b" ")[1] if line.startswith(b"HTTP/1.1 ") else line.strip()
