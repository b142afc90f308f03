"""Checks of a request's head that the parser leaves to its user."""

import re
from collections.abc import Sequence

# RFC 3986: the characters of an authority, without a user.
_HOST = re.compile(rb"[A-Za-z0-9._~!$&'()*+,;=%:\[\]-]*")


def fault_of(version: str, method: bytes, target: bytes, headers: Sequence[tuple[bytes, bytes]]) -> str | None:
    """What is wrong with a head, in one sentence; None for a good one."""
    if version not in ("1.1", "1.0"):
        return "the version must be HTTP/1.1 or HTTP/1.0"
    if method == b"CONNECT":
        return "this server is no proxy and knows no CONNECT"
    host = codings = None
    for name, value in headers:
        if name == b"host":
            if host is not None:
                return "'Host' must be given once"
            host = value
        elif name == b"transfer-encoding":
            codings = value if codings is None else codings + b", " + value
    return _of_host(host, version) or _of_codings(codings, version) or _of_target(target, host)


def without_upgrade(method: bytes, target: bytes, version: str, headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """The same head without its `Upgrade` header."""
    lines = [b"%s %s HTTP/%s" % (method, target, version.encode())]
    lines += [b"%s: %s" % header for header in headers if header[0] != b"upgrade"]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _of_host(host: bytes | None, version: str) -> str | None:
    if host is None:
        return None if version == "1.0" else "'Host' is required in HTTP/1.1"
    return None if _HOST.fullmatch(host) else "'Host' must be a host name with or without a port"


def _of_codings(codings: bytes | None, version: str) -> str | None:
    """The parser accepts `gzip, chunked`, and would give the app the compressed bytes."""
    if codings is None:
        return None
    if version == "1.0":
        return "'Transfer-Encoding' does not exist in HTTP/1.0"
    return None if codings.strip().lower() == b"chunked" else "'Transfer-Encoding' must be chunked"


def _of_target(target: bytes, host: bytes | None) -> str | None:
    """A full URL is allowed if it names the host of the `Host` header (RFC 9112, 3.2.2)."""
    if target.startswith(b"/"):
        return None
    scheme, found, rest = target.partition(b"://")
    if not found or scheme.lower() not in (b"http", b"https"):
        return "the target must be a path that begins with '/'"
    authority, slash, _ = rest.partition(b"/")
    if host is not None and authority.lower() != host.lower():
        return "the host of the target must be the one of 'Host'"
    return None if slash else "the target must have a path that begins with '/'"
