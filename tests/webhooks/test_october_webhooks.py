"""Webhooks of October 2026: envelope, payload, filters, event ids, what comes in, and the three published vectors."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Live
from receiver import OK, Receiver, answer

from mock_sent.webhooks.signing import sign, verify

TO = "+14155551234"
# Of the vectors.
VECTOR_SECRET = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="
VECTOR_ID = "d4f5a6b7-c8d9-4e0f-a1b2-c3d4e5f6a7b8"


@pytest.fixture
def october(live: Callable[..., Live]) -> Live:
    server = live(edition="2026-10")
    server.post("/_mock/clock", json={"freeze": "2026-10-23T09:00:00Z"})
    return server


def subscribe(client: Live, url: str, **members: Any) -> dict[str, Any]:
    body = {"display_name": "test", "endpoint_url": url, "event_types": ["message"], **members}
    reply = client.post("/v3/webhooks", json=body)
    assert reply.status_code == 201, reply.text
    data: dict[str, Any] = reply.json()["data"]
    return data


def send(client: Live, **members: Any) -> dict[str, Any]:
    reply = client.post("/v3/messages", json={"to": [TO], "text": "Hi", **members})
    assert reply.status_code == 202, reply.text
    answered: dict[str, Any] = reply.json()
    return answered


def later(client: Live, span: str) -> None:
    """Move the clock; the answer comes when what is due was delivered."""
    client.post("/_mock/clock", json={"advance": span})


def envelopes(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(each.body) for each in receiver.received]


def test_the_envelope(october: Live, receiver: Receiver) -> None:
    """field, event, timestamp, request_id, payload; the payload's members are those that receivers read (WEB-2)."""
    subscribe(october, receiver.url)
    answered = send(october, channel=["sms"])
    later(october, "1s")

    first = envelopes(receiver)[0]
    assert list(first) == ["field", "event", "timestamp", "request_id", "payload"]
    assert (first["field"], first["event"]) == ("message", "message.queued")
    assert first["request_id"] == answered["meta"]["request_id"]
    assert first["payload"] == {
        "updated_at": "2026-10-23T09:00:00Z",
        "account_id": first["payload"]["account_id"],
        "message_id": answered["data"]["recipients"][0]["message_id"],
        "template_id": None,
        "outbound_number": TO,
        "message_status": "QUEUED",
        "channel": "sms",
        "body": "Hi",
    }
    assert [each["event"].partition(".")[2] for each in envelopes(receiver)] == [
        "queued",
        "routed",
        "sent",
        "delivered",
    ]


def test_channels_of_an_automatic_message(october: Live, receiver: Receiver) -> None:
    """`sent` until a route is chosen, the chosen channel afterwards, `auto` for one that ended before."""
    subscribe(october, receiver.url)
    send(october)
    october.put("/_mock/balance", json={"balance": 0})
    send(october, channel=["whatsapp"])
    later(october, "1s")

    seen = [(each["event"], each["payload"]["channel"]) for each in envelopes(receiver)]
    assert ("message.queued", "sent") in seen
    assert ("message.routed", "sms") in seen
    assert ("message.queued", "whatsapp") in seen
    assert ("message.blocked", "auto") in seen
    blocked = next(each["payload"] for each in envelopes(receiver) if each["event"] == "message.blocked")
    assert (blocked["reason"], blocked["reason_code"]) == ("Insufficient balance", "BUSINESS_003")


def test_a_scheduled_message(october: Live, receiver: Receiver) -> None:
    """scheduled tells until when and why; after the release the rest follows; cancelled is told once."""
    subscribe(october, receiver.url)
    send(october, scheduled_at="2026-10-23T10:00:00Z")
    cancelled = send(october, scheduled_at="2026-10-23T11:00:00Z")["data"]["recipients"][0]["message_id"]
    later(october, "1s")
    held = [each["payload"] for each in envelopes(receiver) if each["event"] == "message.scheduled"]
    for _ in range(2):
        october.post(f"/v3/messages/{cancelled}/cancel")
    later(october, "3h")

    assert [(each["scheduled_at"], each["schedule_reason"]) for each in held] == [
        ("2026-10-23T10:00:00Z", "scheduled_send"),
        ("2026-10-23T11:00:00Z", "scheduled_send"),
    ]
    events = [each["event"].partition(".")[2] for each in envelopes(receiver)]
    assert sorted(events) == sorted(
        ["queued", "scheduled", "queued", "scheduled", "cancelled", "routed", "sent", "delivered"]
    )
    last = next(each["payload"] for each in envelopes(receiver) if each["event"] == "message.cancelled")
    assert (last["scheduled_at"], "schedule_reason" in last) == ("2026-10-23T11:00:00Z", False)


