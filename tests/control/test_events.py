"""Server-sent events: each exchange as it ends."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from time import monotonic
from typing import Any

import httpx2
import pytest
from conftest import PAGE_REQUEST, Client, Live

from mock_sent.control import events
from mock_sent.serving.server import running
from mock_sent.settings import Settings

Event = tuple[str, str, Any]


def send(client: httpx2.Client) -> str:
    return client.post("/v3/messages", json=PAGE_REQUEST).headers["x-request-id"]


@contextmanager
def listening(client: Live, last: str | None = None) -> Iterator[Iterator[Event]]:
    """Name, id and content of each event; whoever waits for one gets it."""
    headers = {"last-event-id": last} if last is not None else {}
    with client.stream("GET", "/_mock/events", headers=headers, timeout=20) as stream:
        assert stream.headers["content-type"] == "text/event-stream"
        lines = stream.iter_lines()
        assert next(lines) == "retry: 1000"

        def read() -> Iterator[Event]:
            kind = id = ""
            for line in lines:
                name, _, value = line.partition(": ")
                if name == "event":
                    kind, id = value, ""
                elif name == "id":
                    id = value
                elif name == "data":
                    yield kind, id, json.loads(value)

        yield read()


def test_an_exchange_is_told(live: Callable[..., Live]) -> None:
    """Each exchange of the account is an event as it ends, with what a list shows of it."""
    client = live()
    send(client)
    with listening(client) as told:
        id = send(client)

        kind, number, about = next(told)

    assert (kind, about["request_id"], number.endswith("-2")) == ("exchange", id, True)
    assert about == client.get(f"/_mock/requests?request_id={id}").json()["requests"][0]


def test_resume(live: Callable[..., Live]) -> None:
    """Last-Event-ID goes on where a stream was cut; nothing is missed, nothing comes twice."""
    client = live()
    with listening(client) as told:
        send(client)
        _, last, _ = next(told)
    missed = [send(client), send(client)]

    with listening(client, last) as told:
        assert [next(told)[2]["request_id"] for _ in missed] == missed


@pytest.mark.parametrize("last", ["7-1", "nonsense", "1-999999999999999999999"])
def test_an_id_of_another_life(live: Callable[..., Live], last: str) -> None:
    """An id that the journal did not give begins at its beginning; one beyond its end, at its end."""
    client = live()
    first = send(client)
    with listening(client, last) as told:
        if last.startswith("1-"):
            first = send(client)

        assert next(told)[2]["request_id"] == first


def test_eviction_is_told(live: Callable[..., Live]) -> None:
    """A client that comes back too late is told how many it missed for ever."""
    client = live(max_journal=1)
    for _ in range(3):
        send(client)

    with listening(client, "x") as told:
        assert next(told) == ("evicted", "", {"count": 2})
        assert next(told)[0] == "exchange"


def test_reset_ends_a_stream(live: Callable[..., Live]) -> None:
    """A reset of the account is the last event."""
    client = live()
    with listening(client) as told:
        client.post("/_mock/reset", json={})

        assert list(told) == [("reset", "", {})]


def test_pings(live: Callable[..., Live], monkeypatch: pytest.MonkeyPatch) -> None:
    """While nothing happens, a comment keeps the line open."""
    monkeypatch.setattr(events, "PING", 0.01)
    with live().stream("GET", "/_mock/events", timeout=20) as stream:
        lines = stream.iter_lines()

        assert [next(lines) for _ in range(3)] == ["retry: 1000", "", ": ping"]


def test_streams_are_capped(live: Callable[..., Live], monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the most, a stream is refused; one that ends makes room."""
    monkeypatch.setattr(events, "MOST_STREAMS", 1)
    client = live()
    with listening(client):
        assert client.get("/_mock/events").status_code == 503
    began = monotonic()
    while True:
        with client.stream("GET", "/_mock/events") as stream:
            if stream.status_code == 200 or monotonic() - began > 10:
                break

    assert stream.status_code == 200


def test_head(client: Client) -> None:
    """HEAD shows what a stream would be, and ends."""
    response = client.head("/_mock/events")

    assert (response.status_code, response.content) == (200, b"")


def test_a_stop_cuts_streams_at_once() -> None:
    """An open stream does not hold up the server's stop."""
    with ExitStack() as stack:
        client = stack.enter_context(httpx2.Client())
        with running(Settings(log="off")) as server:
            stream = stack.enter_context(client.stream("GET", f"{server.url}/_mock/events"))
            next(stream.iter_lines())
            began = monotonic()

        assert monotonic() - began < 0.3
