"""What becomes of messages by scenario, over HTTP: `deliver` rules, `webhooks` chaos, manual moves, resends."""

from collections.abc import Callable

import pytest
from conftest import Client
from hookapi import create
from receiver import Receiver

YAML = {"content-type": "application/yaml"}
MANUAL = "{schema: 1, name: manual, deliver: [{then: {reach: DELIVERED, advance: manual}}]}"


@pytest.fixture
def frozen(client: Client) -> Client:
    client.post("/_mock/clock", json={"freeze": "2026-03-11T21:50:50Z"})
    return client


def one(client: Client, to: str = "+14155551234", channel: str = "sms") -> str:
    """The id of a new message."""
    id: str = client.send(to=[to], channel=[channel]).json()["data"]["recipients"][0]["message_id"]
    return id


def statuses(client: Client, id: str) -> list[str]:
    return [event["status"] for event in client.get(f"/v3/messages/{id}").json()["data"]["events"]]


def advance(client: Client, span: str) -> None:
    assert client.post("/_mock/clock", json={"advance": span}).status_code == 200


def test_by_default(frozen: Client) -> None:
    """Without a rule a message is delivered within a second (LIFE-2)."""
    id = one(frozen)
    assert statuses(frozen, id) == ["ACCEPTED"]

    advance(frozen, "1s")

    assert statuses(frozen, id) == ["ACCEPTED", "PROCESSED", "SENT", "DELIVERED"]


def test_uk_is_down(frozen: Client) -> None:
    """`uk-is-down`: British numbers fail with a reason, German WhatsApp is slow, the rest is as usual."""
    frozen.put("/_mock/scenario", json={"name": "uk-is-down"})
    uk, german, german_sms, other = (
        one(frozen, "+447700900123"),
        one(frozen, "+4915112345678", "whatsapp"),
        one(frozen, "+4915112345678"),
        one(frozen),
    )
    advance(frozen, "59s")

    assert statuses(frozen, uk) == ["ACCEPTED", "FAILED"]
    assert "ERR_ROUTE_DENIED" in frozen.get(f"/v3/messages/{uk}").json()["data"]["events"][-1]["description"]
    assert statuses(frozen, german) == ["ACCEPTED", "PROCESSED", "SENT"]
    assert statuses(frozen, german_sms)[-1] == statuses(frozen, other)[-1] == "DELIVERED"
    advance(frozen, "1s")
    assert statuses(frozen, german)[-1] == "DELIVERED"


def test_delivery_fails(frozen: Client) -> None:
    """`delivery-fails`: everything goes well until the handset does not confirm."""
    frozen.put("/_mock/scenario", json={"name": "delivery-fails"})
    id = one(frozen, "+14155551299")

    advance(frozen, "1h")

    assert statuses(frozen, id) == ["ACCEPTED", "PROCESSED", "SENT", "FAILED"]


@pytest.mark.parametrize(
    ("number", "after", "expected"),
    [
        ("+15005550100", "1s", ["ACCEPTED", "PROCESSED", "SENT", "DELIVERED"]),
        ("+15005550160", "1h", ["ACCEPTED", "FAILED"]),
        ("+15005550161", "1h", ["ACCEPTED", "PROCESSED", "FAILED"]),
        ("+15005550162", "1h", ["ACCEPTED", "PROCESSED", "SENT"]),
        ("+15005550163", "29s", ["ACCEPTED", "PROCESSED", "SENT"]),
        ("+15005550163", "30s", ["ACCEPTED", "PROCESSED", "SENT", "DELIVERED"]),
    ],
)
def test_magic_numbers(frozen: Client, number: str, after: str, expected: list[str]) -> None:
    """Magic numbers say what becomes of a message, too."""
    id = one(frozen, number)

    advance(frozen, after)

    assert statuses(frozen, id) == expected


def test_activities(frozen: Client) -> None:
    """Activities are the events, newest first, with the price as a text of four decimals (LIFE-6)."""
    id = one(frozen)
    advance(frozen, "1s")

    activities = frozen.get(f"/v3/messages/{id}/activities").json()["data"]["activities"]

    assert [a["status"] for a in activities] == ["DELIVERED", "SENT", "PROCESSED", "ACCEPTED"]
    assert {a["price"] for a in activities} == {"0.0075"}
    assert frozen.get(f"/v3/messages/{id}").json()["data"]["price"] == 0.0075


def test_a_replay_makes_no_second_life(frozen: Client) -> None:
    """The message of a replayed send is the first one, and as old."""
    key = {"idempotency-key": "once"}
    id = frozen.send(headers=key).json()["data"]["recipients"][0]["message_id"]
    advance(frozen, "1s")

    again = frozen.send(headers=key).json()["data"]["recipients"][0]["message_id"]

    assert again == id
    assert statuses(frozen, id)[-1] == "DELIVERED"