def test_filters(october: Live, receiver: Receiver) -> None:
    """Only the wanted sub-types are delivered, by short or whole name; the filter is shown as it was given."""
    wanted = {"message": ["delivered", "message.failed"]}
    assert subscribe(october, receiver.url, event_filters=wanted)["event_filters"] == wanted
    send(october)
    later(october, "1s")

    assert [each["event"] for each in envelopes(receiver)] == ["message.delivered"]


@pytest.mark.parametrize("members", [
    {"event_types": ["messages"]}, {"event_types": ["sms"]}, {"event_filters": {"message": ["gone"]}},
    {"event_filters": {"messages": []}}, {"sender_profile": {"event_types": ["nobody"]}},
])  # fmt: skip
def test_names_that_there_are_not(october: Live, members: dict[str, Any]) -> None:
    """An unknown family or sub-type is VALIDATION_006 (WEB-14)."""
    body = {"display_name": "x", "endpoint_url": "http://127.0.0.1:9/", "event_types": ["message"], **members}

    assert october.post("/v3/webhooks", json=body).json()["error"]["code"] == "VALIDATION_006"


def test_the_event_id(october: Live, receiver: Receiver) -> None:
    """One for each event, the same on its retries, and that of the row in the log (WEB-16)."""
    receiver.behave = lambda n: answer(500) if n == 1 else OK
    webhook = subscribe(october, receiver.url, event_filters={"message": ["queued", "sent"]})
    send(october)
    later(october, "1s")
    later(october, "2m")

    ids = [each.headers["x-webhook-event-id"] for each in receiver.received]
    rows = october.get(f"/v3/webhooks/{webhook['id']}/events").json()["data"]["events"]
    assert len(ids) == 3
    assert len(set(ids)) == 2
    assert set(ids) == {row["id"] for row in rows}


def test_what_comes_in(october: Live, receiver: Receiver) -> None:
    """message.received and, for a keyword, contact.* joined by the message's id; the consent counts before."""
    subscribe(october, receiver.url, event_types=["message", "contact"])
    came = october.post(
        "/_mock/inbound", json={"from": TO, "text": "STOP", "media": ["https://a.example/x.png"]}
    ).json()
    later(october, "1s")

    received, contact = envelopes(receiver)
    assert (received["event"], contact["event"]) == ("message.received", "contact.opt_out")
    assert (received["payload"]["inbound_number"], received["payload"]["channel"]) == (TO, "sms")
    assert received["payload"]["media"] == [{"url": "https://a.example/x.png"}]
    assert contact["payload"] == {
        "contact_id": contact["payload"]["contact_id"],
        "account_id": received["payload"]["account_id"],
        "opt_out": True,
        "source": "INBOUND_KEYWORD",
        "channel": "sms",
        "from": TO,
        "to": "+14155550000",
        "text": "STOP",
        "message_id": came["message_id"],
        "template_id": None,
    }


def test_a_test_of_every_name(october: Live, receiver: Receiver) -> None:
    """Each family and each event of the tree can be tried, and is delivered once, signed (WEB-17)."""
    webhook = subscribe(october, receiver.url)
    tree = october.get("/v3/webhooks/event-types").json()["data"]["event_types"]
    names = [name for each in tree for name in (each["name"], *(sub["name"] for sub in each["sub_types"] or ()))]

    for name in names:
        assert october.post(f"/v3/webhooks/{webhook['id']}/test", json={"event_type": name}).status_code == 200
    later(october, "1s")

    assert len(receiver.received) == len(names) == 34
    for each in receiver.received:
        verify(webhook["signing_secret"], each.headers, each.body, now=int(each.headers["x-webhook-timestamp"]))


