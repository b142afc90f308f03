"""Accounts: one API key, one world."""

import random
from collections.abc import Callable

import pytest
from conftest import Client

ONE, TWO = {"x-api-key": "first-key-0001"}, {"x-api-key": "second-key-0002"}
TEMPLATE = {"id": "7ba7b820-9dad-11d1-80b4-00c04fd43099", "name": "reminder", "body": "Come at {{time}}."}


def messages(client: Client, headers: dict[str, str] | None = None) -> int:
    """How many messages the account of the headers has."""
    shown = client.get("/_mock/accounts").json()["accounts"]
    suffix = (headers or {"x-api-key": "test-key-of-this-test"})["x-api-key"][-4:]
    return next((a["messages"] for a in shown if a["api_key"].startswith(f"****{suffix}/")), 0)


def test_first_use(client: Client) -> None:
    """An account comes into being when its key is used for the first time."""
    first = client.get("/_mock/accounts").json()
    assert (first["accounts"], first["evicted"], first["memory"]["evicted"]) == ([], 0, 0)

    client.send()

    assert len(client.get("/_mock/accounts").json()["accounts"]) == 1


def test_list_masks_keys(client: Client) -> None:
    """The list shows ids, and of keys the last four characters; the one used last comes first."""
    client.send(headers=ONE)
    client.send(headers=TWO)

    shown = client.get("/_mock/accounts")

    assert [account["api_key"] for account in shown.json()["accounts"]] == ["****0002/a2fbd1", "****0001/6bce6a"]
    assert "first-key" not in shown.text


def test_fifty_accounts_never_meet(client: Client) -> None:
    """Of fifty accounts used in a random order, each sees its own messages, keys and balance, and no other's."""
    chance = random.Random(50)
    keys = [f"account-{n:04}" for n in range(50)]
    sent: dict[str, list[str]] = {key: [] for key in keys}
    for _ in range(250):
        key = chance.choice(keys)
        idempotency_key = f"key-{chance.randrange(3)}"
        reply = client.send(
            to=["+14155551234"], channel=["sms"], headers={"x-api-key": key, "idempotency-key": idempotency_key}
        )
        id = reply.json()["data"]["recipients"][0]["message_id"]
        if "idempotent-replayed" in reply.headers:
            assert id in sent[key]
        else:
            assert not any(id in others for others in sent.values())
            sent[key].append(id)

    for key in keys:
        other = chance.choice([k for k in keys if k != key])
        for id in sent[key]:
            assert client.get(f"/v3/messages/{id}", headers={"x-api-key": key}).status_code == 200
            assert client.get(f"/v3/messages/{id}", headers={"x-api-key": other}).status_code == 404


def test_max_accounts(mock: Callable[..., Client]) -> None:
    """When there are too many, the account idle for longest goes, and the log says so."""
    client = mock(max_accounts=2)
    client.send(headers=ONE)
    client.send(headers=TWO)
    client.send(headers=ONE)

    client.send(headers={"x-api-key": "third-key-0003"})

    shown = client.get("/_mock/accounts").json()
    assert [a["api_key"] for a in shown["accounts"]] == ["****0003/428560", "****0001/6bce6a"]
    assert shown["evicted"] == 1
    assert (
        "account dropped, because there are more than MOCK_SENT_MAX_ACCOUNTS account=****0002" in client.log.getvalue()
    )


def test_reset_is_the_callers_own(client: Client) -> None:
    """A reset empties the caller's account and leaves the others alone."""
    client.send(headers=ONE)
    client.send(headers=TWO)

    assert client.post("/_mock/reset", headers=ONE, json={}).json() == {"reset": 1}

    assert (messages(client, ONE), messages(client, TWO)) == (0, 4)


def test_reset_all(client: Client) -> None:
    """`?all=true` resets every account."""
    client.send(headers=ONE)
    client.send(headers=TWO)

    assert client.post("/_mock/reset?all=true", json={}).json() == {"reset": 2}
    assert client.get("/_mock/accounts").json()["accounts"] == []


def test_reset_all_must_be_said_clearly(client: Client) -> None:
    """Any other value of `all` is refused: it may have meant either."""
    assert client.post("/_mock/reset?all=yes", json={}).status_code == 400


def test_reset_starts_over(client: Client) -> None:
    """After a reset the account is as new: same ids again, fixtures again, the machine's time again."""
    first = client.send().json()["data"]
    client.put("/_mock/balance", json={"balance": 0})
    client.post("/_mock/clock", json={"freeze": "2030-01-01T00:00:00Z"})
    client.put("/_mock/scenario", json={"name": "internal-error"})

    client.post("/_mock/reset", json={})

    assert client.send().json()["data"] == first
    assert not client.get("/_mock/clock").json()["frozen"]


