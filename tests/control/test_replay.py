"""Which of my calls break when I upgrade: the journal, made again under another edition."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Client
from scratch_edition import NAME, request_of, scratch_edition

TEMPLATE = {"name": "welcome", "parameters": {"name": "Ada", "company": "Acme"}}
SEND = {"to": ["+14155551234"], "channel": ["sms"], "template": TEMPLATE}
TEXT = {"to": ["+14155551234"], "text": "Hello"}
HOOK = {"display_name": "a", "endpoint_url": "http://127.0.0.1:9/a", "event_types": ["messages"]}


def replayed(client: Client, to: str = "2026-10", **query: Any) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/_mock/editions/replay", params={"to": to, **query}).json()
    return found


def verdicts(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["path"].rpartition("/v3/")[2].partition("/")[0], each["verdict"]) for each in found["judged"]]


def october(client: Client) -> None:
    client.put("/_mock/edition", json={"edition": "2026-10"})


def test_a_send_and_its_message(client: Client) -> None:
    """Members that come and go, words that change, and a message that is found under its own id."""
    id = client.post("/v3/messages", json=SEND).json()["data"]["recipients"][0]["message_id"]
    client.get(f"/v3/messages/{id}")
    found = replayed(client)

    assert verdicts(found) == [("messages", "differs"), ("messages", "differs")]
    send, read = found["judged"]
    assert {"data.body: gone", "data.recipients[].body: added", "data.status: was accepted, is QUEUED"} == set(
        send["differences"]
    )
    assert "data.direction: added" in read["differences"]
    assert "data.status: was ACCEPTED, is QUEUED" in read["differences"]
    assert (found["result"], found["breaks"], found["differs"]) == ("ok", 0, 2)


def test_what_breaks(client: Client) -> None:
    """A success that becomes a refusal, why, and what follows from it."""
    hook = client.post("/v3/webhooks", json=HOOK).json()["data"]["id"]
    client.get(f"/v3/webhooks/{hook}")
    found = replayed(client)

    made, read = found["judged"]
    assert (found["result"], found["breaks"], made["verdict"], read["verdict"]) == ("failed", 2, "breaks", "breaks")
    assert (made["was"]["status"], made["now"]["status"], made["now"]["code"]) == (201, 400, "VALIDATION_006")
    assert any(line.startswith("error.details.event_types[0]: ") for line in made["differences"])
    assert read["because"] == f"{hook} was made by {made['request_id']}, which is refused now"
    assert "2 requests, made again under the edition 2026-10: 2 break" in found["sentence"]


def test_back_to_march(client: Client) -> None:
    """The other direction: a text breaks, and a path that is gone does, whatever it had answered."""
    october(client)
    client.post("/v3/messages", json=TEXT)
    client.get("/v3/conversations")
    client.post("/v3/messages/7ba7b820-9dad-11d1-80b4-00c04fd430c8/cancel")
    found = replayed(client, "2026-03")

    assert [each["verdict"] for each in found["judged"]] == ["breaks"] * 3
    assert [each["was"]["status"] for each in found["judged"]] == [202, 200, 404]
    assert {each["edition"] for each in found["judged"]} == {"2026-10"}


def test_the_own_edition(client: Client) -> None:
    """Under the edition that it speaks everything is the same, whatever happened: so the replay is a true one."""
    client.post("/v3/webhooks", json=HOOK)
    key = {"idempotency-key": "k"}
    for headers in (key, key, {"x-mock-scenario": "flaky"}, {"prefer": "code=500"}, {"x-mock-scenario": "drops"}):
        client.post("/v3/messages", json=SEND, headers=headers)
    id = client.post("/v3/messages", json=SEND).json()["data"]["recipients"][0]["message_id"]
    client.post("/_mock/clock", json={"advance": "10s"})
    assert client.get(f"/v3/messages/{id}").json()["data"]["status"] == "DELIVERED"
    client.put("/_mock/balance", json={"balance": 0.01})
    for _ in range(3):
        client.post("/v3/messages", json=SEND)
    client.post("/v3/messages", json=TEXT)
    client.get("/v3/webhooks?page=1&page_size=5")
    client.get("/v3/webhooks")
    found = replayed(client, "2026-03")

    assert found["same"] == found["requests"] == len(client.get("/_mock/requests").json()["requests"])
    assert {each["was"]["status"] for each in found["judged"]} >= {200, 201, 202, 400, 402, 500}


def test_a_delay_is_not_waited_for(client: Client) -> None:
    """A replay has no pauses: what took a minute of a frozen clock is judged at once."""
    text = "{schema: 1, name: pause, send: [{then: [{accept: true, delay: 50ms}]}]}"
    assert client.put("/_mock/scenario", content=text, headers={"content-type": "application/yaml"}).is_success
    client.post("/v3/messages", json=SEND)
    client.post("/_mock/clock", json={"freeze": True})

    assert verdicts(replayed(client)) == [("messages", "differs")]


def test_too_little_money(client: Client) -> None:
    """A 402 becomes a 202 whose messages end; the balance of the account itself does not change."""
    client.put("/_mock/balance", json={"balance": 0.006})
    client.post("/v3/webhooks", json={**HOOK})
    client.post("/v3/messages", json={**SEND, "to": ["+14155551234", "+14155555678"]})
    found = replayed(client)

    assert (found["judged"][1]["was"]["status"], found["judged"][1]["now"]["status"]) == (402, 202)
    assert "status: was 402, is 202" in found["judged"][1]["differences"]
    assert client.get("/_mock/balance").json() == {"balance": 0.006}


def test_events(mock: Callable[..., Client]) -> None:
    """A webhook of the settings hears other events under other names, of which the members differ."""
    client = mock(webhook_url="http://127.0.0.1:9/a", webhook_allow=("127.0.0.1",))
    client.post("/v3/messages", json=SEND)
    lines = replayed(client)["judged"][0]["differences"]

    [events] = [line for line in lines if line.startswith("webhook events: ")]
    assert "were message.accepted" in events
    assert "message.routed" in events.partition("; are ")[2]
    assert "event message.delivered: payload.inbound_number: gone" in lines


def test_a_message_that_came_in(client: Client) -> None:
    """STOP counts in a replay of the same edition."""
    october(client)
    client.post("/v3/messages", json=TEXT)
    client.post("/_mock/inbound", json={"from": TEXT["to"][0], "text": "STOP"})
    id = client.post("/v3/messages", json=TEXT).json()["data"]["recipients"][0]["message_id"]
    client.post("/_mock/clock", json={"advance": "10s"})
    assert client.get(f"/v3/messages/{id}").json()["data"]["status"] == "FILTERED"

    assert replayed(client)["same"] == 3


def test_a_phone_that_answers(client: Client) -> None:
    """A message that came in by a `reply` rule comes in once in a replay, because the rule answers there too."""
    october(client)
    client.post("/_mock/clock", json={"freeze": "2026-10-23T09:00:00Z"})
    text = "{schema: 1, name: phones, reply: [{then: {text: 'Yes, please', after: 5m}}]}"
    assert client.put("/_mock/scenario", content=text, headers={"content-type": "application/yaml"}).is_success
    client.post("/v3/messages", json=TEXT)
    client.post("/_mock/clock", json={"advance": "10m"})
    said = client.get("/v3/conversations?page=1&page_size=2").json()["data"]["messages"]

    assert [each["direction"] for each in said] == ["INBOUND", "OUTBOUND"]
    assert replayed(client)["same"] == 2


def test_the_scenario_of_its_time(client: Client) -> None:
    """Each request is made again under the scenario that the account had then."""
    client.post("/v3/messages", json=SEND)
    for code in ("conflict", "internal_error"):
        text = f"{{schema: 1, name: fails, send: [{{then: {{fail: {code}}}}}]}}"
        assert client.put("/_mock/scenario", content=text, headers={"content-type": "application/yaml"}).is_success
        client.post("/v3/messages", json=SEND)
    found = replayed(client, "2026-03")

    assert [(each["was"]["status"], each["verdict"]) for each in found["judged"]] == [
        (202, "same"),
        (409, "same"),
        (500, "same"),
    ]


def test_what_cannot_be_judged(client: Client) -> None:
    """A message that a test moved is answered otherwise in a replay: that is said, and is no verdict."""
    text = "{schema: 1, name: by-hand, deliver: [{then: {reach: delivered, advance: manual}}]}"
    assert client.put("/_mock/scenario", content=text, headers={"content-type": "application/yaml"}).is_success
    id = client.post("/v3/messages", json=SEND).json()["data"]["recipients"][0]["message_id"]
    client.post(f"/_mock/messages/{id}/advance", json={})
    client.get(f"/v3/messages/{id}")
    found = replayed(client)

    assert (found["result"], found["unknown"]) == ("unknown", 1)
    assert "made again under its own edition 2026-03 it is answered otherwise (data." in (found["judged"][1]["because"])


def test_a_body_that_the_journal_lacks(client: Client) -> None:
    """A body that was refused unread is refused again; the journal is told to lack it where that matters."""
    client.post("/v3/messages", content=b"x" * 2_000_000, headers={"content-type": "application/json"})
    client.post("/v3/messages", content=b"{}", headers={"content-type": "application/json", "content-length": "9"})
    client.post("/v3/messages/7ba7b820-9dad-11d1-80b4-00c04fd430c8/resend", json={"sandbox": True})
    found = replayed(client)

    assert found["judged"][0]["was"]["status"] == found["judged"][0]["now"]["status"] == 413
    assert found["judged"][1]["because"] == "the journal has 2 of the 9 bytes of its body"
    assert found["judged"][2]["verdict"] == "differs"


def test_an_evicted_journal(mock: Callable[..., Client]) -> None:
    """A result is never ok if the journal has evicted requests."""
    client = mock(max_journal=2)
    for _ in range(3):
        client.get("/v3/webhooks?page=1&page_size=5")
    found = replayed(client)

    assert (found["result"], found["evicted"], found["requests"]) == ("unknown", 1, 2)
    assert found["sentence"].endswith("; 1 earlier requests were evicted")


def test_many_recipients(client: Client) -> None:
    """Of a send to a thousand, some are made again: the answer has the same form."""
    client.post("/v3/messages", json={**SEND, "to": [f"+1415{5_550_000 + i}" for i in range(1000)]})

    assert "data.status: was accepted, is QUEUED" in replayed(client)["judged"][0]["differences"]


def test_profiles_and_editions_of_their_time(client: Client) -> None:
    """Each request is made again under the edition in which it was answered."""
    client.post("/v3/messages", json=SEND)
    october(client)
    client.post("/v3/messages", json=SEND)
    client.get("/v3/nothing")
    found = replayed(client)

    assert [(each["edition"], each["verdict"]) for each in found["judged"]] == [
        ("2026-03", "differs"),
        ("2026-10", "same"),
    ]


def test_the_account_is_left_alone(client: Client) -> None:
    """A replay adds no message, no request and no draw of an id to the account."""
    client.post("/v3/messages", json=SEND)
    replayed(client)

    assert len(client.get("/_mock/messages").json()["messages"]) == 1
    assert len(client.get("/_mock/requests").json()["requests"]) == 1
    assert client.get("/_mock/edition").json()["edition"] == "2026-03"


def test_the_latest_edition_is_the_usual_one(client: Client) -> None:
    """Without `to` it is the latest edition; `limit` bounds the list; an unknown edition is refused."""
    for _ in range(3):
        client.post("/v3/messages", json=SEND)
    found = client.get("/_mock/editions/replay?limit=2").json()

    assert (found["to"], len(found["judged"]), found["left_off"]) == ("2026-10", 2, 1)
    refused = client.get("/_mock/editions/replay?to=2026-1O")
    assert (refused.status_code, "did you mean '2026-10'?" in refused.json()["error"]) == (400, True)


@pytest.mark.parametrize("mode", ["examples"])
def test_modes(mock: Callable[..., Client], mode: str) -> None:
    """In examples mode no account has requests."""
    client = mock(mode=mode)
    client.post("/v3/messages", json=SEND)

    assert replayed(client)["requests"] == 0


def test_a_scratch_edition(mock: Callable[..., Client], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An edition that nobody ships: a path that is gone, a member that must be there, a word that changes."""

    def change(document: dict[str, Any]) -> None:
        del document["paths"]["/v3/messages/{id}/activities"]
        request = request_of(document, "/v3/webhooks")
        request["required"] = [*request.get("required", ()), "timeout_seconds"]
        document["x-lifecycle"]["stages"]["accepted"]["status"] = "TAKEN"
        words = document["components"]["schemas"]["Status"]
        words["enum"] = ["TAKEN" if word == "ACCEPTED" else word for word in words["enum"]]

    scratch_edition(monkeypatch, tmp_path, change)
    client = mock()
    id = client.post("/v3/messages", json=SEND).json()["data"]["recipients"][0]["message_id"]
    client.get(f"/v3/messages/{id}")
    client.get(f"/v3/messages/{id}/activities")
    client.post("/v3/webhooks", json=HOOK)
    found = replayed(client, NAME)

    assert [each["verdict"] for each in found["judged"]] == ["same", "differs", "breaks", "breaks"], found
    _, read, activities, hook = (each["differences"] for each in found["judged"])
    assert "data.status: was ACCEPTED, is TAKEN" in read
    assert activities[0] == "status: was 200, is 404"
    assert "error.details.timeout_seconds: 'timeout_seconds' is required" in hook


