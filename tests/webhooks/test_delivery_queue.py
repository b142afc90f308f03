"""What waits for a webhook: whose it is, in which order, how much of it, and once more by hand."""

import asyncio

import pytest
from hooking import START, WAY, Message, World, seconds
from march import LIFECYCLE
from receiver import Receiver, answer

from mock_sent.ground.clock import SECOND
from mock_sent.ground.errors import Misuse
from mock_sent.world.lifecycle import plan

pytestmark = pytest.mark.real_socket


def test_order_per_webhook(receiver: Receiver) -> None:
    """Many messages at once: each event arrives once, and a message's events in their order (WEB-7)."""

    async def story() -> None:
        async with World() as world:
            world.webhook(receiver.url)
            await world.send(*(f"m{i}" for i in range(50)))
            await world.advance(5)

    asyncio.run(story())
    by_message: dict[str, list[str]] = {}
    for each in receiver.received:
        by_message.setdefault(each.payload["message_id"], []).append(each.status)
    assert by_message == {f"m{i}": WAY for i in range(50)}


def test_deleted_webhook(receiver: Receiver) -> None:
    """A deleted webhook hears nothing more, and another one goes on."""

    async def story() -> None:
        async with World() as world:
            gone, stays = world.webhook(receiver.url + "/gone"), world.webhook(receiver.url + "/stays")
            await world.send("m1")
            world.delete(gone)
            await world.advance(5)
            assert list(world.hooks.webhooks) == [stays.id]

    asyncio.run(story())
    assert [each.path for each in receiver.received if each.at > START or each.status != "ACCEPTED"] == [
        "/hook/stays"
    ] * 3


def test_what_happens_while_it_is_off(receiver: Receiver) -> None:
    """Events that fall due while a webhook is off are not told later; those after it is on again are."""

    async def story() -> None:
        async with World() as world:
            webhook = world.webhook(receiver.url)
            await world.send("m1", timetable=plan(LIFECYCLE, every=seconds(10)))
            webhook.members["is_active"] = False
            await world.advance(25)
            webhook.members["is_active"] = True
            await world.advance(86_400)
            assert [d.event_type for d in world.deliveries(webhook)] == ["message.accepted", "message.delivered"]

    asyncio.run(story())
    assert receiver.statuses == ["ACCEPTED", "DELIVERED"]


def test_who_hears(receiver: Receiver) -> None:
    """A profile's webhook hears of that profile only, the organization's of all; one for templates of none (WEB-8)."""

    async def story() -> None:
        async with World() as world:
            world.webhook(receiver.url + "/all")
            world.webhook(receiver.url + "/one", profile="p1")
            world.webhook(receiver.url + "/templates", event_types=["templates"])
            await world.send("m1", profile="p1", timetable=plan(LIFECYCLE, reach="accepted"))
            await world.send("m2", profile="p2", timetable=plan(LIFECYCLE, reach="accepted"))

    asyncio.run(story())
    heard = sorted((each.path, each.payload["message_id"]) for each in receiver.received)
    assert heard == [("/hook/all", "m1"), ("/hook/all", "m2"), ("/hook/one", "m1")]


def test_resend(receiver: Receiver) -> None:
    """A delivery can be made once more by hand, unless it is unknown or its webhook is switched off."""
    receiver.behave = lambda n: answer(500 if n < 3 else 200)

    async def story() -> None:
        async with World() as world:
            webhook = world.webhook(receiver.url, retry_count=1)
            await world.send("m1", timetable=plan(LIFECYCLE, reach="accepted"))
            delivery = world.deliveries(webhook)[0]
            world.hooks.resend(delivery.id)  # takes the place of the retry
            await world.hooks.settle()
            assert (delivery.state, delivery.attempts, world.hooks.waiting) == ("failed", 2, 0)
            world.hooks.resend(delivery.id)
            await world.advance(86_400)
            assert (delivery.state, delivery.attempts) == ("delivered", 3)
            with pytest.raises(Misuse, match="remembers"):
                world.hooks.resend("unknown")
            webhook.members["is_active"] = False
            with pytest.raises(Misuse, match="not active"):
                world.hooks.resend(delivery.id)

    asyncio.run(story())


def test_resend_leaves_the_rest(receiver: Receiver) -> None:
    """A resend takes the place of that delivery's retry only: other events and retries stay where they are."""
    receiver.behave = lambda n: answer(500 if n < 3 else 200)

    async def story() -> None:
        async with World() as world:
            webhook = world.webhook(receiver.url)
            await world.send("m1", "m2", timetable=plan(LIFECYCLE, reach="routed", every=seconds(90)))
            world.clock.advance(61 * SECOND)
            assert (world.hooks.waiting, sum(world.hooks.unmade())) == (4, 2)
            world.hooks.resend(world.deliveries(webhook)[0].id)
            await world.hooks.settle()
            await world.advance(60)

    asyncio.run(story())
    came = [(each.payload["message_id"], each.status, each.at - START) for each in receiver.received]
    assert came[:2] == [("m1", "ACCEPTED", 0), ("m2", "ACCEPTED", 0)]
    assert came[2:4] == [("m2", "ACCEPTED", 60), ("m1", "ACCEPTED", 61)]
    assert came[4:] == [("m1", "PROCESSED", 90), ("m2", "PROCESSED", 90)]


def test_full_queue_is_logged(receiver: Receiver) -> None:
    """When too many wait the oldest goes, counted and logged, and the rest arrives."""

    async def story() -> None:
        async with World(most=3) as world:
            webhook = world.webhook(receiver.url)
            world.hooks.follow([Message(f"m{i}", timetable=plan(LIFECYCLE, reach="accepted")) for i in range(10)])
            await world.hooks.settle()
            assert world.hooks.dropped == 7
            assert world.text.getvalue().count("webhook delivery dropped") == 3
            receiver.behave = lambda n: answer(500)
            await world.send("a", timetable=plan(LIFECYCLE, reach="accepted"))
            world.clock.advance(120 * SECOND)  # its retry is due, and others come before it was made
            world.hooks.follow([Message(id, world.clock.now()) for id in "bcd"])
            assert any("too many" in (d.error or "") for d in world.deliveries(webhook))

    asyncio.run(story())
    assert [each.payload["message_id"] for each in receiver.received[:3]] == ["m7", "m8", "m9"]


def test_an_earlier_one_wakes_the_queue(receiver: Receiver) -> None:
    """A send is told at once, although the webhook's task sleeps towards a retry that is a minute away."""
    receiver.behave = lambda n: answer(500 if n == 1 else 200)

    async def story() -> None:
        async with World() as world:
            world.webhook(receiver.url)
            await world.send("m1", timetable=plan(LIFECYCLE, reach="accepted"))
            await asyncio.sleep(0)
            await world.send("m2", timetable=plan(LIFECYCLE, reach="accepted"))

    asyncio.run(story())
    assert [each.payload["message_id"] for each in receiver.received] == ["m1", "m2"]
