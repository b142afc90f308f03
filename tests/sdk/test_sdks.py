"""The official SDKs, unmodified, with only their base URL changed: what they send, read, retry and raise."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import PAGE_REQUEST
from receiver import Received, receiving
from sdks import SDKS, Sdk
from steps import FAILURES, RETRIED, SCENARIO, phases

from mock_sent.serving.server import running
from mock_sent.settings import Settings

pytestmark = pytest.mark.real_socket

Results = dict[str, Any]


@pytest.fixture(scope="module", params=SDKS, ids=lambda sdk: sdk.name)
def sdk(request: pytest.FixtureRequest) -> Sdk:
    chosen: Sdk = request.param
    return chosen


@pytest.fixture(scope="module")
def results(sdk: Sdk) -> Iterator[Results]:
    """What the steps gave this SDK, against a server of its own."""
    settings = Settings(seed="sdk", edition="2026-03", scenario_inline=SCENARIO, log="off")
    with running(settings) as server, receiving() as receiver:
        found = sdk.run(server.url, phases(receiver.url))
        yield {**found, "received": receiver.received}


def test_send(results: Results) -> None:
    """The page's request gives the page's answer, through types that are validated strictly."""
    sent = results["sent"]

    assert sent["status"] == 202
    assert sent["body"]["success"] is True
    data = sent["body"]["data"]
    assert data["status"] == "accepted"
    assert data["body"] == "Hi John Doe, your order #12345 has been confirmed."
    assert data["template_id"] == PAGE_REQUEST["template"]["id"]
    pairs = [(recipient["to"], recipient["channel"]) for recipient in data["recipients"]]
    assert pairs == [(to, channel) for to in PAGE_REQUEST["to"] for channel in PAGE_REQUEST["channel"]]
    assert sent["body"]["meta"]["request_id"] == sent["headers"]["x-request-id"]


def test_send_of_null_channel(results: Results) -> None:
    """The SDKs put `channel: null` on the wire; the API chooses."""
    data = results["routed"]["body"]["data"]

    assert [recipient["channel"] for recipient in data["recipients"]] == [None, None]


def test_read_back(results: Results) -> None:
    """The message that was sent, with its price as a number."""
    recipient, data = results["sent"]["body"]["data"]["recipients"][0], results["status"]["body"]["data"]

    assert data["id"] == recipient["message_id"]
    assert (data["phone"], data["channel"], data["price"]) == ("+14155551234", "sms", 0.0075)
    assert data["message_body"]["content"] == results["sent"]["body"]["data"]["body"]
    assert data["events"][0]["status"] == "ACCEPTED"


def test_activities(results: Results) -> None:
    """Newest first, with the price as a text of four decimals."""
    data = results["activities"]["body"]["data"]

    assert data["message_id"] == results["sent"]["body"]["data"]["recipients"][0]["message_id"]
    assert data["activities"][-1]["status"] == "ACCEPTED"
    assert data["activities"][-1]["price"] == "0.0075"


@pytest.mark.parametrize("scenario", FAILURES)
def test_documented_failures(sdk: Sdk, results: Results, scenario: str) -> None:
    """Each arrives as the SDK's own class, with the whole envelope or with no body at all."""
    status, kind, code = FAILURES[scenario]
    failure = results[scenario]

    assert (failure["status"], failure["error"]) == (status, kind or sdk.other_status)
    assert (failure["body"]["error"]["code"] if code else failure["body"] or "") == code


@pytest.mark.parametrize(
    ("step", "status", "code"),
    [
        ("bad number", 400, "VALIDATION_002"),
        ("bad key", 400, "VALIDATION_007"),
        ("unknown template", 404, "RESOURCE_002"),
        ("unknown profile", 404, "RESOURCE_014"),
        ("unknown message", 404, "RESOURCE_003"),
        ("no money", 402, "BUSINESS_003"),
    ],
)
def test_failures_without_a_scenario(results: Results, step: str, status: int, code: str) -> None:
    """What a wrong request gets, nothing being switched on."""
    assert (results[step]["status"], results[step]["body"]["error"]["code"]) == (status, code)


