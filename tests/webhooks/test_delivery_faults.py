"""Receivers that are dead, slow, rude or confused, and deliveries that misbehave on purpose."""

import asyncio
import socket
from typing import Literal

import pytest
from hooking import START, World, seconds
from march import LIFECYCLE
from receiver import HANG, OK, RESET, Receiver, answer, receiving
from signatures import independent

from mock_sent.ground.clock import SECOND
from mock_sent.webhooks import InvalidSignature, verify
from mock_sent.webhooks.options import DeliveryOptions
from mock_sent.world.lifecycle import plan

pytestmark = pytest.mark.real_socket

HOUR = 3_600


async def _one_attempt(url: str, timeout: float = 5) -> tuple[str, int | None, str | None, str | None]:
    async with World() as world:
        webhook = world.webhook(url, timeout_seconds=timeout)
        await world.send("m1", timetable=plan(LIFECYCLE, reach="accepted"))
        delivery = world.deliveries(webhook)[0]
        return delivery.state, delivery.http_status, delivery.answer, delivery.error


@pytest.mark.parametrize(
    ("reply", "status", "error"),
    [
        (answer(500, b"oh"), 500, "the receiver answered 500"),
        (answer(410), 410, "the receiver answered 410"),
        (answer(304), 304, "the receiver answered 304; redirects are not followed"),
        (RESET, None, "ReadError"),
        (b"SSH-2.0-OpenSSH_9\r\n\r\n", None, "RemoteProtocolError"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", None, "no answer within 0.5 s"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n", None, "RemoteProtocolError"),
        (HANG, None, "no answer within 0.5 s"),
    ],
)
def test_bad_answers(receiver: Receiver, reply: bytes, status: int | None, error: str) -> None:
    """Whatever is no 2xx is a failure that is told with its reason, and is tried again (WEB-5)."""
    receiver.behave = lambda n: reply

    state, http_status, _, told = asyncio.run(_one_attempt(receiver.url, 0.5))

    assert (state, http_status) == ("retrying", status)
    assert told is not None
    assert told.startswith(error)


def test_dead_receiver() -> None:
    """Where nobody listens, the delivery says so and is tried again."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    state, _, _, error = asyncio.run(_one_attempt(f"http://127.0.0.1:{port}/"))

    assert state == "retrying"
    assert error is not None
    assert error.startswith("ConnectError")


def test_https_needs_tls(receiver: Receiver) -> None:
    """https is spoken to a receiver that says https, and one that does not is a failure."""
    state, _, _, error = asyncio.run(_one_attempt(receiver.url.replace("http:", "https:"), 0.3))

    assert (state, receiver.received) == ("retrying", [])
    assert error


def test_long_answers(receiver: Receiver) -> None:
    """Of an answer 64 KiB are read and a thousand characters kept; the connection is not waited for."""
    receiver.behave = lambda n: b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n" + b"x" * 200_000

    _, http_status, kept, _ = asyncio.run(_one_attempt(receiver.url))

    assert (http_status, kept) == (200, "x" * 1_000)


def test_binary_answers(receiver: Receiver) -> None:
    """Bytes that are no text are kept as far as they can be shown."""
    receiver.behave = lambda n: answer(200, b"\xff\x00ok")

    assert asyncio.run(_one_attempt(receiver.url))[2] == "\ufffd\x00ok"


def test_cookies_are_not_kept(receiver: Receiver) -> None:
    """A cookie that a receiver sets for one account does not travel with the next one's delivery."""
    receiver.behave = lambda n: answer(200, b"", "set-cookie: a=b; path=/")

    async def story() -> None:
        async with World() as world:
            world.webhook(receiver.url)
            await world.send("m1")
            await world.advance(1)

    asyncio.run(story())
    assert len(receiver.received) == 4
    assert all("cookie" not in each.headers for each in receiver.received)
    assert receiver.connections == 1


def test_a_slow_receiver_slows_nobody(receiver: Receiver) -> None:
    """While one webhook's receiver hangs, sends cost nothing and another webhook's deliveries go out."""
    with receiving() as slow:
        slow.behave = lambda n: HANG

        async def story() -> None:
            async with World() as world:
                world.webhook(slow.url)
                quick = world.webhook(receiver.url)
                world.hooks.follow([])
                await _deliver_all_but(world, quick.id)

        async def _deliver_all_but(world: World, id: str) -> None:
            sending = asyncio.ensure_future(world.send("m1", "m2", timetable=plan(LIFECYCLE, reach="accepted")))
            while len(receiver.received) < 2:
                await asyncio.sleep(0.001)
            assert not sending.done()
            sending.cancel()

        asyncio.run(story())
    assert len(slow.received) == 1


def test_bounded_concurrency() -> None:
    """However many webhooks an account has, only so many of its deliveries are in flight: its own, and the shared."""
    with receiving() as slow:
        slow.behave = lambda n: HANG

        async def story() -> None:
            async with World(in_flight=2) as world:
                for _ in range(5):
                    world.webhook(slow.url, timeout_seconds=0.3)
                await world.send("m1", timetable=plan(LIFECYCLE, reach="accepted"))

        asyncio.run(story())
    assert (len(slow.received), slow.connections, slow.most_open) == (5, 5, 3)


