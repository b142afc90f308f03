"""What walks through a whole account: bounded answers, and an end with the client."""

import socket
from collections.abc import Callable
from typing import Any

import pytest
from conftest import PAGE_REQUEST, Client, Live
from wiring import connect, connections, eventually, head

from mock_sent_client.account import SentMock

BIG = {"id": "7ba7b820-9dad-11d1-80b4-00c04fd430c9", "name": "big", "body": "{{a}}" * 1000, "variables": ["a"]}


def test_an_audit_shows_a_hundred_of_each_kind(client: Client) -> None:
    """All findings are counted, and those that are not shown too; none of another kind is lost behind them."""
    for _ in range(131):
        client.send(to=["+14155551234"], channel=["sms"])
    client.send(to=["+447700900123"], strange=1)
    found = client.get("/_mock/audit?fail_on=unknown_member").json()

    kinds = [finding["kind"] for finding in found["findings"]]
    assert (kinds.count("duplicate_message"), kinds.count("unknown_member")) == (100, 1)
    assert (found["errors"], found["warnings"], found["left_off"]) == (1, 130, 30)


def test_findings_name_some_of_many(client: Client) -> None:
    """A finding about a thousand messages has a hundred ids and ten numbers."""
    numbers = [f"+1415{5_000_000 + i}" for i in range(400)]
    client.send(to=[*numbers, *numbers], channel=["sms"])
    [finding] = client.get("/_mock/audit").json()["findings"]

    assert finding["differs"].endswith("+14155000009 and 390 more stands more than once in `to`")
    assert len(finding["request"]["messages"]) == 100


def big_sends(client: Client | Live) -> None:
    """Forty messages, each with a text of a megabyte."""
    client.put("/_mock/templates", json=[BIG])
    to = [f"+1415{5_000_000 + i}" for i in range(40)]
    parameters = {"a": "x" * 1_040}
    template = {"name": "big", "parameters": parameters}
    client.post("/v3/messages", json={"to": to, "channel": ["sms"], "template": template})


def test_a_list_has_an_end(client: Client) -> None:
    """A list ends before it has 33 MiB, says how many there are, and goes on behind its last message."""
    big_sends(client)
    first = client.get("/_mock/messages").json()
    second = client.get("/_mock/messages", params={"after": first["messages"][-1]["id"]}).json()

    assert first["count"] == 40
    assert 30 < len(first["messages"]) < 40
    assert len(first["messages"]) + len(second["messages"]) == 40


@pytest.mark.real_socket
def test_the_client_reads_all_of_a_long_list(live: Callable[..., Live]) -> None:
    """`find_messages` asks on until it has every message."""
    client = live()
    big_sends(client)

    assert len(SentMock(client.url, client.api_key).find_messages()) == 40


@pytest.mark.real_socket
@pytest.mark.parametrize("leave", ["close", "half"])
def test_a_walk_ends_with_its_client(live: Callable[..., Live], leave: str) -> None:
    """A verify that would take long ends when its client leaves; one that closed its half is told so."""
    client = live()
    for i in range(10):
        to = [f"+1415{5_000_000 + 1000 * i + n}" for n in range(1000)]
        client.post("/v3/messages", json={**PAGE_REQUEST, "to": to, "channel": ["sms"]})
    body = b'{"to": [%b]}' % b",".join(b'"*%dx*"' % i for i in range(1000))
    line = connect(client.port)
    fields = ("Host: a", f"x-api-key: {client.api_key}", "Content-Type: application/json")
    line.sendall(head("POST /_mock/verify HTTP/1.1", *fields, f"Content-Length: {len(body)}") + body)
    if leave == "half":
        line.shutdown(socket.SHUT_WR)
        assert b"keep both halves open" in answer_of(line)
    line.close()

    assert eventually(lambda: len(connections(client.port)) <= 1)


def answer_of(line: socket.socket) -> bytes:
    pieces: list[Any] = []
    while piece := line.recv(65_536):
        pieces.append(piece)
    return b"".join(pieces)
