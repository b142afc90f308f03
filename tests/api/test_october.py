"""The edition of October 2026: sending, what becomes of messages, reading them."""

from collections.abc import Callable
from typing import Any

import pytest
from conftest import Client

START = "2026-10-23T09:00:00Z"
TO, OTHER = "+14155551234", "+14155555678"
WELCOME = {"name": "welcome", "parameters": {"name": "Ann", "company": "Acme"}}


@pytest.fixture
def october(mock: Callable[..., Client]) -> Client:
    """A client of a mock of October, whose clock stands still."""
    client = mock(edition="2026-10")
    client.post("/_mock/clock", json={"freeze": START})
    return client


def sent(client: Client, **members: Any) -> dict[str, Any]:
    """The data of an accepted send."""
    reply = client.post("/v3/messages", json={"to": [TO], **members})
    assert reply.status_code == 202, reply.text
    data: dict[str, Any] = reply.json()["data"]
    return data


def ids(data: dict[str, Any]) -> list[str]:
    return [recipient["message_id"] for recipient in data["recipients"]]


def read(client: Client, id: str) -> dict[str, Any]:
    data: dict[str, Any] = client.get(f"/v3/messages/{id}").json()["data"]
    return data


def later(client: Client, span: str) -> None:
    client.post("/_mock/clock", json={"advance": span})


def statuses(client: Client, id: str) -> list[str]:
    return [event["status"] for event in read(client, id)["events"]]


def ended(client: Client, id: str) -> tuple[str, str | None, str | None]:
    """Status, reason and reason code once everything has happened."""
    later(client, "10s")
    message = read(client, id)
    return message["status"], message.get("reason"), message.get("reason_code")


def details(client: Client, **members: Any) -> dict[str, Any]:
    """The details of a 400, and its code under the key `code`."""
    reply = client.post("/v3/messages", json={"to": [TO], **members})
    assert reply.status_code == 400, reply.text
    error = reply.json()["error"]
    return {"code": error["code"], **error["details"]}


def test_a_template_on_two_channels(october: Client) -> None:
    """202 QUEUED; each recipient has its text on each pinned channel (SEND-1, SEND-13)."""
    data = sent(october, channel=["sms", "whatsapp"], template=WELCOME)

    assert (data["status"], data["template_name"]) == ("QUEUED", "welcome")
    assert [(each["channel"], each["body"]) for each in data["recipients"]] == [
        ("sms", "Welcome to Acme, Ann!"),
        ("whatsapp", "Welcome to Acme, Ann!"),
    ]
    assert "scheduled_at" not in data
    assert "body" not in data


def test_a_text_without_a_channel(october: Client) -> None:
    """A text has no template members, and an automatic message no text in the answer (SEND-19)."""
    data = sent(october, text="See you at nine.")

    assert {"template_id", "template_name"}.isdisjoint(data)
    assert [(each["channel"], each["body"]) for each in data["recipients"]] == [(None, None)]
    assert read(october, ids(data)[0])["message_body"]["content"] == "See you at nine."


@pytest.mark.parametrize(
    "nulls", [("channel",), ("channels",), ("media_urls",), ("scheduled_at",), ("subject",), ("template",)]
)
def test_nulls_count_as_absent(october: Client, nulls: tuple[str, ...]) -> None:
    """The SDKs put null on the wire for what a caller set to None."""
    assert sent(october, text="Hi", **dict.fromkeys(nulls))["status"] == "QUEUED"


