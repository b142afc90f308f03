"""The request against the contract: its size, its media type, its JSON, its headers, its members."""

from starlette.types import Receive

from mock_sent.api.calls import Call
from mock_sent.contract import Rule, Violation
from mock_sent.ground.errors import ApiError
from mock_sent.ground.strictjson import Unreadable, loads


class ClientGone(Exception):
    """The client left before its request was complete: there is nobody to answer."""


async def read(call: Call, receive: Receive, most: int) -> bytes:
    """The body's bytes. Raises `ApiError` for 413 as soon as it is known, without reading the rest."""
    length = call.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length[:20]) > most:
        raise _too_large(call, most)
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
            raise _too_large(call, most)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def check(call: Call, raw: bytes) -> None:
    """Parse the body into the call. Raises `ApiError`: 415, or 400 with every violation of the request."""
    operation = call.operation
    call.exchange.request_body = raw
    violations = operation.head_violations(call.headers, call.path)
    if call.doubled:
        violations += [operation.violation("given_once", name) for name in sorted(call.doubled & operation.once)]
    query = operation.read_query(call.query_string)
    call.query = query.values
    violations += query.violations
    if query.unknown:
        call.warn(f"ignored, because the contract does not know them: {', '.join(sorted(query.unknown)[:20])}")
    if operation.body and not raw and not operation.demands_body:
        call.body = {}
    elif operation.body:
        _demand_json(call)
        violations += _body_violations(call, operation.body, raw)
    if violations:
        raise _invalid(call, violations)


def _body_violations(call: Call, rule: Rule, raw: bytes) -> list[Violation]:
    try:
        call.body = loads(raw)
    except Unreadable as e:
        return [call.operation.violation("unreadable", "body", reason=e)]
    if not isinstance(call.body, dict):
        return [call.operation.violation("not_an_object", "body")]
    if unknown := rule.unknown_members(call.body):
        call.exchange.unknown = unknown
        _warn_of_ignored(call, rule, unknown)
    return rule.violations(call.body)


def _warn_of_ignored(call: Call, rule: Rule, unknown: list[str]) -> None:
    """Say which members do nothing. Today's SDKs send some that the contract's edition does not have yet."""
    later = [f"{name} ({rule.later[name]})" for name in unknown if name in rule.later]
    strange = [name for name in unknown if name not in rule.later]
    if later:
        call.warn(f"ignored, because only a later edition of the API knows them: {', '.join(later)}")
    if strange:
        call.warn(f"ignored, because the contract does not know them: {', '.join(strange)}")


def _demand_json(call: Call) -> None:
    media_type, _, parameter = call.headers.get("content-type", "").partition(";")
    name, _, charset = parameter.strip().lower().partition("=")
    wrong_charset = name == "charset" and charset.strip('"') not in ("utf-8", "utf8")
    if media_type.strip().lower() != "application/json" or wrong_charset:
        raise _refused_as("unsupported_media_type", call.operation.violation("media_type", "content-type"))


def _invalid(call: Call, violations: list[Violation]) -> ApiError:
    """All violations, by place, under the code that the contract has for them together (ERR-5)."""
    call.exchange.violations = [violation.text for violation in violations]
    codes = {violation.code for violation in violations}
    of_several = call.account.edition.codes_of_several
    code = codes.pop() if len(codes) == 1 else next((c for c in of_several if c in codes), of_several[-1])
    details: dict[str, list[str]] = {}
    for violation in violations:
        details.setdefault(violation.at, []).append(violation.text)
    if len(violations) == 1 and violations[0].is_message:
        return ApiError("invalid_request", code=code, message=violations[0].text)
    return ApiError("invalid_request", code=code, details=details)


def _too_large(call: Call, most: int) -> ApiError:
    error = _refused_as("body_too_large", call.operation.violation("too_large", "body", limit=most))
    error.headers = {"connection": "close"}
    return error


def _refused_as(outcome: str, violation: Violation) -> ApiError:
    return ApiError(outcome, code=violation.code, details={violation.at: [violation.text]})
