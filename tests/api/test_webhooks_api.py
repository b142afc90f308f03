"""The ten operations on webhooks."""

import re

from conftest import Client
from hookapi import BODY, create, fault, members
from receiver import Receiver


def test_create(client: Client) -> None:
    """A new webhook is active, has the defaults, and shows its secret in full this once (WEB-5)."""
    webhook = create(client)

    secret = webhook.pop("signing_secret")
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret)
    assert webhook == {
        **BODY,
        "id": webhook["id"],
        "is_active": True,
        "retry_count": 3,
        "timeout_seconds": 30,
        "last_delivery_attempt_at": None,
        "last_successful_delivery_at": None,
        "consecutive_failures": 0,
        "created_at": webhook["created_at"],
        "updated_at": None,
    }
    read = client.get(f"/v3/webhooks/{webhook['id']}").json()["data"]
    assert read == {**webhook, "signing_secret": f"whsec_****{secret[-4:]}"}
    assert client.get("/v3/webhooks").json()["data"]["webhooks"] == [read]


def test_update(client: Client) -> None:
    """PUT takes the whole webhook: what is left out falls back; the secret stays."""
    webhook = create(client, retry_count=5, timeout_seconds=120)

    url = f"/v3/webhooks/{webhook['id']}"
    changed = client.put(url, json={**BODY, "display_name": "Other", "timeout_seconds": 5}).json()["data"]

    assert (changed["display_name"], changed["retry_count"], changed["timeout_seconds"]) == ("Other", 3, 5)
    assert changed["updated_at"]
    assert changed["signing_secret"][-4:] == webhook["signing_secret"][-4:]
    assert client.get(url).json()["data"] == changed


def test_toggle(client: Client) -> None:
    """A webhook is switched off and on; on means that its failures are counted from nothing (WEB-6)."""
    webhook = create(client)
    url = f"/v3/webhooks/{webhook['id']}/toggle-status"
    members(client, webhook["id"])["consecutive_failures"] = 10

    off = client.patch(url, json={"is_active": False}).json()["data"]
    on = client.patch(url, json={"is_active": True}).json()["data"]

    assert [(w["is_active"], w["consecutive_failures"]) for w in (off, on)] == [(False, 10), (True, 0)]


def test_rotate(client: Client) -> None:
    """A rotation answers the new secret in full, with or without a body (WEB-5)."""
    webhook = create(client)
    url = f"/v3/webhooks/{webhook['id']}/rotate-secret"

    secrets = [client.post(url, json={}).json()["data"]["signing_secret"], webhook["signing_secret"]]
    secrets.append(client.post(url).json()["data"]["signing_secret"])

    assert len(set(secrets)) == 3
    assert members(client, webhook["id"])["signing_secret"] == secrets[-1]


def test_delete(client: Client) -> None:
    """A deleted webhook is gone; the answer has neither body nor length."""
    url = f"/v3/webhooks/{create(client)['id']}"

    response = client.delete(url, headers={"content-type": "application/json"})

    assert (response.status_code, response.content) == (204, b"")
    assert "content-length" not in response.headers
    assert fault(client.get(url))[:2] == (404, "RESOURCE_008")
    assert fault(client.delete(url))[:2] == (404, "RESOURCE_008")


def test_event_types(client: Client) -> None:
    """This edition has two things to subscribe to (WEB-14)."""
    types = client.get("/v3/webhooks/event-types").json()["data"]["event_types"]

    assert [(each["name"], each["is_active"]) for each in types] == [("messages", True), ("templates", True)]


def test_paging(client: Client) -> None:
    """Lists come in pages, the newest first, with what a client needs to ask for the next (WEB-15)."""
    for i in range(5):
        create(client, display_name=f"Hook {i}")

    pages = [client.get("/v3/webhooks", params={"page": n, "page_size": 2}).json()["data"] for n in (1, 2, 3, 4)]

    assert [[w["display_name"] for w in page["webhooks"]] for page in pages] == [
        ["Hook 4", "Hook 3"],
        ["Hook 2", "Hook 1"],
        ["Hook 0"],
        [],
    ]
    assert [page["pagination"]["has_more"] for page in pages] == [True, True, False, False]
    assert pages[0]["pagination"] == {
        "page": 1,
        "page_size": 2,
        "total_count": 5,
        "total_pages": 3,
        "has_more": True,
        "cursors": None,
    }
    assert client.get("/v3/webhooks").json()["data"]["pagination"]["page_size"] == 20