EXACTLY = ["provide exactly one of 'template' or 'text'"]
WRONG = [
    ({}, {"code": "VALIDATION_004", "template": EXACTLY}),
    ({"text": " \n"}, {"code": "VALIDATION_004", "template": EXACTLY}),
    ({"text": None, "template": None}, {"code": "VALIDATION_004", "template": EXACTLY}),
    ({"text": "a", "template": WELCOME}, {"code": "VALIDATION_001", "template": EXACTLY, "text": EXACTLY}),
    ({"template": {}}, {"code": "VALIDATION_004", "template": ["'template' must have an id or a name"]}),
    ({"text": 1}, {"code": "VALIDATION_001", "text": ["'text' must be a string"]}),
    ({"text": 1, "template": WELCOME}, {"code": "VALIDATION_001", "text": ["'text' must be a string"]}),
    (
        {"text": "a", "channel": ["SMS"]},
        {"code": "VALIDATION_006", "channel[0]": ["'channel[0]' must be one of sms, whatsapp, rcs, mms, sent"]},
    ),
    ({"text": "a", "channel": ["mms"]}, {"code": "VALIDATION_004", "media_urls": ["'media_urls' is required for mms"]}),
    (
        {"text": "a", "media_urls": ["http://a.example/x.png"]},
        {"code": "VALIDATION_001", "media_urls[0]": ["'media_urls[0]' must be an https URL"]},
    ),
    (
        {"text": "a", "channels": {"sent": []}},
        {"code": "VALIDATION_006", "channels.sent": ["'channels.sent' must be one of sms, whatsapp, rcs, mms"]},
    ),
    (
        {"text": "a", "scheduled_at": "2026-10-24T09:00:00.123456"},
        {"code": "VALIDATION_001", "scheduled_at": ["'scheduled_at' must be an ISO-8601 time with a UTC offset"]},
    ),
    (
        {"text": "a", "scheduled_at": "2026-02-30T09:00:00Z"},
        {"code": "VALIDATION_001", "scheduled_at": ["'scheduled_at' must be an ISO-8601 time with a UTC offset"]},
    ),
    (
        {"text": "a", "scheduled_at": "2026-10-23T09:00:59.9Z"},
        {"code": "VALIDATION_005", "scheduled_at": ["'scheduled_at' must be between 1 minute and 30 days ahead"]},
    ),
    (
        {"text": "a", "scheduled_at": "2026-11-22T09:00:01Z"},
        {"code": "VALIDATION_005", "scheduled_at": ["'scheduled_at' must be between 1 minute and 30 days ahead"]},
    ),
]


@pytest.mark.parametrize(("members", "wanted"), WRONG)
def test_what_is_judged_at_once(october: Client, members: dict[str, Any], wanted: dict[str, Any]) -> None:
    """The rows of 2.4 that are a 400, with their codes and texts (SEND-15, SEND-16)."""
    assert details(october, **members) == wanted


@pytest.mark.parametrize(
    "at", ["2026-10-23T09:01:00Z", "2026-11-22T10:00:00.000+01:00", "2026-10-23T11:02:00.123456789+02:00"]
)
def test_times_that_can_be(october: Client, at: str) -> None:
    """The bounds are legal, and so is any offset and number of digits (SEND-17)."""
    assert sent(october, text="a", scheduled_at=at)["scheduled_at"].endswith("+00:00")


def test_the_usual_way(october: Client) -> None:
    """QUEUED, ROUTED, SENT, DELIVERED; the channel is known from ROUTED on (LIFE-1, LIFE-5)."""
    id = ids(sent(october, text="a"))[0]

    assert (read(october, id)["channel"], read(october, id)["direction"]) == ("auto", "OUTBOUND")
    later(october, "300ms")
    assert read(october, id)["channel"] == "sms"
    later(october, "1s")
    assert statuses(october, id) == ["QUEUED", "ROUTED", "SENT", "DELIVERED"]


def test_pictures_make_an_automatic_message_an_mms(october: Client) -> None:
    """`media_urls` without a channel: mms, with the pictures and the subject in the message (SEND-16)."""
    id = ids(sent(october, text="Look", media_urls=["https://a.example/x.png"], subject="A picture"))[0]
    later(october, "1s")
    message = read(october, id)

    assert (message["channel"], message["price"]) == ("mms", 0.02)
    assert message["message_body"]["subject"] == "A picture"
    assert message["message_body"]["media"][0]["url"] == "https://a.example/x.png"


def test_a_scheduled_message(october: Client) -> None:
    """It is held, costs nothing, and is sent at its instant on the account's clock (LIFE-7)."""
    data = sent(october, channel=["sms"], template=WELCOME, scheduled_at="2026-10-23T12:00:00+02:00")
    id = ids(data)[0]

    held = read(october, id)
    assert (data["status"], data["scheduled_at"]) == ("QUEUED", "2026-10-23T10:00:00.0000000+00:00")
    assert (held["status"], held["price"], held["scheduled_at"]) == ("SCHEDULED", None, data["scheduled_at"])
    later(october, "59m")
    assert read(october, id)["status"] == "SCHEDULED"
    later(october, "61s")
    assert statuses(october, id) == ["QUEUED", "SCHEDULED", "ROUTED", "SENT", "DELIVERED"]
    assert read(october, id)["price"] == 0.0075
    assert read(october, id)["events"][2]["timestamp"] == "2026-10-23T10:00:00.0000000+00:00"


def test_a_hold_is_judged_at_its_release(october: Client) -> None:
    """A balance that was enough and is not any more blocks the message when it is released."""
    id = ids(sent(october, text="a", scheduled_at="2026-10-23T10:00:00Z"))[0]
    october.put("/_mock/balance", json={"balance": 0})
    later(october, "2h")

    assert ended(october, id) == ("BLOCKED", "Insufficient balance", "BUSINESS_003")


