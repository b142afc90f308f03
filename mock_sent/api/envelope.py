"""Replies: the vendor's envelope and headers."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from mock_sent.contract import Outcome
from mock_sent.ground.clock import timestamp
from mock_sent.ground.errors import one_line
from mock_sent.ground.strictjson import dumps
from mock_sent.wire.asgi import HeaderLines

if TYPE_CHECKING:
    from mock_sent.api.calls import Call

VERSION = "v3"
# Marks the reply to a sandbox call.
SANDBOX = (b"x-sandbox", b"true")
_MEDIA_TYPE = b"application/json; charset=utf-8"
_VERSION = (b"x-api-version", VERSION.encode())


class Reply:
    """A reply. `headers` are those besides the headers that every reply has."""

    __slots__ = ("body", "headers", "media_type", "status")

    def __init__(
        self, status: int, body: bytes, headers: HeaderLines | None = None, media_type: bytes = _MEDIA_TYPE
    ) -> None:
        self.status, self.body, self.media_type = status, body, media_type
        self.headers: HeaderLines = headers if headers is not None else []


def meta(request_id: str, now: int) -> dict[str, str]:
    return {"request_id": request_id, "timestamp": timestamp(now), "version": VERSION}


def success(call: "Call", known: Any, status: int = 0) -> Reply:
    """A documented success: the members of `known` that the operation shows. `status` is for an unusual status."""
    operation = call.operation
    data = operation.projection_of(status)(known) if status else operation.show(known)
    head = meta(call.request_id, call.clock.now())
    return Reply(status or operation.success, dumps({"success": True, "data": data, "error": None, "meta": head}))


def with_data(status: int, data: Any, request_id: str, now: int) -> Reply:
    """A success whose `data` is complete already."""
    return Reply(status, dumps({"success": True, "data": data, "error": None, "meta": meta(request_id, now)}))


def failure(outcome: Outcome, details: Mapping[str, list[str]] | None, request_id: str, now: int) -> Reply:
    """A documented failure; some have no body (ERR-3)."""
    if not outcome.has_body:
        return Reply(outcome.status, b"")
    error = {"code": outcome.code, "message": outcome.message, "details": details, "doc_url": outcome.doc_url}
    return Reply(
        outcome.status,
        dumps({"success": False, "data": None, "error": error, "meta": meta(request_id, now)}),
    )


def bug_reply(where: str) -> Reply:
    """The reply to a bug of ours: plain text, so that it cannot look like a reply of the vendor."""
    text = f"mock-sent itself failed ({where}). This is a bug of the mock, not an answer of the API.\n"
    return Reply(500, text.encode(), [(b"x-mock-bug", one_line(where, 200).encode())], b"text/plain; charset=utf-8")


def head_of(reply: Reply, request_id: str, milliseconds: int, warnings: Collection[str]) -> HeaderLines:
    """All headers of a reply. `X-Mock-Explain` is the path that explains the reply."""
    id, length = request_id.encode(), str(len(reply.body)).encode()
    headers: HeaderLines = [
        (b"content-length", length),
        (b"x-request-id", id),
        (b"x-mock-explain", b"/_mock/requests/" + id),
        _VERSION,
        (b"x-response-time", b"%dms" % milliseconds),
    ]
    if reply.status == 204:
        del headers[0]  # RFC 9110: a 204 has none
    if reply.headers:
        headers += reply.headers
    if reply.body:
        headers.append((b"content-type", reply.media_type))
    if warnings:
        headers.append((b"x-mock-warning", one_line("; ".join(warnings), 2_000).encode()))
    return headers
