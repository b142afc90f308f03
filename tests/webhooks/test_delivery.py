"""Deliveries: what arrives, when, and when it is tried again."""

import asyncio
import itertools
import json

import pytest
from hooking import ACCOUNT, START, WAY, Message, World, seconds
from march import LIFECYCLE
from receiver import Receiver, answer
from signatures import independent

from mock_sent.ground.clock import SECOND
from mock_sent.webhooks import verify
from mock_sent.world.lifecycle import advance, plan

pytestmark = pytest.mark.real_socket


def test_payload_and_headers(receiver: Receiver) -> None:
    """A delivery is the payload of March 2026 with four headers, and its signature verifies (WEB-2, WEB-3)."""

    async def story() -> tuple[str, str]:
        async with World() as world:
            webhook = world.webhook(receiver.url + "?a=1")
            await world.send("m1")
            return webhook.id, webhook.members["signing_secret"]

    id, secret = asyncio.run(story())
    (first,) = receiver.received
    assert first.path == "/hook?a=1"
    assert json.loads(first.body) == {
        "field": "messages",
        "payload": {
            "account_id": ACCOUNT,
            "message_id": "m1",
            "message_status": "ACCEPTED",
            "channel": "sms",
            "inbound_number": "+14155551234",
            "outbound_number": "+14155550000",
            "template_id": "7ba7b820-9dad-11d1-80b4-00c04fd430c8",
        },
        "timestamp": "2026-03-11T21:50:50Z",
    }
    assert {n: v for n, v in first.headers.items() if n.startswith("x-")} == {
        "x-webhook-id": id,
        "x-webhook-timestamp": str(START),
        "x-webhook-signature": first.headers["x-webhook-signature"],
        "x-webhook-event-type": "message.accepted",
    }
    assert first.headers["content-type"] == "application/json"
    verify(secret, first.headers, first.body, now=START)
    assert independent(secret, first.headers, first.body, START)


def test_events_come_when_they_are_due(receiver: Receiver) -> None:
    """A frozen clock holds the events; each is told as of its own instant when the clock moves on (WEB-1, WEB-7)."""

    async def story() -> list[int]:
        async with World() as world:
            world.webhook(receiver.url)
            await world.send("m1", timetable=plan(LIFECYCLE, every=seconds(10)))
            counts = [len(receiver.received)]
            for step in (9, 1, 15, 86_400):
                await world.advance(step)
                counts.append(len(receiver.received))
            return counts

    assert asyncio.run(story()) == [1, 1, 2, 3, 4]
    assert receiver.statuses == WAY
    assert [each.at - START for each in receiver.received] == [0, 10, 20, 30]


def test_automatic_channel(receiver: Receiver) -> None:
    """Until it is routed an automatic message is on channel `sent`, then on sms (WEB-2)."""

    async def story() -> None:
        async with World() as world:
            world.webhook(receiver.url)
            await world.send("m1", channel=None)
            await world.advance(1)

    asyncio.run(story())
    assert [each.payload["channel"] for each in receiver.received] == ["sent", "sms", "sms", "sms"]


def test_retry_timetable(receiver: Receiver) -> None:
    """One minute, doubling, `retry_count` times; a day that is jumped plays them all as of their instants (WEB-5)."""
    receiver.behave = lambda n: answer(503, b"not now")

    async def story() -> dict[str, object]:
        async with World() as world:
            webhook = world.webhook(receiver.url, retry_count=5)
            await world.send("m1", timetable=plan(LIFECYCLE, reach="accepted"))
            await world.advance(86_400)
            (delivery,) = world.deliveries(webhook)
            return {
                "state": delivery.state,
                "attempts": delivery.attempts,
                "http": delivery.http_status,
                "answer": delivery.answer,
                "error": delivery.error,
                "ended": delivery.completed_at,
                "failures": webhook.members["consecutive_failures"],
            }

    assert asyncio.run(story()) == {
        "state": "failed",
        "attempts": 6,
        "http": 503,
        "answer": "not now",
        "error": "the receiver answered 503",
        "ended": (START + 31 * 60) * SECOND,
        "failures": 6,
    }
    assert [each.at - START for each in receiver.received] == [0, 60, 180, 420, 900, 1860]
    assert len({each.headers["x-webhook-signature"] for each in receiver.received}) == 6
    assert len({each.body for each in receiver.received}) == 1


