"""Checks a request of either plane against its contract: size, media type, JSON, headers, path, query, members."""

from starlette.types import Receive

from mock_sent.api.incoming import Incoming
from mock_sent.contract import Query, Rule, Violation
from mock_sent.contract.operations import JSON
from mock_sent.ground.errors import MockSentError
from mock_sent.ground.headers import is_coded, media_type_of
from mock_sent.ground.strictjson import Unreadable, loads


class ClientGone(Exception):
    """The client closed the connection before its request was complete, so it cannot be answered."""


async def read(request: Incoming, receive: Receive, most: int) -> bytes:
    """The body's bytes. Raises the refusal of a body that is too large at once, without reading the rest."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and length.isascii() and int(length[:20]) > most:
        raise _too_large(request, most)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > most:
            raise _too_large(request, most)
        if not message.get("more_body", False):
            return b"".join([*chunks, chunk]) if chunks else chunk
        chunks.append(chunk)


def check(request: Incoming, raw: bytes, query: Query) -> None:
    """Set the request's query, which the operation has read, and its body.

    Raises a refusal: of the media type, or with every violation.
    """
    operation = request.operation
    repeated = sorted(request.doubled.keys() & operation.once) if request.doubled else ()
    for name in repeated:
        request.headers[name] = request.doubled[name]
    violations = operation.head_violations(request.headers, request.path)
    if repeated:
        violations += [operation.violation("given_once", name) for name in repeated]
    request.query = query.values
    violations += query.violations
    if query.unknown:
        violations += request.unknown_query(query.unknown)
    if not raw and operation.body and not operation.demands_body:
        request.body = {}
    elif operation.body:
        media_type = request.headers.get("content-type", "")
        if media_type != JSON or "content-encoding" in request.headers:
            media_type = _known_media_type(request, media_type)
        if media_type == JSON:
            violations += _body_violations(request, operation.body, raw)
        else:
            request.body = raw
    if violations:
        raise request.refused("invalid_request", violations)


def _known_media_type(request: Incoming, text: str) -> str:
    """The media type of the body, if the operation takes it. Raises the refusal of another one, or of a coded body."""
    operation = request.operation
    found = media_type_of(text)
    violations = []
    if is_coded(request.headers):
        violations.append(operation.violation("content_coding", "content-encoding"))
    if found is None or found.name not in (JSON, *operation.text_types) or not found.is_utf8:
        violations.append(operation.violation("media_type", "content-type"))
    if violations or found is None:
        raise request.refused("unsupported_media_type", violations)
    return found.name


def _body_violations(request: Incoming, rule: Rule, raw: bytes) -> list[Violation]:
    try:
        body = request.body = loads(raw)
    except Unreadable as e:
        return [request.operation.violation("unreadable", "body", reason=e, where=e.where)]
    if not isinstance(body, dict) and request.operation.objects_only:
        return [request.operation.violation("not_an_object", "body")]
    violations = rule.violations(body)
    if unknown := rule.unknown_members(body):
        refused = {violation.at for violation in violations}
        if ignored := [name for name in unknown if name not in refused]:
            request.unknown_members(ignored)
    return violations


def _too_large(request: Incoming, most: int) -> MockSentError:
    return request.refused("body_too_large", [request.operation.violation("too_large", "body", limit=most)])
