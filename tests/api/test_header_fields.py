"""Header fields in several lines, with bytes above ASCII, and what of a `Prefer` is about the mock."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx2
import pytest
from conftest import PAGE_REQUEST, Client
from contracts import extended

BODY = json.dumps(PAGE_REQUEST).encode()
JSON = (b"content-type", b"application/json")
Lines = Sequence[tuple[bytes, bytes]]


def sent(client: Client, *lines: tuple[bytes, bytes]) -> httpx2.Response:
    """The page's request with more header lines."""
    headers: Lines = [JSON, *lines]
    return client.post("/v3/messages", content=BODY, headers=headers)


def error(response: httpx2.Response) -> tuple[int, str, str]:
    described = response.json()["error"]
    return response.status_code, described["code"], described["message"]


# Several lines


def test_prefer_in_two_lines(client: Client) -> None:
    """Preferences are a list, and a list may come in several lines (RFC 9110, 5.3)."""
    response = sent(client, (b"prefer", b"return=minimal"), (b"Prefer", b"code=402"))

    assert (response.status_code, response.headers["x-mock-rule"]) == (402, "Prefer/code=402")


def test_scenarios_in_two_lines(client: Client) -> None:
    """The scenarios of both lines are asked, the first one first."""
    response = sent(client, (b"x-mock-scenario", b"lost-ack"), (b"x-mock-scenario", b"nothing-like-it"))

    assert error(response)[:2] == (400, "MOCK_001")
    assert "there is no scenario 'nothing-like-it'" in error(response)[2]


@pytest.mark.parametrize(
    ("accept", "shown"),
    [
        ([b"*/*"], "/docs"),
        ([b"application/json, TEXT/HTML;level=1"], "/_mock/inbox"),
        ([b"application/json", b"text/html"], "/_mock/inbox"),
        ([b"text/html;q=0, */*"], "/docs"),
        ([b"text/html; q=0.000"], "/docs"),
        ([b"text/html;q=0.001"], "/_mock/inbox"),
        ([b'a/b;c=", text/html"'], "/docs"),
        ([b"x-text/html"], "/docs"),
    ],
)
def test_accept(client: Client, accept: list[bytes], shown: str) -> None:
    """Who names HTML, and does not refuse it, is a browser and gets the inbox."""
    response = client.get("/", headers=[(b"accept", each) for each in accept], follow_redirects=False)

    assert response.headers["location"] == shown


def test_a_pattern_sees_all_lines(client: Client) -> None:
    """A header of several lines is one text for a rule, for verify and for the journal; cookies have semicolons."""
    text = '{schema: 1, name: traced, send: [{when: {header: {x-mock-trace: "a, b"}}, then: {fail: conflict}}]}'
    client.put("/_mock/scenario", content=text.encode(), headers={"content-type": "application/yaml"})

    response = sent(client, (b"x-mock-trace", b"a"), (b"cookie", b"c=1"), (b"x-mock-trace", b"b"), (b"cookie", b"d=2"))

    assert response.status_code == 409
    wanted = {"of": "requests", "header": {"x-mock-trace": "a, b", "cookie": "c=1; d=2"}, "times": 1}
    assert client.post("/_mock/verify", json=wanted).json()["result"] == "ok"
    assert client.get("/_mock/requests/latest").json()["request"]["headers"]["x-mock-trace"] == "a, b"


LISTED = """
paths:
  /v3/x:
    get:
      operationId: getX
      parameters:
        - {name: X-List, in: header, schema: {type: array, items: {type: integer}}}
        - {name: X-One, in: header, schema: {type: string, maxLength: 1}}
      responses:
        '200': {description: d, content: {application/json: {example: {a: 1}}}}
        '400': {$ref: '#/components/responses/InvalidQuery'}
"""


def test_parameters_of_a_contract(mock: Callable[..., Client], tmp_path: Path) -> None:
    """A header that the contract calls an array is a list, spaced or not; any other has one value (ERR-11)."""
    client = mock(contract=extended(tmp_path / "own.yaml", LISTED))

    listed = client.unchecked("GET", "/v3/x", headers=[(b"x-list", b"1, 2"), (b"x-list", b"3 ,4")])
    single = client.unchecked("GET", "/v3/x", headers=[(b"x-one", b"a"), (b"x-one", b"b")])

    assert listed.status_code == 200
    assert single.json()["error"]["details"] == {"x-one": ["'x-one' must be given once"]}


def test_the_first_key_is_the_accounts(client: Client) -> None:
    """A request with two keys is refused in the account of the first, and makes no account of both."""
    response = client.post("/v3/messages", content=BODY, headers=[JSON, (b"x-api-key", b"one"), (b"x-api-key", b"two")])

    assert response.status_code == 400
    assert client.get("/_mock/accounts", headers={"x-api-key": "one"}).json()["accounts"][0]["requests"] == 1


# Bytes above ASCII

BYTES = [
    "é".encode(),
    b"\xe9",
    b"\xff\xfe",
    "😀".encode(),
    b"\xc0\xaf",
    b"\xed\xa0\x80",
    "²".encode(),
    b"\xb2",
    b"\xa0",
]
# Headers that the mock reads, and what one of these bytes in it gets.
READ = {
    "x-api-key": 202,
    "x-profile-id": 400,
    "idempotency-key": 400,
    "content-type": 415,
    "content-encoding": 415,
    "x-mock-scenario": 400,
    "prefer": 202,
    "accept": 202,
    "user-agent": 202,
    "origin": 202,
    "cookie": 202,
    "x-forwarded-for": 202,
    "x-stainless-lang": 202,
    "authorization": 202,
}


