"""Every fault of a request, with the exact answer: status, code, message, details."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from answers import INVALID, assert_failure
from conftest import PAGE_REQUEST, Client
from replies import contract_document

JSON = {"content-type": "application/json"}
LONG_ENOUGH = "+14155551234"


@pytest.fixture(autouse=True)
def answers_the_next_request(client: Client) -> Iterator[None]:
    """Whatever a test sent, the server answers the page's request afterwards."""
    yield
    assert client.send().status_code == 202


def changed(*path: Any, value: Any = ...) -> dict[str, Any]:
    """The page's request with another value at the path, or with nothing there."""
    body: Any = deepcopy(PAGE_REQUEST)
    at = body
    for step in path[:-1]:
        at = at[step]
    if value is ...:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return body  # type: ignore[no-any-return]


def unreadable(client: Client, raw: bytes, reason: str) -> None:
    response = client.post("/v3/messages", content=raw, headers=JSON)
    assert_failure(response, 400, "VALIDATION_001", {"body": [f"the body {reason}"]})


# The rows of the table


def test_no_recipient(client: Client) -> None:
    """`to` left out or empty: the page's sentence."""
    for body in (changed("to"), changed("to", value=[])):
        details = {"to": ["'to' must contain at least one recipient"]}
        assert_failure(client.send(body), 400, "VALIDATION_004", details)


def test_no_template(client: Client) -> None:
    """`template` left out: the page's sentence."""
    assert_failure(client.send(changed("template")), 400, "VALIDATION_004", {"template": ["'template' is required"]})


def test_the_pages_example_of_a_validation_error(client: Client) -> None:
    """An empty object gets the page's answer, with both sentences (ERR-1, ERR-2, ERR-4)."""
    details = {"to": ["'to' must contain at least one recipient"], "template": ["'template' is required"]}

    assert_failure(client.send({}), 400, "VALIDATION_004", details)


@pytest.mark.parametrize("template", [{}, {"id": None}, {"name": None}, {"id": None, "name": None, "parameters": {}}])
def test_neither_id_nor_name(client: Client, template: dict[str, Any]) -> None:
    """A template needs one of the two, and null is neither."""
    details = {"template": ["'template' must have an id or a name"]}

    assert_failure(client.send(template=template), 400, "VALIDATION_004", details)


@pytest.mark.parametrize(
    "number",
    [
        "",
        "+",
        "14155551234",
        "004415555512",
        "+04155551234",
        "+1415-555-1234",
        "+1 415 555 1234",
        "+123456",  # too short
        "+1234567890123456",  # too long
        "+1415555123a",
        "tel:+14155551234",
        " +14155551234",
        "+14155551234 ",
        "+14155551234\n",
        "+14155551234\x00",
        "\n+14155551234",
        "+١٤١٥٥٥٥١٢٣٤",
        "+１４１５５５５１２３４",
        "＋14155551234",
        "+1415555123\u0663",
        "jane@example.com",
    ],
)
def test_no_phone_number(client: Client, number: str) -> None:
    """What is not E.164 in ASCII is told with its place; so are a final newline and foreign digits (ERR-13)."""
    details = {"to[1]": ["'to[1]' must be a phone number in E.164 format"]}

    assert_failure(client.send(to=[LONG_ENOUGH, number]), 400, "VALIDATION_002", details)


@pytest.mark.parametrize("number", ["+1234567", "+123456789012345"])
def test_shortest_and_longest_number(client: Client, number: str) -> None:
    """Seven and fifteen digits are numbers."""
    assert client.send(to=[number]).status_code == 202


def test_too_many_recipients(client: Client) -> None:
    """1,000 recipients are taken, 1,001 are not (SEND-12)."""
    numbers = [f"+1415555{i:04}" for i in range(1_001)]

    assert len(client.send(to=numbers[:1_000], channel=None).json()["data"]["recipients"]) == 1_000
    details = {"to": ["'to' must contain at most 1000 recipients"]}
    assert_failure(client.send(to=numbers), 400, "VALIDATION_005", details)


