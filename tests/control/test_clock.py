"""The clock of an account: frozen, moved and let go through the control plane."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from threading import Event

import pytest
from conftest import PAGE_REQUEST, Client, Live
from receiver import HANG, receiving

from mock_sent.control import clock as control_clock
from mock_sent.ground.clock import HOUR, SECOND, Clock


def now(client: Client) -> datetime:
    return datetime.fromisoformat(client.get("/_mock/clock").json()["now"])


def test_freeze_now(client: Client) -> None:
    """A frozen clock stands still, and every time in an answer with it."""
    client.post("/_mock/clock", json={"freeze": True})

    stamps = {client.send().json()["meta"]["timestamp"] for _ in range(3)}

    assert stamps == {client.get("/_mock/clock").json()["now"]}


def test_freeze_at(client: Client) -> None:
    """A clock can be frozen at a time, with any offset."""
    client.post("/_mock/clock", json={"freeze": "2026-03-11T22:50:50.1796606+01:00"})

    assert client.get("/_mock/clock").json() == {"now": "2026-03-11T21:50:50.1796600+00:00", "frozen": True}


def test_advance_frozen(client: Client) -> None:
    """A frozen clock moves by exactly what it is told, and stays frozen."""
    client.post("/_mock/clock", json={"freeze": "2026-03-11T21:50:50Z"})

    moved = client.post("/_mock/clock", json={"advance": "24h"}).json()

    assert moved == {"now": "2026-03-12T21:50:50.0000000+00:00", "frozen": True, "deliveries_unmade": 0}


def test_advance_running(client: Client) -> None:
    """A running clock jumps and runs on."""
    before = now(client)
    client.post("/_mock/clock", json={"advance": "90m"})

    assert 5400 <= (now(client) - before).total_seconds() < 5460
    assert not client.get("/_mock/clock").json()["frozen"]


def test_resume(client: Client) -> None:
    """A clock that is let go runs on from where it stood."""
    client.post("/_mock/clock", json={"freeze": "2030-01-01T00:00:00Z"})

    client.post("/_mock/clock", json={"resume": True})

    assert client.get("/_mock/clock").json()["now"].startswith("2030-01-01T00:00:")
    assert not client.get("/_mock/clock").json()["frozen"]


@pytest.mark.real_socket
@pytest.mark.parametrize(
    ("webhooks", "unmade"),
    [
        ("{duplicate: 1}", 4),
        ("{duplicate: 2}", 8),
        ("{order: reversed}", 4),
        ("{delay: 30m}", 4),
        ("{delay: 2h}", 0),
    ],
)
def test_a_receiver_that_hangs(
    live: Callable[..., Live], monkeypatch: pytest.MonkeyPatch, webhooks: str, unmade: int
) -> None:
    """Who moves the clock is told how many deliveries are due and still unmade, the one that hangs too."""
    monkeypatch.setattr(control_clock, "_SETTLE_SECONDS", 0)
    reached = Event()

    def hang(n: int) -> bytes:
        reached.set()
        return HANG

    with receiving() as receiver:
        receiver.behave = hang
        client = live(webhook_url=receiver.url, scenario_inline=f"{{schema: 1, name: x, webhooks: {webhooks}}}")
        client.post("/_mock/clock", json={"freeze": True})
        client.post(
            "/v3/messages", json={**PAGE_REQUEST, "to": ["+14155551234"], "channel": ["sms"]}
        ).raise_for_status()

        moved = client.post("/_mock/clock", json={"advance": "1h"}).json()
        assert reached.wait(10 if unmade else 0) == bool(unmade)

    assert moved["deliveries_unmade"] == unmade


@pytest.mark.real_socket
def test_a_receiver_that_answers(live: Callable[..., Live]) -> None:
    """Where the receiver answers nothing is left unmade, and what is not due yet does not count."""
    with receiving() as receiver:
        every = "{schema: 1, name: x, deliver: [{then: {reach: DELIVERED, every: 1m}}]}"
        client = live(webhook_url=receiver.url, scenario_inline=every)
        client.post("/_mock/clock", json={"freeze": True})
        client.post("/v3/messages", json=PAGE_REQUEST).raise_for_status()

        moved = client.post("/_mock/clock", json={"advance": "1s"}).json()

    assert (moved["deliveries_unmade"], receiver.statuses) == (0, ["ACCEPTED"] * 4)


def test_accounts_have_their_own(client: Client) -> None:
    """The clock of one account does not move another's."""
    client.post("/_mock/clock", json={"freeze": "2030-01-01T00:00:00Z"})

    other = client.get("/_mock/clock", headers={"x-api-key": "another-key"}).json()

    assert not other["now"].startswith("2030")


@pytest.mark.parametrize(
    "content",
    [
        {},
        [],
        {"advance": "24"},
        {"advance": 24},
        {"advance": "-1h"},
        {"advance": "999999999999h"},
        {"freeze": "tomorrow"},
        {"freeze": "2026-03-11T21:50:50"},
        {"freeze": "1930-01-01T00:00:00Z"},
        {"freeze": "0001-01-01T00:00:00+23:00"},
        {"freeze": False},
        {"resume": False},
        {"resume": "now"},
        {"freeze": True, "resume": True},
        {"stop": True},
    ],
)
def test_bad_moves(client: Client, content: object) -> None:
    """What is no move of a clock is a 400 in one sentence, and the clock stays as it was."""
    client.post("/_mock/clock", json={"freeze": "2026-03-11T21:50:50Z"})
    before = client.get("/_mock/clock").json()

    response = client.post("/_mock/clock", json=content)

    assert response.status_code == 400
    assert set(response.json()) == {"error"}
    assert client.get("/_mock/clock").json() == before


def test_sleepers_obey_it() -> None:
    """Who waits on a frozen clock waits until somebody moves it far enough, and not by the machine's time."""

    async def scene() -> list[str]:
        clock, seen = Clock("seed"), list[str]()
        clock.freeze(100 * SECOND)

        async def wait(name: str, span: int) -> None:
            await clock.sleep(span)
            seen.append(name)

        tasks = [asyncio.create_task(wait("an hour", HOUR)), asyncio.create_task(wait("a second", SECOND))]
        await asyncio.sleep(0)
        clock.advance(SECOND)
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        seen.append("moved on")
        clock.advance(HOUR)
        await asyncio.gather(*tasks)
        return seen

    assert asyncio.run(scene()) == ["a second", "moved on", "an hour"]


def test_a_running_clock_wakes_by_itself() -> None:
    """On a running clock a sleep ends by the machine's time."""

    async def scene() -> bool:
        clock = Clock("seed")
        start = clock.now()
        await clock.sleep(SECOND // 100)
        return clock.now() - start >= SECOND // 100

    assert asyncio.run(scene())


def test_draws_do_not_depend_on_each_other() -> None:
    """A draw depends on the seed and on what it is about, not on what was drawn before."""
    one, other = Clock("seed"), Clock("seed")
    other.draw("something else")

    assert one.draw("rule", "+1", 3) == other.draw("rule", "+1", 3)
    assert Clock("another").draw("rule", "+1", 3) != one.draw("rule", "+1", 3)
    assert all(0 <= one.draw(n) < 1 for n in range(1000))
