"""The edition that an account speaks, as the control plane tells it."""

from conftest import Client
from replies import Replies


def test_the_words_of_the_edition(client: Client, replies: Replies) -> None:
    """Statuses, states of deliveries and topics are those of the contract, beside our own names."""
    words = client.get("/_mock/edition").json()

    schemas = replies.document["components"]["schemas"]
    assert words["edition"] == "2026-03"
    assert [each["status"] for each in words["statuses"]] == schemas["Status"]["enum"]
    assert [each["status"] for each in words["statuses"] if each["final"]] == ["DELIVERED", "FAILED"]
    assert [each["stage"] for each in words["statuses"] if each["failed"]] == ["failed"]
    assert words["topics"] == schemas["WebhookRequest"]["properties"]["event_types"]["items"]["enum"]
    assert words["delivery_states"]["pending"] == "PENDING"
