"""Accounts do not meet at their deliveries: a receiver that hangs holds up nobody else."""

import asyncio
from collections.abc import Callable
from time import perf_counter

import pytest
from conftest import Live
from receiver import HANG, Receiver, receiving

from mock_sent.webhooks.sender import Shares


def subscribe(client: Live, key: str, url: str) -> str:
    body = {"display_name": "x", "endpoint_url": url, "event_types": ["messages"], "timeout_seconds": 5}
    data = client.post("/v3/webhooks", json=body, headers={"x-api-key": key}).json()["data"]
    return str(data["id"])


def test_accounts_with_hanging_receivers(live: Callable[..., Live], receiver: Receiver) -> None:
    """Fifty accounts wait for a receiver that hangs; the delivery of another one is made at once, at its own time."""
    client = live()
    with receiving() as hanging:
        hanging.behave = lambda n: HANG
        for i in range(50):
            id = subscribe(client, f"hanging-{i:04}", hanging.url)
            client.post(f"/v3/webhooks/{id}/test", json={}, headers={"x-api-key": f"hanging-{i:04}"})
        id = subscribe(client, "quick-0001", receiver.url)

        began = perf_counter()
        client.post(f"/v3/webhooks/{id}/test", json={}, headers={"x-api-key": "quick-0001"})
        client.post("/_mock/clock", json={"advance": "1ms"}, headers={"x-api-key": "quick-0001"})
        took = perf_counter() - began

        event = client.get(f"/v3/webhooks/{id}/events", headers={"x-api-key": "quick-0001"}).json()["data"]["events"][0]
        assert event["delivery_status"] == "DELIVERED"
        assert took < 4  # the hanging ones take five seconds
        assert event["processing_completed_at"][:19] == event["processing_started_at"][:19]


@pytest.mark.parametrize("most", [1, 3])
def test_one_account_cannot_take_all(most: int) -> None:
    """An account has one slot of its own and shares the others, so that each other account still has its own."""

    async def scene() -> list[str]:
        shares, inside, over = Shares(most), list[str](), asyncio.Event()

        async def deliver(account: str) -> None:
            async with shares.slot(account):
                inside.append(account)
                await over.wait()

        tasks = [asyncio.create_task(deliver(name)) for name in (*["greedy"] * 10, "modest", "other")]
        for _ in range(5):
            await asyncio.sleep(0)
        found = list(inside)
        over.set()
        await asyncio.gather(*tasks)
        return found

    assert asyncio.run(scene()) == [*["greedy"] * (most + 1), "modest", "other"]
