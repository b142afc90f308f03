"""Checks a request of either plane against its contract: size, media type, JSON, headers, path, query, members."""

from starlette.types import Receive

from mock_sent.api.incoming import Incoming
from mock_sent.contract import Query, Rule, Violation
from mock_sent.ground.errors import MockSentError
from mock_sent.ground.strictjson import Unreadable, loads


class ClientGone(Exception):
    """The client closed the connection before its request was complete, so it cannot be answered."""


async def read(request: Incoming, receive: Receive, most: int) -> bytes:
    """The body's bytes. Raises the refusal of a body that is too large at once, without reading the rest."""
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length[:20]) > most:
        raise _too_large(request, most)
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
        size += len(chunks[-1])
        if size > most:
            raise _too_large(request, most)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def check(request: Incoming, raw: bytes, query: Query) -> None:
    """Set the request's query, which the operation has read, and its body.

    Raises a refusal: of the media type, or with every violation.
    """
    operation = request.operation
    violations = operation.head_violations(request.headers, request.path)
    if request.doubled:
        violations += [operation.violation("given_once", name) for name in sorted(request.doubled & operation.once)]
    request.query = query.values
    violations += query.violations
    if query.unknown:
        violations += request.unknown_query(query.unknown)
    if operation.body and not raw and not operation.demands_body:
        request.body = {}
    elif operation.body:
        media_type, _, parameter = request.headers.get("content-type", "").partition(";")
        name, _, charset = parameter.strip().lower().partition("=")
        wrong_charset = name == "charset" and charset.strip('"') not in ("utf-8", "utf8")
        media_type = media_type.strip().lower()
        if media_type == "application/json" and not wrong_charset:
            violations += _body_violations(request, operation.body, raw)
        elif media_type in operation.text_types:
            request.body = raw
        else:
            violation = operation.violation("media_type", "content-type")
            raise request.refused("unsupported_media_type", [violation])
    if violations:
        raise request.refused("invalid_request", violations)


def _body_violations(request: Incoming, rule: Rule, raw: bytes) -> list[Violation]:
    try:
        body = request.body = loads(raw)
    except Unreadable as e:
        return [request.operation.violation("unreadable", "body", reason=e)]
    if not isinstance(body, dict) and request.operation.objects_only:
        return [request.operation.violation("not_an_object", "body")]
    if unknown := rule.unknown_members(body):
        request.unknown_members(rule, unknown)
    return rule.violations(body)


def _too_large(request: Incoming, most: int) -> MockSentError:
    return request.refused("body_too_large", [request.operation.violation("too_large", "body", limit=most)])