PICTURES = ["https://a.example/own.png"]


def pictured(client: Client, id: str) -> tuple[str, str | None, list[str] | None]:
    """Channel, subject and pictures of a message once it is delivered."""
    later(client, "1s")
    message = read(client, id)
    media = message["message_body"]["media"]
    return message["channel"], message["message_body"]["subject"], media and [each["url"] for each in media]


def test_a_template_with_pictures(october: Client) -> None:
    """An mms has the pictures of the template, or those of the request in their place; other channels have none."""
    template = {"id": TO_NOBODY, "name": "card", "body": "Look", "media": PICTURES, "subject": "Own"}
    assert october.put("/_mock/templates", json=[template]).json()["templates"][-1]["media"] == PICTURES
    other = {"media_urls": ["https://b.example/y.png"], "subject": "Other"}

    mms, sms = ids(sent(october, channel=["mms", "sms"], template={"name": "card"}))
    automatic = ids(sent(october, template={"name": "card"}))[0]
    replaced = ids(sent(october, channel=["mms"], template={"name": "card"}, **other))[0]

    assert pictured(october, mms) == ("mms", "Own", PICTURES)
    assert pictured(october, sms) == ("sms", None, None)
    assert pictured(october, automatic) == ("mms", "Own", PICTURES)
    assert pictured(october, replaced) == ("mms", "Other", other["media_urls"])


def test_a_template_without_pictures_is_no_mms(october: Client) -> None:
    """400 VALIDATION_004 on media_urls, as for a text; held messages are judged at once too (SEND-16)."""
    wanted = {"code": "VALIDATION_004", "media_urls": ["'media_urls' is required for mms"]}
    assert details(october, channel=["sms", "mms"], template=WELCOME) == wanted
    assert details(october, channel=["mms"], template=WELCOME, scheduled_at="2026-10-23T10:00:00Z") == wanted
    unknown = {"to": [TO], "channel": ["mms"], "template": {"name": "no"}}
    assert october.post("/v3/messages", json=unknown).status_code == 404


def test_pictures_of_no_use(october: Client) -> None:
    """Without mms in play `media_urls` and `subject` are ignored (SEND-16)."""
    id = ids(sent(october, text="a", channel=["sms"], media_urls=PICTURES, subject="S"))[0]

    assert pictured(october, id) == ("sms", None, None)


HOLDING = "{schema: 1, name: quiet, deliver: [{then: {hold: 8h}}]}"


def test_quiet_hours_at_the_release(october: Client) -> None:
    """A scheduled message that is released in quiet hours is held once more: a second SCHEDULED entry (LIFE-7)."""
    october.put("/_mock/scenario", content=HOLDING, headers={"content-type": "application/yaml"})
    october.put("/_mock/balance", json={"balance": 1})
    id = ids(sent(october, text="a", scheduled_at="2026-10-23T10:00:00Z"))[0]
    later(october, "1h30m")

    assert statuses(october, id) == ["QUEUED", "SCHEDULED", "SCHEDULED"]
    assert read(october, id)["scheduled_at"] == "2026-10-23T18:00:00.0000000+00:00"
    activities = october.get(f"/v3/messages/{id}/activities").json()["data"]["activities"]
    assert [each["scheduled_at"][11:13] for each in activities if "scheduled_at" in each] == ["18", "10"]
    assert october.get("/_mock/balance").json() == {"balance": 1}
    later(october, "8h")
    assert statuses(october, id) == ["QUEUED", "SCHEDULED", "SCHEDULED", "ROUTED", "SENT", "DELIVERED"]
    assert october.get("/_mock/balance").json() == {"balance": 0.9925}


def test_a_message_that_quiet_hours_moved_is_cancelled(october: Client) -> None:
    """It can be called off until its new instant, and a balance that is gone by then blocks it."""
    october.put("/_mock/scenario", content=HOLDING, headers={"content-type": "application/yaml"})
    first, second = (ids(sent(october, text="a", scheduled_at="2026-10-23T10:00:00Z"))[0] for _ in range(2))
    later(october, "2h")
    cancelled = october.post(f"/v3/messages/{first}/cancel").json()["data"]
    october.put("/_mock/balance", json={"balance": 0})
    later(october, "8h")

    assert (cancelled["status"], cancelled["scheduled_at"][11:13]) == ("CANCELLED", "18")
    assert read(october, first)["status"] == "CANCELLED"
    assert ended(october, second) == ("BLOCKED", "Insufficient balance", "BUSINESS_003")


