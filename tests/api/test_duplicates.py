"""Many at once: one key makes one set of messages."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from conftest import PAGE_REQUEST, Live
from many import all_at_once, post
from servers import ServerProcess

from mock_sent.app import create_app
from mock_sent.settings import Settings

DELAYED = "{schema: 1, name: slow, send: [{then: {accept: true, delay: 20ms}}]}"


@pytest.mark.volume
@pytest.mark.real_socket
def test_a_thousand_duplicates() -> None:
    """1,000 simultaneous sends of one key, 20 times: one set of messages, every answer the same or the 409 (IDEM-6)."""
    body = json.dumps(PAGE_REQUEST).encode()
    with ServerProcess({"MOCK_SENT_SCENARIO_INLINE": DELAYED, "MOCK_SENT_LOG": "off"}) as server:
        for n in range(20):
            headers = {"content-type": "application/json", "x-api-key": "duplicates", "idempotency-key": f"round-{n}"}
            answers = asyncio.run(all_at_once(server.port, [body] * 1000, headers))

            statuses = Counter(status for status, _ in answers)
            assert set(statuses) <= {202, 409}
            assert statuses[202] >= 1
            assert len({content for status, content in answers if status == 202}) == 1
            for status, content in answers:
                if status == 409:
                    assert json.loads(content)["error"]["code"] == "CONFLICT_001"
        assert messages(server.url) == 20 * 4


@pytest.mark.volume
@pytest.mark.real_socket
def test_twenty_of_each_of_a_thousand_keys() -> None:
    """Fifty keys at once, each in 20 sends, until there were 1,000: one set of messages for each (IDEM-6)."""
    body = json.dumps(PAGE_REQUEST).encode()

    async def sent(port: int, keys: list[str]) -> list[tuple[int, bytes]]:
        start = asyncio.Event()
        headers = {"content-type": "application/json", "x-api-key": "keys"}
        sends = [post(port, body, {**headers, "idempotency-key": key}, start) for _ in range(20) for key in keys]
        start.set()
        return await asyncio.gather(*sends)

    with ServerProcess({"MOCK_SENT_LOG": "off"}) as server:
        for first in range(0, 1_000, 50):
            keys = [f"key-{first + n}" for n in range(50)]
            answers = asyncio.run(sent(server.port, keys))
            for n in range(50):
                of_key = answers[n::50]
                assert {status for status, _ in of_key} <= {202, 409}
                assert len({content for status, content in of_key if status == 202}) == 1
        assert messages(server.url) == 1_000 * 4


def messages(url: str) -> int:
    """How many messages the one account of the server has."""
    accounts: list[dict[str, Any]] = httpx2.get(f"{url}/_mock/accounts").json()["accounts"]
    return int(accounts[0]["messages"])


@pytest.mark.real_socket
def test_in_flight(live: Callable[..., Live]) -> None:
    """A twin of a request that has not been answered gets the 409, and the log says whose key it is (IDEM-6)."""
    server = live(scenario_inline="{schema: 1, name: slow, send: [{then: [{accept: true, delay: 1h}, accept]}]}")
    server.post("/_mock/clock", json={"freeze": True})
    headers = {"idempotency-key": "twin"}

    async def scene() -> tuple[int, int, int]:
        start = asyncio.Event()
        start.set()
        all_headers = {"content-type": "application/json", "x-api-key": server.api_key, **headers}
        body = json.dumps(PAGE_REQUEST).encode()
        twins = [asyncio.create_task(post(server.port, body, all_headers, start)) for _ in range(2)]
        done, pending = await asyncio.wait(twins, return_when=asyncio.FIRST_COMPLETED)
        server.post("/_mock/clock", json={"advance": "1h"})
        again = await post(server.port, body, all_headers, start)
        return done.pop().result()[0], (await pending.pop())[0], again[0]

    assert asyncio.run(scene()) == (409, 202, 202)
    assert "key=twin conflict with req_" in server.log.getvalue()
    assert messages(server.url) == 4


@pytest.mark.parametrize(
    ("delay", "rules", "expected"),
    [
        ("4s", "", [(202, None), (202, "true")]),
        ("1h", "", [(202, None), (409, None)]),
        ("4s", "idempotency: {wait: 1s},", [(202, None), (409, None)]),
    ],
    ids=["answered in time", "later than that", "a scenario's wait"],
)
def test_in_flight_in_october(delay: str, rules: str, expected: list[tuple[int, str | None]]) -> None:
    """A twin waits for the answer, up to five seconds of the account's time or as the scenario says (IDEM-6)."""
    text = f"{{schema: 1, name: slow, {rules} send: [{{then: [{{accept: true, delay: {delay}}}, accept]}}]}}"
    app = create_app(Settings(edition="2026-10", scenario_inline=text, log="off"))
    headers = {"x-api-key": "twins", "idempotency-key": "twin"}

    async def scene() -> list[tuple[int, str | None]]:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://localhost") as client:
            twins = []
            for _ in range(2):
                send = client.post("/v3/messages", headers=headers, json={"to": ["+14155551234"], "text": "a"})
                twins.append(asyncio.create_task(send))
                for _ in range(50):  # until it waits
                    await asyncio.sleep(0)
            for span in ("2s", "2s", "1s", "1h"):
                await client.post("/_mock/clock", headers=headers, json={"advance": span})
            replies = await asyncio.gather(*twins)
        return [(reply.status_code, reply.headers.get("idempotent-replayed")) for reply in replies]

    assert asyncio.run(scene()) == expected


