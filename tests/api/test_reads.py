"""GET /v3/messages/{id} and its activities."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from answers import assert_failure
from conftest import Client

UNKNOWN = "11111111-2222-4333-8444-555555555555"
RETAIL = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
SUPPORT = "3f2504e0-4f89-41d3-9a0c-0305e82c3302"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}\+00:00")


def ids_of(response: Any) -> list[str]:
    return [r["message_id"] for r in response.json()["data"]["recipients"]]


def test_a_message(client: Client) -> None:
    """A kept message is read with everything that was sent (READ-1)."""
    id = ids_of(client.send())[0]

    response = client.get(f"/v3/messages/{id}")

    assert response.status_code == 200
    answer = response.json()
    assert (answer["success"], answer["error"]) == (True, None)
    data = answer["data"]
    assert TIME.fullmatch(data["created_at"])
    assert data == {
        "id": id,
        "customer_id": data["customer_id"],
        "contact_id": data["contact_id"],
        "phone": "+14155551234",
        "phone_international": "+1 415-555-1234",
        "region_code": "US",
        "template_id": "7ba7b820-9dad-11d1-80b4-00c04fd430c8",
        "template_name": "order_confirmation",
        "template_category": "UTILITY",
        "channel": "sms",
        "message_body": {
            "header": None,
            "content": "Hi John Doe, your order #12345 has been confirmed.",
            "footer": None,
            "buttons": None,
        },
        "status": "ACCEPTED",
        "created_at": data["created_at"],
        "price": 0.0075,
        "active_contact_price": None,
        "events": [
            {
                "status": "ACCEPTED",
                "timestamp": data["created_at"],
                "description": "Message accepted for processing",
            }
        ],
    }


def test_activities(client: Client) -> None:
    """One activity so far, and its price is a text with four decimals (READ-2)."""
    id = ids_of(client.send())[1]

    response = client.get(f"/v3/messages/{id}/activities")

    assert response.status_code == 200
    data = response.json()["data"]
    (activity,) = data["activities"]
    assert TIME.fullmatch(activity.pop("timestamp"))
    assert data["message_id"] == id
    assert activity == {
        "status": "ACCEPTED",
        "description": "Message accepted for processing",
        "price": "0.0050",
        "active_contact_price": None,
    }


def test_each_message_of_a_send(client: Client) -> None:
    """Every id of a send leads to its own recipient and channel (READ-1)."""
    recipients = client.send(channel=["whatsapp", "sms"]).json()["data"]["recipients"]

    for recipient in recipients:
        data = client.get(f"/v3/messages/{recipient['message_id']}").json()["data"]
        assert (data["id"], data["phone"], data["channel"]) == tuple(recipient.values())


def test_automatic_channel(client: Client) -> None:
    """A message whose channel the API chooses reads `auto` until it is routed (READ-3)."""
    id = ids_of(client.send(channel=None))[0]

    assert client.get(f"/v3/messages/{id}").json()["data"]["channel"] == "auto"


def test_customer_and_contact(client: Client) -> None:
    """The customer is the account and the contact the number: the same in each message (READ-4)."""
    one, other = (client.get(f"/v3/messages/{id}").json()["data"] for id in ids_of(client.send(channel=["sms"])))
    again = client.get(f"/v3/messages/{ids_of(client.send())[0]}").json()["data"]

    assert one["customer_id"] == other["customer_id"] == again["customer_id"]
    assert one["contact_id"] == again["contact_id"] != other["contact_id"]


@pytest.mark.parametrize(
    ("number", "international", "region"),
    [
        ("+447700900123", "+44 7700 900123", "GB"),
        ("+4930123456", "+49 30 123456", "DE"),
        ("+80012345678", "+800 1234 5678", "001"),
        ("+9991234567", "+9991234567", "001"),
        ("+2101234567", "+2101234567", "001"),
    ],
)
def test_numbers_of_the_world(client: Client, number: str, international: str, region: str) -> None:
    """A number's country and its usual writing come with the message; one of no country says 001 (READ-4)."""
    data = client.get(f"/v3/messages/{ids_of(client.send(to=[number]))[0]}").json()["data"]

    assert (data["phone"], data["region_code"]) == (number, region)
    assert data["phone_international"].replace(" ", "") == international.replace(" ", "")


