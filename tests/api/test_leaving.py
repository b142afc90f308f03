"""A client that leaves before its answer: the mock notices, says that the answer is lost, and keeps nothing waiting."""

import json
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest
from conftest import PAGE_REQUEST, Live
from wiring import connect, connections, eventually, head, leave_at_once, listen, one_answer

pytestmark = pytest.mark.real_socket

# Just below what a body may have. It does not fit in the buffers of a connection.
MUCH = 900_000
SIZES = [0, 100_000, MUCH]

# The waits that a scenario has, each far longer than a test.
WAITS = {"delay": "{delay: 8h, accept: true}", "drip": "{drip: 8h}", "hang": "{drop: hang}"}


def slow_mock(live: Callable[..., Live], wait: str) -> Live:
    rule = f"{{when: {{header: {{x-wait: 'yes'}}}}, then: {WAITS[wait]}}}"
    return live(scenario_inline=f"{{schema: 1, name: wait, send: [{rule}]}}")


def request(blanks: int, *headers: str, **changes: Any) -> bytes:
    """A send that waits, with so many blanks behind its JSON."""
    body = json.dumps({**PAGE_REQUEST, **changes}).encode() + b" " * blanks
    lines = ("Host: a", f"x-api-key: {Live.api_key}", "Content-Type: application/json", f"Content-Length: {len(body)}")
    return head("POST /v3/messages HTTP/1.1", *lines, *headers) + body


def begin(client: Live, data: bytes) -> socket.socket:
    """A connection with a request that waits: all of it was read."""
    line = connect(client.port)
    line.sendall(data)
    assert eventually(lambda: [each.state.name for each in connections(client.port)].count("HEAD") <= 1)
    time.sleep(0.05)
    return line


def recorded(client: Live) -> dict[str, Any]:
    """The latest send, once its answer is written or lost."""
    assert eventually(lambda: client.get("/_mock/requests?path=/v3/messages").json()["count"] > 0)
    return dict(client.get("/_mock/requests/latest").json())


@pytest.mark.parametrize("frozen", [False, True], ids=["running clock", "frozen clock"])
@pytest.mark.parametrize("leave", [socket.socket.close, leave_at_once], ids=["closed", "reset"])
@pytest.mark.parametrize("blanks", SIZES)
@pytest.mark.parametrize("wait", WAITS)
def test_leaving_is_noticed(live: Callable[..., Live], wait: str, blanks: int, leave: Any, frozen: bool) -> None:
    """Whatever the size of its body, in each wait, and while the account's time stands still."""
    client = slow_mock(live, wait)
    if frozen:
        client.post("/_mock/clock", json={"freeze": True})
    leave(begin(client, request(blanks, "x-wait: yes")))
    found = recorded(client)

    assert found["answer_lost"] is True
    assert eventually(lambda: len(connections(client.port)) <= 1)


def test_many_that_leave(live: Callable[..., Live]) -> None:
    """Three hundred delayed sends of 0.9 MB under a frozen clock: their clients leave, and nothing of them stays."""
    client = slow_mock(live, "delay")
    client.post("/_mock/clock", json={"freeze": True})
    for _ in range(10):
        lines = [connect(client.port) for _ in range(30)]
        for line in lines:
            line.sendall(request(MUCH, "x-wait: yes"))
        for line in lines:
            leave_at_once(line)
    assert eventually(lambda: len(connections(client.port)) <= 1)
    assert client.get("/_mock/health").status_code == 200


@pytest.mark.parametrize("wait", ["delay", "drip"])
def test_a_client_that_reads_on(live: Callable[..., Live], wait: str) -> None:
    """Who closes its half and reads on has the whole answer at once, and it is not lost."""
    client = slow_mock(live, wait)
    line = begin(client, request(0, "x-wait: yes"))
    line.shutdown(socket.SHUT_WR)
    answer = listen(line)
    line.close()

    assert (answer.status, answer.end) == (202, "fin")
    assert answer.body["data"]["status"] == "accepted"
    assert recorded(client)["answer_lost"] is False


def test_the_audit_speaks_of_it(live: Callable[..., Live]) -> None:
    """A send again without a key, after an answer was lost, is an error also for a large body."""
    client = slow_mock(live, "delay")
    leave_at_once(begin(client, request(MUCH, "x-wait: yes")))
    recorded(client)
    client.post("/v3/messages", json=PAGE_REQUEST)
    findings = client.get("/_mock/audit").json()["findings"]

    assert [(each["kind"], each["severity"]) for each in findings] == [("retry_without_key", "error")]


def test_a_key_stays_in_flight(live: Callable[..., Live]) -> None:
    """The real API still works on a request whose client left: until the delay is over its key is a 409."""
    client = slow_mock(live, "delay")
    client.post("/_mock/clock", json={"freeze": True})
    keyed = {"Idempotency-Key": "order-1"}
    begin(client, request(0, "x-wait: yes", "Idempotency-Key: order-1")).close()
    recorded(client)

    assert client.post("/v3/messages", json=PAGE_REQUEST, headers=keyed).status_code == 409
    client.post("/_mock/clock", json={"advance": "8h"})
    again = client.post("/v3/messages", json=PAGE_REQUEST, headers=keyed)
    assert (again.status_code, "idempotent-replayed" in again.headers) == (202, True)


PATIENT = (
    "{schema: 1, name: patient, idempotency: {wait: 8h}, "
    "send: [{when: {header: {x-wait: 'yes'}}, then: {delay: 1h, accept: true}}]}"
)


def test_leaving_while_a_key_is_in_flight(live: Callable[..., Live]) -> None:
    """A client that waits for the answer to its key, and leaves before that, is noticed at once."""
    client = live(scenario_inline=PATIENT)
    holder = begin(client, request(0, "x-wait: yes", "Idempotency-Key: order-1"))
    begin(client, request(0, "Idempotency-Key: order-1")).close()
    found = recorded(client)

    assert (found["answer_lost"], found["key_fate"]) == (True, "conflict")
    assert eventually(lambda: len(connections(client.port)) <= 2)
    holder.close()


def test_waiting_for_a_key_whose_client_left(live: Callable[..., Live]) -> None:
    """Who waits for a key whose client left is answered when the delay of that request is over, not later."""
    client = live(scenario_inline=PATIENT)
    begin(client, request(0, "x-wait: yes", "Idempotency-Key: order-1")).close()
    recorded(client)
    twin = begin(client, request(0, "Idempotency-Key: order-1"))
    client.post("/_mock/clock", json={"advance": "1h"})
    answer = one_answer(twin)
    twin.close()

    assert (answer.status, b"idempotent-replayed: true" in answer.head) == (202, True)


@pytest.mark.parametrize("query", ["messages?to=%2B1999*&wait=60s", "messages?status=SENT&wait=60s", "events"])
def test_waits_of_the_control_plane(live: Callable[..., Live], query: str) -> None:
    """They end when the client closes its half."""
    client = live()
    line = connect(client.port)
    line.sendall(head(f"GET /_mock/{query} HTTP/1.1", f"Host: localhost:{client.port}", f"x-api-key: {Live.api_key}"))
    time.sleep(0.1)
    line.shutdown(socket.SHUT_WR)
    answer = listen(line)
    line.close()

    assert (answer.status, answer.end) == (200, "fin")
    assert eventually(lambda: not connections(client.port))
