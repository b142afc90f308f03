"""The control plane's guard: programs of this machine come in, web pages do not."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from io import StringIO
from typing import Any

import httpx2
import pytest
from conftest import Client
from starlette.testclient import TestClient

from mock_sent.app import create_app
from mock_sent.control.guard import checks_for
from mock_sent.journal import Log
from mock_sent.settings import Settings

HOSTS = [
    # Addresses
    ("127.0.0.1", True),
    ("127.0.0.1:4010", True),
    ("0.0.0.0:4010", True),
    ("[::1]", True),
    ("[::1]:4010", True),
    ("192.168.1.20:4010", True),
    ("10.0.0.3", True),
    ("203.0.113.9:4010", True),
    # Names without a dot: how containers call each other
    ("localhost", True),
    ("localhost:4010", True),
    ("LOCALHOST:4010", True),
    ("mock-sent", True),
    ("mock-sent:4010", True),
    ("mock_sent:4010", True),
    ("devbox", True),
    # Reserved suffixes
    ("mock.localhost", True),
    ("mock.localhost:4010", True),
    ("printer.local", True),
    ("mock.internal:4010", True),
    ("sent.test", True),
    ("mock-sent.ci.svc.cluster.local", True),
    # Allowed by the setting
    ("mock.example.com", True),
    ("MOCK.example.com:4010", True),
    # Public names: a rebinding attack needs one
    ("evil.com", False),
    ("evil.com:4010", False),
    ("mock-sent.com", False),
    ("localhost.evil.com", False),
    ("127.0.0.1.evil.com", False),
    ("127.evil.com", False),
    ("mock.example.com.evil.com", False),
    ("other.example.com", False),
    ("example.com", False),
    ("localhost.", False),
    ("evil.test.", False),
    ("xn--e1afmkfd.xn--p1ai", False),
    # Not a host at all
    ("", False),
    ("localhost@evil.com", False),
    ("evil.com#localhost", False),
    ("evil.com/localhost", False),
    ("localhost, evil.com", False),
    ("[::1", False),
    ("localhost:port", False),
    ("evil.com\\.localhost", False),
]


@pytest.fixture
def guarded() -> Iterator[Callable[..., TestClient]]:
    """A client of a control plane; `without` names checks that are left out."""
    with ExitStack() as stack:

        def start(without: str = "", **settings: Any) -> TestClient:
            chosen = Settings(allowed_hosts=("mock.example.com",), **settings)
            checks = {name: check for name, check in checks_for(chosen).items() if name != without}
            app = create_app(chosen, log=Log("off", StringIO()), checks=checks)
            return stack.enter_context(TestClient(app, base_url="http://localhost:4010"))

        yield start


def test_the_table_is_long() -> None:
    """Forty kinds of Host at least."""
    assert len(HOSTS) >= 40


@pytest.mark.parametrize(("host", "allowed"), HOSTS)
def test_host(guarded: Callable[..., TestClient], host: str, allowed: bool) -> None:
    """Only a host that no public name server can be asked for is let in."""
    response = guarded().get("/_mock/health", headers={"host": host})

    assert response.status_code == (200 if allowed else 403), response.text


ATTACKS: list[tuple[str, str, dict[str, str], int]] = [
    ("host", "POST", {"host": "evil.com", "content-type": "application/json"}, 403),
    ("host", "GET", {"host": "127.0.0.1.evil.com"}, 403),
    ("origin", "POST", {"origin": "https://evil.com", "content-type": "application/json"}, 403),
    ("origin", "POST", {"origin": "http://localhost:3000", "content-type": "application/json"}, 403),
    ("origin", "POST", {"origin": "http://localhost:4010.evil.com", "content-type": "application/json"}, 403),
    ("origin", "POST", {"origin": "null", "content-type": "application/json"}, 403),
    ("origin", "GET", {"origin": "http://127.evil.com"}, 403),
    ("fetch_site", "POST", {"sec-fetch-site": "cross-site", "content-type": "application/json"}, 403),
    ("fetch_site", "POST", {"sec-fetch-site": "same-site", "content-type": "application/json"}, 403),
    ("fetch_site", "GET", {"sec-fetch-site": "cross-site"}, 403),
    ("media_type", "POST", {"content-type": "text/plain"}, 415),
    ("media_type", "POST", {"content-type": "application/x-www-form-urlencoded"}, 415),
    ("media_type", "POST", {"content-type": "multipart/form-data; boundary=x"}, 415),
    ("media_type", "POST", {}, 415),
    ("token", "POST", {"content-type": "application/json"}, 401),
    ("token", "POST", {"content-type": "application/json", "x-mock-token": "wrong"}, 401),
    ("token", "GET", {}, 401),
]


@pytest.mark.parametrize(("check", "method", "headers", "status"), ATTACKS)
def test_attack(
    guarded: Callable[..., TestClient], check: str, method: str, headers: dict[str, str], status: int
) -> None:
    """Each kind of attack is refused by its check, and by nothing else: without the check it succeeds."""
    settings = {"control_token": "open-sesame"} if check == "token" else {}
    path = "/_mock/reset" if method == "POST" else "/_mock/accounts"

    assert guarded(**settings).request(method, path, headers=headers).status_code == status
    assert guarded(without=check, **settings).request(method, path, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("host", "a" * 300, 200),
        ("host", "a" * 301, 403),
        ("origin", "http://localhost:4010/" + "a" * 378, 200),
        ("origin", "http://localhost:4010/" + "a" * 379, 403),
    ],
    ids=["longest host", "host", "longest origin", "origin"],
)
def test_what_is_too_long(guarded: Callable[..., TestClient], header: str, value: str, status: int) -> None:
    """A Host of more than 300 characters, or an Origin of more than 400, is refused whatever it names."""
    assert guarded().get("/_mock/accounts", headers={header: value}).status_code == status


def test_a_refused_write_changes_nothing(client: Client) -> None:
    """What the guard refuses never reaches an account."""
    client.send()

    refused = client.post("/_mock/reset", headers={"origin": "https://evil.com", "content-type": "application/json"})

    assert refused.status_code == 403
    assert client.get("/_mock/accounts").json()["accounts"][0]["messages"] == 4


def test_the_servers_own_page_may_write(guarded: Callable[..., TestClient]) -> None:
    """The browser's own page of this server sends its Origin, and is let in."""
    headers = {"origin": "http://localhost:4010", "sec-fetch-site": "same-origin", "content-type": "application/json"}

    assert guarded().post("/_mock/reset", headers=headers).status_code == 200


