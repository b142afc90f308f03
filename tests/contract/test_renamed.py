"""An edition is data: with every word of the contract renamed, the mock tells the same story in the new words."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from commands import run
from conftest import PAGE_REQUEST, Client
from contracts import extended
from hookapi import BODY, create, fault, settle
from march import EDITION
from receiver import Receiver
from renamed import NEW, Renaming, renamed
from replies import Replies, contract_document
from scenario_world import SHIPPED

from mock_sent.settings import Settings

FREEZE = {"freeze": "2026-03-11T21:50:50Z"}
YAML = {"content-type": "application/yaml"}
ONE: dict[str, Any] = {"to": ["+14155551234"], "channel": ["sms"]}
# Shipped scenarios whose sends are not answered, or late.
UNANSWERED = {"connection-reset", "lost-ack", "slow", "idempotency-drill"}


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Renaming:
    return renamed(tmp_path_factory.mktemp("contract") / "renamed.yaml")


class Speaking(Client):
    """A client that holds each reply against the renamed contract, and finds none of the shipped words in it."""

    other: Renaming

    def request(self, method: str, url: Any, **options: Any) -> httpx2.Response:
        response = super().request(method, url, **options)
        if response.request.url.path not in ("/_mock/scenarios", "/_mock/scenario"):
            assert not self.other.old_words_in(f"{response.headers} {response.text}"), response.text
        return response


@pytest.fixture(scope="module")
def replies_of_other(other: Renaming) -> Replies:
    return Replies(other.path)


@pytest.fixture
def speaking(other: Renaming, replies_of_other: Replies) -> Iterator[Callable[..., Speaking]]:
    """`speaking(auth="required")` is a client of a mock with the renamed contract, its clock frozen."""
    clients: list[Speaking] = []

    def start(**settings: Any) -> Speaking:
        client = Speaking(replies_of_other, Settings(seed="tests", contract=str(other.path), **settings))
        client.other = other
        clients.append(client)
        client.__enter__()
        client.post("/_mock/clock", json=FREEZE).raise_for_status()
        return client

    yield start
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def word(other: Renaming) -> Callable[[str], str]:
    """The new word for a shipped one."""
    return other.words.__getitem__


def sent(client: Client, **changes: Any) -> str:
    """The id of a new message."""
    response = client.send(**{**ONE, **changes})
    assert response.status_code == 202, response.text
    id: str = response.json()["data"]["recipients"][0]["message_id"]
    return id


def statuses(client: Client, id: str) -> list[str]:
    return [event["status"] for event in client.get(f"/v3/messages/{id}").json()["data"]["events"]]


def advance(client: Client, span: str) -> None:
    client.post("/_mock/clock", json={"advance": span}).raise_for_status()


Word = Callable[[str], str]
Speak = Callable[..., Speaking]


def test_every_word_is_renamed(other: Renaming) -> None:
    """What is looked for is there: five statuses, their events, four states, and all codes that responses have."""
    text = other.path.read_text("utf-8")

    assert len(other.words) > 30
    assert len(other.states) == 4
    assert not other.old_words_in(text)


def test_a_send_and_its_reads(speaking: Speak, word: Word) -> None:
    """The answer says `taken`; message and activities go through the new statuses, each with its new sentence."""
    client = speaking()
    reply = client.send(**ONE)
    assert reply.json()["data"]["status"] == "taken"
    id = reply.json()["data"]["recipients"][0]["message_id"]
    way = [word(status) for status in ("ACCEPTED", "PROCESSED", "SENT", "DELIVERED")]
    for passed in range(1, 5):
        data = client.get(f"/v3/messages/{id}").json()["data"]
        assert [event["status"] for event in data["events"]] == way[:passed]
        assert data["status"] == way[passed - 1]
        assert all(event["description"].startswith(NEW) for event in data["events"])
        activities = client.get(f"/v3/messages/{id}/activities").json()["data"]["activities"]
        assert [each["status"] for each in activities] == way[:passed][::-1]
        advance(client, "300ms")


def test_a_key(speaking: Speak, mock: Callable[..., Client], word: Word) -> None:
    """A replay is the first answer, byte for byte; another body is refused, where a scenario says so, as usual."""
    strict = "{schema: 1, name: strict, idempotency: {other_body: reject}}"
    client, usual = speaking(scenario_inline=strict), mock(scenario_inline=strict)
    key = {"idempotency-key": "order-1"}
    first, again = client.send(headers=key), client.send(headers=key)
    assert (first.content, again.headers["idempotent-replayed"]) == (again.content, "true")

    usual.send(headers=key)
    ours, theirs = (fault(each.send(**ONE, headers=key)) for each in (usual, client))

    assert theirs[:2] == (ours[0], word(ours[1]))
    assert fault(client.send(headers={"x-mock-scenario": "conflict"}))[:2] == (409, word("CONFLICT_001"))


@pytest.mark.parametrize(
    ("status", "code", "settings", "request_"),
    [
        (400, "VALIDATION_004", {}, {"json": {}}),
        (400, "VALIDATION_001", {}, {"content": b"{", "headers": {"content-type": "application/json"}}),
        (400, "VALIDATION_002", {}, {"json": {"to": ["1"], "template": {"name": "welcome"}}}),
        (400, "VALIDATION_006", {}, {"json": {**ONE, "channel": ["fax"], "template": {"name": "welcome"}}}),
        (400, "VALIDATION_007", {}, {"json": {**ONE, "template": {"name": "x"}}, "headers": {"idempotency-key": "?"}}),
        (404, "RESOURCE_002", {}, {"json": {**ONE, "template": {"name": "nothing"}}}),
        (413, "VALIDATION_005", {"max_body": 10}, {"json": {**ONE, "template": {"name": "welcome"}}}),
        (415, "VALIDATION_001", {}, {"content": b"{}", "headers": {"content-type": "text/plain"}}),
    ],
)
def test_a_refusal(
    speaking: Speak, word: Word, status: int, code: str, settings: dict[str, Any], request_: dict[str, Any]
) -> None:
    """What breaks the contract is refused under the new code, with the new sentences."""
    response = speaking(**settings).post("/v3/messages", **request_)

    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (status, word(code))
    assert error["message"].startswith(NEW)
    assert all(text.startswith(NEW) for texts in (error["details"] or {}).values() for text in texts)


def test_the_balance(speaking: Speak, word: Word) -> None:
    """A send that the account cannot pay is refused under the new code."""
    client = speaking()
    client.put("/_mock/balance", json={"balance": 0.001}).raise_for_status()

    assert fault(client.send(**ONE))[:2] == (402, word("BUSINESS_003"))


def test_who_calls(speaking: Speak, word: Word) -> None:
    """A key that is missing or unknown, and a profile that does not exist, are refused under the new codes."""
    client = speaking(auth="required", auth_errors="envelope", api_keys=("test-key-of-this-test",))
    assert fault(client.send(headers={"x-api-key": ""}))[1] == word("AUTH_001")
    assert fault(client.send(headers={"x-api-key": "other"}))[1] == word("AUTH_002")

    profile = {"x-profile-id": "00000000-0000-4000-8000-00000000000f"}

    assert fault(client.send(headers=profile))[:2] == (404, word("RESOURCE_014"))


def test_every_failure(speaking: Speak, other: Renaming) -> None:
    """Each documented failure of a send is played by its name and by its new code, and by no shipped code."""
    client = speaking(auth_errors="envelope")
    outcomes = EDITION.by_id["sendMessage"].outcomes
    assert len(outcomes.names) > 15
    for name in outcomes.names:
        outcome = outcomes[name]
        response = client.send(headers={"prefer": f"example={name}"})
        assert response.status_code == outcome.status, name
        if outcome.has_body:
            assert response.json()["error"]["code"] == other.words[outcome.code]
            by_code = client.send(headers={"prefer": f"example={other.words[outcome.code]}"})
            assert by_code.status_code == outcomes[outcomes.find(outcome.code) or ""].status
            asks_for_old = {"prefer": f"example={outcome.code}"}
            by_old = client.unchecked("POST", "/v3/messages", json=PAGE_REQUEST, headers=asks_for_old)
            assert fault(by_old)[:2] == (400, other.words["MOCK_001"])


@pytest.mark.parametrize("name", sorted({path.stem for path in SHIPPED.glob("*.yaml")} - UNANSWERED))
def test_a_shipped_scenario(speaking: Speak, client: Client, name: str) -> None:
    """Each shipped scenario does what it does with the shipped contract."""
    client.post("/_mock/clock", json=FREEZE)
    there = speaking()
    for _ in range(4):
        ours, theirs = (each.send(headers={"x-mock-scenario": name}) for each in (client, there))
        assert ours.status_code == theirs.status_code
        assert ours.headers.get("x-mock-rule") == theirs.headers.get("x-mock-rule")


def test_deliver_rules(speaking: Speak, word: Word) -> None:
    """They take our names of stages and the statuses of this edition; a status of another one is refused."""
    client = speaking()
    rules = "schema: 1\nname: two\ndeliver:\n- {when: {to: '+44*'}, then: {reach: sent}}\n- then: {reach: %s}\n"
    client.put("/_mock/scenario", content=rules % word("PROCESSED"), headers=YAML).raise_for_status()
    one, two = sent(client, to=["+447700900123"]), sent(client)
    advance(client, "1h")
    assert statuses(client, one)[-1] == word("SENT")
    assert statuses(client, two)[-1] == word("PROCESSED")

    refused = client.put("/_mock/scenario", content=rules % "PROCESSED", headers=YAML)

    assert refused.status_code == 400
    wanted = ", ".join(word(status) for status in ("ACCEPTED", "PROCESSED", "SENT", "DELIVERED"))
    assert f"the scenario:5:17: 'reach': 'PROCESSED' is not one of {wanted}" in refused.json()["error"]


def test_a_message_that_fails(speaking: Speak, word: Word) -> None:
    """It takes the place of the stage; a gate of the contract gives the reason that stands there."""
    client = speaking()
    by_rule = sent(client, to=["+15005550161"])
    without = sent(client, template={"name": "order_confirmation"})
    advance(client, "1h")

    assert statuses(client, by_rule) == [word("ACCEPTED"), word("PROCESSED"), word("FAILED")]
    last = client.get(f"/v3/messages/{without}").json()["data"]["events"][-1]
    assert (last["status"], "ERR_RENAMED" in last["description"]) == (word("FAILED"), True)


def test_a_message_moved_by_hand(speaking: Speak, word: Word) -> None:
    """It moves on, to a status of this edition or a stage by our name; a wrong move is refused in new words."""
    client = speaking(scenario_inline="{schema: 1, name: hand, deliver: [{then: {reach: delivered, advance: manual}}]}")
    id = sent(client)

    def move(**how: str) -> httpx2.Response:
        return client.post(f"/_mock/messages/{id}/advance", json=how)

    assert move().json()["status"] == word("PROCESSED")
    assert move(to="sent").json()["status"] == word("SENT")
    assert move(to=word("FAILED"), reason="R").json()["status"] == word("FAILED")
    wrong = move(to="delivered")
    assert wrong.status_code == 409
    assert f"a message that is {word('FAILED')} cannot become {word('DELIVERED')}" in wrong.json()["error"]


def test_webhooks(speaking: Speak, word: Word, other: Renaming, receiver: Receiver) -> None:
    """All operations on a webhook, and deliveries to it: events, statuses and states have their new names."""
    client = speaking()
    webhook = create(client, endpoint_url=receiver.url)
    url = f"/v3/webhooks/{webhook['id']}"
    assert client.get(url).json()["data"]["id"] == webhook["id"]
    assert client.put(url, json={**BODY, "endpoint_url": receiver.url}).status_code == 200
    assert client.patch(f"{url}/toggle-status", json={"is_active": True}).status_code == 200
    assert client.post(f"{url}/rotate-secret", json={}).status_code == 200
    assert client.get("/v3/webhooks").json()["data"]["webhooks"][0]["id"] == webhook["id"]
    types = client.get("/v3/webhooks/event-types")
    assert types.status_code == 200
    sent(client)
    settle(client, 3_600_000_000_000)
    way = [word(status) for status in ("ACCEPTED", "PROCESSED", "SENT", "DELIVERED")]
    assert receiver.statuses == way
    assert not any(other.old_words_in(f"{each.headers} {each.body!r}") for each in receiver.received)
    events = client.get(f"{url}/events").json()["data"]["events"]
    names = [word(f"message.{name}") for name in ("accepted", "processed", "sent", "delivered")]
    assert [event["event_type"] for event in events] == names[::-1]
    assert {event["delivery_status"] for event in events} == {other.states["DELIVERED"]}
    found = client.get(f"{url}/events", params={"search": other.states["DELIVERED"].lower()})
    assert len(found.json()["data"]["events"]) == 4

    assert client.post(f"{url}/test", json={"event_type": names[0]}).status_code == 200
    settle(client)
    assert receiver.statuses[-1] == way[0]
    wrong = client.unchecked("POST", f"{url}/test", json={"event_type": "message.accepted"})
    assert fault(wrong)[:2] == (400, word("VALIDATION_006"))
    assert client.delete(url).status_code in (200, 204)
    assert fault(client.get(url))[:2] == (404, word(EDITION.by_id["getWebhook"].outcomes["webhook_not_found"].code))


def test_deliveries_that_fail(speaking: Speak, other: Renaming) -> None:
    """What waits for a retry, and what was given up, says so in the new words."""
    client = speaking()
    webhook = create(client, retry_count=1)
    sent(client)
    settle(client)
    url = f"/v3/webhooks/{webhook['id']}/events"
    assert client.get(url).json()["data"]["events"][-1]["delivery_status"] == other.states["RETRYING"]
    settle(client, 3_600_000_000_000)

    assert client.get(url).json()["data"]["events"][-1]["delivery_status"] == other.states["FAILED"]
    deliveries = client.get("/_mock/webhooks/deliveries").json()["deliveries"]
    assert {each["status"] for each in deliveries} <= set(other.states.values())


def test_what_a_test_asks(speaking: Speak, word: Word, other: Renaming) -> None:
    """Messages are found by their new status, the edition tells its words, and the audit finds what it always finds."""
    client = speaking()
    key = {"idempotency-key": "order-1"}
    sent(client, headers=key)
    sent(client, to=["+447700900123"], headers=key)
    advance(client, "1h")
    found = client.get("/_mock/messages", params={"status": word("DELIVERED")})
    assert found.json()["count"] == 1
    assert client.get("/_mock/messages", params={"status": word("SENT")}).json()["count"] == 0
    words = client.get("/_mock/edition").json()
    assert [each["status"] for each in words["statuses"]] == [
        word(stage.status) for stage in EDITION.lifecycle.stages.values()
    ]
    assert words["delivery_states"]["retrying"] == other.states["RETRYING"]

    (finding,) = client.get("/_mock/audit").json()["findings"]

    assert finding["kind"] == "key_reused_for_other_body"
    assert client.get("/_mock/requests/latest").json()["key_fate"] == "replayed"


def test_the_command_line(other: Renaming, word: Word) -> None:
    """`mock-sent scenarios` reads the user's contract: it tells what becomes of a message in its words."""
    asked = ("scenarios", "try", "uk-is-down", "--to", "+447700900123", "--times", "1")
    done = run(*asked, MOCK_SENT_CONTRACT=str(other.path))

    assert done.returncode == 0, done.stderr
    assert f"{word('FAILED')} instead of {word('PROCESSED')} (ERR_ROUTE_DENIED)" in done.stdout