def test_cancelling(october: Client) -> None:
    """A held message is called off, twice with the same answer; its events are those before (LIFE-8)."""
    id = ids(sent(october, text="a", scheduled_at="2026-10-23T10:00:00Z"))[0]

    first, second = (october.post(f"/v3/messages/{id}/cancel") for _ in range(2))

    assert [reply.status_code for reply in (first, second)] == [200, 200]
    assert first.json()["data"] == second.json()["data"]
    assert first.json()["data"]["status"] == "CANCELLED"
    assert first.json()["data"]["scheduled_at"] == "2026-10-23T10:00:00.0000000+00:00"
    assert [event["status"] for event in first.json()["data"]["events"]] == ["QUEUED", "SCHEDULED"]
    later(october, "2h")
    assert statuses(october, id) == ["QUEUED", "SCHEDULED", "CANCELLED"]


def test_what_cannot_be_cancelled(october: Client) -> None:
    """Any other status is 409 BUSINESS_006, the same each time; an unknown id is 404."""
    id = ids(sent(october, text="a"))[0]

    codes = [october.post(f"/v3/messages/{id}/cancel").json()["error"]["code"] for _ in range(3)]

    assert codes == ["BUSINESS_006"] * 3
    assert october.post(f"/v3/messages/{TO_NOBODY}/cancel").status_code == 404


TO_NOBODY = "00000000-0000-4000-8000-000000000000"


def test_resending(october: Client) -> None:
    """A message that is delivered goes its way again under its id, and is paid for again (LIFE-9)."""
    october.put("/_mock/balance", json={"balance": 1})
    id = ids(sent(october, text="a"))[0]
    assert october.post(f"/v3/messages/{id}/resend").status_code == 409
    later(october, "1s")

    reply = october.post(f"/v3/messages/{id}/resend", headers={"idempotency-key": "again"})
    replay = october.post(f"/v3/messages/{id}/resend", headers={"idempotency-key": "again"})

    assert (reply.status_code, reply.json()["data"]["status"]) == (202, "QUEUED")
    assert replay.headers["idempotent-replayed"] == "true"
    later(october, "1s")
    assert statuses(october, id) == ["QUEUED", "ROUTED", "SENT", "DELIVERED"] * 2
    assert october.get("/_mock/balance").json() == {"balance": 0.985}


def test_a_message_that_is_resent_too_often(october: Client) -> None:
    """The mock keeps a hundred changes of one message: what would be one more is refused in a sentence."""
    id = ids(sent(october, text="a"))[0]
    later(october, "1s")
    for _ in range(100):
        assert october.post(f"/v3/messages/{id}/resend").status_code == 202
        later(october, "1s")

    refused = october.post(f"/v3/messages/{id}/resend")

    assert refused.status_code == 400
    assert "the mock keeps 100 changes of one message" in refused.text


def test_a_blocked_message_can_be_resent_and_a_filtered_one_cannot(october: Client) -> None:
    """BLOCKED becomes QUEUED once the account has money; FILTERED is the end."""
    october.put("/_mock/balance", json={"balance": 0})
    blocked = ids(sent(october, text="a"))[0]
    october.put("/_mock/balance", json={"balance": 1})
    october.post("/_mock/inbound", json={"from": OTHER, "text": "STOP"})
    filtered = ids(sent(october, to=[OTHER], text="a"))[0]
    later(october, "1s")

    assert october.post(f"/v3/messages/{blocked}/resend").status_code == 202
    assert ended(october, blocked) == ("DELIVERED", None, None)
    assert october.post(f"/v3/messages/{filtered}/resend").json()["error"]["code"] == "BUSINESS_006"


def test_a_balance_that_covers_some(october: Client) -> None:
    """Message by message in their order: what is not covered any more is BLOCKED, and the rest goes on (SEND-11)."""
    october.put("/_mock/balance", json={"balance": 0.01})
    data = sent(october, to=[TO, OTHER], text="a")

    assert [ended(october, id)[0] for id in ids(data)] == ["DELIVERED", "BLOCKED"]
    assert october.get("/_mock/balance").json() == {"balance": 0.0025}


def test_a_missing_value_fails_the_message(october: Client) -> None:
    """202, and then FAILED with VALIDATION_008 (SEND-9)."""
    id = ids(sent(october, channel=["sms"], template={"name": "welcome", "parameters": {"name": "Ann"}}))[0]

    assert ended(october, id) == ("FAILED", "Invalid template variable value", "VALIDATION_008")


