"""The log: one line for each request whatever is in it, and no secret in any of them."""

import json
from collections.abc import Callable
from io import StringIO

import pytest
from conftest import Client

from mock_sent.journal import Log

NASTY = [
    "\r\n202 POST /v3/messages forged",
    "\n",
    "\r",
    "\x1b[2Jcleared",
    "\x1b]0;title\x07",
    "\u2028line separator",
    "\u2029paragraph separator",
    "\x85next line",
    "\x0b\x0c\x1c\x1d\x1e",
    "\x00",
    "\x7f",
    "\u202eright to left",
    "\ufeffmark",
    "ключ",
    "😀",
    "quote\" and 'quote'",
    "back\\slash \\n",
    "%0a%1b",
    "{{7*7}} ${jndi:x}",
    "<script>alert(1)</script>",
    "a" * 20_000,
    " ",
    "=",
    "key=value status=500",
    "\t\ttabs",
]


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_one_line(form: str, text: str, mock: Callable[..., Client]) -> None:
    """A request writes one physical line of printable ASCII, whatever its members are called."""
    client = mock(log=form)

    client.send(template={"name": text, "parameters": {text: text}}, **{f"member{text}": text})

    written = client.log.getvalue()
    assert written.count("\n") == 1
    assert written.endswith("\n")
    assert written[:-1].isascii()
    assert written[:-1].isprintable()
    assert len(written) < 4_000
    if form == "json":
        assert json.loads(written)["status"] == 404


def test_an_event_is_one_line_too() -> None:
    """What is no exchange is told in one line as well, in both forms."""
    for form in ("text", "json"):
        stream = StringIO()
        Log(form, stream).event("something\nhappened", account="a\r\nb")

        assert stream.getvalue().count("\n") == 1


def test_a_closed_stream() -> None:
    """When nobody reads the log any more, requests go on."""
    stream = StringIO()
    log = Log("text", stream)
    stream.close()

    log.event("nobody hears this")


def test_off(mock: Callable[..., Client]) -> None:
    """`off` writes nothing."""
    client = mock(log="off")
    client.send()

    assert client.log.getvalue() == ""


CANARIES = {
    "x-api-key": "canary-of-the-api-key-AAAA",
    "authorization": "Bearer canary-of-authorization-BBBB",
    "cookie": "session=canary-of-the-cookie-CCCC",
    "x-mock-token": "canary-of-the-token-DDDD",
    "x-forwarded-for": "canary-of-forwarding-EEEE",
    "user-agent": "canary-of-the-agent-FFFF",
}


def test_secrets_are_masked(mock: Callable[..., Client]) -> None:
    """What stands in the headers of a request comes back nowhere: at most the last four characters of a key."""
    client = mock(control_token=CANARIES["x-mock-token"], api_keys=(CANARIES["x-api-key"],))
    shown = []
    for headers in (CANARIES, {**CANARIES, "x-api-key": "canary-of-an-unknown-key-GGGG"}):
        for reply in (
            client.send(headers=headers),
            client.send(headers=headers, to=[]),
            client.send(headers={**headers, "x-mock-scenario": "nothing"}),
            client.send(headers={**headers, "idempotency-key": "k"}),
            client.get("/v3/messages/x", headers=headers),
            client.get("/v3/nothing", headers=headers),
            client.get("/_mock/accounts", headers=headers),
            client.get("/_mock/accounts", headers={**headers, "x-mock-token": "canary-wrong-HHHH"}),
            client.get("/_mock/clock?account=x", headers=headers),
        ):
            shown.append(f"{dict(reply.headers)} {reply.text}")

    everything = "\n".join(shown) + client.log.getvalue()
    assert "canary" not in everything
    assert "****AAAA" in everything


def test_a_bug_of_ours(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug of the mock is a plain 500 that says so, never an envelope, and its log line holds no value."""

    def broken(*_: object) -> None:
        raise RuntimeError("canary in an exception")

    monkeypatch.setattr("mock_sent.api.plane.check", broken)

    response = client.unchecked("POST", "/v3/messages", json={}, headers=CANARIES)

    assert response.status_code == 500
    assert response.headers["x-mock-bug"].startswith("RuntimeError at test_logs.py:")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert "This is a bug of the mock" in response.text
    assert "canary" not in response.text + client.log.getvalue()
    assert "bug in mock-sent" in client.log.getvalue()