# One member in one edition


SHOWN = """
components:
  schemas:
    MessageResponse:
      properties:
        data:
          required: %s
          properties:
            recipient: {type: string, x-from: phone}
            stage: {type: string, x-from: status}
            first_seen: {type: string, format: date-time, x-as: whole_second, x-from: created_at}
            sender: {type: string, default: '+14155550000'}
            note: {type: [string, 'null']}
            remark: {type: string}
"""


def test_members_of_one_edition(mock: Callable[..., Client], client: Client, tmp_path: Path) -> None:
    """What the handler knows is shown where a schema has it, under its name, by its format; the rest by its default."""
    schema = contract_document()["components"]["schemas"]["MessageResponse"]["properties"]["data"]
    required = [*schema["required"], "recipient", "first_seen", "sender", "note"]
    path = extended(tmp_path / "more.yaml", SHOWN % json.dumps(required))
    more = Client(Replies(Path(path)), Settings(seed="tests", contract=path))

    def read(client: Client) -> Any:
        client.post("/_mock/clock", json=FREEZE).raise_for_status()
        return client.get(f"/v3/messages/{sent(client)}").json()["data"]

    with more:
        shown, usual = read(more), read(client)

    added = {
        "recipient": "+14155551234",
        "stage": "accepted",
        "first_seen": "2026-03-11T21:50:50Z",
        "sender": "+14155550000",
        "note": None,
    }
    assert shown == {**usual, **added}
