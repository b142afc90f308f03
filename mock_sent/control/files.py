"""The inbox: static files. Its scripts may call this server only, and use the public control plane."""

from pathlib import Path

from starlette.responses import Response

from mock_sent.control.calls import ControlCall
from mock_sent.control.replies import ControlError

FILES = Path(__file__).parent / "inbox"
_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
# No inline script or style, nothing from other servers, not inside a frame of another page.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-cache",
}


async def page(call: ControlCall) -> Response:
    """The page itself."""
    return _file("index.html")


async def file(call: ControlCall) -> Response:
    """A file that the page loads."""
    return _file(call.path["file"])


def _file(name: str) -> Response:
    path = next((path for path in FILES.iterdir() if path.name == name and path.suffix in _TYPES), None)
    if path is None:
        raise ControlError(404, f"the inbox has no file {name[:100]!r}")
    return Response(path.read_bytes(), media_type=_TYPES[path.suffix], headers=_HEADERS)