def test_the_longest_wait(receiver: Receiver) -> None:
    """No wait between two attempts is longer than an hour (WEB-5)."""
    receiver.behave = lambda n: answer(500)

    async def story() -> None:
        async with World() as world:
            world.webhook(receiver.url, retry_count=8)
            await world.send("m1", timetable=plan(LIFECYCLE, reach="accepted"))
            await world.advance(86_400)

    asyncio.run(story())
    instants = [each.at for each in receiver.received]
    waits = [(later - earlier) // 60 for earlier, later in itertools.pairwise(instants)]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_retries_take_their_place(receiver: Receiver) -> None:
    """A jump plays retries between later events, where their instants put them: no event waits for a retry (WEB-7)."""
    receiver.behave = lambda n: answer(500) if n == 1 else answer(200)

    async def story() -> None:
        async with World() as world:
            world.webhook(receiver.url)
            await world.send("m1", timetable=plan(LIFECYCLE, every=seconds(45)))
            await world.advance(86_400)

    asyncio.run(story())
    assert [(each.status, each.at - START) for each in receiver.received] == [
        ("ACCEPTED", 0),
        ("PROCESSED", 45),
        ("ACCEPTED", 60),
        ("SENT", 90),
        ("DELIVERED", 135),
    ]


def test_success_ends_the_retries(receiver: Receiver) -> None:
    """A 2xx ends the retries and the count of failures (WEB-5, WEB-6)."""
    receiver.behave = lambda n: answer(204) if n == 3 else answer(500)

    async def story() -> None:
        async with World() as world:
            webhook = world.webhook(receiver.url)
            await world.send("m1", timetable=plan(LIFECYCLE, reach="accepted"))
            assert (world.deliveries(webhook)[0].state, webhook.members["consecutive_failures"]) == ("retrying", 1)
            await world.advance(86_400)
            assert (world.deliveries(webhook)[0].state, webhook.members["consecutive_failures"]) == ("delivered", 0)
            assert webhook.members["last_successful_delivery_at"] == (START + 180) * SECOND

    asyncio.run(story())
    assert len(receiver.received) == 3


def test_ten_failures_switch_it_off(receiver: Receiver) -> None:
    """The tenth failed attempt in a row switches the webhook off, which is logged; what waited is not made (WEB-6)."""
    receiver.behave = lambda n: answer(500)

    async def story() -> str:
        async with World() as world:
            webhook = world.webhook(receiver.url)
            await world.send("m1", "m2", "m3", timetable=plan(LIFECYCLE, reach="accepted"))
            await world.advance(86_400)
            assert not webhook.members["is_active"]
            assert [d.state for d in world.deliveries(webhook)] == ["failed"] * 3
            given_up = "the receiver answered 500; given up, because the webhook is not active"
            assert sorted(d.error or "" for d in world.deliveries(webhook)) == [
                "the receiver answered 500",
                *[given_up] * 2,
            ]
            await world.send("m4")
            return world.text.getvalue()

    assert "switched off after ten failed attempts" in asyncio.run(story())
    assert len(receiver.received) == 10


def test_rotation_in_flight(receiver: Receiver) -> None:
    """A retry after a rotation is signed with the new secret: the old one is invalid at once (WEB-5)."""
    receiver.behave = lambda n: answer(500) if n == 1 else answer(200)

    async def story() -> list[str]:
        async with World() as world:
            webhook = world.webhook(receiver.url)
            before = webhook.members["signing_secret"]
            await world.send("m1", timetable=plan(LIFECYCLE, reach="accepted"))
            after = webhook.members["signing_secret"] = world.hooks.new_secret()
            await world.advance(60)
            return [before, after]

    secrets = asyncio.run(story())
    assert len(set(secrets)) == 2
    for secret, each in zip(secrets, receiver.received, strict=True):
        assert [independent(s, each.headers, each.body, each.at) for s in secrets] == [s == secret for s in secrets]


def test_manual_moves_are_told(receiver: Receiver) -> None:
    """A message that is moved by hand is told of when it is moved, and not before (LIFE-3)."""

    async def story() -> None:
        async with World() as world:
            world.webhook(receiver.url)
            message = Message("m1", world.clock.now(), plan(LIFECYCLE, manual=True), [])
            world.hooks.follow([message])
            await world.advance(86_400)
            assert receiver.statuses == ["ACCEPTED"]
            world.hooks.deliver(message, advance(LIFECYCLE, message, world.clock.now()))
            await world.hooks.settle()

    asyncio.run(story())
    assert receiver.statuses == ["ACCEPTED", "PROCESSED"]
    assert receiver.received[-1].at == START + 86_400