def test_search(client: Client) -> None:
    """Webhooks are found by name or URL in any case, and by whether they are active."""
    create(client, display_name="Order UPDATES")
    off = create(client, endpoint_url="http://updates.test/")
    create(client, display_name="else")
    client.patch(f"/v3/webhooks/{off['id']}/toggle-status", json={"is_active": False})

    def count(**params: str) -> int:
        total: int = client.get("/v3/webhooks", params=params).json()["data"]["pagination"]["total_count"]
        return total

    assert [count(search="updates"), count(is_active="true"), count(is_active="false")] == [2, 2, 1]
    assert [count(search="updates", is_active="true"), count(search="nothing")] == [1, 0]


def test_sandbox(client: Client, receiver: Receiver) -> None:
    """A sandbox call answers like a real one and keeps, changes and delivers nothing (SAND-1)."""
    webhook = create(client, endpoint_url=receiver.url)
    url = f"/v3/webhooks/{webhook['id']}"
    before = client.get(url).json()["data"]

    answers = [
        client.post("/v3/webhooks", json={**BODY, "sandbox": True}),
        client.put(url, json={**BODY, "display_name": "New", "sandbox": True}),
        client.patch(f"{url}/toggle-status", json={"is_active": False, "sandbox": True}),
        client.post(f"{url}/rotate-secret", json={"sandbox": True}),
        client.post(f"{url}/test", json={"sandbox": True}),
    ]

    assert [each.status_code for each in answers] == [201, 200, 200, 200, 200]
    assert {each.headers["x-sandbox"] for each in answers} == {"true"}
    assert answers[1].json()["data"]["display_name"] == "New"
    assert answers[2].json()["data"]["is_active"] is False
    assert client.get("/v3/webhooks").json()["data"]["webhooks"] == [before]
    assert (receiver.received, members(client, webhook["id"])["signing_secret"]) == ([], webhook["signing_secret"])


def test_idempotency(client: Client) -> None:
    """A repeated key gives the first answer again and makes nothing: the secret is the same one (IDEM-2)."""
    key = {"idempotency-key": "k1"}

    first, second = (client.post("/v3/webhooks", json=BODY, headers=key) for _ in range(2))

    assert first.content == second.content
    assert second.headers["idempotent-replayed"] == "true"
    assert client.get("/v3/webhooks").json()["data"]["pagination"]["total_count"] == 1


def test_profiles(client: Client) -> None:
    """A profile sees its own webhooks; the organization sees all (WEB-8)."""
    retail = {"x-profile-id": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"}
    support = {"x-profile-id": "3f2504e0-4f89-41d3-9a0c-0305e82c3302"}
    client.post("/v3/webhooks", json=BODY)
    own = client.post("/v3/webhooks", json=BODY, headers=retail).json()["data"]["id"]

    counts = [
        client.get("/v3/webhooks", headers=h).json()["data"]["pagination"]["total_count"] for h in ({}, retail, support)
    ]

    assert counts == [2, 1, 0]
    assert [client.get(f"/v3/webhooks/{own}", headers=h).status_code for h in ({}, retail, support)] == [200, 200, 404]


def test_accounts_do_not_meet(client: Client) -> None:
    """Another key does not see the webhook."""
    webhook = create(client)

    assert client.get(f"/v3/webhooks/{webhook['id']}", headers={"x-api-key": "another"}).status_code == 404


def test_keys_of_other_operations(client: Client) -> None:
    """A key that another operation used is fresh: its reply could not be an answer here."""
    key = {"idempotency-key": "k1"}
    id = client.post("/v3/webhooks", json=BODY, headers=key).json()["data"]["id"]

    response = client.post(f"/v3/webhooks/{id}/rotate-secret", json={}, headers=key)

    assert response.status_code == 200
    assert "idempotent-replayed" not in response.headers