def test_too_many_channels(client: Client) -> None:
    """16 channels are taken, even the same one, 17 are not (SEND-14)."""
    assert len(client.send(channel=["sms"] * 16).json()["data"]["recipients"]) == 32
    details = {"channel": ["'channel' must contain at most 16 channels"]}
    assert_failure(client.send(channel=["sms"] * 17), 400, "VALIDATION_005", details)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7ba7b820",
        "7ba7b8209dad11d180b400c04fd430c8",
        "{7ba7b820-9dad-11d1-80b4-00c04fd430c8}",
        "7ba7b820-9dad-11d1-80b4-00c04fd430c8\n",
        "7ba7b820-9dad-11d1-80b4-00c04fd430cg",
        "٧ba7b820-9dad-11d1-80b4-00c04fd430c8",
    ],
)
def test_template_id_is_no_uuid(client: Client, text: str) -> None:
    """A malformed UUID in the body is told with its path."""
    details = {"template.id": ["'template.id' must be a UUID"]}

    assert_failure(client.send(changed("template", "id", value=text)), 400, "VALIDATION_003", details)


@pytest.mark.parametrize(
    "text", ["", "retail", "3f2504e0-4f89-41d3-9a0c-0305e82c330", "3f2504e04f8941d39a0c0305e82c3301"]
)
def test_profile_id_is_no_uuid(client: Client, text: str) -> None:
    """A malformed UUID in the header is told under the header's name (ERR-13)."""
    details = {"x-profile-id": ["'x-profile-id' must be a UUID"]}

    assert_failure(client.send(headers={"x-profile-id": text}), 400, "VALIDATION_003", details)


@pytest.mark.parametrize("word", ["email", "auto", "SMS", "Sms", "sms ", "", "mms"])
def test_unknown_channel(client: Client, word: str) -> None:
    """Channels are four words, in lower case."""
    details = {"channel[1]": ["'channel[1]' must be one of sms, whatsapp, rcs, sent"]}

    assert_failure(client.send(channel=["sms", word]), 400, "VALIDATION_006", details)


@pytest.mark.parametrize("key", ["", "a b", '"quoted"', "a.b", "é", "a" * 256, "a,b", "{}"])
def test_idempotency_key_format(client: Client, key: str) -> None:
    """A key is 1 to 255 letters, digits, hyphens and underscores; the quotes of the IETF draft are refused (IDEM-1)."""
    text = "'Idempotency-Key' must be 1-255 letters, digits, hyphens or underscores"
    headers = {"idempotency-key": key.encode()}
    response = client.post("/v3/messages", json=PAGE_REQUEST, headers=headers)  # type: ignore[arg-type]

    assert_failure(response, 400, "VALIDATION_007", {"idempotency-key": [text]})


@pytest.mark.parametrize("key", ["a", "req_abc123_retry1", "-", "_", "Z" * 255])
def test_good_idempotency_keys(client: Client, key: str) -> None:
    """The page's key and the shortest and longest ones are taken."""
    assert client.send(headers={"idempotency-key": key}).status_code == 202


WRONG: dict[str, list[Any]] = {
    "an array": [None, "x", 5, 1.5, True, {}],
    "a string": [None, 5, 1.5, False, [], {}],
    "an object": [None, "x", 5, True, []],
    "a boolean": [None, "true", "", 0, 1, [], {}],
}
NULLABLE = {"channel", "template.id", "template.name", "template.parameters"}