def test_profiles(client: Client) -> None:
    """Calls with a profile's key, and for a profile, are made again as such."""
    profile = {"x-profile-id": "3f2504e0-4f89-41d3-9a0c-0305e82c3303"}
    organization, own = "00000000-0000-4000-8000-000000000002", "00000000-0000-4000-8000-000000000003"
    client.post("/v3/messages", json=SEND, headers={"x-api-key": organization, **profile})
    client.post("/v3/messages", json=SEND, headers={"x-api-key": own})
    client.post("/v3/messages", json=SEND, headers={"x-api-key": own, **profile})
    reply = client.get("/_mock/editions/replay?to=2026-10", headers={"x-api-key": organization})

    assert [each["was"]["status"] for each in reply.json()["judged"]] == [202, 202, 403]
    assert [each["verdict"] for each in reply.json()["judged"]] == ["differs", "differs", "differs"]


def test_events_that_come_later(client: Client) -> None:
    """A scheduled message is released by the clock; a cancelled one tells so; both belong to their send."""
    october(client)
    client.post("/_mock/clock", json={"freeze": "2026-10-23T09:00:00Z"})
    client.post("/v3/webhooks", json={**HOOK, "event_types": ["message"]})
    for _ in range(2):
        sent = client.post("/v3/messages", json={**TEXT, "scheduled_at": "2026-10-23T10:00:00Z"})
    client.post(f"/v3/messages/{sent.json()['data']['recipients'][0]['message_id']}/cancel")
    client.post("/_mock/clock", json={"advance": "2h"})
    client.get("/v3/conversations")
    released, cancelled = replayed(client, "2026-03")["judged"][1:3]

    assert (
        "later webhook events: were message.routed, message.sent, message.delivered; are none"
        in (released["differences"])
    )
    assert "later webhook events: were message.cancelled; are none" in cancelled["differences"]
