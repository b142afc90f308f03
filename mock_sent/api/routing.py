"""Hands each request to the endpoint of its path."""

from collections.abc import Awaitable, Iterable, Mapping
from urllib.parse import quote

from starlette.types import ASGIApp, Receive, Scope, Send

from mock_sent.contract.paths import Paths, segments_of


class PathRouter:
    """The ASGI application of several paths; `default` is that of any other path."""

    def __init__(self, endpoints: Mapping[str, ASGIApp], default: ASGIApp) -> None:
        self._endpoints, self._default = Paths(endpoints), default

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        found = self._endpoints.find(segments_of(path_of(scope)))
        endpoint, scope["path_params"] = found or (self._default, {})
        return endpoint(scope, receive, send)


def path_of(scope: Scope) -> bytes:
    """The path of a request as the client wrote it, without the path under which this application is mounted."""
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    mounted: bytes = scope.get("root_path", "").encode()
    return raw.removeprefix(mounted) if raw.startswith(mounted + b"/") else raw


def allowed(methods: Iterable[str]) -> str:
    """The value of `Allow`. Where there is a GET, there is a HEAD (RFC 9110, 9.1)."""
    names = dict.fromkeys(name for each in methods for name in ((each, "HEAD") if each == "GET" else (each,)))
    return ", ".join(names)
