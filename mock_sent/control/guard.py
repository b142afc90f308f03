"""The guard of the control plane: programs on this machine may use it, web pages of other sites may not.

A page of another site can make a browser send requests to localhost. The guard recognizes such a request by its Host (a
rebinding attack needs a public name), its Origin or Sec-Fetch-Site, and its media type (a browser sends JSON to another
site only after a CORS preflight, which this server never allows).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from mock_sent.accounts import same_secret
from mock_sent.api.routing import path_of
from mock_sent.contract.paths import segments_of
from mock_sent.control.replies import ControlError, refusal
from mock_sent.ground.headers import joined, media_type_of
from mock_sent.ground.hosts import allowed_by, host_name
from mock_sent.journal.record import head_text, headers_of
from mock_sent.settings import Settings

# The name of the check of a write's media type.
MEDIA_TYPE = "media_type"
_WRITTEN = ("application/json", "application/yaml")
READING = ("GET", "HEAD")
PROBES = (["_mock", "health"], ["_mock", "ready"])
INBOX = ["_mock", "inbox"]


class GuardedRequest(NamedTuple):
    """What the checks look at. A header in several lines is one list, which is no origin, no site and no token."""

    method: str
    segments: Sequence[str]
    headers: Mapping[str, str]


Check = Callable[[GuardedRequest], None]


class Guard:
    """An ASGI application that passes a request to the control plane if it passes every check of `checks`.

    The check `media_type` is made by the control plane, when it knows that the path has the method.
    """

    def __init__(self, app: ASGIApp, checks: Mapping[str, Check]) -> None:
        self._app = app
        self._checks = {name: check for name, check in checks.items() if name != MEDIA_TYPE}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            request = guarded_request(scope)
            for name, check in self._checks.items():
                if name == "host" or not _is_page(request):
                    check(request)
        except ControlError as e:
            await refusal(e)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def guarded_request(scope: Scope) -> GuardedRequest:
    headers = joined(headers_of(head_text(scope["headers"])))[0]
    return GuardedRequest(scope["method"], segments_of(path_of(scope)), headers)


def checks_for(settings: Settings) -> dict[str, Check]:
    """The checks in their order, by name."""
    is_allowed = allowed_by(settings.allowed_hosts)

    def host(request: GuardedRequest) -> None:
        name = host_name(request.headers.get("host", ""))
        if not is_allowed(name):
            raise ControlError(403, f"the host {name!r} is not allowed here; MOCK_SENT_ALLOWED_HOSTS can allow it")

    def token(request: GuardedRequest) -> None:
        if request.segments in PROBES:
            return  # a container's probes have no token, and their answers have no secrets
        given = request.headers.get("x-mock-token", "")
        if settings.control_token and not same_secret(given, settings.control_token):
            raise ControlError(401, "the header x-mock-token must have the value of MOCK_SENT_CONTROL_TOKEN")

    return {"host": host, "origin": _origin, "fetch_site": _fetch_site, MEDIA_TYPE: _media_type, "token": token}


def _is_page(request: GuardedRequest) -> bool:
    """Whether it asks for a file of the inbox, which a browser may do without a token, from a link on any page."""
    return request.method in READING and request.segments[:2] == INBOX


# `urlsplit` keeps what it has split.
_LONGEST_ORIGIN = 400


def _origin(request: GuardedRequest) -> None:
    origin = request.headers.get("origin")
    if origin is not None and _authority(origin) != request.headers.get("host", "").lower():
        raise ControlError(403, f"a page of {origin[:100]} may not call this server")


def _authority(origin: str) -> str | None:
    """The host and port of an origin; None if it has none."""
    if len(origin) > _LONGEST_ORIGIN:
        return None
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None


def _fetch_site(request: GuardedRequest) -> None:
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise ControlError(403, "a page of another site may not call this server")


def _media_type(request: GuardedRequest) -> None:
    """Check writes, even without a body: a form of another site can send one. DELETE needs a preflight anyway."""
    media_type = media_type_of(request.headers.get("content-type", ""))
    if request.method in (*READING, "DELETE") or (media_type and media_type.name in _WRITTEN):
        return
    raise ControlError(415, "send it with Content-Type: application/json")