def test_webhooks_keep_their_edition(live: Callable[..., Live], receiver: Receiver) -> None:
    """A webhook of March gets March's events of a send of October, and none of a text, which March cannot tell of."""
    client = live()
    client.post("/_mock/clock", json={"freeze": "2026-10-23T09:00:00Z"})
    subscribe(client, receiver.url, event_types=["messages"])
    client.put("/_mock/edition", json={"edition": "2026-10"})
    send(client)
    send(client, text=None, template={"name": "verification_code", "parameters": {"code": "1"}})
    later(client, "1s")

    payloads = envelopes(receiver)
    assert [each["field"] for each in payloads] == ["messages"] * 4
    assert [each["payload"]["message_status"] for each in payloads] == ["ACCEPTED", "PROCESSED", "SENT", "DELIVERED"]


PROFILES = ("3f2504e0-4f89-41d3-9a0c-0305e82c3301", "3f2504e0-4f89-41d3-9a0c-0305e82c3302")


@pytest.mark.parametrize(("of_profiles", "heard"), [
    (None, [None] * 4),
    ({"event_types": ["contact"]}, [None] * 4),
    ({"event_types": ["message"]}, [*[None] * 4, *[0] * 4, *[1] * 4]),
    ({"event_types": ["message"], "event_filters": {"message": ["sent"]}}, [*[None] * 4, 0, 1]),
])  # fmt: skip
def test_events_of_profiles(
    october: Live, receiver: Receiver, of_profiles: dict[str, Any] | None, heard: list[int | None]
) -> None:
    """An organization's webhook hears of its profiles what `sender_profile` says, under the profile's id (WEB-8)."""
    webhook = subscribe(october, receiver.url, sender_profile=of_profiles)
    own = october.get("/v3/webhooks").json()["data"]["webhooks"][0]["customer_id"]
    send(october)
    for profile in PROFILES:
        october.post("/v3/messages", json={"to": [TO], "text": "Hi"}, headers={"x-profile-id": profile})
    later(october, "1s")

    wanted = [own if n is None else PROFILES[n] for n in heard]
    assert sorted(each["payload"]["account_id"] for each in envelopes(receiver)) == sorted(wanted)
    assert {each.headers["x-webhook-id"] for each in receiver.received} == {webhook["id"]}
    assert len(october.get(f"/v3/webhooks/{webhook['id']}/events").json()["data"]["events"]) == len(heard)
    assert "sender_profile" not in webhook


def test_a_change_of_what_profiles_tell(october: Live, receiver: Receiver) -> None:
    """PUT has the whole webhook: one that lacks `sender_profile` ends it; toggle-status leaves it alone."""
    wanted = {"display_name": "test", "endpoint_url": receiver.url, "event_types": ["contact"]}
    path = f"/v3/webhooks/{subscribe(october, receiver.url, **wanted)['id']}"
    heard = []

    for body in ({"sender_profile": {"event_types": ["message"]}}, {}):
        october.put(path, json={**wanted, **body})
        october.patch(f"{path}/toggle-status", json={"is_active": True})
        october.post("/v3/messages", json={"to": [TO], "text": "Hi"}, headers={"x-profile-id": PROFILES[0]})
        later(october, "1s")
        heard.append(len(receiver.received))

    assert heard == [4, 4]


def test_the_webhook_of_a_profile(october: Live, receiver: Receiver) -> None:
    """It hears of its profile, and a `sender_profile` of its own is warned about, because it has no effect."""
    scope = {"x-profile-id": PROFILES[0]}
    body = {"display_name": "x", "endpoint_url": receiver.url, "event_types": ["message"]}
    made = october.post("/v3/webhooks", json={**body, "sender_profile": {"event_types": ["message"]}}, headers=scope)
    send(october)
    october.post("/v3/messages", json={"to": [TO], "text": "Hi"}, headers=scope)
    later(october, "1s")

    assert "organization only" in made.headers["x-mock-warning"]
    assert {each["payload"]["account_id"] for each in envelopes(receiver)} == {PROFILES[0]}


def test_the_webhook_of_the_settings_hears_all(live: Callable[..., Live], receiver: Receiver) -> None:
    """MOCK_SENT_WEBHOOK_URL gets the events of profiles too, in both editions."""
    client = live(edition="2026-10", webhook_url=receiver.url)
    client.post("/_mock/clock", json={"freeze": "2026-10-23T09:00:00Z"})
    for edition in ("2026-10", "2026-03"):
        client.put("/_mock/edition", json={"edition": edition})
        body = {"to": [TO], "template": {"name": "verification_code", "parameters": {"code": "1"}}}
        client.post("/v3/messages", json=body, headers={"x-profile-id": PROFILES[1]})
        later(client, "1s")

    assert [each["field"] for each in envelopes(receiver)] == ["message"] * 4 + ["messages"] * 4


