"""What the ASGI scope of a request says."""

from asyncio import BaseTransport
from typing import Any
from urllib.parse import unquote

from mock_sent.wire.asgi import AsgiMessage
from mock_sent.wire.reader import Reader


def of_connection(transport: BaseTransport) -> AsgiMessage:
    """What is the same for all requests of a connection."""
    found = transport.get_extra_info
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "scheme": "https" if found("ssl_object") is not None else "http",
        "server": _address(found("sockname")),
        "client": _address(found("peername")),
        "root_path": "",
    }


def of_head(reader: Reader) -> AsgiMessage:
    """What the head says. Path and query are as they came; a full URL is reduced to its path."""
    target = reader.target
    if not target.startswith(b"/"):
        target = b"/" + target.partition(b"://")[2].partition(b"/")[2]
    raw_path, _, query = target.partition(b"#")[0].partition(b"?")
    path = raw_path.decode("latin-1")
    return {
        "http_version": reader.version,
        "method": reader.method.decode("ascii"),
        "path": unquote(path) if "%" in path else path,
        "raw_path": raw_path,
        "query_string": query,
        "headers": reader.headers,
    }


def _address(found: Any) -> tuple[str, int] | None:
    """Host and port; None where there is neither, as for the socket of a file."""
    return (str(found[0]), int(found[1])) if isinstance(found, tuple) else None