def test_a_template_that_is_not_approved(october: Client) -> None:
    """202, and then BLOCKED (SEND-21)."""
    template = {"id": TO_NOBODY, "name": "draft", "body": "Hi", "sendable": False}
    october.put("/_mock/templates", json=[template])

    id = ids(sent(october, template={"name": "draft"}))[0]

    assert ended(october, id) == ("BLOCKED", "Template not approved", "BUSINESS_005")
    assert read(october, id)["channel"] == "auto"


def test_senders_that_are_not_active(mock: Callable[..., Client]) -> None:
    """A number of `channels` that the fixtures do not have blocks the messages of its channel alone (SEND-18)."""
    client = mock(edition="2026-10", fixtures_inline="{schema: 1, default: {senders: {sms: ['+14155550001']}}}")
    client.post("/_mock/clock", json={"freeze": START})
    wanted = {"sms": [{"from": ["+14155550002"]}]}

    data = sent(client, text="a", channel=["sms", "whatsapp"], channels=wanted)

    assert [ended(client, id)[2] for id in ids(data)] == ["BUSINESS_029", None]


def test_stop_and_start(october: Client) -> None:
    """A contact that wrote STOP gets FILTERED messages on every channel, until it writes START (SEND-20)."""
    stop = october.post("/_mock/inbound", json={"from": TO, "text": " stop "}).json()
    filtered = ids(sent(october, to=[TO, OTHER], channel=["whatsapp"], text="a"))
    start = october.post("/_mock/inbound", json={"from": TO, "text": "Unstop", "channel": "rcs"}).json()
    after = ids(sent(october, text="a"))[0]

    assert (stop["keyword"], stop["opted_out"]) == ("opt_out", True)
    assert (start["keyword"], start["opted_out"]) == ("opt_in", False)
    assert [ended(october, id)[0] for id in filtered] == ["FILTERED", "DELIVERED"]
    assert ended(october, filtered[0]) == ("FILTERED", "Contact has opted out", "BUSINESS_004")
    assert ended(october, after)[0] == "DELIVERED"


def test_a_message_that_comes_in(october: Client) -> None:
    """It is a message: INBOUND, RECEIVED, without a template; the phone is the contact's."""
    id = october.post("/_mock/inbound", json={"from": TO, "text": "Hello?", "channel": "whatsapp"}).json()["message_id"]
    message = read(october, id)

    assert (message["direction"], message["status"], message["channel"]) == ("INBOUND", "RECEIVED", "whatsapp")
    assert (message["phone"], message["template_id"], message["message_body"]["content"]) == (TO, None, "Hello?")
    assert october.post(f"/v3/messages/{id}/resend").status_code == 409


def test_free_text_behind_its_gate(mock: Callable[..., Client]) -> None:
    """With MOCK_SENT_FREE_TEXT=gated a text needs a conversation (SEND-22), and WhatsApp a recent message (SEND-23)."""
    client = mock(edition="2026-10", free_text="gated")
    client.post("/_mock/clock", json={"freeze": START})

    closed = ids(sent(client, text="a"))[0]
    client.post("/_mock/inbound", json={"from": TO, "text": "Hi"})
    opened = ids(sent(client, text="a"))[0]
    shut = ids(sent(client, text="a", channel=["whatsapp"]))[0]
    templated = ids(sent(client, to=[OTHER], template=WELCOME, channel=["sms"]))
    after_template = ids(sent(client, to=[OTHER], text="a"))[0]

    assert ended(client, closed)[::2] == ("BLOCKED", "CONVERSATION_TEMPLATE_REQUIRED")
    assert ended(client, opened)[0] == "DELIVERED"
    assert ended(client, shut)[::2] == ("FAILED", "WHATSAPP_TEMPLATE_REQUIRED")
    assert [ended(client, id)[0] for id in (*templated, after_template)] == ["DELIVERED", "DELIVERED"]


def test_activities(october: Client) -> None:
    """The newest first, with a page of all of them."""
    id = ids(sent(october, text="a", scheduled_at="2026-10-23T10:00:00Z"))[0]
    data = october.get(f"/v3/messages/{id}/activities").json()["data"]

    assert [each["status"] for each in data["activities"]] == ["SCHEDULED", "QUEUED"]
    assert data["activities"][0]["scheduled_at"] == "2026-10-23T10:00:00.0000000+00:00"
    assert data["pagination"]["total_count"] == 2