def test_header_and_footer(client: Client) -> None:
    """The template's other parts are in the body of the message."""
    data = client.get(f"/v3/messages/{ids_of(client.send(template={'name': 'welcome'}))[0]}").json()["data"]

    assert data["message_body"]["footer"] == "Reply STOP to opt out."
    assert data["template_category"] == "MARKETING"


@pytest.mark.parametrize("tail", ["", "/activities"])
def test_unknown_id(client: Client, tail: str) -> None:
    """An id that no message has is 404 (READ-5)."""
    assert_failure(client.get(f"/v3/messages/{UNKNOWN}{tail}"), 404, "RESOURCE_003", None, "Message not found")


@pytest.mark.parametrize("tail", ["", "/activities"])
def test_malformed_id(client: Client, tail: str) -> None:
    """An id that is no UUID is 400 (READ-6)."""
    assert_failure(client.get(f"/v3/messages/1{tail}"), 400, "VALIDATION_003", {"id": ["'id' must be a UUID"]})


@pytest.mark.parametrize("tail", ["", "/activities"])
def test_the_id_in_capitals(client: Client, tail: str) -> None:
    """A UUID is the same in capitals."""
    id = ids_of(client.send())[0]

    assert client.get(f"/v3/messages/{id.upper()}{tail}").status_code == 200


@pytest.mark.parametrize("tail", ["", "/activities"])
def test_another_accounts_message(client: Client, tail: str) -> None:
    """Nobody reads another account's message (READ-7)."""
    id = ids_of(client.send())[0]

    for key in ("another", ""):
        response = client.get(f"/v3/messages/{id}{tail}", headers={"x-api-key": key})
        assert_failure(response, 404, "RESOURCE_003", None, "Message not found")


@pytest.mark.parametrize("tail", ["", "/activities"])
def test_another_profiles_message(client: Client, tail: str) -> None:
    """A profile reads its own messages, the organization all of them (READ-8)."""
    retail = ids_of(client.send(headers={"x-profile-id": RETAIL}))[0]
    nobody = ids_of(client.send())[0]

    def status(id: str, **headers: str) -> int:
        return client.get(f"/v3/messages/{id}{tail}", headers=headers).status_code

    assert status(retail, **{"x-profile-id": RETAIL}) == 200
    assert status(retail, **{"x-profile-id": SUPPORT}) == 404
    assert status(nobody, **{"x-profile-id": RETAIL}) == 404
    assert status(retail) == status(nobody) == 200


def test_messages_are_capped(mock: Callable[..., Client]) -> None:
    """Past the cap the oldest messages are forgotten, each account's by itself (READ-9)."""
    client = mock(max_messages=6)
    other = ids_of(client.send(headers={"x-api-key": "other"}))
    first, second = ids_of(client.send()), ids_of(client.send())

    found = [client.get(f"/v3/messages/{id}").status_code for id in first + second]
    assert found == [404, 404, 200, 200, 200, 200, 200, 200]
    assert all(client.get(f"/v3/messages/{id}", headers={"x-api-key": "other"}).status_code == 200 for id in other)


def test_a_send_larger_than_the_cap(mock: Callable[..., Client]) -> None:
    """Of a send that is larger than the cap its last messages stay (READ-9)."""
    client = mock(max_messages=1)

    ids = ids_of(client.send())
    assert [client.get(f"/v3/messages/{id}").status_code for id in ids] == [404, 404, 404, 200]


def test_an_idempotency_key_means_nothing_to_a_read(client: Client) -> None:
    """A read ignores the header, whatever it holds."""
    id = ids_of(client.send())[0]

    response = client.get(f"/v3/messages/{id}", headers={"idempotency-key": "no key at all"})
    assert response.status_code == 200
    assert "idempotent-replayed" not in response.headers


def test_a_query_means_nothing(client: Client) -> None:
    """Query parameters are ignored."""
    id = ids_of(client.send())[0]

    assert client.get(f"/v3/messages/{id}?page=1&x=%00").status_code == 200
