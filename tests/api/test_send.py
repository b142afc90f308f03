"""POST /v3/messages: the answer, member for member."""

import re
from collections.abc import Callable

import pytest
from conftest import PAGE_REQUEST, Client

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def test_the_pages_answer(client: Client) -> None:
    """The page's request gets the page's answer, apart from ids and time (SEND-1, SEND-2)."""
    response = client.send()

    assert response.status_code == 202
    answer = response.json()
    pairs = [(r["to"], r["channel"]) for r in answer["data"].pop("recipients")]
    assert answer == {
        "success": True,
        "data": {
            "status": "accepted",
            "body": "Hi John Doe, your order #12345 has been confirmed.",
            "template_id": "7ba7b820-9dad-11d1-80b4-00c04fd430c8",
            "template_name": "order_confirmation",
        },
        "error": None,
        "meta": answer["meta"],
    }
    assert pairs == [
        ("+14155551234", "sms"),
        ("+14155551234", "whatsapp"),
        ("+14155555678", "sms"),
        ("+14155555678", "whatsapp"),
    ]


def test_meta(client: Client) -> None:
    """Request id, time and version have the page's formats, and the headers say the same (HEAD-1 to HEAD-4)."""
    response = client.send()

    meta = response.json()["meta"]
    assert re.fullmatch(r"req_[A-Za-z0-9]{10}", meta["request_id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}\+00:00", meta["timestamp"])
    assert meta["version"] == "v3"
    assert response.headers["x-request-id"] == meta["request_id"]
    assert response.headers["x-api-version"] == "v3"
    assert re.fullmatch(r"\d+ms", response.headers["x-response-time"])


def test_message_ids(client: Client) -> None:
    """Each message has a UUID of its own, in every send."""
    ids = [r["message_id"] for _ in range(3) for r in client.send().json()["data"]["recipients"]]

    assert all(UUID.fullmatch(id) for id in ids)
    assert len(set(ids)) == 12


@pytest.mark.parametrize("channel", [..., None, [], ["sent"]])
def test_automatic_channel(client: Client, channel: object) -> None:
    """Left out, null, empty or `sent`: one message a recipient, and the API chooses its channel (SEND-3)."""
    body = {name: value for name, value in PAGE_REQUEST.items() if name != "channel"}
    body |= {} if channel is ... else {"channel": channel}

    recipients = client.send(body).json()["data"]["recipients"]

    assert [(r["to"], r["channel"]) for r in recipients] == [("+14155551234", None), ("+14155555678", None)]


def test_seed(mock: Callable[..., Client]) -> None:
    """The same seed gives the same ids; another one others."""
    one, same, other = (mock(seed=seed).send().json()["data"] for seed in ("a", "a", "b"))

    assert one == same
    assert one != other
