"""Sandbox sends: validated and answered as usual, but nothing is kept or charged."""

from collections.abc import Callable
from typing import Any

import pytest
from answers import assert_failure
from conftest import Client

UNKNOWN = "11111111-2222-4333-8444-555555555555"


def test_sandbox(client: Client) -> None:
    """The answer reads like a real one and is marked by a header (SAND-1)."""
    real, pretended = client.send(), client.send(sandbox=True)

    assert pretended.status_code == 202
    assert pretended.headers["x-sandbox"] == "true"
    assert "x-sandbox" not in real.headers
    assert _without_ids(pretended) == _without_ids(real)


def _without_ids(response: Any) -> Any:
    data = response.json()["data"]
    for recipient in data["recipients"]:
        assert recipient.pop("message_id")
    return data


def test_no_message_is_kept(client: Client) -> None:
    """The ids of a sandbox send lead nowhere (SAND-2)."""
    id = client.send(sandbox=True).json()["data"]["recipients"][0]["message_id"]

    assert_failure(client.get(f"/v3/messages/{id}"), 404, "RESOURCE_003", None, "Message not found")


def test_an_unknown_template_is_not_noticed(client: Client) -> None:
    """Templates are not looked up: an unknown one has no text, and keeps the id and name it was given (SAND-3)."""
    by_id = client.send(sandbox=True, template={"id": UNKNOWN})
    by_name = client.send(sandbox=True, template={"name": "brand_new"})

    assert by_id.status_code == by_name.status_code == 202
    assert by_id.json()["data"]["body"] is by_name.json()["data"]["body"] is None
    assert by_id.json()["data"]["template_id"] == UNKNOWN
    assert by_name.json()["data"]["template_name"] == "brand_new"


def test_the_balance_is_not_asked(client: Client) -> None:
    """A sandbox send needs no money (SAND-4)."""
    headers = {"x-api-key": "00000000-0000-4000-8000-000000000001"}

    assert [client.send(sandbox=True, headers=headers).status_code for _ in range(3)] == [202, 202, 202]


def test_faults_are_still_faults(client: Client) -> None:
    """Validation comes before the pretending (SAND-5)."""
    response = client.send(sandbox=True, to=["1"])

    assert_failure(response, 400, "VALIDATION_002", {"to[0]": ["'to[0]' must be a phone number in E.164 format"]})
    assert "x-sandbox" not in response.headers


def test_the_key_is_still_asked_for(mock: Callable[..., Client]) -> None:
    """Authentication comes before the pretending (SAND-5)."""
    client = mock(auth="required", api_keys=("k",))

    assert client.send(sandbox=True).status_code == 401


def test_sandbox_sends_are_remembered_under_their_key(client: Client) -> None:
    """A sandbox reply is given again under its idempotency key, header included (SAND-6)."""
    one, two = (client.send(sandbox=True, headers={"idempotency-key": "k"}) for _ in range(2))

    assert one.content == two.content
    assert two.headers["x-sandbox"] == "true"
    assert two.headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize("channel", [None, [], ["sent"]])
def test_automatic_channel(client: Client, channel: object) -> None:
    """Recipients and channels multiply as they do for a real send (SEND-3)."""
    recipients = client.send(sandbox=True, channel=channel).json()["data"]["recipients"]

    assert [(r["to"], r["channel"]) for r in recipients] == [("+14155551234", None), ("+14155555678", None)]
