"""What the control plane refuses, and in which words: its description decides, for every operation alike."""

from typing import Any

import pytest
from conftest import Client

JSON = {"content-type": "application/json"}
WRONG: list[tuple[str, str, Any, str]] = [
    ("GET", "/messages?limit=0", None, "limit must be a number from 1 to 10000, not 0"),
    ("GET", "/requests?limit=x", None, "limit must be a number from 1 to 10000, not 'x'"),
    ("GET", "/requests?limit=1&limit=2", None, "limit is given twice; give it once"),
    ("GET", "/clock?account=a&account=b", None, "account is given twice; give it once"),
    ("GET", "/messages?wait=61s", None, "wait must be a duration of 60s at most, such as 500ms or 5s, not '61s'"),
    ("GET", "/audit?all=yes", None, "all must be true or false, not 'yes'"),
    ("GET", "/requests?stauts=1&limit=0", None, "there is no filter 'stauts' (did you mean 'status'?); there are"),
    ("PUT", "/balance", {"balance": "much"}, "such as 12.5, or `unlimited`, not 'much'"),
    ("PUT", "/balance", {"balnce": 1}, "send an object with one member: balance"),
    ("PUT", "/scenario", {"name": None}, "name must be a string"),
    ("PUT", "/scenario", {"nmae": "slow"}, "send an object with one member, name, or a scenario as application/yaml"),
    ("POST", "/clock", {"freeze": 5}, "freeze must be true or a time with an offset, such as 2026-03-11T21:50:50Z"),
    ("POST", "/clock", {"advance": "1d"}, "advance must be a duration such as 900ms, 2s, 5m or 1h30m, not '1d'"),
    ("POST", "/messages/x/advance", {"to": 5}, 'send an object such as {} or {"to": "FAILED"'),
    ("PUT", "/templates", [{"name": "", "bdoy": "b"}], "[0] has no member 'bdoy' (did you mean 'body'?)"),
    ("PUT", "/templates", [{"name": "", "bdoy": "b"}], "[0].id is missing"),
    ("PUT", "/templates", [{"name": "", "bdoy": "b"}], "[0].name must not be empty"),
    ("PUT", "/templates", [5], "[0] must be an object, not 5"),
    ("POST", "/verify", [], "send an object: a pattern, and how many times it must fit"),
    ("POST", "/verify", {"of": "requests", "text": "x"}, "a pattern has no word 'text'"),
    ("POST", "/verify", {"any": [{"too": 1}]}, "a pattern has no word 'too' (did you mean 'to'?)"),
]


@pytest.mark.parametrize(("method", "path", "body", "says"), WRONG)
def test_one_sentence(client: Client, method: str, path: str, body: Any, says: str) -> None:
    """It says what is wrong, where, and what would be right."""
    response = client.request(method, f"/_mock{path}", **({} if body is None else {"json": body}))

    assert response.status_code == 400
    assert says in response.json()["error"]


@pytest.mark.parametrize("path", ["/balance", "/scenario", "/edition"])
def test_a_sentence_is_said_once(client: Client, path: str) -> None:
    """A body with a member too many and one that lacks is told once what to send."""
    said = client.put(f"/_mock{path}", json={"other": 1}).json()["error"].split("; ")

    assert len(said) == len(set(said))


def test_an_account_that_is_not_in_use_comes_first(client: Client) -> None:
    """An unknown `?account=` is a 404, whatever else is wrong with the call."""
    response = client.put("/_mock/balance?account=unknown", json={"balnce": 1})

    assert (response.status_code, "no account with the id 'unknown'" in response.json()["error"]) == (404, True)


@pytest.mark.parametrize("body", [b"no JSON", b"[" * 2_000_000], ids=["no JSON", "2 MB"])
def test_a_body_that_an_operation_does_not_take_is_ignored(client: Client, body: bytes) -> None:
    """`/reset` takes none, so that whatever a client sends with it does no harm."""
    response = client.post("/_mock/reset", content=body, headers=JSON)

    assert (response.status_code, response.json()) == (200, {"reset": 1})


def test_a_bug_of_ours(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug of the mock is a plain 500 that says so here too, and its log line holds no value."""

    def broken(*_: object) -> None:
        raise RuntimeError("canary in an exception")

    monkeypatch.setattr("mock_sent.control.routes.check", broken)

    response = client.unchecked("GET", "/_mock/clock")

    assert (response.status_code, "this is a bug of the mock" in response.text.lower()) == (500, True)
    assert response.headers["x-mock-bug"].startswith("RuntimeError at test_refusals.py:")
    assert "bug in mock-sent" in client.log.getvalue()
    assert "canary" not in client.log.getvalue() + response.text


def test_everything_at_once(client: Client) -> None:
    """Several violations stand in one sentence, and of very many the first."""
    two = client.get("/_mock/messages?limit=0&wait=1d").json()["error"]
    many = client.put("/_mock/templates", json=[5] * 30).json()["error"]

    assert two.split("; ")[0] == "limit must be a number from 1 to 10000, not 0"
    assert two.split("; ")[1].startswith("wait must be a duration of 60s at most")
    assert many.split("; ")[-2:] == ["[9] must be an object, not 5", "and 20 more"]


def test_a_filter_may_stand_twice(client: Client) -> None:
    """Of a filter that stands twice, either may fit."""
    client.send()
    client.send(to=["1"])

    found = client.get("/_mock/requests?status=202&status=400").json()

    assert [row["status"] for row in found["requests"]] == [400, 202]


def test_a_parameter_that_is_no_filter_is_ignored(client: Client) -> None:
    """Only where there are filters would an unknown one find too much."""
    assert client.get("/_mock/clock?stauts=1").status_code == 200


def test_media_type(client: Client) -> None:
    """YAML is for scenarios; whatever else has a body takes JSON."""
    yaml = {"content-type": "application/yaml"}
    text = b"{schema: 1, name: mine, send: [{then: accept}]}"

    assert client.put("/_mock/balance", content=b'{"balance": 1}', headers=yaml).status_code == 415
    assert client.put("/_mock/scenario", content=text, headers=yaml).status_code == 200
    assert client.put("/_mock/scenario", content=text, headers=JSON).status_code == 400


def test_a_body_that_may_be_left_out(client: Client) -> None:
    """A reset needs none, and takes any JSON."""
    for content in (b"", b"{}", b"[1]"):
        assert client.post("/_mock/reset", content=content, headers=JSON).status_code == 200


def test_a_path_with_a_line_feed(client: Client) -> None:
    """What begins with /_mock is the control plane's, whatever follows."""
    refused = client.post("/_mock/webhooks/deliveries/a%0Ab/resend", json={})

    assert (refused.status_code, list(refused.json())) == (404, ["error"])