def each_field_and_wrong_value() -> Iterator[Any]:
    """Every member of the request beside every type that it may not have."""
    for path, at, kind in (
        (("to",), "to", "an array"),
        (("to", 1), "to[1]", "a string"),
        (("channel",), "channel", "an array"),
        (("channel", 0), "channel[0]", "a string"),
        (("template",), "template", "an object"),
        (("template", "id"), "template.id", "a string"),
        (("template", "name"), "template.name", "a string"),
        (("template", "parameters"), "template.parameters", "an object"),
        (("template", "parameters", "order_id"), "template.parameters.order_id", "a string"),
        (("sandbox",), "sandbox", "a boolean"),
    ):
        for value in WRONG[kind]:
            if value is not None or at not in NULLABLE:
                yield pytest.param(path, at, kind, value, id=f"{at}={json.dumps(value)}")


@pytest.mark.parametrize(("path", "at", "kind", "value"), list(each_field_and_wrong_value()))
def test_wrong_type(client: Client, path: tuple[Any, ...], at: str, kind: str, value: object) -> None:
    """A wrong JSON type, or a null where none may be, is told with path and expected type alone (ERR-12)."""
    details = {at: [f"'{at}' must be {kind}"]}

    assert_failure(client.send(changed(*path, value=value)), 400, "VALIDATION_001", details)


@pytest.mark.parametrize("at", sorted(NULLABLE))
def test_null_where_it_may_be(client: Client, at: str) -> None:
    """Four members may be null, as the SDKs send them (ERR-12)."""
    assert client.send(changed(*at.split("."), value=None)).status_code == 202


@pytest.mark.parametrize("name", ["", "a.b", "{x}", "{0.__class__}", "%s", "näme", "\u2028"])
def test_odd_parameter_names(client: Client, name: str) -> None:
    """A parameter may have any name, and a fault in it is told under that name."""
    at = f"template.parameters.{name}"
    body = changed("template", "parameters", value={name: 5})

    assert_failure(client.send(body), 400, "VALIDATION_001", {at: [f"'{at}' must be a string"]})


