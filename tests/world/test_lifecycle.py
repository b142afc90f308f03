"""What becomes of a message, as a function of time."""

from typing import Any

import pytest
from conftest import PAGE_REQUEST, Client
from hooking import Message, seconds
from march import EDITION, LIFECYCLE
from replies import Replies

from mock_sent.ground.clock import SECOND
from mock_sent.ground.errors import Misuse
from mock_sent.world import lifecycle
from mock_sent.world.lifecycle import Event, Timetable, events, life, stage

KEY = "test-key-of-this-test"
STATUSES = LIFECYCLE.statuses


def plan(**rule: Any) -> Timetable:
    """The timetable of a deliver rule, whose stages are statuses here."""
    for name in ("reach", "fail_at"):
        if name in rule:
            rule[name] = LIFECYCLE.stage_of(rule[name])
    return lifecycle.plan(LIFECYCLE, **rule)


def advance(message: Message, now: int, to: str | None = None, reason: str | None = None) -> Event:
    return lifecycle.advance(LIFECYCLE, message, now, to, reason)


def way(**rule: Any) -> list[tuple[str, float]]:
    """The life that a deliver rule plans: statuses and seconds."""
    message = Message("m", 0, plan(**rule))
    return [(STATUSES[event.stage], event.at / SECOND) for event in life(message)]


def test_default() -> None:
    """Without a rule a message is delivered within about a second (LIFE-2)."""
    assert way() == [("ACCEPTED", 0), ("PROCESSED", 0.3), ("SENT", 0.6), ("DELIVERED", 0.9)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"reach": "ACCEPTED"}, ["ACCEPTED"]),
        ({"reach": "SENT"}, ["ACCEPTED", "PROCESSED", "SENT"]),
        ({"fail_at": "ACCEPTED", "reason": "R"}, ["ACCEPTED", "FAILED"]),
        ({"fail_at": "PROCESSED", "reason": "R"}, ["ACCEPTED", "FAILED"]),
        ({"fail_at": "SENT", "reason": "R"}, ["ACCEPTED", "PROCESSED", "FAILED"]),
        ({"fail_at": "DELIVERED", "reason": "R"}, ["ACCEPTED", "PROCESSED", "SENT", "FAILED"]),
    ],
)
def test_ends(rule: dict[str, str], expected: list[str]) -> None:
    """`reach` is the last status, `fail_at` the one that FAILED replaces; a message was always accepted (LIFE-1)."""
    assert [status for status, _ in way(**rule)] == expected


def test_speed() -> None:
    """`every` is the time between statuses, fixed or drawn between two ends (LIFE-2)."""
    drawn = way(every=seconds(2, 4), draw=lambda step: {1: 0.0, 2: 0.5, 3: 0.75}[step])

    assert [at for _, at in way(every=seconds(2))] == [0, 2, 4, 6]
    assert [at for _, at in drawn] == [0, 2, 5, 8.5]
    assert [at for _, at in way(every=seconds(2, 4))] == [0, 2, 4, 6]


def test_now_decides() -> None:
    """The status is a function of now; a clock that was set back does not take the acceptance away (LIFE-1)."""
    message = Message("m", 100 * SECOND, plan(every=seconds(10)))

    stages = [STATUSES[stage(message, now * SECOND)] for now in (0, 100, 109, 110, 129, 130, 10**6)]
    assert stages == ["ACCEPTED", "ACCEPTED", "ACCEPTED", "PROCESSED", "SENT", "DELIVERED", "DELIVERED"]
    assert [len(events(message, now * SECOND)) for now in (0, 100, 110, 10**6)] == [0, 1, 2, 4]


