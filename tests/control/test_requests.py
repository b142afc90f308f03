"""The journal, as the control plane shows it: what was asked, what was answered, and why."""

from collections.abc import Callable
from socket import create_connection

import pytest
from conftest import PAGE_REQUEST, Client, Live
from hookapi import BODY, create
from receiver import receiving

from mock_sent.api.switches import Switches


def shown(client: Client, query: str = "") -> list[str]:
    """The request ids of a list."""
    return [x["request_id"] for x in client.get(f"/_mock/requests{query}").json()["requests"]]


def test_every_reply_says_where_its_reasons_are(client: Client) -> None:
    """X-Mock-Explain of a success, a refusal and an unknown path leads to that very exchange."""
    replies = [client.send(), client.send(to=[]), client.get("/v3/nothing")]

    for reply in replies:
        explained = client.get(reply.headers["x-mock-explain"]).json()
        assert explained["request_id"] == reply.headers["x-request-id"]
        assert explained["reply"]["status"] == reply.status_code
        assert explained["reply"]["body"] == reply.json()
        assert explained["reply"]["headers"] == dict(reply.headers)


def test_explanation_of_a_success(client: Client) -> None:
    """The request as it came, the messages that it made, and the fate of its key."""
    reply = client.send(headers={"idempotency-key": "order-1"})

    explained = client.get("/_mock/requests/latest").json()

    assert explained["request"]["body"] == PAGE_REQUEST
    assert explained["messages"] == [r["message_id"] for r in reply.json()["data"]["recipients"]]
    assert explained["why"]["key"] == {"value": "order-1", "fate": "fresh", "original_request_id": None}


def test_explanation_of_a_replay(client: Client) -> None:
    """A replay names the request whose answer it is, and says if that one had another body."""
    first = client.send(headers={"idempotency-key": "k"}).headers["x-request-id"]
    client.send(headers={"idempotency-key": "k"}, to=["+447700900123"])

    why = client.get("/_mock/requests/latest").json()["why"]

    assert why["key"] == {"value": "k", "fate": "replayed", "original_request_id": first}
    assert why["other_body"] is True