def test_token(guarded: Callable[..., TestClient]) -> None:
    """With a token set, the right one opens; the answer to a wrong one does not tell it."""
    client = guarded(control_token="open-sesame")

    wrong = client.get("/_mock/accounts", headers={"x-mock-token": "open-sesamf"})

    assert client.get("/_mock/accounts", headers={"x-mock-token": "open-sesame"}).status_code == 200
    assert wrong.status_code == 401
    assert "sesame" not in wrong.text


def test_no_cors(client: Client) -> None:
    """No reply of the control plane invites another site."""
    replies = [
        client.get("/_mock/accounts"),
        client.options("/_mock/reset", headers={"access-control-request-method": "POST"}),
        client.get("/_mock/nothing"),
    ]

    assert not [name for r in replies for name in r.headers if name.startswith("access-control")]


def test_unknown_route_and_method(client: Client) -> None:
    """What the control plane does not have is said in one sentence."""
    missing, wrong = client.get("/_mock/acounts"), client.delete("/_mock/clock")

    assert (missing.status_code, missing.json()) == (404, {"error": "the control plane has no '/_mock/acounts'"})
    assert (wrong.status_code, wrong.json()) == (405, {"error": "/_mock/clock takes GET, POST"})
    assert wrong.headers["allow"] == "GET, HEAD, POST"


def test_head(client: Client) -> None:
    """HEAD is GET without the body."""
    response: httpx2.Response = client.head("/_mock/health")

    assert (response.status_code, response.content) == (200, b"")
