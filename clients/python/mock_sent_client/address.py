"""The address of a server, read from a URL that a user gave."""

import re
import socket
from typing import NamedTuple
from urllib.parse import SplitResult, quote, urlsplit

from mock_sent_client.errors import HandleError, escaped

_PORTS = {"http": 80, "https": 443}
_BRACKETS = re.compile(r"\[[^\[\]]*\](:.*)?")
_NAME = re.compile(r"[A-Za-z0-9._-]+")
# The characters of a path that need no escape, and `%`, which begins an escape that the user wrote.
_PLAIN = "/%:@!$&'()*+,;=~"


class ServerAddress(NamedTuple):
    """Where a server is. `host` has no brackets, `netloc` has them, and `path` is a prefix of all its paths."""

    scheme: str
    host: str
    port: int
    netloc: str
    path: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}{self.path}"


def address_of(url: str) -> ServerAddress:
    """The address in a URL. Raises `HandleError` with one sentence, which hides a user name, a password and a query."""
    fault = _fault_of_text(url)
    if not fault:
        try:
            parts = urlsplit(url)
        except ValueError:
            fault = "has a host that cannot be one"
        else:
            fault = _fault_of_parts(parts)
    if fault:
        raise HandleError(f"the URL {_shown(url)} {fault}")
    host = _host(parts)
    netloc = f"[{host}]" if ":" in host else host
    netloc += "" if parts.port is None else f":{parts.port}"
    path = quote(parts.path.rstrip("/"), _PLAIN)
    return ServerAddress(parts.scheme, host, parts.port or _PORTS[parts.scheme], netloc, path)


def _fault_of_text(url: str) -> str:
    """What is wrong with the text; `urlsplit` would drop some of it in silence."""
    if not url.isprintable() or " " in url:
        return "has a space or a character that cannot be printed"
    if not url.lower().startswith(("http://", "https://")):
        return "must begin with http:// or https://"
    return ""


def _fault_of_parts(parts: SplitResult) -> str:
    if "@" in parts.netloc:
        return "has a user name or password in front of the host; remove it"
    if "[" not in parts.netloc and parts.netloc.count(":") > 1:
        return "has an IPv6 address without brackets; write it as in http://[::1]:4010"
    if not parts.hostname:
        return "names no host"
    if not _has_port(parts):
        return "has a port that is no number from 1 to 65535"
    if not _host(parts):
        return "has a host that cannot be one"
    return "has a query or a fragment; leave it out" if parts.query or parts.fragment else ""


def _has_port(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False


def _host(parts: SplitResult) -> str:
    """The host as the name service takes it; empty if it cannot be one."""
    host = parts.hostname or ""
    try:
        if "[" in parts.netloc:
            if not _BRACKETS.fullmatch(parts.netloc):
                return ""
            socket.inet_pton(socket.AF_INET6, host.partition("%")[0])
            return host
        name = host.encode("idna").decode("ascii")
    except (OSError, ValueError):  # a name with an empty or a too long label is a ValueError
        return ""
    return name if _NAME.fullmatch(name) else ""


def _shown(url: str) -> str:
    """The URL without what may be secret: all before its last `@`, and its query and fragment."""
    if "@" in url:
        scheme, between, _ = url.partition("://") if "://" in url else ("", "", "")
        url = f"{scheme}{between}****@{url.rpartition('@')[2]}"
    return f"'{escaped(re.split('[?#]', url)[0], 200)}'"
