"""What the inbox asks of the control plane, and every other client may ask too."""

from collections.abc import Callable

from conftest import Client, Live
from receiver import Receiver, answer


def test_a_timeline_says_what_was_and_what_comes(client: Client) -> None:
    """The way of a message is decided when it is accepted, so that nobody needs to ask again and again."""
    client.post("/_mock/clock", json={"freeze": "2026-03-11T21:50:50Z"})
    client.send(channel=["sms"])
    message = client.get("/_mock/messages").json()["messages"][0]

    assert message["status"] == "ACCEPTED"
    assert message["advance"] == "clock"
    assert [(event["status"], event["at"][17:24]) for event in message["timeline"]] == [
        ("ACCEPTED", "50.0000"),
        ("PROCESSED", "50.3000"),
        ("SENT", "50.6000"),
        ("DELIVERED", "50.9000"),
    ]


def test_a_timeline_by_hand(mock: Callable[..., Client]) -> None:
    """What is moved by hand has no future that is known; a reason stands beside the failure."""
    rule = "deliver: [{then: {reach: DELIVERED, advance: manual}}]"
    client = mock(scenario_inline=f"schema: 1\nname: by-hand\n{rule}\n")
    client.send(to=["+14155551234"], channel=["sms"])
    message = client.get("/_mock/messages").json()["messages"][0]
    assert (message["advance"], [event["status"] for event in message["timeline"]]) == ("manual", ["ACCEPTED"])

    moved = {"to": "FAILED", "reason": "ERR_ROUTE_DENIED"}
    message = client.post(f"/_mock/messages/{message['id']}/advance", json=moved).json()

    assert [(event["status"], event["reason"]) for event in message["timeline"]] == [
        ("ACCEPTED", None),
        ("FAILED", "ERR_ROUTE_DENIED"),
    ]


def test_scenarios_that_are_always_on(mock: Callable[..., Client]) -> None:
    """Beside the account's own scenario stand those of the settings."""
    client = mock(scenario="slow")
    client.put("/_mock/scenario", json={"name": "replayed"})

    found = client.get("/_mock/scenario").json()
    assert (found["scenario"]["name"], [each["name"] for each in found["always"]]) == ("replayed", ["slow"])


def test_a_reset_by_id_leaves_the_account_in_use(client: Client) -> None:
    """Who knows an account by its id only can go on with it after a reset."""
    client.send()
    (account,) = client.get("/_mock/accounts").json()["accounts"]
    where = {"account": account["id"]}

    assert client.post("/_mock/reset", params=where, json={}).json() == {"reset": 1}
    assert client.get("/_mock/messages", params=where).json()["count"] == 0
    assert client.put("/_mock/scenario", params=where, json={"name": "slow"}).status_code == 200


def test_every_attempt_is_told(live: Callable[..., Live], receiver: Receiver) -> None:
    """A delivery remembers each of its attempts, with what the receiver answered then."""
    receiver.behave = lambda n: answer(503, b"not now") if n == 1 else answer(200, b"thanks")
    client = live(webhook_url=receiver.url)
    client.post("/_mock/clock", json={"freeze": True})
    client.post(
        "/v3/messages", json={"to": ["+14155551234"], "channel": ["sms"], "template": {"name": "verification_code"}}
    )
    client.post("/_mock/clock", json={"advance": "1h"})
    deliveries = client.get("/_mock/webhooks/deliveries").json()["deliveries"]

    retried = next(each for each in deliveries if each["attempts"] == 2)
    tries = [(each["http_status"], each["answer"]) for each in retried["tries"]]
    assert tries == [(503, "not now"), (200, "thanks")]
    assert all(len(each["tries"]) == each["attempts"] for each in deliveries)


def test_credentials_in_a_url_are_not_shown(live: Callable[..., Live]) -> None:
    """The deliveries name where they go to, without the credentials that stand in the URL."""
    client = live(webhook_url="http://user:canary@127.0.0.1:9/hook")
    client.post("/_mock/clock", json={"freeze": True})
    client.post(
        "/v3/messages", json={"to": ["+14155551234"], "channel": ["sms"], "template": {"name": "verification_code"}}
    )
    client.post("/_mock/clock", json={"advance": "1s"})

    found = client.get("/_mock/webhooks/deliveries")

    assert {each["endpoint_url"] for each in found.json()["deliveries"]} == {"http://****@127.0.0.1:9/hook"}
    assert "canary" not in found.text + client.log.getvalue()


def test_old_attempts_are_forgotten(live: Callable[..., Live], receiver: Receiver) -> None:
    """However often somebody resends a delivery, it remembers twenty attempts."""
    client = live(webhook_url=receiver.url)
    client.post(
        "/v3/messages", json={"to": ["+14155551234"], "channel": ["sms"], "template": {"name": "verification_code"}}
    )
    client.post("/_mock/clock", json={"advance": "1h"})
    delivery = client.get("/_mock/webhooks/deliveries").json()["deliveries"][0]
    for _ in range(25):
        client.post(f"/_mock/webhooks/deliveries/{delivery['id']}/resend", json={}).raise_for_status()
        client.post("/_mock/clock", json={"advance": "1m"})
    found = client.get("/_mock/webhooks/deliveries").json()["deliveries"]

    (again,) = [each for each in found if each["id"] == delivery["id"]]
    assert (again["attempts"], len(again["tries"])) == (26, 20)