def test_manual(frozen: Client) -> None:
    """`advance: manual` waits for each move, however late it is (LIFE-3)."""
    frozen.put("/_mock/scenario", content=MANUAL, headers=YAML)
    id = one(frozen)
    advance(frozen, "24h")
    assert statuses(frozen, id) == ["ACCEPTED"]

    moved = frozen.post(f"/_mock/messages/{id}/advance", json={})
    failed = frozen.post(f"/_mock/messages/{id}/advance", json={"to": "FAILED", "reason": "ERR_ROUTE_DENIED"})

    assert moved.json()["status"] == "PROCESSED"
    assert failed.json()["status"] == "FAILED"
    assert statuses(frozen, id) == ["ACCEPTED", "PROCESSED", "FAILED"]


@pytest.mark.parametrize(
    ("content", "status", "says"),
    [
        ({"to": "DELIVERED"}, 409, "cannot become DELIVERED; it can become PROCESSED, FAILED"),
        ({"to": "DELIVERD"}, 409, "did you mean 'DELIVERED'?"),
        ({"to": 5}, 400, "send an object"),
        ({"status": "SENT"}, 400, "send an object"),
        ([], 400, "send an object"),
    ],
)
def test_illegal_moves(frozen: Client, content: object, status: int, says: str) -> None:
    """A move that no message can make is refused, and nothing moves."""
    frozen.put("/_mock/scenario", content=MANUAL, headers=YAML)
    id = one(frozen)

    refused = frozen.post(f"/_mock/messages/{id}/advance", json=content)

    assert refused.status_code == status
    assert says in refused.json()["error"]
    assert statuses(frozen, id) == ["ACCEPTED"]


def test_who_cannot_be_moved(frozen: Client) -> None:
    """A message that moves with the clock is not moved by hand, and an unknown one not at all."""
    assert frozen.post(f"/_mock/messages/{one(frozen)}/advance", json={}).status_code == 409
    assert frozen.post("/_mock/messages/nobody/advance", json={}).status_code == 404


def test_webhooks_follow_the_clock(frozen: Client, receiver: Receiver) -> None:
    """Moving the clock delivers what it made due, before the answer comes back."""
    create(frozen, endpoint_url=receiver.url)
    one(frozen)

    advance(frozen, "1s")

    assert receiver.statuses == ["ACCEPTED", "PROCESSED", "SENT", "DELIVERED"]
    shown = frozen.get("/_mock/webhooks/deliveries").json()
    assert shown["deliveries"][0]["payload"]["payload"]["message_status"] == "DELIVERED"
    assert {(d["status"], d["http_status"], d["attempts"]) for d in shown["deliveries"]} == {("DELIVERED", 200, 1)}


def test_webhook_chaos(frozen: Client, receiver: Receiver) -> None:
    """A scenario's `webhooks` block doubles and reorders what a receiver gets."""
    create(frozen, endpoint_url=receiver.url)
    chaos = "{schema: 1, name: chaos, webhooks: {duplicate: 2, order: reversed, signature: absent}}"
    frozen.put("/_mock/scenario", content=chaos, headers=YAML)
    one(frozen)

    advance(frozen, "1s")

    assert sorted(receiver.statuses) == sorted(["ACCEPTED", "PROCESSED", "SENT", "DELIVERED"] * 2)
    assert receiver.statuses[0] == "DELIVERED"
    assert "x-webhook-signature" not in receiver.received[0].headers


def test_shipped_chaos(frozen: Client, receiver: Receiver) -> None:
    """`webhook-chaos` is obeyed: more arrives than happened."""
    create(frozen, endpoint_url=receiver.url)
    frozen.put("/_mock/scenario", json={"name": "webhook-chaos"})
    one(frozen)

    advance(frozen, "1h")

    assert len(receiver.received) > 4


def test_resend(frozen: Client, receiver: Receiver) -> None:
    """A delivery can be made once more, signed anew (WEB-4)."""
    create(frozen, endpoint_url=receiver.url)
    id = one(frozen)
    advance(frozen, "1s")
    delivery = frozen.get(f"/_mock/webhooks/deliveries?message={id}").json()["deliveries"][0]

    again = frozen.post(f"/_mock/webhooks/deliveries/{delivery['id']}/resend", json={})
    advance(frozen, "1s")

    assert again.status_code == 202
    assert receiver.statuses.count("DELIVERED") == 2
    assert receiver.received[-1].body == receiver.received[-2].body


def test_resend_of_nothing(frozen: Client) -> None:
    """A delivery that nobody remembers is a 404."""
    assert frozen.post("/_mock/webhooks/deliveries/nothing/resend", json={}).status_code == 404


def test_a_webhook_for_everybody(mock: Callable[..., Client], receiver: Receiver) -> None:
    """`MOCK_SENT_WEBHOOK_URL` registers one for every account: a container needs no call."""
    client = mock(webhook_url=receiver.url, webhook_secret="whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=")
    client.post("/_mock/clock", json={"freeze": "2026-03-11T21:50:50Z"})
    one(client)

    advance(client, "1s")

    assert receiver.statuses == ["ACCEPTED", "PROCESSED", "SENT", "DELIVERED"]
