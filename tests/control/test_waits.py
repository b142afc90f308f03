"""Waiting for a message that gets a status: by the clock, set back too, or because a test moves it."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from conftest import PAGE_REQUEST, Live
from wiring import connect, connections, eventually, head


def waiting_for(client: Live, query: str, answers: list[Any]) -> threading.Thread:
    """A call that waits for 20 s, in a thread, once the server has it."""
    ask = threading.Thread(target=lambda: answers.append(client.get(f"/_mock/messages?wait=20s&{query}").json()))
    ask.start()
    assert eventually(lambda: [each.state.name for each in connections(client.port)].count("WAITING") >= 1)
    time.sleep(0.05)
    return ask


@pytest.mark.parametrize(
    ("before", "query", "then", "status"),
    [
        ({"freeze": True}, "status=SENT", {"advance": "700ms"}, "SENT"),
        ({"freeze": True}, "status=DELIVERED&limit=1", {"advance": "1h"}, "DELIVERED"),
        ({"freeze": "2030-01-01T00:00:00Z"}, "status=ACCEPTED", {"freeze": "2029-12-31T23:59:00Z"}, "ACCEPTED"),
    ],
    ids=["advanced", "advanced far", "set back"],
)  # fmt: skip
def test_wait_for_a_status(
    live: Callable[..., Live], before: dict[str, Any], query: str, then: dict[str, Any], status: str
) -> None:
    """A wait for a status ends when the clock brings it, also when it is set back."""
    client, answers = live(), list[Any]()
    client.post("/_mock/clock", json=before)
    client.post("/v3/messages", json={**PAGE_REQUEST, "to": ["+14155551111", "+14155552222"], "channel": ["sms"]})
    if "Z" in str(then):
        client.post("/_mock/clock", json={"advance": "1h"})
    waiting = waiting_for(client, query, answers)
    client.post("/_mock/clock", json=then)
    waiting.join(5)

    assert {message["status"] for message in answers[0]["messages"]} == {status}


def test_wait_for_a_status_that_a_test_sets(live: Callable[..., Live]) -> None:
    """A wait ends when a message of a manual timetable is moved, and shows no message before `after`."""
    rule = "{when: {to: '*'}, then: {reach: DELIVERED, advance: manual}}"
    client, answers = live(scenario_inline=f"{{schema: 1, name: m, deliver: [{rule}]}}"), list[Any]()
    sent = client.post(
        "/v3/messages", json={**PAGE_REQUEST, "to": ["+14155551111", "+14155552222"], "channel": ["sms"]}
    )
    first, second = [each["message_id"] for each in sent.json()["data"]["recipients"]]
    waiting = waiting_for(client, f"status=PROCESSED&after={first}", answers)
    for id in (first, second):
        assert client.post(f"/_mock/messages/{id}/advance", json={}).status_code == 200
    waiting.join(5)

    assert [message["id"] for message in answers[0]["messages"]] == [second]


def test_many_waits_whose_clients_leave(live: Callable[..., Live]) -> None:
    """Two hundred waits for a status over many messages end with their clients, and a send is quick beside them."""
    client = live()
    client.post("/_mock/clock", json={"freeze": True})
    for _ in range(3):
        to = [f"+1415{5_000_000 + i}" for i in range(1_000)]
        client.post("/v3/messages", json={**PAGE_REQUEST, "to": to, "channel": ["sms"]})
    lines = [connect(client.port) for _ in range(200)]
    for line in lines:
        path = "/_mock/messages?wait=60s&status=FAILED"
        line.sendall(head(f"GET {path} HTTP/1.1", "Host: a", f"x-api-key: {client.api_key}"))
    assert eventually(lambda: [each.state.name for each in connections(client.port)].count("WAITING") == 200)
    assert client.post("/v3/messages", json=PAGE_REQUEST).status_code == 202
    for line in lines:
        line.close()

    assert eventually(lambda: len(connections(client.port)) <= 1)
