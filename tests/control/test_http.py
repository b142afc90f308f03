"""HTTP to the letter in the control plane: paths, methods, headers in several lines, bytes above ASCII, numbers."""

import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from conftest import Client
from control_replies import ControlReplies

SERVER = "http://testserver"
PATHS: dict[str, list[str]] = {
    path: [method.upper() for method in item] for path, item in ControlReplies().document["paths"].items()
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "get", "FROB")


def filled(path: str) -> str:
    return "/_mock" + re.sub(r"\{\w+\}", "x", path)


def slips(path: str) -> Iterator[str]:
    """The path with one mistake."""
    yield f"/{path}"
    yield path.replace("/_mock/", "/_mock//")
    yield f"{path}/"
    yield path.replace("/_mock/", "/_MOCK/")
    yield f"/_mock{path}"


@pytest.mark.parametrize("path", PATHS)
def test_a_slip_is_told(client: Client, path: str) -> None:
    """A path with a slash too many, another case or a first part too many is a 404 whose sentence says it."""
    for wrong in slips(filled(path)):
        response = client.unchecked(PATHS[path][0], f"{SERVER}{wrong}", headers={"content-type": "application/json"})
        assert response.status_code == 404, wrong
        said = response.json()["error"]
        assert said.startswith(f"the control plane has no {wrong!r}; "), said
        assert f" /_mock{path}" in said


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/_mock/requests/", "{request_id} in GET /_mock/requests/{request_id} is empty"),
        ("/_mock/v3/webhooks", "did you mean GET, POST /v3/webhooks?"),
        ("/_mock/requests/latest%2F", "no request 'latest/' is known"),
        ("/_mock/requests/a%2Fb", "no request 'a/b' is known"),
        ("/_mock/inbox/%2e%2e%2findex.html", "the inbox has no file '../index.html'"),
    ],
)
def test_what_a_path_means(client: Client, path: str, says: str) -> None:
    """An empty id and a path of the API are recognised; an encoded slash belongs to the id."""
    response = client.unchecked("GET", f"{SERVER}{path}")

    assert response.status_code == 404
    assert says in response.json()["error"]


def test_an_encoded_letter_is_the_letter(client: Client) -> None:
    """What needs no encoding means the same with it, for the guard too."""
    assert client.unchecked("GET", f"{SERVER}/%5Fmock/%68ealth").json()["status"] == "ok"
    refused = client.unchecked("GET", f"{SERVER}/%5Fmock/%68ealth", headers={"host": "evil.com"})
    assert refused.status_code == 403


@pytest.mark.parametrize(
    "path", ["//_mock/clock", "/_MOCK/clock", "/_mock/clock/", "/_mock/inbox%2Fx", "/_mock/inbox%3F"]
)
def test_a_slip_does_not_pass_the_guard(client: Client, path: str) -> None:
    """A public host gets no more from a wrong path than from a right one."""
    assert client.unchecked("GET", f"{SERVER}{path}", headers={"host": "evil.com"}).status_code == 403


@pytest.mark.parametrize("path", PATHS)
def test_methods(client: Client, path: str) -> None:
    """A method that a path lacks is 405 with `Allow`, whatever else the request lacks; HEAD is there where GET is."""
    allowed = ", ".join(name for each in PATHS[path] for name in ((each, "HEAD") if each == "GET" else (each,)))
    for method in METHODS:
        if method in allowed.split(", "):
            continue
        request = client.build_request("GET", filled(path))
        request.method = method
        response: httpx2.Response = client.send(request)
        assert (response.status_code, response.headers["allow"]) == (405, allowed), method
        if method != "HEAD":
            assert response.json() == {"error": f"{filled(path)} takes {', '.join(PATHS[path])}"}


