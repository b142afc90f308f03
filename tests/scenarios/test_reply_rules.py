"""Phones that answer: the `reply` rules of scenarios, over HTTP."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Client, Live
from receiver import Receiver

YAML = {"content-type": "application/yaml"}
TO, OTHER = "+14155551234", "+447700900123"


@pytest.fixture
def october(mock: Callable[..., Client]) -> Client:
    client = mock(edition="2026-10")
    client.post("/_mock/clock", json={"freeze": "2026-10-23T09:00:00Z"})
    return client


def rules(client: Client | Live, *entries: str, more: str = "") -> None:
    text = f"schema: 1\nname: phones\nreply:\n{''.join(f'  - {each}{chr(10)}' for each in entries)}{more}"
    reply = client.put("/_mock/scenario", content=text, headers=YAML)
    assert reply.status_code == 200, reply.text


def send(client: Client | Live, **members: Any) -> list[str]:
    """The ids of the messages of a text."""
    reply = client.post("/v3/messages", json={"to": [TO], "text": "Hi", **members})
    assert reply.status_code == 202, reply.text
    return [each["message_id"] for each in reply.json()["data"]["recipients"]]


def later(client: Client | Live, span: str) -> None:
    client.post("/_mock/clock", json={"advance": span})


def came(client: Client) -> list[tuple[str, str, str, str]]:
    """What came in: from, text, channel, instant."""
    found = client.get("/v3/conversations").json()["data"]["messages"]
    return [
        (each["phone"], each["message_body"]["content"], each["channel"], each["created_at"][11:21])
        for each in reversed(found)
        if each["direction"] == "INBOUND"
    ]


def test_a_phone_answers(october: Client) -> None:
    """It answers so long after the delivery on the account's clock, on the channel of the message."""
    rules(october, "then: {text: 'Yes, please', after: 5m}")
    send(october, channel=["whatsapp"])
    later(october, "5m")

    assert came(october) == []
    later(october, "900ms")
    assert came(october) == [(TO, "Yes, please", "whatsapp", "09:05:00.9")]


def test_the_first_rule_that_fits_answers(october: Client) -> None:
    """A `when` and `chance` are those of deliver rules; the channel may be another one, and some phones are silent."""
    rules(
        october,
        "{name: never, chance: 0%, then: {text: nothing}}",
        'when: {to: "+44*", channel: sms}\n    then: {text: British, channel: rcs}',
        "when: {channel: whatsapp}\n    then: {text: app}",
    )
    send(october, to=[TO, OTHER], channel=["sms", "whatsapp"])
    later(october, "1s")

    wanted = [(TO, "app", "whatsapp"), (OTHER, "British", "rcs"), (OTHER, "app", "whatsapp")]
    assert sorted(each[:3] for each in came(october)) == wanted


def test_a_keyword_counts_at_its_instant(october: Client) -> None:
    """STOP filters what is released after it, also if the clock passes both at once."""
    held = send(october, scheduled_at="2026-10-23T10:00:00Z")[0]
    early = send(october, scheduled_at="2026-10-23T09:10:00Z")[0]
    rules(october, "then: {text: STOP, after: 30m}")
    send(october)
    later(october, "5h")

    read = [october.get(f"/v3/messages/{id}").json()["data"]["status"] for id in (early, held)]
    assert read == ["DELIVERED", "FILTERED"]


@pytest.mark.parametrize(
    ("members", "more"),
    [
        ({}, "deliver: [{then: {reach: sent}}]\n"),
        ({}, "deliver: [{then: {fail_at: delivered, reason: GONE}}]\n"),
        ({}, "deliver: [{then: {fail: opted_out}}]\n"),
        ({"sandbox": True}, ""),
    ],
)
def test_no_answer_without_a_delivery(october: Client, members: dict[str, Any], more: str) -> None:
    """A phone that got nothing says nothing."""
    rules(october, "then: {text: Hello}", more=more)
    send(october, **members)
    later(october, "1h")

    assert came(october) == []