@pytest.mark.parametrize("raw", [b"[]", b'"x"', b"5", b"true", b"null", b"[{}]", b"1.5"])
def test_no_object(client: Client, raw: bytes) -> None:
    """JSON that is no object is no request."""
    response = client.post("/v3/messages", content=raw, headers=JSON)

    assert_failure(response, 400, "VALIDATION_001", {"body": ["the body must be a JSON object"]})


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        pytest.param(b"", "is empty, at offset 0; send a JSON object", id="empty"),
        pytest.param(b" \r\n\t", "is empty, at offset 0; send a JSON object", id="white space"),
        pytest.param(b"\x0b", "is not JSON: expecting value, at offset 0", id="other white space"),
        pytest.param(
            b'\xef\xbb\xbf{"to":[]}', "starts with a byte order mark, at offset 0; send plain UTF-8", id="BOM"
        ),
        pytest.param(
            '{"to":[]}'.encode("utf-16"), "starts with a byte order mark, at offset 0; send plain UTF-8", id="UTF-16"
        ),
        pytest.param(b'{"to":["\xff"]}', "is not UTF-8, at offset 8", id="encoding"),
        pytest.param(b'{"to":["\xc0\xaf"]}', "is not UTF-8, at offset 8", id="overlong"),
        pytest.param(b'{"to":["\xed\xa0\x80"]}', "is not UTF-8, at offset 8", id="surrogate in UTF-8"),
        pytest.param(b'{"to":["\\ud800"]}', "has half of a surrogate pair, at offset 8", id="lone surrogate"),
        pytest.param(b'{"\\udc00":1}', "has half of a surrogate pair, at offset 2", id="lone surrogate in a name"),
        pytest.param(b"[" * 100_000, "is nested more than 64 levels deep, at offset 64", id="100,000 open arrays"),
        pytest.param(
            b"[" * 100_000 + b"]" * 100_000, "is nested more than 64 levels deep, at offset 64", id="100,000 arrays"
        ),
        pytest.param(
            b'{"a":' * 65 + b"1" + b"}" * 65, "is nested more than 64 levels deep, at offset 320", id="65 objects"
        ),
        pytest.param(b'{"a":' + b"9" * 5_000 + b"}", "holds an integer of more than 64 bits, at offset 5", id="digits"),
        pytest.param(b'{"a":-9223372036854775809}', "holds an integer of more than 64 bits, at offset 5", id="bits"),
        pytest.param(b'{"a":1e999}', "holds a number that is too large, at offset 5", id="exponent"),
        pytest.param(b'{"a":NaN}', "holds NaN, which JSON does not have, at offset 5", id="NaN"),
        pytest.param(b'{"a":-Infinity}', "holds -Infinity, which JSON does not have, at offset 5", id="Infinity"),
        pytest.param(b'{"to":1,"to":2}', 'names the member "to" twice, at offset 8', id="doubled"),
        pytest.param(b'{"a":1,"\\u0061":2}', 'names the member "a" twice, at offset 7', id="doubled, escaped"),
        pytest.param(
            b'{"template":{"id":"a","id":"a"}}', 'names the member "id" twice, at offset 22', id="doubled inside"
        ),
        pytest.param(b"{", "is not JSON: expecting property name enclosed in double quotes, at offset 1", id="cut"),
        pytest.param(b'{"to":["+1', "is not JSON: unterminated string starting at, at offset 7", id="cut in a text"),
        pytest.param(
            b"{'to':1}", "is not JSON: expecting property name enclosed in double quotes, at offset 1", id="'"
        ),
        pytest.param(b"{}{}", "is not JSON: extra data, at offset 2", id="two objects"),
        pytest.param(b"to=%2B14155551234", "is not JSON: expecting value, at offset 0", id="a form"),
    ],
)
def test_unreadable_body(client: Client, raw: bytes, reason: str) -> None:
    """What is no JSON that we take: the reason and the offset (ERR-10)."""
    unreadable(client, raw, reason)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Idempotency-Key", "key"),
        ("Idempotency-Key", "k"),
        ("x-profile-id", "3f2504e0-4f89-41d3-9a0c-0305e82c3301"),
        ("x-api-key", "test-key-of-this-test"),
        ("content-type", "application/json"),
    ],
)
def test_header_given_twice(client: Client, name: str, value: str) -> None:
    """A header of the contract that comes twice is ambiguous, even if both say the same (ERR-11)."""
    headers = [(name, value), (name, value)]
    if name != "content-type":
        headers.append(("content-type", "application/json"))

    response = client.post("/v3/messages", content=json.dumps(PAGE_REQUEST).encode(), headers=headers)

    at = name.lower()
    assert_failure(response, 400, "VALIDATION_001", {at: [f"'{at}' must be given once"]})


def test_other_headers_may_come_twice(client: Client) -> None:
    """Headers that the contract does not know are nobody's business."""
    headers = [("x-trace", "1"), ("x-trace", "2"), ("content-type", "application/json")]

    assert client.post("/v3/messages", content=json.dumps(PAGE_REQUEST).encode(), headers=headers).status_code == 202


def test_body_over_the_limit(mock: Callable[..., Client]) -> None:
    """A body of the limit is taken; one byte more is 413, whether its length was announced or not (ERR-6)."""
    raw = json.dumps(PAGE_REQUEST).encode()
    client = mock(max_body=len(raw))
    details = {"body": [f"the body must be at most {len(raw)} bytes"]}

    assert client.post("/v3/messages", content=raw, headers=JSON).status_code == 202
    assert client.post("/v3/messages", content=iter([raw[:50], raw[50:]]), headers=JSON).status_code == 202
    for content in (raw + b" ", iter([raw, b" "])):
        response = client.post("/v3/messages", content=content, headers=JSON)
        assert_failure(response, 413, "VALIDATION_005", details)
        assert response.headers["connection"] == "close"