def test_a_webhook_that_is_replaced_in_another_edition(live: Callable[..., Live], receiver: Receiver) -> None:
    """PUT names events in the words of the account's edition, and so the webhook gets that edition's events."""
    client = live()
    client.post("/_mock/clock", json={"freeze": "2026-10-23T09:00:00Z"})
    webhook = subscribe(client, receiver.url, event_types=["messages"])
    client.put("/_mock/edition", json={"edition": "2026-10"})
    body = {"display_name": "x", "endpoint_url": receiver.url, "event_types": ["message"]}
    client.put(f"/v3/webhooks/{webhook['id']}", json=body)
    send(client)
    later(client, "1s")

    assert [each["field"] for each in envelopes(receiver)] == ["message"] * 4


def test_a_receiver_of_today(october: Live, receiver: Receiver) -> None:
    """Receivers read `field`, `event`, and of the payload message_id, message_status and updated_at, of every event."""
    subscribe(october, receiver.url)
    october.put("/_mock/balance", json={"balance": 0.01})
    blocked = send(october)["data"]["recipients"] + send(october)["data"]["recipients"]
    later(october, "1s")
    seen: dict[str, dict[str, str]] = {}
    for envelope in envelopes(receiver):
        if envelope["field"] != "message":
            continue
        family, sub_type = envelope["event"].split(".")
        payload = envelope["payload"]
        assert (family, sub_type.upper()) == ("message", payload["message_status"])
        state = seen.setdefault(payload["message_id"], {"at": ""})
        if payload["updated_at"] >= state["at"]:
            state.update(at=payload["updated_at"], status=payload["message_status"])

    assert [seen[each["message_id"]]["status"] for each in blocked] == ["DELIVERED", "BLOCKED"]


VECTORS = [
    (
        '{"field":"message","event":"message.delivered","timestamp":"2026-10-23T09:00:05Z","request_id":"req_7X9zKp2jDw",'
        '"payload":{"updated_at":"2026-10-23T09:00:04Z","account_id":"550e8400-e29b-41d4-a716-446655440000","message_id":'
        '"8ba7b830-9dad-11d1-80b4-00c04fd430c8","template_id":"7ba7b820-9dad-11d1-80b4-00c04fd430c8","template_name":'
        '"order_confirmation","outbound_number":"+14155551234","message_status":"DELIVERED","channel":"sms","body":'
        '"Hi John Doe, your order #12345 has been confirmed."}}',
        "v1,hfbSI1SUaU7MTqnZqGgrGOGhI0U+vZKPrIyuaQpJboQ=",
    ),
    (
        '{"field":"message","event":"message.blocked","timestamp":"2026-10-23T09:00:05Z","request_id":"req_7X9zKp2jDw",'
        '"payload":{"updated_at":"2026-10-23T09:00:05Z","account_id":"550e8400-e29b-41d4-a716-446655440000","message_id":'
        '"8ba7b830-9dad-11d1-80b4-00c04fd430c8","template_id":null,"outbound_number":"+14155551234","message_status":'
        '"BLOCKED","channel":"auto","body":null,"reason":"Insufficient balance","reason_code":"BUSINESS_003"}}',
        "v1,3SrMSD665qZMI05K6q6YipRHHMwhDXf82ftNOFQXbj8=",
    ),
    (
        '{"field":"message","event":"message.received","timestamp":"2026-10-23T09:00:05Z","request_id":"req_7X9zKp2jDw",'
        '"payload":{"message_id":"9ba7b840-9dad-11d1-80b4-00c04fd430c8","updated_at":"2026-10-23T09:00:04Z","account_id":'
        '"550e8400-e29b-41d4-a716-446655440000","inbound_number":"+14155551234","outbound_number":"+14155550000","text":'
        '"STOP","channel":"sms","received_at":"2026-10-23T09:00:04Z"}}',
        "v1,HQYXt2xVcUAwPjet24GL4U6MJgfJBO4N/Scg86vgxc8=",
    ),
]


@pytest.mark.parametrize(("body", "signature"), VECTORS)
def test_the_published_vectors(body: str, signature: str) -> None:
    """Three deliveries whose signatures were computed by others (part 5.5 of the October facts)."""
    assert sign(VECTOR_SECRET, VECTOR_ID, 1_792_746_005, body.encode()) == signature