def test_broken_connections(sdk: Sdk, results: Results) -> None:
    """A reset is the SDK's connection error, a slow answer its time-out."""
    assert (results["reset"]["error"], results["too slow"]["error"]) == ("APIConnectionError", sdk.timeout)


def test_retries(results: Results) -> None:
    """Two server errors, and the SDK's own two retries bring the send home."""
    assert results["retried"]["status"] == 202
    assert results["retried"].get("retries", 2) == 2


@pytest.mark.parametrize("outcome", RETRIED)
def test_what_is_retried(results: Results, outcome: str) -> None:
    """409, 429 and 503 are retried too."""
    assert results[f"retried {outcome}"]["status"] == 202


def test_retry_of_a_lost_answer(results: Results) -> None:
    """The send was kept and its answer was lost; the key makes the SDK's retry a replay."""
    retried = results["retried with key"]

    assert retried["status"] == 202
    assert retried["headers"]["idempotent-replayed"] == "true"


def test_replay(results: Results) -> None:
    """The same key gives the same messages, said to be a replay, under a request id of its own."""
    first, again = results["keyed"], results["replayed"]

    assert again["body"] == first["body"]
    assert "idempotent-replayed" not in first["headers"]
    assert again["headers"]["idempotent-replayed"] == "true"
    assert again["headers"]["x-original-request-id"] == first["headers"]["x-request-id"]
    assert again["headers"]["x-request-id"] != first["headers"]["x-request-id"]


def test_profiles(results: Results) -> None:
    """A profile reads its own messages and no other's."""
    assert results["of a profile"]["status"] == 202
    assert results["status by its profile"]["status"] == 200
    assert (results["status by another profile"]["status"], results["status by another profile"]["error"]) == (
        404,
        "NotFoundError",
    )


def test_sandbox(results: Results) -> None:
    """A sandbox send looks like a real one and leaves nothing to read."""
    assert results["sandbox"]["status"] == 202
    assert results["sandbox"]["headers"]["x-sandbox"] == "true"
    assert results["status of the sandbox"]["error"] == "NotFoundError"


def test_webhook(results: Results) -> None:
    """Made, read, listed, switched off, given another secret and deleted through the SDK."""
    made = results["hook"]["body"]["data"]

    assert results["hook"]["status"] == 201
    assert made["signing_secret"].startswith("whsec_")
    assert results["hook read"]["body"]["data"]["id"] == made["id"]
    assert [one["id"] for one in results["hooks"]["body"]["data"]["webhooks"]] == [made["id"]]
    assert "messages" in [one["name"] for one in results["event types"]["body"]["data"]["event_types"]]
    assert results["hook off"]["body"]["data"]["is_active"] is False
    assert results["hook rotated"]["body"]["data"]["signing_secret"] != made["signing_secret"]
    assert results["hook deleted"]["status"] == 204
    assert (results["hook gone"]["status"], results["hook gone"]["error"]) == (404, "NotFoundError")
    assert (results["bad hook"]["status"], results["bad hook"]["error"]) == (400, "BadRequestError")


def test_signed_delivery(results: Results) -> None:
    """What the webhook delivered is signed with the secret that the SDK was given."""
    made, received = results["hook"]["body"]["data"], results["received"]

    assert received
    for delivery in received:
        assert delivery.headers["x-webhook-id"] == made["id"]
        assert delivery.headers["x-webhook-signature"] == _signature(made["signing_secret"], delivery)
    announced = results["announced"]["body"]["data"]["recipients"][0]["message_id"]
    assert announced in [delivery.payload.get("message_id") for delivery in received]
    assert results["hook events"]["body"]["data"]["events"]


def _signature(secret: str, delivery: Received) -> str:
    """As the vendor's documents describe it; nothing of ours is asked."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{delivery.headers['x-webhook-id']}.{delivery.headers['x-webhook-timestamp']}.".encode() + delivery.body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