def test_conversations(october: Client) -> None:
    """All messages, the newest first, page by page; one contact's by its id too (READ-10, READ-11)."""
    first = ids(sent(october, to=[TO, OTHER], text="a"))
    later(october, "1s")
    answer = october.post("/_mock/inbound", json={"from": TO, "text": "b"}).json()["message_id"]

    page = october.get("/v3/conversations", params={"page_size": 2}).json()["data"]
    rest = october.get("/v3/conversations", params={"page": 2, "page_size": 2}).json()["data"]
    contact = read(october, answer)["contact_id"]
    one = october.get(f"/v3/conversations/{contact}").json()["data"]

    assert [each["id"] for each in [*page["messages"], *rest["messages"]]] == [answer, *first[::-1]]
    assert (page["pagination"]["has_more"], page["pagination"]["total_count"]) == (True, 3)
    assert [each["id"] for each in one["messages"]] == [answer, first[0]]
    assert one["messages"][0]["events"] is None
    assert october.get(f"/v3/conversations/{TO_NOBODY}").json()["data"]["messages"] == []


def test_the_summary_of_a_contact(october: Client) -> None:
    """Both directions count; scores are whole percents of the channel's messages (READ-12)."""
    failing = {"schema": 1, "name": "s", "deliver": [{"then": {"fail": "delivery_failed"}}]}
    sent(october, channel=["sms"], text="a")
    october.put("/_mock/scenario", content=str(failing), headers={"content-type": "application/yaml"})
    id = ids(sent(october, channel=["sms"], text="a"))[0]
    october.post("/_mock/inbound", json={"from": TO, "text": "b"})
    later(october, "5s")

    data = october.get(f"/v3/contacts/{read(october, id)['contact_id']}/message-summary").json()["data"]

    assert (data["message_count"], data["channels_used"]) == (3, ["sms"])
    assert data["channel_scores"] == [{"channel": "sms", "success_score": 67, "fail_score": 33}]
    assert october.get(f"/v3/contacts/{TO_NOBODY}/message-summary").json()["error"]["code"] == "RESOURCE_001"


RULES = {
    "{reach: read}": "READ",
    "{fail: insufficient_balance}": "BLOCKED",
    "{fail: opted_out}": "FILTERED",
    "{fail: no_route}": "FAILED",
    "{fail_at: delivered, reason: ERR_ROUTE_DENIED}": "FAILED",
}


@pytest.mark.parametrize("then", RULES)
def test_rules_reach_every_stage(october: Client, then: str) -> None:
    """`deliver` rules name outcomes and stages of October."""
    scenario = f"{{schema: 1, name: s, deliver: [{{then: {then}}}]}}"
    october.put("/_mock/scenario", content=scenario, headers={"content-type": "application/yaml"})

    assert ended(october, ids(sent(october, text="a", channel=["whatsapp"]))[0])[0] == RULES[then]


def test_quiet_hours_by_a_rule(october: Client) -> None:
    """`hold` keeps a message for a while; it can be cancelled, or is sent afterwards."""
    scenario = "{schema: 1, name: s, deliver: [{then: {hold: 8h}}]}"
    october.put("/_mock/scenario", content=scenario, headers={"content-type": "application/yaml"})
    kept, cancelled = (ids(sent(october, text="a"))[0] for _ in range(2))

    assert october.post(f"/v3/messages/{cancelled}/cancel").status_code == 200
    assert read(october, kept)["scheduled_at"] == "2026-10-23T17:00:00.0000000+00:00"
    later(october, "9h")
    assert statuses(october, kept) == ["QUEUED", "SCHEDULED", "ROUTED", "SENT", "DELIVERED"]
    assert statuses(october, cancelled) == ["QUEUED", "SCHEDULED", "CANCELLED"]


def test_a_message_that_is_routed_again(october: Client) -> None:
    """An automatic message that fails on one channel starts again on the next one, under its id."""
    scenario = "{schema: 1, name: s, deliver: [{then: {route: [whatsapp, sms]}}]}"
    october.put("/_mock/scenario", content=scenario, headers={"content-type": "application/yaml"})
    id = ids(sent(october, text="a"))[0]
    later(october, "400ms")
    assert read(october, id)["channel"] == "whatsapp"
    later(october, "5s")

    assert statuses(october, id) == ["QUEUED", "ROUTED", "SENT", "FAILED", "QUEUED", "ROUTED", "SENT", "DELIVERED"]
    assert read(october, id)["channel"] == "sms"


def test_scenarios_of_both_editions(october: Client) -> None:
    """`fail: insufficient_balance` is a 402 in March and ends the message in October; the file is the same."""
    switched = {"x-mock-scenario": "insufficient-balance"}
    reply = october.post("/v3/messages", json={"to": [TO], "text": "a"}, headers=switched)
    number = ids(sent(october, to=["+15005550142"], text="a"))[0]

    assert reply.status_code == 202
    assert ended(october, ids(reply.json()["data"])[0])[2] == "BUSINESS_003"
    assert ended(october, number)[2] == "BUSINESS_003"