def test_a_megabyte_is_the_usual_limit(client: Client) -> None:
    """By default the limit is 1 MiB."""
    response = client.post("/v3/messages", content=b" " * (1024 * 1024 + 1), headers=JSON)

    assert_failure(response, 413, "VALIDATION_005", {"body": ["the body must be at most 1048576 bytes"]})


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonx",
        "application/vnd.api+json",
        "application/json; charset=latin-1",
        'application/json; charset="utf-16"',
        "json",
        "",
        ";",
    ],
)
def test_media_type(client: Client, media_type: str) -> None:
    """Only JSON in UTF-8 is taken (ERR-7)."""
    headers = {"content-type": media_type}
    response = client.post("/v3/messages", content=json.dumps(PAGE_REQUEST).encode(), headers=headers)

    details = {"content-type": ["'Content-Type' must be application/json"]}
    assert_failure(response, 415, "VALIDATION_001", details)


def test_no_media_type(client: Client) -> None:
    """A body without a Content-Type is not JSON."""
    response = client.post("/v3/messages", content=json.dumps(PAGE_REQUEST).encode())

    details = {"content-type": ["'Content-Type' must be application/json"]}
    assert_failure(response, 415, "VALIDATION_001", details)


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "Application/JSON", "application/json; charset=utf-8", 'application/json;charset="UTF-8"'],
)
def test_good_media_types(client: Client, media_type: str) -> None:
    """Case, and a charset that is UTF-8, make no difference."""
    headers = {"content-type": media_type}
    response = client.post("/v3/messages", content=json.dumps(PAGE_REQUEST).encode(), headers=headers)

    assert response.status_code == 202


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v3"),
        ("GET", "/v3/"),
        ("POST", "/v3/message"),
        ("POST", "/v3/messages/"),  # a trailing slash is another path; nothing redirects
        ("POST", "//v3/messages"),
        ("POST", "/V3/messages"),
        ("GET", "/v3/messages/8ba7b830-9dad-11d1-80b4-00c04fd430c8/"),
        ("GET", "/v3/messages/8ba7b830-9dad-11d1-80b4-00c04fd430c8/events"),
        ("DELETE", "/v3/templates"),
        ("GET", "/nothing"),
        ("GET", "/v3/messages%2f8ba7b830-9dad-11d1-80b4-00c04fd430c8%2fmore"),
    ],
)
def test_unknown_path(client: Client, method: str, path: str) -> None:
    """A path that the contract lacks is 404 in the envelope (ERR-8)."""
    assert_failure(client.request(method, f"http://testserver{path}"), 404, "RESOURCE_013", None, "Resource not found")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FROB", "post"])
def test_unknown_method(client: Client, method: str) -> None:
    """A method that the path lacks is 405 in the envelope, and `Allow` says which it has (ERR-9)."""
    response = raw_method(client, method, "/v3/messages")

    assert_failure(response, 405, "VALIDATION_001", None, "Method not allowed")
    assert response.headers["allow"] == "POST"


def raw_method(client: Client, method: str, path: str) -> Any:
    """httpx writes a method in capitals; the wire need not."""
    request = client.build_request("GET", path)
    request.method = method
    return client.send(request)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("tail", ["", "/activities"])
def test_unknown_method_of_a_message(client: Client, method: str, tail: str) -> None:
    """The reads have GET only, and a malformed id does not hide that."""
    response = client.request(method, f"/v3/messages/x{tail}")

    assert_failure(response, 405, "VALIDATION_001", None, "Method not allowed")
    assert response.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(("path", "status"), [("/v3/messages", 405), ("/v3/messages/x", 400), ("/v3/x", 404)])
def test_head(client: Client, path: str, status: int) -> None:
    """HEAD is answered as GET, where there is one; its answer has the headers of every reply and no body (ERR-9)."""
    response = client.head(path)

    assert (response.status_code, response.content) == (status, b"")
    assert response.headers["x-api-version"] == "v3"
    assert int(response.headers["content-length"]) > 0


