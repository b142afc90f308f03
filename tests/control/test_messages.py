"""The messages that were sent, and waiting for the next."""

import threading
from collections.abc import Callable
from time import monotonic
from typing import Any

import pytest
from conftest import PAGE_REQUEST, Client, Live

SMS: dict[str, Any] = {"to": ["+447700900123"], "channel": ["sms"]}


def numbers(client: Client, query: str = "") -> list[str]:
    return [f"{m['to']} {m['channel']}" for m in client.get(f"/_mock/messages{query}").json()["messages"]]


def test_messages(client: Client) -> None:
    """Each pair of recipient and channel is a message with its text, the oldest first."""
    client.send()

    found = client.get("/_mock/messages").json()

    assert found["count"] == 4
    assert [m["to"] for m in found["messages"]] == ["+14155551234"] * 2 + ["+14155555678"] * 2
    assert found["messages"][0]["text"].startswith("Hi John Doe, your order #12345")
    assert found["messages"][0]["template"]["name"] == "order_confirmation"


def test_filters(client: Client) -> None:
    """By number, channel, template, text and status; the plus sign of a number need not be escaped."""
    client.send()
    client.send(**SMS)

    assert numbers(client, "?to=+44*") == ["+447700900123 sms"]
    assert numbers(client, "?to=%2B44*") == ["+447700900123 sms"]
    assert len(numbers(client, "?channel=whatsapp")) == 2
    assert len(numbers(client, "?template=order_*")) == 5
    assert len(numbers(client, "?text=*%2312345*&channel=sms")) == 3
    assert numbers(client, "?status=NOTHING") == []


def test_after(client: Client) -> None:
    """`after` goes by identity: what came later than that message, whatever it looks like."""
    client.send(**SMS)
    first = client.get("/_mock/messages").json()["messages"][0]["id"]
    assert numbers(client, f"?after={first}") == []

    client.send(**SMS)

    assert numbers(client, f"?after={first}") == ["+447700900123 sms"]
    assert client.get("/_mock/messages?after=nobody").status_code == 404


@pytest.mark.parametrize("wait", ["5", "61s", "soon"])
def test_bad_wait(client: Client, wait: str) -> None:
    """A wait has a unit, and an end."""
    assert client.get(f"/_mock/messages?wait={wait}").status_code == 400


def test_wait_ends(client: Client) -> None:
    """A wait for what does not come ends in real time, also under a frozen clock."""
    client.post("/_mock/clock", json={"freeze": True})
    began = monotonic()

    assert numbers(client, "?wait=50ms") == []
    assert monotonic() - began < 5


def test_wait_for_the_next(live: Callable[..., Live]) -> None:
    """A wait returns as soon as a message comes that fits, and not for one that does not."""
    client = live()
    answers: list[Any] = []

    def wait() -> None:
        answers.append(client.get("/_mock/messages?to=+44*&wait=20s").json()["messages"])

    waiting = threading.Thread(target=wait)
    began = monotonic()
    waiting.start()
    client.post("/v3/messages", json=PAGE_REQUEST)
    client.post("/v3/messages", json={**PAGE_REQUEST, **SMS})
    waiting.join()

    assert [m["to"] for m in answers[0]] == ["+447700900123"]
    assert monotonic() - began < 10


def test_a_reset_ends_a_wait(live: Callable[..., Live]) -> None:
    """Who waits for an account that is reset is told at once that nothing came."""
    client = live()
    client.get("/_mock/clock")
    answers: list[Any] = []
    waiting = threading.Thread(target=lambda: answers.append(client.get("/_mock/messages?wait=20s").json()))
    waiting.start()
    began = monotonic()
    while waiting.is_alive() and monotonic() - began < 10:
        client.post("/_mock/reset", json={})
        waiting.join(0.02)

    assert answers == [{"messages": [], "count": 0, "evicted": 0}]


def test_eviction_is_loud(mock: Callable[..., Client]) -> None:
    """Once messages were evicted, nobody knows how many there were."""
    client = mock(max_messages=2)
    client.send()

    found = client.get("/_mock/messages").json()

    assert (found["count"], found["evicted"], len(found["messages"])) == ("unknown", 2, 2)
