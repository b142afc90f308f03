"""Look-ups of names: shared, bounded, and waited for by nobody whose time is out."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from mock_sent.webhooks.destinations import Destinations, Forbidden
from mock_sent.webhooks.lookups import MOST, Lookups


class _SlowResolver:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer = threading.Event()

    def getaddrinfo(self, host: str, port: int, **_: Any) -> list[Any]:
        self.asked.append(host)
        self.answer.wait(30)
        if host == "unknown":
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", port))] * 2


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[_SlowResolver]:
    slow = _SlowResolver()
    monkeypatch.setattr(socket, "getaddrinfo", slow.getaddrinfo)
    yield slow
    slow.answer.set()


def test_one_name_is_looked_up_once_at_a_time(resolver: _SlowResolver) -> None:
    """Those who ask meanwhile get the same answer, also when one of them has given up."""

    async def asking() -> list[Any]:
        lookups = Lookups()
        waiting = [asyncio.ensure_future(lookups("name", 80)) for _ in range(5)]
        await asyncio.sleep(0)
        waiting.pop().cancel()
        resolver.answer.set()
        return [list(found) for found in await asyncio.gather(*waiting)] + [list(await lookups("name", 80))]

    assert asyncio.run(asking()) == [["10.0.0.1"]] * 5
    assert resolver.asked == ["name"] * 2


def test_name_that_nobody_knows(resolver: _SlowResolver) -> None:
    """The delivery's error says so."""
    resolver.answer.set()
    with pytest.raises(Forbidden, match=r"the name 'unknown' has no address .*no such name"):
        asyncio.run(Destinations().find("http://unknown/"))


def test_many_look_ups_that_hang(resolver: _SlowResolver) -> None:
    """No further thread is started, and the delivery's error says why."""

    async def asking() -> None:
        destinations = Destinations()
        waiting = [asyncio.ensure_future(destinations.find(f"http://name{number}/")) for number in range(MOST)]
        await asyncio.sleep(0)
        with pytest.raises(Forbidden, match=f"has not answered {MOST} earlier look-ups yet"):
            await destinations.find("http://another/")
        resolver.answer.set()
        await asyncio.gather(*waiting)

    asyncio.run(asking())
    assert "another" not in resolver.asked