@pytest.mark.parametrize("tail", ["", "/activities"])
def test_message_id_is_no_uuid(client: Client, tail: str) -> None:
    """A malformed id in the path is 400."""
    for id in ("x", "8ba7b830", "8ba7b830-9dad-11d1-80b4-00c04fd430c8%0a", "%00", "%ff", "%D9%A8ba7b830", "." * 36):
        response = client.get(f"/v3/messages/{id}{tail}")
        assert_failure(response, 400, "VALIDATION_003", {"id": ["'id' must be a UUID"]})


@pytest.mark.parametrize(
    ("name", "response", "code", "message"),
    [
        ("conflict", "Conflict", "CONFLICT_001", "A request with this idempotency key is already in progress"),
        ("rate_limited", "RateLimited", "BUSINESS_002", "Rate limit exceeded"),
        ("service_unavailable", "ServiceUnavailable", "SERVICE_001", "Service temporarily unavailable"),
        ("api_key_missing", "Unauthorized", "AUTH_001", "API key is missing"),
        ("api_key_unknown", "Unauthorized", "AUTH_002", "API key is invalid"),
        ("not_permitted", "Forbidden", "AUTH_004", "You do not have permission to do this"),
        ("profile_not_found", "MessageNotFound", "RESOURCE_014", "Profile not found"),
        ("unknown_path", "UnknownPath", "RESOURCE_013", "Resource not found"),
        ("method_not_allowed", "MethodNotAllowed", "VALIDATION_001", "Method not allowed"),
    ],
)
def test_codes_and_messages_of_the_catalogue(name: str, response: str, code: str, message: str) -> None:
    """The failures that no schema explains stand in the contract under these codes and texts."""
    described = contract_document()["components"]["responses"][response]
    examples = described.get("x-envelope") or described["content"]["application/json"]["examples"]

    error = examples[name]["value"]["error"]
    assert (error["code"], error["message"], error["details"]) == (code, message, None)


# Several at once


def test_every_fault_at_once(client: Client) -> None:
    """Head and body are judged together, and what is missing gives the code (ERR-5)."""
    body = {"channel": ["email", 5], "template": {"id": "x", "parameters": {"a": 1}}, "sandbox": "no"}
    headers = {"idempotency-key": "a b", "x-profile-id": "retail"}

    response = client.send(body, headers=headers)

    assert_failure(
        response,
        400,
        "VALIDATION_004",
        {
            "idempotency-key": ["'Idempotency-Key' must be 1-255 letters, digits, hyphens or underscores"],
            "x-profile-id": ["'x-profile-id' must be a UUID"],
            "to": ["'to' must contain at least one recipient"],
            "channel[0]": ["'channel[0]' must be one of sms, whatsapp, rcs, sent"],
            "channel[1]": ["'channel[1]' must be a string"],
            "template.id": ["'template.id' must be a UUID"],
            "template.parameters.a": ["'template.parameters.a' must be a string"],
            "sandbox": ["'sandbox' must be a boolean"],
        },
    )


def test_several_faults_with_nothing_missing(client: Client) -> None:
    """Faults of several kinds, none of them a missing member: the general code (ERR-5)."""
    details = {
        "to[0]": ["'to[0]' must be a phone number in E.164 format"],
        "channel[0]": ["'channel[0]' must be one of sms, whatsapp, rcs, sent"],
    }

    assert_failure(client.send(to=["1"], channel=["fax"]), 400, "VALIDATION_001", details)


def test_several_faults_of_one_kind(client: Client) -> None:
    """Faults of one kind keep its code (ERR-5)."""
    details = {f"to[{i}]": [f"'to[{i}]' must be a phone number in E.164 format"] for i in (0, 2)}

    assert_failure(client.send(to=["1", LONG_ENOUGH, "2"]), 400, "VALIDATION_002", details)


