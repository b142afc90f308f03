"""What an account keeps for its webhooks is plain data: copied, or written as JSON and read again, it goes on."""

import asyncio
import copy
import json
from collections.abc import Callable

import pytest
from hooking import START, Message, World, seconds
from march import LIFECYCLE
from receiver import HANG, OK, Receiver, answer

from mock_sent.ground.plain import dump, load
from mock_sent.webhooks.options import DeliveryOptions
from mock_sent.webhooks.state import MOST_DELIVERIES, DispatchState
from mock_sent.world.lifecycle import advance, plan

pytestmark = pytest.mark.real_socket

DAY = 86_400


def by_json(state: DispatchState) -> DispatchState:
    return load(DispatchState, json.loads(json.dumps(dump(state))))


async def go_on_with(world: World, state: DispatchState) -> None:
    """What a new process does: nothing runs any more, and a dispatcher starts from the state."""
    await world.hooks.end()
    world.hooks = world.dispatcher(state)
    world.hooks.start()
    await world.hooks.settle()


@pytest.mark.parametrize("through", [by_json, copy.deepcopy])
def test_a_copy_goes_on(receiver: Receiver, through: Callable[[DispatchState], DispatchState]) -> None:
    """Events, retries, counts and lists of a copied state are those of the original, which it leaves alone."""
    options = DeliveryOptions(duplicate=2, delay=seconds(1, 20), signature="stale")

    def every_third_fails(n: int) -> bytes:
        path = receiver.received[-1].path
        return answer(200 if [each.path for each in receiver.received].count(path) % 3 else 500)

    receiver.behave = every_third_fails

    async def story(copied: bool) -> list[tuple[str, int, str, str]]:
        receiver.received.clear()
        async with World() as world:
            for retries in (3, 1):
                world.webhook(f"{receiver.url}/{retries}", retry_count=retries)
            await world.send("m1", timetable=plan(LIFECYCLE, every=seconds(30)))
            await world.send("m2", options=options, timetable=plan(LIFECYCLE, every=seconds(40)))
            await world.send("m3", options=options._replace(order="reversed"))
            await world.advance(45)
            if copied:
                original = copy.deepcopy(world.hooks.state)
                state = through(world.hooks.state)
                assert state == original
                await go_on_with(world, state)
            await world.advance(DAY)
            for queue in world.hooks.state.queues.values():
                assert (queue.pending, queue.in_hand, queue.unlisted) == ([], [], {})
            came = [(each.path, each.at, each.payload["message_id"], each.status) for each in receiver.received]
            return sorted(came, key=lambda each: each[0])  # the two webhooks are served side by side

    plain, copied = (asyncio.run(story(copied)) for copied in (False, True))
    assert copied == plain
    assert len(plain) > 40


@pytest.mark.parametrize("through", [by_json, copy.deepcopy])
def test_an_attempt_in_flight(receiver: Receiver, through: Callable[[DispatchState], DispatchState]) -> None:
    """An attempt that was in flight is made again by the copy, for the delivery that exists already."""
    receiver.behave = lambda n: HANG if n == 1 else OK

    async def story() -> None:
        async with World() as world:
            webhook = world.webhook(receiver.url)
            options = DeliveryOptions(duplicate=2)
            world.hooks.follow([Message("m1", timetable=plan(LIFECYCLE, reach="accepted"))], options)
            while not receiver.received:
                await asyncio.sleep(0.001)
            assert (world.hooks.waiting, sum(world.hooks.unmade())) == (1, 2)
            await go_on_with(world, through(world.hooks.state))
            assert [(d.state, d.attempts) for d in world.deliveries(webhook)] == [("delivered", 2), ("delivered", 1)]

    asyncio.run(story())
    assert receiver.statuses == ["ACCEPTED"] * 3


def test_a_forgotten_delivery_is_retried(receiver: Receiver) -> None:
    """A delivery that is no longer among the latest thousand gets its retry all the same, and is then forgotten."""
    receiver.behave = lambda n: answer(500 if n == 1 else 200)

    async def story() -> None:
        async with World() as world:
            webhook = world.webhook(receiver.url)
            await world.send("first", timetable=plan(LIFECYCLE, reach="accepted"))
            (first,) = world.deliveries(webhook)
            await world.send(
                *(f"m{i}" for i in range(MOST_DELIVERIES + 1)), timetable=plan(LIFECYCLE, reach="accepted")
            )
            assert (len(world.deliveries(webhook)), world.hooks.find(first.id)) == (MOST_DELIVERIES, None)
            state = world.hooks.state.queues[webhook.id]
            assert list(state.unlisted) == [first.id]
            await go_on_with(world, by_json(world.hooks.state))
            await world.advance(60)
            assert world.hooks.state.queues[webhook.id].unlisted == {}
            await go_on_with(world, by_json(world.hooks.state))  # nothing is left to do
            assert (world.hooks.waiting, await world.hooks.end()) == (0, (0, 0))

    asyncio.run(story())
    assert [each.at - START for each in receiver.received if each.payload["message_id"] == "first"] == [0, 60]


def test_a_move_is_delivered_once(receiver: Receiver) -> None:
    """Each stage of a message that is moved while its first event is pending is delivered once (LIFE-3, WEB-7)."""

    async def story() -> None:
        async with World() as world:
            world.webhook(receiver.url)
            message = Message("m1", world.clock.now(), plan(LIFECYCLE, manual=True), [])
            world.hooks.follow([message])
            world.hooks.deliver(message, advance(LIFECYCLE, message, world.clock.now()))
            await world.hooks.settle()

    asyncio.run(story())
    assert receiver.statuses == ["ACCEPTED", "PROCESSED"]
