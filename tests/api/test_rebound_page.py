"""A web page whose name was pointed at this server must not use /v3; programs and pages of this machine may."""

from collections.abc import Callable

import pytest
from conftest import Client

EVIL = "evil.example:4010"


@pytest.mark.parametrize("header", [{"origin": "http://evil.example:4010"}, {"sec-fetch-site": "same-origin"}])
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/v3/webhooks"), ("POST", "/v3/messages"), ("GET", "/v3/nothing")]
)
def test_a_rebound_page(client: Client, header: dict[str, str], method: str, path: str) -> None:
    """403 with MOCK_001 in the envelope, before anything else of the request is looked at."""
    reply = client.unchecked(method, path, headers={"host": EVIL, **header}, json={} if method == "POST" else None)

    assert (reply.status_code, reply.json()["error"]["code"]) == (403, "MOCK_001")
    assert "a web page may not call this server by the host 'evil.example'" in reply.json()["error"]["message"]


@pytest.mark.parametrize(
    "headers",
    [
        {"host": EVIL},
        {"host": EVIL, "sec-fetch-mode": "cors"},
        {"host": "localhost:4010", "origin": "http://localhost:3000"},
        {"host": "mock-sent.shop.svc", "origin": "http://shop.example"},
    ],
)
def test_others_go_on(client: Client, headers: dict[str, str]) -> None:
    """A program under any name, Node's fetch, and a page of this machine's development server."""
    assert client.send(headers=headers).status_code == 202


def test_a_host_that_is_allowed(mock: Callable[..., Client]) -> None:
    """MOCK_SENT_ALLOWED_HOSTS allows a page's host for /v3 too, and examples mode has the same check."""
    allowed, examples = mock(allowed_hosts=("evil.example",)), mock(mode="examples")
    headers = {"host": EVIL, "origin": "http://evil.example:4010"}

    assert allowed.send(headers=headers).status_code == 202
    assert examples.unchecked("POST", "/v3/messages", headers=headers, json={}).status_code == 403


def test_headers_are_shown_by_name(client: Client) -> None:
    """A short list is shown; whatever gateways add is masked, whatever its name."""
    secret = "eyJhbGciOiJIUzI1NiJ9.secret"
    names = (
        "x-access-key",
        "x-jwt-assertion",
        "x-session",
        "x-amz-security",
        "authorization",
        "cookie",
        "referer",
        "x-anything",
    )
    client.send(headers={**dict.fromkeys(names, secret), "user-agent": "shop/1", "x-stainless-lang": "python"})

    shown = client.get("/_mock/requests/latest").json()
    headers = shown["request"]["headers"]
    assert {headers[name] for name in names} == {"****cret"}
    assert (headers["user-agent"], headers["x-stainless-lang"]) == ("shop/1", "python")