def test_a_broken_head_beside_an_unreadable_body(client: Client) -> None:
    """A body that cannot be read does not hide the faults of the head."""
    response = client.post("/v3/messages", content=b"{", headers={**JSON, "idempotency-key": "a b"})

    assert_failure(
        response,
        400,
        "VALIDATION_001",
        {
            "idempotency-key": ["'Idempotency-Key' must be 1-255 letters, digits, hyphens or underscores"],
            "body": ["the body is not JSON: expecting property name enclosed in double quotes, at offset 1"],
        },
    )


def test_hundred_thousand_faults(client: Client) -> None:
    """A body that is wrong everywhere gets a thousand faults told, not all of them."""
    response = client.send(to=["x"] * 100_000)

    assert response.status_code == 400
    assert response.json()["error"]["message"] == INVALID
    assert len(response.json()["error"]["details"]) <= 1_000


def test_the_log_names_the_faults(client: Client) -> None:
    """Who reads the log sees what was wrong."""
    client.send(to=["1"])

    assert "faults: 'to[0]' must be a phone number in E.164 format" in client.last_line


# What looks like a fault and is none


def test_duplicates_are_kept(client: Client) -> None:
    """A number or channel that is named twice gets two messages (SEND-4)."""
    recipients = client.send(to=[LONG_ENOUGH, LONG_ENOUGH], channel=["sms", "sms"]).json()["data"]["recipients"]

    assert [(r["to"], r["channel"]) for r in recipients] == [(LONG_ENOUGH, "sms")] * 4
    assert len({r["message_id"] for r in recipients}) == 4


@pytest.mark.parametrize("channel", [["rcs"], ["rcs", "rcs"]])
def test_rcs_alone(client: Client, channel: list[str]) -> None:
    """`rcs` is reserved: alone it would send nothing, and is refused (SEND-5)."""
    details = {"channel": ["'channel' must name sms, whatsapp or sent; rcs alone sends nothing"]}

    assert_failure(client.send(channel=channel), 400, "VALIDATION_006", details)


def test_rcs_beside_others(client: Client) -> None:
    """`rcs` beside other channels is skipped (SEND-5)."""
    recipients = client.send(to=[LONG_ENOUGH], channel=["rcs", "sms", "rcs"]).json()["data"]["recipients"]

    assert [r["channel"] for r in recipients] == ["sms"]


def test_sent_beside_sms(client: Client) -> None:
    """`sent` beside a real channel is one more message, whose channel the API chooses (SEND-6)."""
    recipients = client.send(to=[LONG_ENOUGH], channel=["sent", "sms"]).json()["data"]["recipients"]

    assert [r["channel"] for r in recipients] == [None, "sms"]


def test_unknown_members(client: Client) -> None:
    """Members that the contract does not know are ignored, and named for whoever debugs (SEND-8)."""
    template = {**PAGE_REQUEST["template"], "language": "en", "parameters": {"name": "J", "order_id": "1", "more": "x"}}

    response = client.send(template=template, comment="hi", test_mode=True)

    assert response.status_code == 202
    warning = "ignored, because the contract does not know them: template.language, comment, test_mode"
    assert response.headers["x-mock-warning"] == warning
    assert warning in client.last_line


def test_hostile_names_of_unknown_members(client: Client) -> None:
    """A name cannot forge a header or a line of the log."""
    more = {"a\r\nx-evil: 1": 1, "é\u2028": 2, "x" * 5_000: 3}
    response = client.send({**PAGE_REQUEST, **more})

    assert response.status_code == 202
    warning = response.headers["x-mock-warning"]
    assert "x-evil" not in response.headers
    assert warning.isascii()
    assert warning.isprintable()
    assert len(warning) <= 2_000
    assert len(client.log.getvalue().splitlines()) == 1


def test_nothing_to_warn_about(client: Client) -> None:
    """The page's request gets no warning."""
    assert "x-mock-warning" not in client.send().headers
