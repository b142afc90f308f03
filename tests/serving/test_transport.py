"""The mock without a socket: the same answers, and for faults the client library's own errors."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from conftest import PAGE_REQUEST, Live

from mock_sent.settings import Settings
from mock_sent.transport import InProcess, in_process
from mock_sent.wire.faults import FAULTS

URL = "http://mock-sent"


def client_of(transport: InProcess, **options: Any) -> httpx2.Client:
    any_transport: Any = transport
    return httpx2.Client(transport=any_transport, base_url=URL, headers={"x-api-key": "in-process-key"}, **options)


def settings(**given: Any) -> Settings:
    return Settings(seed="tests", log="off", **given)


def test_send_and_ask() -> None:
    """A send, a read, and the control plane, without a port."""
    with in_process(settings()) as transport, client_of(transport) as client:
        reply = client.post("/v3/messages", json=PAGE_REQUEST)
        id = reply.json()["data"]["recipients"][0]["message_id"]

        assert reply.status_code == 202
        assert client.get(f"/v3/messages/{id}").json()["data"]["id"] == id
        assert client.get("/_mock/messages?to=%2B1*").json()["count"] == 4


def test_a_line_feed_in_a_header() -> None:
    """httpx lets it through, HTTP does not have it: it is shown as a space, and hides no other header."""
    headers = [("x-mock-a", "a\nb"), ("via", "c"), ("x-api-key", "in-process-key-2")]
    with in_process(settings()) as transport, client_of(transport) as client:
        reply = client.post("/v3/messages", json=PAGE_REQUEST, headers=headers)
        shown = client.get(f"/_mock/requests/{reply.headers['x-request-id']}").json()["request"]["headers"]

    assert {name: shown[name] for name, _ in headers} == {
        "x-mock-a": "a b",
        "via": "c",
        "x-api-key": "****ey-2",
    }


def test_async_client() -> None:
    """One transport serves a client with async as well."""

    async def send(transport: Any) -> int:
        async with httpx2.AsyncClient(transport=transport, base_url=URL) as client:
            return (await client.post("/v3/messages", json=PAGE_REQUEST)).status_code

    with in_process(settings()) as transport:
        assert asyncio.run(send(transport)) == 202
        assert client_of(transport).get("/_mock/health").status_code == 200


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_look_as_over_a_socket(fault: str, live: Callable[..., Live]) -> None:
    """A fault raises the error that the same client meets at a real server, and the send is recorded alike."""
    scenario = {"scenario_inline": f"{{schema: 1, name: f, send: [{{then: {{drop: {fault}}}}}]}}"}
    patience = 1 if fault == "hang" else 20
    with pytest.raises(httpx2.TransportError) as real:
        live(**scenario).post("/v3/messages", json=PAGE_REQUEST, timeout=patience)
    with in_process(settings(**scenario)) as transport, client_of(transport, timeout=20) as client:
        with pytest.raises(httpx2.TransportError) as ours:
            client.post("/v3/messages", json=PAGE_REQUEST, timeout=patience)
        recorded = client.get("/_mock/requests/latest").json()

    assert type(ours.value) is type(real.value)
    assert (recorded["fault"], recorded["answer_lost"]) == (fault, True)


def test_the_clients_patience() -> None:
    """A delay that is longer than the client waits is its read time-out; the send is kept, as by a real server."""
    with in_process(settings(scenario="slow")) as transport, client_of(transport) as client:
        client.post("/_mock/clock", json={"freeze": True})
        with pytest.raises(httpx2.ReadTimeout):
            client.post("/v3/messages", json=PAGE_REQUEST, timeout=0.05)
        recorded = client.get("/_mock/requests/latest").json()

    assert (recorded["status"], recorded["answer_lost"]) == (202, True)