def test_manual() -> None:
    """A manual message waits for each move, whatever the clock says (LIFE-3)."""
    message = Message("m", 0, plan(manual=True), [])
    assert stage(message, 10**18) == "accepted"

    moved = [STATUSES[advance(message, at * SECOND).stage] for at in (5, 6, 7)]

    assert moved == ["PROCESSED", "SENT", "DELIVERED"]
    assert [(STATUSES[e.stage], e.at // SECOND) for e in life(message)] == [
        ("ACCEPTED", 0),
        ("PROCESSED", 5),
        ("SENT", 6),
        ("DELIVERED", 7),
    ]


def test_manual_failure() -> None:
    """A manual message fails where its rule says so, or where it is told to, with the reason (LIFE-3)."""
    planned = Message("m", 0, plan(fail_at="PROCESSED", reason="ERR_ROUTE_DENIED", manual=True), [])
    told = Message("m", 0, plan(manual=True), [])

    assert advance(planned, 1).reason == "ERR_ROUTE_DENIED"
    event = advance(told, 1, "FAILED", "ERR_CONSENT_BLOCKED")
    assert LIFECYCLE.description(event.stage, event.reason) == "Message failed: ERR_CONSENT_BLOCKED"


@pytest.mark.parametrize(
    ("moves", "to", "says"),
    [
        (0, "SENT", "ACCEPTED cannot become SENT; it can become PROCESSED, FAILED"),
        (0, "ACCEPTED", "ACCEPTED cannot become ACCEPTED"),
        (3, "FAILED", "DELIVERED cannot become FAILED; it can become nothing: that is its end"),
        (0, "DELIVERD", "no status 'DELIVERD' .did you mean 'DELIVERED'"),
        (3, None, "is DELIVERED, and its deliver rule plans nothing after that"),
    ],
)
def test_illegal_moves(moves: int, to: str | None, says: str) -> None:
    """A move that no message can make is refused, and the sentence says which can be made (LIFE-3)."""
    message = Message("m", 0, plan(manual=True), [])
    for at in range(moves):
        advance(message, at)

    with pytest.raises(Misuse, match=says):
        advance(message, 9, to)
    assert message.moves is not None
    assert len(message.moves) == moves


def test_moving_past_the_plan() -> None:
    """A message that is to stay SENT does so, unless it is told its next status by name (LIFE-3)."""
    message = Message("m", 0, plan(reach="SENT", manual=True), [])
    advance(message, 1)
    advance(message, 2)

    with pytest.raises(Misuse, match="plans nothing after that"):
        advance(message, 3)
    assert advance(message, 3, "DELIVERED").stage == "delivered"
    with pytest.raises(Misuse, match="plans nothing"):
        advance(Message("m", 0, plan(fail_at="SENT", reason="R", manual=True), message.moves), 4)


def test_clockwork_is_not_moved_by_hand() -> None:
    """A message that the clock moves cannot be moved (LIFE-3)."""
    with pytest.raises(Misuse, match="moves with the clock"):
        advance(Message("m"), 0)


def test_words_are_the_contracts(replies: Replies) -> None:
    """The edition's table and the contract name the same statuses and topics."""
    schemas = replies.document["components"]["schemas"]

    assert LIFECYCLE.words == schemas["Status"]["enum"]
    topics = schemas["WebhookRequest"]["properties"]["event_types"]["items"]["enum"]
    assert list(EDITION.events.topics) == topics
    tests = schemas["TestWebhookRequest"]["properties"]["event_type"]["enum"]
    assert [*topics, *(stage.event for stage in LIFECYCLE.stages.values()), None] == tests
    assert LIFECYCLE.stage_of("NOWHERE") is None


def freeze(client: Client, span: int = 0) -> None:
    """Freeze the account's clock, and advance it."""
    clock = client.app_.state.accounts.open(KEY).clock
    client.portal.call(lambda: (clock.frozen or clock.freeze(), clock.advance(span)))  # type: ignore[union-attr]


def test_status_over_http(client: Client) -> None:
    """A message is read as it stands: its status, its events the oldest first, its activities the newest first."""
    freeze(client)
    id = client.send(to=["+14155551234"], channel=["sms"]).json()["data"]["recipients"][0]["message_id"]
    seen = []
    for _ in range(4):
        message = client.get(f"/v3/messages/{id}").json()["data"]
        activities = client.get(f"/v3/messages/{id}/activities").json()["data"]["activities"]
        assert [e["status"] for e in message["events"]] == [a["status"] for a in reversed(activities)]
        assert message["price"] == 0.0075
        assert {a["price"] for a in activities} == {"0.0075"}
        assert activities[0]["status"] == message["status"]
        seen.append(message["status"])
        freeze(client, SECOND * 3 // 10)

    assert seen == ["ACCEPTED", "PROCESSED", "SENT", "DELIVERED"]


def test_automatic_channel_over_http(client: Client) -> None:
    """An automatic message's channel is `auto` until it is routed, and then the one that was chosen (LIFE-5)."""
    freeze(client)
    id = client.send(channel=["sent"]).json()["data"]["recipients"][0]["message_id"]

    before = client.get(f"/v3/messages/{id}").json()["data"]["channel"]
    freeze(client, SECOND)

    assert [before, client.get(f"/v3/messages/{id}").json()["data"]["channel"]] == ["auto", "sms"]


def test_missing_parameters_fail(client: Client) -> None:
    """A send that lacks a template's value is accepted, and the message fails with the documented reason (LIFE-4)."""
    freeze(client)
    template = {**PAGE_REQUEST["template"], "parameters": {"name": "John"}}
    response = client.send(template=template)
    id = response.json()["data"]["recipients"][0]["message_id"]
    freeze(client, SECOND)

    message = client.get(f"/v3/messages/{id}").json()["data"]

    assert response.status_code == 202
    assert message["status"] == "FAILED"
    assert message["events"][-1]["description"] == "Message failed: ERR_TEMPLATE_PARAMS_INVALID"
    assert [event["status"] for event in message["events"]] == ["ACCEPTED", "FAILED"]


def test_a_clock_that_was_set_back(client: Client) -> None:
    """A message that was accepted in what is now the future is still shown as accepted."""
    id = client.send().json()["data"]["recipients"][0]["message_id"]
    clock = client.app_.state.accounts.open(KEY).clock
    clock.freeze(0)

    message = client.get(f"/v3/messages/{id}").json()["data"]

    assert (message["status"], len(message["events"])) == ("ACCEPTED", 1)
