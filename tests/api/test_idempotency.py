"""Idempotency keys, statement by statement."""

from collections.abc import Callable
from typing import Any

import pytest
from conftest import PAGE_REQUEST, Client

KEY = {"idempotency-key": "order-4711"}


def ids(response: Any) -> list[str]:
    return [r["message_id"] for r in response.json()["data"]["recipients"]]


def kept(client: Client) -> int:
    return int(client.get("/_mock/accounts").json()["accounts"][0]["messages"])


@pytest.mark.parametrize("key", ["a", "A-Z_09", "x" * 255, "req_abc123_retry1", "-", "_"])
def test_good_keys(client: Client, key: str) -> None:
    """A key of 1 to 255 letters, digits, hyphens and underscores is taken (IDEM-1)."""
    assert client.send(headers={"idempotency-key": key}).status_code == 202


@pytest.mark.parametrize(
    "key", ["", "x" * 256, "a b", "a.b", "ключ".encode(), '"8e03978e-40d5-43dd-bc93-6894a57f9324"']
)
def test_bad_keys(client: Client, key: str | bytes) -> None:
    """Any other key is a 400; also one in quotes, which the IETF draft of the header would have (IDEM-1)."""
    response = client.send(headers={"idempotency-key": key})

    assert response.status_code == 400
    assert response.json()["error"]["code"] == "VALIDATION_007"
    assert response.json()["error"]["details"] == {
        "idempotency-key": ["'Idempotency-Key' must be 1-255 letters, digits, hyphens or underscores"]
    }


def test_replay(client: Client) -> None:
    """The same key again: the same status and the same bytes, and nothing is sent or charged twice (IDEM-2)."""
    client.put("/_mock/balance", json={"balance": 1})
    first = client.send(headers=KEY)

    again = client.send(headers=KEY)

    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert kept(client) == 4
    assert client.get("/_mock/balance").json() == {"balance": 0.975}


def test_replay_headers(client: Client) -> None:
    """A replay says that it is one, whose answer it gives, and has a request id of its own (IDEM-3)."""
    first, again = client.send(headers=KEY), client.send(headers=KEY)

    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["x-original-request-id"] == first.headers["x-request-id"]
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert again.json()["meta"]["request_id"] == first.headers["x-request-id"]


def test_keys_belong_to_the_account(client: Client) -> None:
    """The same key under two API keys is two keys (IDEM-4)."""
    one = client.send(headers={**KEY, "x-api-key": "first-key-0001"})
    two = client.send(headers={**KEY, "x-api-key": "second-key-0002"})

    assert "idempotent-replayed" not in two.headers
    assert set(ids(one)).isdisjoint(ids(two))