def test_prefer_a_status_that_is_no_answer_any_more(october: Client) -> None:
    """`Prefer: code=402` is refused with the words that work; the example ends the message."""
    refused = october.post("/v3/messages", json={"to": [TO], "text": "a"}, headers={"prefer": "code=402"})
    example = {"prefer": "example=insufficient_balance"}
    accepted = october.post("/v3/messages", json={"to": [TO], "text": "a"}, headers=example)

    assert refused.json()["error"]["code"] == "MOCK_001"
    assert "example=insufficient_balance" in refused.json()["error"]["message"]
    assert ended(october, ids(accepted.json()["data"])[0])[0] == "BLOCKED"


@pytest.mark.parametrize(
    ("channel", "last"), [("whatsapp", "READ"), ("rcs", "READ"), ("sms", "DELIVERED"), ("sent", "DELIVERED")]
)
def test_who_reads(october: Client, channel: str, last: str) -> None:
    """READ is there on WhatsApp and RCS only; a rule that asks for it elsewhere is warned about (LIFE-1)."""
    rule = "{schema: 1, name: readers, deliver: [{then: {reach: read}}]}"
    october.put("/_mock/scenario", content=rule, headers={"content-type": "application/yaml"})
    reply = october.post("/v3/messages", json={"to": [TO], "text": "a", "channel": [channel]})
    later(october, "2s")

    assert read(october, ids(reply.json()["data"])[0])["status"] == last
    assert ("x-mock-warning" in reply.headers) == (last == "DELIVERED")


@pytest.mark.parametrize(
    ("number", "wanted"),
    [
        ("+15005550160", ("FAILED", "No route available", "BUSINESS_007")),
        ("+15005550161", ("FAILED", "Delivery failed", "DELIVERY_003")),
        ("+15005550142", ("BLOCKED", "Insufficient balance", "BUSINESS_003")),
        ("+15005550162", ("SENT", None, None)),
        ("+15005550100", ("DELIVERED", None, None)),
    ],
)
def test_magic_numbers_of_messages(october: Client, number: str, wanted: tuple[str, str | None, str | None]) -> None:
    """The same numbers as in March; a message that ends has its reason and its code."""
    assert ended(october, ids(sent(october, to=[number], text="a"))[0]) == wanted


# What a send gets under each shipped scenario that answers at once, in October and in March: the status, and how the
# message ends if there is one.
SHIPPED = {
    "conflict": (409, 409),
    "delivery-fails": ("FAILED DELIVERY_003", "FAILED None"),
    "forbidden": (403, 403),
    "insufficient-balance": ("BLOCKED BUSINESS_003", 402),
    "internal-error": (500, 500),
    "rate-limit-starter": ("DELIVERED None", "DELIVERED None"),
    "rate-limited": (429, 429),
    "replayed": ("DELIVERED None", "DELIVERED None"),
    "replies-stop": ("DELIVERED None", "DELIVERED None"),
    "retry-then-ok": (500, 500),
    "service-unavailable": (503, 503),
    "template-not-found": (404, 404),
    "uk-is-down": ("FAILED BUSINESS_007", "FAILED None"),
    "unauthorized": (401, 401),
    "validation-error": (400, 400),
    "webhook-chaos": ("DELIVERED None", "DELIVERED None"),
}


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_scenarios_in_both_editions(october: Client, name: str) -> None:
    """One file, two editions: the same outcome in the words of each."""
    found: list[int | str] = []
    for edition in ("2026-10", "2026-03"):
        october.put("/_mock/edition", json={"edition": edition})
        body = {"to": ["+447700900123"], "template": WELCOME, "channel": ["sms"]}
        reply = october.post("/v3/messages", json=body, headers={"x-mock-scenario": name})
        if reply.status_code != 202:
            found.append(reply.status_code)
            continue
        later(october, "10s")
        message = october.get(f"/v3/messages/{ids(reply.json()['data'])[0]}").json().get("data") or {}
        found.append(f"{message.get('status', 'DELIVERED')} {message.get('reason_code')}")
        october.post("/_mock/inbound", json={"from": "+447700900123", "text": "START"})

    assert tuple(found) == SHIPPED[name]


def test_a_failure_by_a_rule_or_by_hand(october: Client) -> None:
    """Its own reason is told with the code of the stage; the words of March's descriptions are not (LIFE-4)."""
    rule = "{schema: 1, name: hard, deliver: [{when: {to: '+1*'}, then: {fail_at: delivered, reason: Handset is off}}, "
    rule += "{then: {reach: delivered, advance: manual}}]}"
    october.put("/_mock/scenario", content=rule, headers={"content-type": "application/yaml"})
    failed, moved = ids(sent(october, to=[TO, "+447700900123"], text="a"))
    october.post(f"/_mock/messages/{moved}/advance", json={"to": "failed", "reason": "ERR_ROUTE_DENIED"})

    assert ended(october, failed) == ("FAILED", "Handset is off", "DELIVERY_003")
    assert ended(october, moved) == ("FAILED", "No route available", "BUSINESS_007")