@pytest.mark.parametrize(("opened", "closed"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_a_deep_body(client: Client, opened: bytes, closed: bytes) -> None:
    """A body that is refused for its depth is shown as a text, and found by audit and verify."""
    for depth in (65, 255, 1_000, 1_025):
        body = opened * depth + b"1" + closed * depth
        assert (
            client.post("/v3/messages", content=body, headers={"content-type": "application/json"}).status_code == 400
        )

        explained = client.get("/_mock/requests/latest").json()
        assert explained["request"]["body"] == body.decode()

    assert client.get("/_mock/audit").status_code == 200
    assert client.post("/_mock/verify", json={"of": "requests", "status": 400, "times": 4}).json()["result"] == "ok"
    assert len(shown(client, "?to=%2B1*")) == 0


def test_explanation_of_a_bad_request(client: Client) -> None:
    """Every fault of a refused request, and the members that the contract does not know."""
    client.send(to=[], surprise=1)

    why = client.get("/_mock/requests/latest").json()["why"]

    assert why["contract_faults"] == ["'to' must contain at least one recipient"]
    assert why["unknown_members"] == ["surprise"]


def test_explanation_of_a_rule(client: Client) -> None:
    """The rule that fired, and for each one before it the reason why it did not."""
    client.put(
        "/_mock/scenario",
        content=b"{schema: 1, name: two, send: [{when: {to: '+44*'}, then: accept}, {then: {fail: internal_error}}]}",
        headers={"content-type": "application/yaml"},
    )
    client.send()

    explained = client.get("/_mock/requests/latest").json()

    assert explained["why"]["rule"] == "two/2"
    assert explained["why"]["decision"] == "fail"
    assert explained["why"]["rules_that_did_not_fire"] == ["two/1: to: +14155551234 or +14155555678, wanted +44*"]


def test_secrets_are_masked(client: Client) -> None:
    """Of keys, tokens and cookies the last four characters are shown, wherever the journal shows them."""
    secret = {"x-api-key": "canary-key-0001", "authorization": "Bearer canary-0002", "cookie": "s=canary-0003"}
    secret |= {"x-auth-token": "canary-0004", "apikey": "canary-0005", "x-client-secret": "canary-0006"}
    reply = client.send(headers=secret)

    pages = [client.get(reply.headers["x-mock-explain"]).text, client.get("/_mock/requests", headers=secret).text]

    assert not [page for page in pages if "canary" in page]
    assert '"x-api-key":"****0001"' in pages[0]


def test_a_webhooks_secret_is_masked(client: Client) -> None:
    """A webhook's secret is told by the answers that make it, and by no record of them."""
    made = client.post("/v3/webhooks", json=BODY)
    secret, read = made.json()["data"]["signing_secret"], client.get(f"/v3/webhooks/{made.json()['data']['id']}")

    kept = client.get(made.headers["x-mock-explain"])

    assert secret not in kept.text
    assert kept.json()["reply"]["body"]["data"] == read.json()["data"]


def test_filters(client: Client) -> None:
    """By status, method, key, outcome and rule, with * for anything; filters are and-ed, a doubled one is any-of."""
    ok = client.send(headers={"idempotency-key": "order-1"}).headers["x-request-id"]
    poor = client.send(headers={"x-mock-scenario": "insufficient-balance"}).headers["x-request-id"]
    read = client.get("/v3/messages/7ba7b820-9dad-11d1-80b4-00c04fd430c8").headers["x-request-id"]

    assert shown(client) == [read, poor, ok]
    assert shown(client, "?status=4*") == [read, poor]
    assert shown(client, "?status=402&status=202") == [poor, ok]
    assert shown(client, "?method=GET") == [read]
    assert shown(client, "?key=order-*") == [ok]
    assert shown(client, "?key=absent&method=POST") == [poor]
    assert shown(client, "?outcome=insufficient_balance") == [poor]
    assert shown(client, "?rule=insufficient-balance/*") == [poor]
    assert shown(client, "?limit=1") == [read]


@pytest.mark.parametrize("query", ["?state=402", "?limit=0", "?limit=x", "?account=nobody"])
def test_bad_filters(client: Client, query: str) -> None:
    """A filter that there is not, or that cannot be, is refused with a sentence."""
    assert client.get(f"/_mock/requests{query}").status_code in (400, 404)


def test_nothing_there(client: Client) -> None:
    """`latest` and an unknown id are a 404 where there is none."""
    assert client.get("/_mock/requests/latest").status_code == 404
    assert client.get("/_mock/requests/req_0000000000").json() == {"error": "no request 'req_0000000000' is known"}


def test_refused_at_the_door(mock: Callable[..., Client]) -> None:
    """What is refused before anybody knows whose it is belongs to no account, and can be asked for as such."""
    client = mock(auth="required")
    del client.headers["x-api-key"]
    reply = client.send()

    found = client.get("/_mock/requests?account=none").json()

    assert reply.status_code == 401
    assert [x["request_id"] for x in found["requests"]] == [reply.headers["x-request-id"]]
    assert client.get("/_mock/requests").json()["requests"] == []


def test_journals_never_meet(client: Client) -> None:
    """An account's list has its own exchanges only; by its id every exchange can be explained."""
    mine, other = {"x-api-key": "first-key-0001"}, {"x-api-key": "second-key-0002"}
    id = client.send(headers=mine).headers["x-request-id"]

    assert client.get("/_mock/requests", headers=other).json()["requests"] == []
    assert client.get(f"/_mock/requests/{id}", headers=other).json()["request_id"] == id


def test_eviction_is_loud(mock: Callable[..., Client]) -> None:
    """Once an exchange was evicted, a count is unknown, and a request that is gone says that some are."""
    client = mock(max_journal=2)
    first, *_ = [client.send().headers["x-request-id"] for _ in range(3)]

    found = client.get("/_mock/requests").json()

    assert (len(found["requests"]), found["count"], found["evicted"]) == (2, "unknown", 1)
    assert "1 were evicted" in client.get(f"/_mock/requests/{first}").json()["error"]


@pytest.mark.slow
def test_large_heads_are_evicted(client: Client) -> None:
    """What the journal keeps is bounded in bytes too, and a request's head counts."""
    for n in range(550):
        client.get("/v3/nothing", headers={"x-pad": f"{n}" + "p" * 64_000})

    assert client.get("/_mock/requests?account=none").json()["evicted"] > 0


def test_exchanges_before_an_eviction_are_unknown(mock: Callable[..., Client]) -> None:
    """The journal of an account that was evicted before does not claim to be complete; after a reset it does."""
    client = mock(max_accounts=1)
    client.send()
    client.send(headers={"x-api-key": "other-key-0002"})
    client.send()

    assert client.get("/_mock/requests").json()["count"] == "unknown"
    client.post("/_mock/reset", json={})
    assert client.get("/_mock/requests").json()["count"] == 0


def test_a_lost_answer_is_recorded(live: Callable[..., Live]) -> None:
    """A broken connection is an exchange like any other, and says that the client got no answer."""
    client = live(scenario="connection-reset")
    with pytest.raises(Exception, match="reset"):
        client.post("/v3/messages", json=PAGE_REQUEST)

    found = client.get("/_mock/requests/latest").json()

    assert (found["fault"], found["answer_lost"], found["rule"]) == ("reset", True, "connection-reset/1")


def test_webhooks_that_a_request_caused(client: Client) -> None:
    """The reasons of a request end with what webhooks were told of its messages, and of no other's."""
    with receiving() as receiver:
        create(client, endpoint_url=receiver.url)
        client.post("/_mock/clock", json={"freeze": True})
        first, other = (client.send(to=["+14155551234"], channel=["sms"]) for _ in range(2))
        client.post("/_mock/clock", json={"advance": "5s"})

        explained = client.get(first.headers["x-mock-explain"]).json()

    assert {d["message_id"] for d in explained["webhooks"]} == set(explained["messages"])
    assert [d["payload"]["payload"]["message_status"] for d in explained["webhooks"]][-1] == "DELIVERED"
    assert other.json()["data"]["recipients"][0]["message_id"] not in str(explained["webhooks"])


def test_a_bug_of_ours_is_explained(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure of the mock itself is an exchange with its plain text and its own header."""

    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(Switches, "layers", broken)
    client.unchecked("POST", "/v3/messages", json=PAGE_REQUEST)

    reply = client.get("/_mock/requests/latest").json()["reply"]

    assert reply["body"].startswith("mock-sent itself failed (RuntimeError")
    assert reply["headers"]["content-type"] == "text/plain; charset=utf-8"


def test_a_client_that_left_early(live: Callable[..., Live]) -> None:
    """Whoever leaves before its request is complete is an exchange without an answer."""
    client = live()
    with create_connection(("127.0.0.1", client.port)) as line:
        line.sendall(
            b"POST /v3/messages HTTP/1.1\r\nhost: x\r\nx-api-key: left-early-key\r\ncontent-length: 9\r\n\r\n{"
        )
    mine = {"x-api-key": "left-early-key"}
    while not (found := client.get("/_mock/requests", headers=mine).json()["requests"]):
        pass

    explained = client.get(f"/_mock/requests/{found[0]['request_id']}", headers=mine).json()
    assert (explained["status"], explained["answer_lost"]) == (0, True)
    assert explained["reply"] == {"status": 0, "headers": {}, "body": ""}