def test_drop(client: Client) -> None:
    """A dropped account is gone from the list until its key is used again."""
    client.send()

    assert client.delete("/_mock/account").status_code == 204
    assert client.get("/_mock/accounts").json()["accounts"] == []


def test_account_by_id(client: Client) -> None:
    """A control call may name the account by its id instead of its key."""
    client.send(headers=ONE)
    id = client.get("/_mock/accounts").json()["accounts"][0]["id"]

    client.put(f"/_mock/balance?account={id}", json={"balance": 0})

    assert client.send(headers=ONE).status_code == 402
    assert client.send(headers=TWO).status_code == 202


def test_unknown_account_id(client: Client) -> None:
    """An id that no account in use has is a 404 that says where the ids are."""
    response = client.get("/_mock/clock?account=nobody")

    assert response.status_code == 404
    assert "GET /_mock/accounts" in response.json()["error"]


def test_without_a_key(client: Client) -> None:
    """Without key and id a control call is about the account `anonymous`, as a send without a key is."""
    client.headers.pop("x-api-key")
    client.put("/_mock/balance", json={"balance": 0})

    assert client.send().status_code == 402
    assert client.send(headers=ONE).status_code == 202


def test_a_profiles_key(client: Client) -> None:
    """A control call with a profile's own key is about its organization's account, where its messages are."""
    organization = {"x-api-key": "00000000-0000-4000-8000-000000000002"}
    client.put("/_mock/balance", json={"balance": 0}, headers={"x-api-key": "00000000-0000-4000-8000-000000000003"})

    assert client.send(headers=organization).status_code == 402


def test_put_templates(client: Client) -> None:
    """A template that was put is found by name and id, in this account only."""
    put = client.put("/_mock/templates", json=[TEMPLATE])

    names = [template["name"] for template in put.json()["templates"]]
    wanted = {"name": "reminder", "parameters": {"time": "nine"}}
    assert names[-1] == "reminder"
    assert client.send(template=wanted).json()["data"]["body"] == "Come at nine."
    assert client.send(template=wanted, headers=ONE).status_code == 404


def test_put_templates_replaces(client: Client) -> None:
    """A template with a known id or name takes its place."""
    client.put("/_mock/templates", json=[TEMPLATE, {**TEMPLATE, "body": "Come later."}])

    templates = client.get("/_mock/templates").json()["templates"]

    assert [t["body"] for t in templates if t["name"] == "reminder"] == ["Come later."]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"id": 1}, "not a list"),
        ([{"id": "x", "name": "n", "body": "b"}], "is not a UUID"),
        ([{"name": "n", "body": "b"}], "[0].id is missing"),
        ([{**TEMPLATE, "text": "b"}], "[0] has no member 'text'"),
    ],
)
def test_bad_templates(client: Client, content: object, says: str) -> None:
    """A wrong template is refused with the reason, and nothing is changed."""
    before = client.get("/_mock/templates").json()

    response = client.put("/_mock/templates", json=content)

    assert response.status_code == 400
    assert says in response.json()["error"]
    assert client.get("/_mock/templates").json() == before


def test_balance(client: Client) -> None:
    """A balance that was set runs down with each send, and can be lifted again."""
    assert client.get("/_mock/balance").json() == {"balance": "unlimited"}
    client.put("/_mock/balance", json={"balance": 0.03})

    assert client.send().status_code == 202
    assert client.get("/_mock/balance").json() == {"balance": 0.005}
    assert client.send().status_code == 402
    client.put("/_mock/balance", json={"balance": "unlimited"})
    assert client.send().status_code == 202


@pytest.mark.parametrize("content", [{"balance": -1}, {"balance": "much"}, {"balance": None}, {"amount": 1}, {}, [], 5])
def test_bad_balance(client: Client, content: object) -> None:
    """A balance that is none is refused in one sentence."""
    response = client.put("/_mock/balance", json=content)

    assert response.status_code == 400
    assert set(response.json()) == {"error"}


def test_unreadable_json(client: Client) -> None:
    """JSON that is none is a 400 here too."""
    response = client.put("/_mock/balance", content=b"{", headers={"content-type": "application/json"})

    assert response.status_code == 400
    assert "not JSON" in response.json()["error"]


def test_too_large(client: Client) -> None:
    """A body beyond a megabyte is refused."""
    response = client.put("/_mock/balance", content=b" " * 1_100_000, headers={"content-type": "application/json"})

    assert response.status_code == 413