def test_an_answer_to_what_was_held(october: Client) -> None:
    """A scheduled message and one of quiet hours are answered once they are delivered."""
    rules(october, "then: {text: late, after: 1m}", more='deliver: [{when: {to: "+44*"}, then: {hold: 8h}}]\n')
    send(october, scheduled_at="2026-10-23T10:00:00Z")
    send(october, to=[OTHER])
    later(october, "24h")

    assert came(october) == [(TO, "late", "sms", "10:01:00.6"), (OTHER, "late", "sms", "17:01:00.6")]


def test_an_answer_to_a_message_that_is_moved_by_hand(october: Client) -> None:
    """The answer comes when the test moves the message to its delivery."""
    rules(october, "then: {text: moved, after: 1s}", more="deliver: [{then: {reach: delivered, advance: manual}}]\n")
    id = send(october)[0]
    for _ in range(3):
        later(october, "1h")
        october.post(f"/_mock/messages/{id}/advance", json={})
    later(october, "1s")

    assert [each[3] for each in came(october)] == ["12:00:01.0"]


def test_the_answer_goes_to_the_sender(live: Callable[..., Live], receiver: Receiver) -> None:
    """The number that the send named for the channel is the one that gets the answer."""
    client = live(edition="2026-10", webhook_url=receiver.url)
    client.post("/_mock/clock", json={"freeze": "2026-10-23T09:00:00Z"})
    rules(client, "then: {text: Hello}")
    send(client, channel=["sms"], channels={"sms": [{"from": ["+14155550001"]}]})
    send(client)
    later(client, "1s")

    came = [
        each for each in [json.loads(each.body) for each in receiver.received] if each["event"] == "message.received"
    ]
    assert [each["payload"]["outbound_number"] for each in came] == ["+14155550001", "+14155550000"]


def test_webhooks_hear_of_answers(live: Callable[..., Live], receiver: Receiver) -> None:
    """In order: the delivery, then message.received and contact.opt_out, each with the time of the answer."""
    client = live(edition="2026-10", webhook_url=receiver.url)
    client.post("/_mock/clock", json={"freeze": "2026-10-23T09:00:00Z"})
    client.put("/_mock/scenario", json={"name": "replies-stop"})
    send(client)
    later(client, "1h")

    heard = [json.loads(each.body) for each in receiver.received]
    assert [each["event"] for each in heard][3:] == ["message.delivered", "message.received", "contact.opt_out"]
    assert [each["timestamp"] for each in heard][3:] == ["2026-10-23T09:00:00Z", *["2026-10-23T09:00:02Z"] * 2]


def test_answers_in_march(client: Client) -> None:
    """March tells nobody of an answer, and the send says so; STOP counts, so that the next send is 422."""
    client.post("/_mock/clock", json={"freeze": "2026-03-11T21:50:50Z"})
    first = client.send(to=[TO], headers={"x-mock-scenario": "replies-stop"})
    client.post("/_mock/clock", json={"advance": "3s"})

    assert "'replies-stop/1' answers, of which 2026-03 tells no webhook" in first.headers["x-mock-warning"]
    assert client.send(to=[TO]).json()["error"]["code"] == "BUSINESS_004"


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("then: {txt: Hi}", "txt"),
        ("then: {text: ''}", "text"),
        ("then: {text: Hi, after: 5}", "is not a duration"),
        ("then: {text: Hi, after: {min: 2s, max: 1s}}", "shorter than min"),
        ("then: {text: Hi, channel: fax}", "channel"),
        ("when: {sandbox: true}\n    then: {text: Hi}", "sandbox"),
        ("then: STOP", "then"),
        ("when: {to: '+1*'}", "then"),
    ],
)
def test_rules_that_are_wrong(october: Client, entry: str, says: str) -> None:
    """Each is one sentence with its place."""
    text = f"schema: 1\nname: phones\nreply:\n  - {entry}\n"
    reply = october.put("/_mock/scenario", content=text, headers=YAML)

    assert reply.status_code == 400
    assert says in reply.text
    assert "\\n" not in reply.text