@pytest.mark.parametrize(
    ("name", "values", "status"),
    [
        ("x-api-key", ("a", "b"), 400),
        ("x-api-key", ("a", "a"), 400),
        ("content-type", ("application/json", "application/json"), 400),
        ("origin", ("http://testserver", "http://testserver"), 403),
        ("origin", ("http://testserver", "http://evil.com"), 403),
        ("sec-fetch-site", ("none", "cross-site"), 403),
        ("sec-fetch-site", ("same-origin", "none"), 403),
        ("prefer", ("code=500", "code=402"), 200),
        ("cookie", ("a=1", "b=2"), 200),
    ],
)
def test_headers_in_several_lines(client: Client, name: str, values: tuple[str, str], status: int) -> None:
    """What has one value may not be repeated, and two origins are none."""
    others = [("content-type", "application/json")] if name != "content-type" else []
    lines = [*others, *[(name, value) for value in values]]

    response = client.post("/_mock/clock", content=b'{"freeze": true}', headers=lines)

    assert response.status_code == status
    if status == 400:
        assert response.json() == {"error": f"{name} is given twice; give it once"}


def test_a_token_in_two_lines(mock: Any) -> None:
    """Two tokens are no token; one above ASCII opens, written in UTF-8."""
    client = mock(control_token="geheimß")

    def status(*tokens: bytes) -> int:
        return int(client.get("/_mock/accounts", headers=[(b"x-mock-token", each) for each in tokens]).status_code)

    token = "geheimß".encode()
    assert [status(token), status(token, token), status(b"geheim\xff"), status(b"\xff\xfe")] == [200, 401, 401, 401]


@pytest.mark.parametrize("origin", [b"http://[", b"http://[::1", b"\xff\xfe", "http://ключ".encode(), b"null", b""])
def test_odd_origins(client: Client, origin: bytes) -> None:
    """What is no URL is no origin of this server."""
    response = client.get("/_mock/accounts", headers=[(b"origin", origin)])

    assert response.status_code == 403


@pytest.mark.parametrize(
    "name",
    [
        "x-api-key",
        "x-mock-token",
        "last-event-id",
        "user-agent",
        "accept",
        "cookie",
        "prefer",
        "content-encoding",
        "x-y",
    ],
)
@pytest.mark.parametrize("value", ["é".encode(), b"\xe9", b"\xff\xfe", "😀".encode(), "²".encode(), b"\xb2"])
def test_bytes_above_ascii(client: Client, name: str, value: bytes) -> None:
    """Any byte may stand in a header."""
    assert client.get("/_mock/requests", headers=[(name.encode(), value)]).status_code == 200
    assert client.head("/_mock/events", headers=[(name.encode(), value)]).status_code == 200


NUMBERS = ["%D9%A3", "%EF%BC%95", "%C2%B2", "1e3", "+5", "%2B5", "%205", "5%20", "1_000", "-0", "-1", "0x10", "5.0", ""]
NUMBERS += ["NaN", "Infinity", "true", "1%00", "1%0a", "9" * 19, "9" * 10_000]


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers(client: Client, number: str) -> None:
    """A number is ASCII digits within the described bounds; anything else is a 400 of either plane."""
    control, api = client.get(f"/_mock/requests?limit={number}"), client.get(f"/v3/webhooks?page={number}")

    assert control.status_code == 400
    assert control.json()["error"].startswith("limit must be a number from 1 to 10000, not ")
    assert len(control.json()["error"]) < 200
    assert api.status_code == 400
    assert api.json()["error"]["details"].keys() == {"page"}


DURATIONS = [
    "9" * 20 + "s",
    "9" * 5_000 + "s",
    "٣s",
    "1e3s",
    "1_0s",
    "+5s",
    " 5s",
    "-1s",
    "1.5s",
    "5 s",
    "5S",
    "5s\n",
    "",
    "s",
]


@pytest.mark.parametrize("span", DURATIONS)
def test_durations(client: Client, span: str) -> None:
    """A duration is ASCII digits and a unit, in a query as in a body."""
    waiting = client.get("/_mock/messages", params={"wait": span})
    moving = client.post("/_mock/clock", json={"advance": span})

    assert (waiting.status_code, moving.status_code) == (400, 400)
    assert waiting.json()["error"].startswith("wait must be a duration of 60s at most")
    assert moving.json()["error"].startswith("advance must be a duration such as 900ms")


def test_a_clock_that_would_run_out(client: Client) -> None:
    """A duration that is well written and too long is refused, and the clock stays where it is."""
    response = client.post("/_mock/clock", json={"advance": "999999999999h"})

    assert (response.status_code, response.json()) == (
        400,
        {"error": "advance: the clock cannot go beyond the year 9999"},
    )