def test_profiles_share_keys(client: Client) -> None:
    """The profiles of an organization share its keys (IDEM-4)."""
    first = client.send(headers={**KEY, "x-profile-id": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"})
    other = client.send(headers={**KEY, "x-profile-id": "3f2504e0-4f89-41d3-9a0c-0305e82c3302"})

    assert other.content == first.content


def test_other_body(client: Client) -> None:
    """Another body under a used key gets the first answer; the mock tells the developer aside (IDEM-5)."""
    first = client.send(headers=KEY)

    other = client.send(headers=KEY, to=["+447700900123"])

    assert (other.status_code, other.content) == (202, first.content)
    assert f"differs from the one that {first.headers['x-request-id']} sent" in other.headers["x-mock-warning"]
    assert kept(client) == 4


def test_same_body_written_otherwise(client: Client) -> None:
    """The order of members makes no other body: nothing is told (IDEM-5)."""
    client.send(headers=KEY)

    again = client.send(dict(reversed(PAGE_REQUEST.items())), headers=KEY)

    assert "x-mock-warning" not in again.headers


@pytest.mark.parametrize(
    ("scenario", "status"), [("internal-error", 500), ("insufficient-balance", 402), ("rate-limited", 429)]
)
def test_failures_are_not_remembered(client: Client, scenario: str, status: int) -> None:
    """Only a success is remembered: after a failure the key is fresh (IDEM-7)."""
    failed = client.send(headers={**KEY, "x-mock-scenario": scenario})

    retried = client.send(headers=KEY)

    assert failed.status_code == status
    assert retried.status_code == 202
    assert "idempotent-replayed" not in retried.headers


def test_documented_failures_are_not_remembered(client: Client) -> None:
    """An unknown template leaves the key fresh as well (IDEM-7)."""
    assert client.send(headers=KEY, template={"name": "nobody_knows"}).status_code == 404
    assert "idempotent-replayed" not in client.send(headers=KEY).headers


def test_invalid_body_under_a_used_key(client: Client) -> None:
    """A request that is wrong is a 400, whatever its key was used for (IDEM-8)."""
    client.send(headers=KEY)

    assert client.send(headers=KEY, to=[]).status_code == 400
    assert (
        client.post("/v3/messages", content=b"{", headers={**KEY, "content-type": "application/json"}).status_code
        == 400
    )


def test_window(client: Client) -> None:
    """A key is remembered for 24 hours, to the instant; then it is fresh (IDEM-9)."""
    client.post("/_mock/clock", json={"freeze": "2026-03-11T21:50:50Z"})
    first = client.send(headers=KEY)
    client.post("/_mock/clock", json={"advance": "86399999ms"})
    assert client.send(headers=KEY).content == first.content

    client.post("/_mock/clock", json={"advance": "1ms"})

    fresh = client.send(headers=KEY)
    assert "idempotent-replayed" not in fresh.headers
    assert set(ids(fresh)).isdisjoint(ids(first))


def test_a_replay_does_not_prolong(client: Client) -> None:
    """The 24 hours run from the first answer; a replay does not begin them anew (IDEM-9)."""
    client.send(headers=KEY)
    client.post("/_mock/clock", json={"advance": "23h"})
    client.send(headers=KEY)
    client.post("/_mock/clock", json={"advance": "1h"})

    assert "idempotent-replayed" not in client.send(headers=KEY).headers


def test_sandbox_is_remembered(client: Client) -> None:
    """A sandbox answer is remembered like any other, header and all (IDEM-10)."""
    first, again = client.send(headers=KEY, sandbox=True), client.send(headers=KEY, sandbox=True)

    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == again.headers["x-sandbox"] == "true"


def test_without_a_key(client: Client) -> None:
    """Without a key nothing is recognised: the same send twice is two sends (IDEM-11)."""
    one, two = client.send(), client.send()

    assert set(ids(one)).isdisjoint(ids(two))
    assert kept(client) == 8


def test_a_replay_asks_nobody(client: Client) -> None:
    """A replay needs no balance, no template, and no scenario has a say in it (IDEM-12)."""
    first = client.send(headers=KEY)
    client.put("/_mock/balance", json={"balance": 0})
    client.put("/_mock/scenario", json={"name": "internal-error"})

    assert client.send(headers=KEY).content == first.content


def test_reads_ignore_keys(client: Client) -> None:
    """A read takes no notice of a key (IDEM-13)."""
    id = ids(client.send(headers=KEY))[0]

    response = client.get(f"/v3/messages/{id}", headers=KEY)

    assert response.json()["data"]["id"] == id
    assert "idempotent-replayed" not in response.headers


def test_max_keys(mock: Callable[..., Client]) -> None:
    """Of too many keys the oldest goes, and what went is counted."""
    client = mock(max_keys=2)
    for name in ("one", "two", "three"):
        client.send(headers={"idempotency-key": name})

    shown = client.get("/_mock/accounts").json()["accounts"][0]
    assert (shown["idempotency_keys"], shown["idempotency_keys_evicted"]) == (2, 1)
    assert "idempotent-replayed" in client.send(headers={"idempotency-key": "three"}).headers
    assert "idempotent-replayed" not in client.send(headers={"idempotency-key": "one"}).headers


def test_expired_keys_are_forgotten(client: Client) -> None:
    """Keys whose window has passed take no memory, and are not counted as lost."""
    for n in range(5):
        client.send(headers={"idempotency-key": f"old-{n}"})
    client.post("/_mock/clock", json={"advance": "24h"})
    client.send(headers={"idempotency-key": "new"})

    shown = client.get("/_mock/accounts").json()["accounts"][0]
    assert (shown["idempotency_keys"], shown["idempotency_keys_evicted"]) == (1, 0)


def test_the_log_tells(client: Client) -> None:
    """A person can see in the log what became of a key."""
    first = client.send(headers=KEY).headers["x-request-id"]
    assert "key=order-4711 fresh" in client.last_line

    client.send(headers=KEY)
    assert f"key=order-4711 replayed from {first}" in client.last_line


def test_scenario_window(mock: Callable[..., Client]) -> None:
    """A scenario may shorten the window."""
    client = mock(scenario_inline="{schema: 1, name: short, idempotency: {window: 2s}}")
    client.post("/_mock/clock", json={"freeze": True})
    client.send(headers=KEY)
    assert "idempotent-replayed" in client.send(headers=KEY).headers

    client.post("/_mock/clock", json={"advance": "2s"})

    assert "idempotent-replayed" not in client.send(headers=KEY).headers


def test_scenario_other_body(mock: Callable[..., Client]) -> None:
    """A scenario may refuse another body under a used key; that is the mock's own answer, and it says so."""
    client = mock(scenario_inline="{schema: 1, name: hard, idempotency: {other_body: reject}}")
    first = client.send(headers=KEY)

    refused = client.send(headers=KEY, to=["+447700900123"])

    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "MOCK_001"
    (request,) = client.get("/_mock/requests?limit=1").json()["requests"]
    assert (request["key_fate"], request["original_request_id"]) == ("conflict", first.headers["x-request-id"])
    assert client.send(headers=KEY).status_code == 202


def test_scenario_store_failures(mock: Callable[..., Client]) -> None:
    """A scenario may have failures remembered too, byte for byte."""
    client = mock(
        scenario_inline="{schema: 1, name: sticky, idempotency: {store_failures: true},"
        " send: [{then: [{fail: internal_error}, accept]}]}"
    )

    first, again = client.send(headers=KEY), client.send(headers=KEY)

    assert (first.status_code, again.status_code) == (500, 500)
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"


def test_scenario_about_seen_keys(mock: Callable[..., Client]) -> None:
    """A rule about seen keys is asked before the stored answer is given again."""
    client = mock(
        scenario_inline="{schema: 1, name: s, send: [{when: {idempotency_key: seen}, then: {fail: SERVICE_001}}]}"
    )

    assert client.send(headers=KEY).status_code == 202
    assert client.send(headers=KEY).status_code == 503
    assert client.send(headers={"idempotency-key": "other"}).status_code == 202


def test_large_replies_are_bounded_together(mock: Callable[..., Client]) -> None:
    """Keys whose replies are too large together are given up from the oldest on, and counted."""
    client = mock(max_memory=256 << 20)
    text = {"name": "verification_code", "parameters": {"code": "x" * 900_000}}
    for n in range(80):
        assert client.send(template=text, to=["+14155551234"], headers={"idempotency-key": f"k{n}"}).status_code == 202

    shown = client.get("/_mock/accounts").json()["accounts"][0]
    assert shown["idempotency_keys_evicted"] > 0
    assert shown["idempotency_keys"] + shown["idempotency_keys_evicted"] == 80
    assert shown["messages_evicted"] > 0
    assert (
        "idempotent-replayed"
        in client.send(template=text, to=["+14155551234"], headers={"idempotency-key": "k79"}).headers
    )