@pytest.mark.parametrize("name", READ)
def test_bytes_above_ascii(client: Client, name: str) -> None:
    """Any byte may stand in a header; it is never a bug, and log and journal show it safely."""
    for value in BYTES:
        key = [] if name == "x-api-key" else [(b"x-api-key", b"bytes")]
        kind = [] if name == "content-type" else [JSON]
        headers: Lines = [*key, *kind, (name.encode(), value)]
        response = client.request("POST", "/v3/messages", content=BODY, headers=headers)

        assert response.status_code == READ[name], value
        assert client.last_line.isascii()
        assert client.last_line.isprintable()
        explained = client.get(f"/_mock/requests/{response.headers['x-request-id']}").json()
        assert explained["status"] == READ[name]
        for page in ("/", "/docs", "/openapi.json"):
            assert client.get(page, headers=[headers[-1]], follow_redirects=False).status_code in (200, 307)


def test_a_value_is_utf_8_or_iso_8859_1(client: Client) -> None:
    """Bytes that are UTF-8 are read as such, others as ISO-8859-1: both writings of one key are one account."""
    key, other = "schlüssel-1", "ключ-123"
    for raw in (key.encode(), key.encode("latin-1"), other.encode()):
        client.post("/v3/messages", content=BODY, headers=[JSON, (b"x-api-key", raw)])

    accounts = client.get("/_mock/accounts").json()["accounts"]
    assert [(each["api_key"][:8], each["messages"]) for each in accounts] == [("****-123", 4), ("****el-1", 8)]


def test_known_keys_above_ascii(mock: Callable[..., Client]) -> None:
    """With MOCK_SENT_API_KEYS a key of such bytes is known or it is 401, as any other (AUTH-2)."""
    client = mock(auth="required", api_keys=("ключ-123",))

    def status(key: bytes) -> int:
        return client.get("/v3/webhooks", headers=[(b"x-api-key", key)]).status_code

    assert [status(key) for key in ("ключ-123".encode(), "ключ-124".encode(), b"\xff\xfe", b"\xa0")] == [
        200,
        401,
        401,
        401,
    ]


# Prefer

INSUFFICIENT = (402, "Prefer/code=402")


@pytest.mark.parametrize(
    "preference",
    [
        "return=minimal; zipcode=94110",
        "return=minimal; code=402",
        "xcode=402",
        "code-of=402",
        'respond-async; x="a, code=402"',
        'x="code=402',
        "handling=lenient, wait=10",
        "",
        " , ,",
        ";code=402",
        '"code=402"',
    ],
)
def test_what_is_not_about_the_mock(client: Client, preference: str) -> None:
    """A foreign preference is ignored, and so is a parameter of it, whatever its name (RFC 7240, 2)."""
    response = client.send(headers={"prefer": preference})

    assert response.status_code == 202
    assert "x-mock-rule" not in response.headers


@pytest.mark.parametrize(
    "preference",
    [
        "code=402",
        "code=402, return=minimal",
        "return=minimal; zipcode=94110, code=402",
        'code="402"',
        'code="4\\02"',
        "Code = 402",
        "code=402; foo=bar",
        "code=402, code=500",
        ",,code=402,",
        'x="a\\", b", code=402',
    ],
)
def test_what_is_about_the_mock(client: Client, preference: str) -> None:
    """A preference of ours is taken wherever it stands, quoted or not; of two of a name the first counts."""
    response = client.send(headers={"prefer": preference})

    assert (response.status_code, response.headers["x-mock-rule"]) == INSUFFICIENT


@pytest.mark.parametrize(
    ("preference", "says"),
    [
        ("code", "Prefer asks for code=; sendMessage has 202, 400"),
        ("code=", "Prefer asks for code=; "),
        ('code=""', "Prefer asks for code=; "),
        ("return=minimal, code", "Prefer asks for code=; "),
        ("code=0402", "Prefer asks for code=0402; "),
        ("code=+402", "Prefer asks for code=+402; "),
        ("code=402 402", "Prefer asks for code=402 402; "),
        ("code=" + "4" * 5_000, f"Prefer asks for code={'4' * 50}; "),
        ("code=4e2", "Prefer asks for code=4e2; "),
        ("code=², return=minimal", "Prefer asks for code=²; "),
        ("code=٤٠٢", "Prefer asks for code=٤٠٢; "),
        ('code="402', 'Prefer asks for code="402; '),
        ("example", "Prefer asks for example=, which sendMessage does not have"),
        ("code=404, example=insufficient_balance", "code=404 and example=insufficient_balance, which is 402; name one"),
        ("example=accepted, code=500", "code=500 and example=accepted, which is 202; name one"),
    ],
)
def test_wrong_about_the_mock(client: Client, preference: str, says: str) -> None:
    """A preference of ours that is wrong is a clear 400."""
    response = sent(client, (b"prefer", preference.encode()))

    assert error(response)[:2] == (400, "MOCK_001")
    assert says in error(response)[2]


@pytest.mark.parametrize(
    ("preference", "status"), [("code=402, example=insufficient_balance", 402), ("example=accepted, code=202", 202)]
)
def test_code_and_example_that_agree(client: Client, preference: str, status: int) -> None:
    """Both may be named, as Prism takes them, if they agree."""
    assert client.send(headers={"prefer": preference}).status_code == status