def test_sandbox_calls_of_cancel_and_resend(october: Client) -> None:
    """They are answered like real ones, with X-Sandbox, and change nothing (LIFE-8, LIFE-9)."""
    held = ids(sent(october, text="a", scheduled_at="2026-10-23T10:00:00Z"))[0]
    sandbox = {"sandbox": True}
    cancelled = october.post(f"/v3/messages/{held}/cancel", json=sandbox)
    later(october, "2h")
    resent = october.post(f"/v3/messages/{held}/resend", json=sandbox)
    later(october, "1s")

    assert (cancelled.status_code, cancelled.json()["data"]["status"]) == (200, "CANCELLED")
    assert (resent.status_code, resent.json()["data"]["status"]) == (202, "QUEUED")
    assert [each.headers["x-sandbox"] for each in (cancelled, resent)] == ["true", "true"]
    assert statuses(october, held) == ["QUEUED", "SCHEDULED", "ROUTED", "SENT", "DELIVERED"]


def test_a_sandbox_resend_costs_nothing(october: Client) -> None:
    """A sandbox resend is not paid for, and no gate judges it: without money it is QUEUED all the same (LIFE-9)."""
    october.put("/_mock/balance", json={"balance": 1})
    id = ids(sent(october, text="a"))[0]
    later(october, "1s")
    before = october.get("/_mock/balance").json()
    with_money = october.post(f"/v3/messages/{id}/resend", json={"sandbox": True})
    after = october.get("/_mock/balance").json()
    october.put("/_mock/balance", json={"balance": 0})
    without = october.post(f"/v3/messages/{id}/resend", json={"sandbox": True})

    assert before == after
    assert [reply.json()["data"]["status"] for reply in (with_money, without)] == ["QUEUED", "QUEUED"]


def test_a_refused_member_is_not_ignored(october: Client) -> None:
    """A key of `channels` that is refused is not called ignored too."""
    refused = october.post("/v3/messages", json={"to": [TO], "text": "a", "channels": {"sent": []}, "more": 1})

    assert refused.headers["x-mock-warning"] == "ignored, because the contract does not know them: more"


def test_the_profile_of_an_answer(october: Client) -> None:
    """Every answer to a call with x-profile-id names the profile, a refusal too (HEAD-6)."""
    profile = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
    scoped = {"x-profile-id": profile.upper()}
    answers = [
        october.post("/v3/messages", json={"to": [TO], "text": "a"}, headers=scoped),
        october.post("/v3/messages", json={}, headers=scoped),
        october.get("/v3/webhooks", headers=scoped),
        october.get(f"/v3/messages/{TO_NOBODY}", headers=scoped),
    ]

    assert [each.status_code for each in answers] == [202, 400, 200, 404]
    assert {each.headers["x-profile-id"] for each in answers} == {profile}
    assert "x-profile-id" not in october.get("/v3/webhooks").headers


def test_a_status_of_march(october: Client) -> None:
    """`Prefer: code=422` names the outcome that ends messages in its place."""
    refused = october.post("/v3/messages", json={"to": [TO], "text": "a"}, headers={"prefer": "code=422"})

    assert "Prefer: example=opted_out" in refused.json()["error"]["message"]


def test_sandbox(october: Client) -> None:
    """A sandbox send is validated and answered like a real one, a scheduled one too, and nothing is kept."""
    data = sent(october, text="a", channel=["sms"], scheduled_at="2026-10-23T10:00:00Z", sandbox=True)

    assert (data["recipients"][0]["body"], "scheduled_at" in data) == ("a", True)
    assert october.get(f"/v3/messages/{ids(data)[0]}").status_code == 404


def test_refusals_have_the_envelope(mock: Callable[..., Client]) -> None:
    """401 and 403 have bodies in October (AUTH-1, AUTH-2); MOCK_SENT_AUTH_ERRORS=empty takes them away."""
    client, bare = (
        mock(edition="2026-10", api_keys=("known-key-1",), **more) for more in ({}, {"auth_errors": "empty"})
    )

    assert client.post("/v3/messages", json={}).json()["error"]["code"] == "AUTH_002"
    assert bare.unchecked("POST", "/v3/messages", json={}).content == b""
