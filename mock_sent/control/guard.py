"""The guard of the control plane: programs on this machine may use it, web pages of other sites may not.

A page of another site can make a browser send requests to localhost. The guard recognizes such a request by its Host (a
rebinding attack needs a public name), its Origin or Sec-Fetch-Site, and its media type (a browser sends JSON to another
site only after a CORS preflight, which this server never allows).
"""

import ipaddress
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from mock_sent.accounts import same_secret
from mock_sent.control.replies import ControlError, refusal
from mock_sent.settings import Settings

# Suffixes that no public resolver knows: RFC 6761, RFC 6762, and internal names of container platforms.
RESERVED = (".localhost", ".local", ".internal", ".test", ".svc.cluster.local")
READING = ("GET", "HEAD")
HEALTH = "/_mock/health"

Check = Callable[[Request], None]


class Guard:
    """An ASGI application that passes a request to the control plane if it passes every check."""

    def __init__(self, app: ASGIApp, checks: Mapping[str, Check]) -> None:
        self._app = app
        self._checks = checks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            request = Request(scope)
            for name, check in self._checks.items():
                if name == "host" or not _is_page(request):
                    check(request)
        except ControlError as e:
            await refusal(e)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def checks_for(settings: Settings) -> dict[str, Check]:
    """The checks in their order, by name."""
    allowed = frozenset(name.lower() for name in settings.allowed_hosts)

    def host(request: Request) -> None:
        name = host_name(request.headers.get("host", ""))
        if not (name and (is_private_name(name) or name in allowed)):
            raise ControlError(403, f"the host {name!r} is not allowed here; MOCK_SENT_ALLOWED_HOSTS can allow it")

    def token(request: Request) -> None:
        if request.url.path == HEALTH:
            return  # a container's health probe has no token, and the answer has no secrets
        given = request.headers.get("x-mock-token", "")
        if settings.control_token and not same_secret(given, settings.control_token):
            raise ControlError(401, "the header x-mock-token must have the value of MOCK_SENT_CONTROL_TOKEN")

    return {"host": host, "origin": _origin, "fetch_site": _fetch_site, "media_type": _media_type, "token": token}


def host_name(host: str) -> str:
    """The name of a Host header, without the port; empty if it is no host."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port  # raises if it is no number
    except ValueError:
        return ""
    plain = host.isascii() and host.isprintable() and not set(host) & set("@/\\?# ,")
    return (parts.hostname or "") if plain else ""


def is_private_name(name: str) -> bool:
    """Whether public DNS cannot resolve the name: an address, a name without a dot, or a reserved suffix."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return "." not in name or name.endswith(RESERVED)
    return True


def _is_page(request: Request) -> bool:
    """Whether it asks for a file of the inbox, which a browser may do without a token, from a link on any page."""
    path = request.url.path.removeprefix(request.scope.get("root_path", ""))
    return request.method in READING and (path == "/inbox" or path.startswith("/inbox/"))


def _origin(request: Request) -> None:
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower():
        raise ControlError(403, f"a page of {origin[:100]} may not call this server")


def _fetch_site(request: Request) -> None:
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise ControlError(403, "a page of another site may not call this server")


def _media_type(request: Request) -> None:
    """Check writes, even without a body: a form of another site can send one. DELETE needs a preflight anyway."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method in (*READING, "DELETE") or media_type in ("application/json", "application/yaml"):
        return
    raise ControlError(415, "send it with Content-Type: application/json")
