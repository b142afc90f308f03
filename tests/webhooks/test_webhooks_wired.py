"""Webhooks from the request to the receiver, and what the server does at its end."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Client
from hookapi import KEY, create, fault, hooks, settle
from march import LIFECYCLE
from receiver import Receiver, answer
from signatures import SECRET, independent

from mock_sent.app import create_app
from mock_sent.ground.clock import DAY, SECOND
from mock_sent.ground.errors import StartupError
from mock_sent.settings import Settings
from mock_sent.world.lifecycle import plan
from mock_sent.world.messages import Send


@pytest.mark.real_socket
@pytest.mark.parametrize(
    ("body", "kind", "field"),
    [
        (None, "message.delivered", "messages"),
        ({}, "message.delivered", "messages"),
        ({"event_type": "message.sent"}, "message.sent", "messages"),
        ({"event_type": "messages"}, "message.delivered", "messages"),
        ({"event_type": "templates"}, "templates", "templates"),
    ],
)
def test_test(client: Client, receiver: Receiver, body: Any, kind: str, field: str) -> None:
    """`test` delivers one made-up event, signed like any other, and it stands among the events (WEB-11)."""
    webhook = create(client, endpoint_url=receiver.url)
    url = f"/v3/webhooks/{webhook['id']}"

    response = client.post(f"{url}/test", **({} if body is None else {"json": body}))
    settle(client)

    assert response.json()["data"] == {"success": True, "message": "Test event sent"}
    (each,) = receiver.received
    assert (each.headers["x-webhook-event-type"], f'"field":"{field}"'.encode() in each.body) == (kind, True)
    assert independent(webhook["signing_secret"], each.headers, each.body, each.at)
    (event,) = client.get(f"{url}/events").json()["data"]["events"]
    assert (event["event_type"], event["delivery_status"], event["delivery_attempts"]) == (kind, "DELIVERED", 1)


@pytest.mark.real_socket
def test_test_is_not_tried_again(client: Client, receiver: Receiver) -> None:
    """A test delivery that fails has failed; an unknown event type, or an inactive webhook, is refused (WEB-11)."""
    receiver.behave = lambda n: answer(500)
    url = f"/v3/webhooks/{create(client, endpoint_url=receiver.url)['id']}"

    client.post(f"{url}/test", json={})
    settle(client, DAY)
    (event,) = client.get(f"{url}/events").json()["data"]["events"]
    client.patch(f"{url}/toggle-status", json={"is_active": False})

    assert (event["delivery_status"], event["http_status_code"], len(receiver.received)) == ("FAILED", 500, 1)
    assert fault(client.post(f"{url}/test", json={}))[:2] == (400, "BUSINESS_010")
    assert fault(client.post(f"{url}/test", json={"event_type": "x"}))[:2] == (400, "VALIDATION_006")


@pytest.mark.real_socket
def test_events(client: Client, receiver: Receiver) -> None:
    """A send's events stand in the log, the newest first, with the receiver's answer; they can be searched."""
    assert client.portal
    clock = client.app_.state.accounts.open(KEY).clock
    client.portal.call(clock.freeze)
    receiver.behave = lambda n: answer(200, b"thanks") if n > 1 else answer(503, b"busy")
    url = f"/v3/webhooks/{create(client, endpoint_url=receiver.url)['id']}"
    id = client.send(to=["+14155551234"], channel=["sms"]).json()["data"]["recipients"][0]["message_id"]
    settle(client)
    (first,) = client.get(f"{url}/events").json()["data"]["events"]
    settle(client, 120 * SECOND)

    events = client.get(f"{url}/events").json()["data"]["events"]

    assert (first["delivery_status"], first["http_status_code"], first["response_body"]) == ("RETRYING", 503, "busy")
    assert first["processing_completed_at"] is None
    kinds = [each["event_type"] for each in events]
    assert kinds == ["message.delivered", "message.sent", "message.processed", "message.accepted"]
    assert {each["delivery_status"] for each in events} == {"DELIVERED"}
    assert [each["delivery_attempts"] for each in events] == [1, 1, 1, 2]
    assert events[0]["event_data"]["payload"]["message_id"] == id
    assert events[0]["response_body"] == "thanks"
    found = client.get(f"{url}/events", params={"search": "DELIVERED", "page_size": 1}).json()["data"]
    assert (found["pagination"]["total_count"], len(found["events"])) == (4, 1)
    assert client.get(f"{url}/events", params={"search": "sent"}).json()["data"]["pagination"]["total_count"] == 1


@pytest.mark.real_socket
def test_webhook_of_the_settings(mock: Callable[..., Client], receiver: Receiver) -> None:
    """MOCK_SENT_WEBHOOK_URL and _SECRET give every account a webhook of its own (WEB-12)."""
    client = mock(webhook_url=receiver.url, webhook_secret=SECRET)
    for key in ("one", "two"):
        client.send(headers={"x-api-key": key}, to=["+14155551234"], channel=["sms"])
        assert client.portal
        client.portal.call(client.app_.state.accounts.open(key).hooks.settle)

    (listed,) = client.get("/v3/webhooks").json()["data"]["webhooks"]

    assert (listed["endpoint_url"], listed["event_types"]) == (receiver.url, ["messages", "templates"])
    accepted = [each for each in receiver.received if each.status == "ACCEPTED"]
    assert len({each.headers["x-webhook-id"] for each in accepted}) == 2
    assert all(independent(SECRET, each.headers, each.body, each.at) for each in receiver.received)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"webhook_secret": "abc"}, "MOCK_SENT_WEBHOOK_SECRET must be whsec_ and base64"),
        ({"webhook_url": "receiver:80"}, "MOCK_SENT_WEBHOOK_URL is 'receiver:80'"),
        ({"webhook_allow": ("10.0.0.0/99",)}, "MOCK_SENT_WEBHOOK_ALLOW has '10.0.0.0/99'"),
    ],
)
def test_bad_settings(settings: dict[str, Any], says: str) -> None:
    """A setting that can deliver nothing stops the start."""
    with pytest.raises(StartupError, match=re.escape(says)):
        create_app(Settings(**settings))


def test_a_secret_by_the_seed(mock: Callable[..., Client]) -> None:
    """Without a secret in the settings the seed makes one; it is the same at every start."""
    secrets = []
    for _ in range(2):
        client = mock(webhook_url="http://127.0.0.1:9/")
        client.get("/v3/webhooks")
        (webhook,) = hooks(client).webhooks.values()
        secrets.append(webhook.members["signing_secret"])

    assert secrets[0] == secrets[1]


@pytest.mark.real_socket
def test_shutdown_finishes_what_is_due(mock: Callable[..., Client], receiver: Receiver) -> None:
    """A stop lets due deliveries finish, and tells of what is left: nothing is lost in silence (WEB-13)."""
    client = mock()
    assert client.portal
    account = client.app_.state.accounts.open(KEY)
    client.portal.call(account.clock.freeze)
    create(client, endpoint_url=receiver.url)
    for _ in range(5):
        client.send()

    client.__exit__(None, None, None)

    assert [each.status for each in receiver.received] == ["ACCEPTED"] * 20
    assert "stopped with webhook deliveries unmade" in client.log.getvalue()
    assert "due=0 later=20" in client.log.getvalue()


@pytest.mark.real_socket
def test_shutdown_does_not_wait_for_a_slow_receiver(mock: Callable[..., Client], receiver: Receiver) -> None:
    """A receiver that hangs does not hold up the stop; its delivery is told as unmade (WEB-13)."""
    receiver.behave = lambda n: b"hang"
    client = mock()
    create(client, endpoint_url=receiver.url)
    client.post(f"/v3/webhooks/{client.get('/v3/webhooks').json()['data']['webhooks'][0]['id']}/test", json={})

    client.__exit__(None, None, None)

    assert "due=1 later=0" in client.log.getvalue()


def test_nothing_runs_without_a_webhook(client: Client) -> None:
    """Sends without a webhook start no task."""
    client.send()

    assert (hooks(client).waiting, hooks(client).state.queues) == (0, {})


@pytest.mark.real_socket
def test_a_dropped_account(client: Client, receiver: Receiver) -> None:
    """An account that is dropped loses its webhooks, and the log says what they were still to tell (WEB-13)."""
    assert client.portal
    accounts = client.app_.state.accounts
    client.portal.call(accounts.open(KEY).clock.freeze)
    create(client, endpoint_url=receiver.url)
    client.send(to=["+14155551234"], channel=["sms"])
    settle(client)

    client.portal.call(accounts.drop, accounts.open(KEY))

    assert client.get("/v3/webhooks").json()["data"]["webhooks"] == []
    assert "account closed with webhook deliveries unmade" in client.log.getvalue()
    assert receiver.statuses == ["ACCEPTED"]


@pytest.mark.real_socket
def test_moving_a_message(client: Client, receiver: Receiver) -> None:
    """A move by hand changes what the API tells and what the webhook hears (LIFE-3)."""
    assert client.portal
    create(client, endpoint_url=receiver.url)
    account = client.app_.state.accounts.open(KEY)
    id = client.send(to=["+14155551234"], channel=["sms"]).json()["data"]["recipients"][0]["message_id"]
    account.mailbox.get(id).send.timetable = plan(LIFECYCLE, manual=True)
    by_hand = account.mailbox.get(id)

    client.portal.call(account.move, by_hand, "FAILED", "ERR_ROUTE_DENIED")
    settle(client, SECOND)

    message = client.get(f"/v3/messages/{id}").json()["data"]
    assert (message["status"], message["events"][-1]["description"]) == ("FAILED", "Message failed: ERR_ROUTE_DENIED")
    assert "FAILED" in receiver.statuses


def test_made_by_rule(client: Client) -> None:
    """Each message of a send may have a timetable of its own; a manual one remembers its moves."""
    account = client.app_.state.accounts.open(KEY)
    template, to, prices = account.templates.all()[0], ("+1001", "+1002"), account.prices
    by_hand, by_clock = plan(LIFECYCLE, manual=True), plan(LIFECYCLE)

    mixed = Send(0, template, "", "req", None, None, ("a", "b"), to, (None,), prices, (by_hand, by_clock))
    alike = Send(0, template, "", "req", None, None, ("c",), to[:1], ("sms",), prices, by_hand)

    assert [message.moves for message in (*mixed.messages(), *alike.messages())] == [[], None, []]