@pytest.mark.parametrize(
    ("frozen", "expected"),
    [(False, [(202, None), (202, "true")]), (True, [(202, None), (409, None)])],
    ids=["running clock", "frozen clock"],
)
def test_how_long_a_twin_waits(frozen: bool, expected: list[tuple[int, str | None]]) -> None:
    """A twin is answered as soon as the key is released; on a frozen clock it gets the 409 at once (IDEM-6)."""
    text = "{schema: 1, name: slow, idempotency: {wait: 8h}, send: [{then: [{accept: true, delay: 1h}, accept]}]}"
    app = create_app(Settings(edition="2026-10", scenario_inline=text, log="off"))
    headers = {"x-api-key": "twins", "idempotency-key": "twin"}

    async def scene() -> list[tuple[int, str | None]]:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://localhost") as client:
            twins = []
            await client.post("/_mock/clock", headers=headers, json={"freeze": frozen})
            for _ in range(2):
                send = client.post("/v3/messages", headers=headers, json={"to": ["+14155551234"], "text": "a"})
                twins.append(asyncio.create_task(send))
                for _ in range(50):  # until it waits
                    await asyncio.sleep(0)
            if frozen:
                await asyncio.wait_for(asyncio.shield(twins[1]), 5)
            await client.post("/_mock/clock", headers=headers, json={"advance": "1h"})
            replies = await asyncio.wait_for(asyncio.gather(*twins), 5)
        return [(reply.status_code, reply.headers.get("idempotent-replayed")) for reply in replies]

    assert asyncio.run(scene()) == expected


@pytest.mark.real_socket
@pytest.mark.parametrize(
    "moves",
    [
        [("reset", {})],
        [("clock", {"freeze": "2020-01-01T00:00:00Z"}), ("clock", {"advance": "1h"})],
    ],
)
def test_a_delay_ends(live: Callable[..., Live], moves: list[tuple[str, dict[str, str]]]) -> None:
    """A send that waits on a frozen clock is answered when its account is reset, and is not late on one set back."""
    server = live(scenario_inline="{schema: 1, name: slow, send: [{then: {accept: true, delay: 1h}}]}")
    server.post("/_mock/clock", json={"freeze": "2100-01-01T00:00:00Z"})

    async def scene() -> int:
        start = asyncio.Event()
        start.set()
        headers = {"content-type": "application/json", "x-api-key": server.api_key, "idempotency-key": "held"}
        twins = [
            asyncio.create_task(post(server.port, json.dumps(PAGE_REQUEST).encode(), headers, start)) for _ in range(2)
        ]
        _, pending = await asyncio.wait(twins, return_when=asyncio.FIRST_COMPLETED)  # the 409: the other one waits
        for path, move in moves:
            server.post(f"/_mock/{path}", json=move)
        return (await asyncio.wait_for(pending.pop(), 5))[0]

    assert asyncio.run(scene()) == 202


@pytest.mark.real_socket
def test_a_lost_answer_is_remembered(live: Callable[..., Live]) -> None:
    """The key of a send whose answer was lost is not in flight any more: a retry gets the answer (IDEM-6)."""
    server = live(scenario="lost-ack")
    server.post("/_mock/clock", json={"freeze": True})

    async def scene() -> tuple[bytes, int]:
        start = asyncio.Event()
        start.set()
        headers = {"content-type": "application/json", "x-api-key": server.api_key, "idempotency-key": "lost"}
        body = json.dumps(PAGE_REQUEST).encode()
        lost = asyncio.create_task(lost_post(server.port, body, headers, start))
        while not lost.done():
            server.post("/_mock/clock", json={"advance": "900ms"})
            await asyncio.sleep(0.005)
        status, _ = await post(server.port, body, headers, start)
        return await lost, status

    answer, status = asyncio.run(scene())
    assert (answer, status) == (b"reset", 202)
    assert messages(server.url) == 4


async def lost_post(port: int, body: bytes, headers: dict[str, str], start: asyncio.Event) -> bytes:
    try:
        await post(port, body, headers, start)
    except ConnectionResetError:
        return b"reset"
    return b"answered"