def test_bug_in_a_delivery_does_not_stop_the_rest(receiver: Receiver) -> None:
    """A bug of ours in one delivery is told, and the next one goes out."""

    async def story() -> str:
        async with World() as world:
            world.webhook(receiver.url)
            await world.send("m1", to={1}, timetable=plan(LIFECYCLE, reach="accepted"))
            await world.send("m2", timetable=plan(LIFECYCLE, reach="accepted"))
            return world.text.getvalue()

    assert "bug in mock-sent" in asyncio.run(story())
    assert len(receiver.received) == 1


def test_duplicates(receiver: Receiver) -> None:
    """`duplicate` makes each delivery so many times, with the same body (WEB-10)."""

    async def story() -> None:
        async with World() as world:
            world.webhook(receiver.url)
            await world.send("m1", options=DeliveryOptions(duplicate=2))
            await world.advance(1)

    asyncio.run(story())
    assert receiver.statuses == [status for status in ("ACCEPTED", "PROCESSED", "SENT", "DELIVERED") for _ in "12"]
    assert len({each.body for each in receiver.received}) == 4


@pytest.mark.parametrize("order", ["reversed", "shuffled"])
def test_order(receiver: Receiver, order: Literal["reversed", "shuffled"]) -> None:
    """`order` turns a message's events round; nothing is told before it is true (WEB-10)."""

    async def story() -> None:
        async with World() as world:
            world.webhook(receiver.url)
            await world.send(
                *(f"m{i}" for i in range(5)),
                options=DeliveryOptions(order=order),
                timetable=plan(LIFECYCLE, every=seconds(1)),
            )
            await world.advance(2)
            assert receiver.received == []
            await world.advance(1)

    asyncio.run(story())
    way = ["ACCEPTED", "PROCESSED", "SENT", "DELIVERED"]
    orders = [receiver.statuses[i : i + 4] for i in range(0, 20, 4)]
    assert all(sorted(each) == sorted(way) for each in orders)
    assert all(each.at == START + 3 for each in receiver.received)
    if order == "reversed":
        assert orders == [way[::-1]] * 5
    else:
        assert len({tuple(each) for each in orders}) > 1


def test_delay(receiver: Receiver) -> None:
    """`delay` makes deliveries late by a drawn time that a seed repeats, and keeps the order (WEB-10)."""

    async def story() -> None:
        async with World() as world:
            world.webhook(receiver.url)
            await world.send("m1", options=DeliveryOptions(delay=seconds(10, 60)))
            assert receiver.received == []
            await world.advance(HOUR)
            await world.send("m2", options=DeliveryOptions(delay=seconds(5)))
            await world.advance(HOUR)

    asyncio.run(story())
    first, second = receiver.received[:4], receiver.received[4:]
    assert [each.status for each in first] == ["ACCEPTED", "PROCESSED", "SENT", "DELIVERED"]
    assert all(START + 10 <= each.at <= START + 61 for each in first)
    assert [each.at for each in first] == sorted(each.at for each in first)
    assert [each.at - START - HOUR for each in second] == [5, 5, 5, 5]


@pytest.mark.parametrize("signature", ["stale", "wrong", "absent"])
def test_bad_signatures(receiver: Receiver, signature: Literal["stale", "wrong", "absent"]) -> None:
    """`signature` makes deliveries that a receiver must refuse (WEB-10)."""

    async def story() -> str:
        async with World() as world:
            webhook = world.webhook(receiver.url)
            await world.send(
                "m1", options=DeliveryOptions(signature=signature), timetable=plan(LIFECYCLE, reach="accepted")
            )
            return str(webhook.members["signing_secret"])

    secret = asyncio.run(story())
    (each,) = receiver.received
    with pytest.raises(InvalidSignature):
        verify(secret, each.headers, each.body, now=START)
    if signature == "stale":
        assert independent(secret, each.headers, each.body, each.at)
        assert each.at == START - 600


def test_a_running_clock(receiver: Receiver) -> None:
    """On a running clock events come by themselves, stamped with the time at which they are sent."""

    async def story() -> None:
        async with World() as world:
            world.webhook(receiver.url)
            world.clock.resume()
            await world.send("m1", timetable=plan(LIFECYCLE, every=seconds(0.02)))
            while len(receiver.received) < 4:
                await asyncio.sleep(0.002)

    asyncio.run(story())
    assert receiver.statuses == ["ACCEPTED", "PROCESSED", "SENT", "DELIVERED"]
    assert all(START <= each.at <= START + 2 for each in receiver.received)


def test_a_busy_queue_stamps_its_own_time(receiver: Receiver) -> None:
    """What waited for a slow attempt is stamped with when it is sent, not with when it was due."""
    receiver.behave = lambda n: HANG if n == 1 else OK

    async def story() -> None:
        async with World() as world:
            world.webhook(receiver.url, timeout_seconds=1.1)
            world.clock.resume()
            await world.send("m1", "m2", timetable=plan(LIFECYCLE, reach="accepted"))

    asyncio.run(story())
    assert receiver.received[1].at - receiver.received[0].at in (1, 2)


def test_stop_counts_what_is_left(receiver: Receiver) -> None:
    """A stop says how many deliveries were due, and how many events were still to come."""
    receiver.behave = lambda n: answer(500)

    async def story() -> None:
        async with World() as world:
            world.webhook(receiver.url)
            await world.send("m1", timetable=plan(LIFECYCLE, every=seconds(10)))
            assert world.hooks.waiting == 2
            assert world.hooks.stop() == (1, 1)
            await world.advance(HOUR)
            assert world.clock.now() == (START + HOUR) * SECOND

    asyncio.run(story())
    assert len(receiver.received) == 1
