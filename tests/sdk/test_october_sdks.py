"""Today's official SDKs against today's edition, which they get without a setting."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from receiver import Receiver, receiving
from sdks import SDKS, Sdk
from signatures import independent

from mock_sent.serving.server import running
from mock_sent.settings import Settings

pytestmark = pytest.mark.real_socket

TO, OTHER, THIRD, FOURTH = "+14155551234", "+14155555678", "+14155559012", "+14155553456"
WELCOME = {"name": "welcome", "parameters": {"name": "Ann", "company": "Acme"}}
KEY = "sdk-tests"
# Each kind of event, and the SDK's type of it.
TYPES = {
    "message.delivered": "MessageEvent",
    "message.received": "InboundMessageEvent",
    "contact.opt_out": "ContactEvent",
}


class User:
    """A program that uses an SDK: `ask` takes one step, and fails the test unless the SDK succeeds; `take` does not."""

    def __init__(self, sdk: Sdk, url: str) -> None:
        self._sdk, self._url = sdk, url
        self.is_python = sdk.name.startswith("python")
        self.control = httpx2.Client(base_url=url, headers={"x-api-key": KEY})

    def take(self, call: str, *ids: str, **arguments: Any) -> dict[str, Any]:
        """What one step gave, be it an error."""
        step: dict[str, Any] = {"name": "it", "call": call, "arguments": arguments}
        if ids:
            step["arguments"]["id"] = ids[0]
        result: dict[str, Any] = self._sdk.run(self._url, [[step]])["it"]
        return result

    def ask(self, call: str, *ids: str, **arguments: Any) -> Any:
        result = self.take(call, *ids, **arguments)
        assert "error" not in result, result
        return result["body"]["data"]

    def send(self, **members: Any) -> dict[str, Any]:
        data: dict[str, Any] = self.ask("messages.send", **{"to": [TO], **members})
        return data

    def status(self, data: dict[str, Any]) -> str:
        """The status of a send's first message."""
        id = data["recipients"][0]["message_id"]
        found: str = self.control.get(f"/v3/messages/{id}").json()["data"]["status"]
        return found

    def later(self, span: str) -> None:
        self.control.post("/_mock/clock", json={"advance": span})


@pytest.fixture(scope="module", params=[sdk for sdk in SDKS if sdk.name != "python-0.10.0"], ids=lambda sdk: sdk.name)
def user(request: pytest.FixtureRequest) -> Iterator[User]:
    with running(Settings(seed="sdk", log="off")) as server:
        found = User(request.param, server.url)
        with found.control:
            found.control.post("/_mock/clock", json={"freeze": "2026-10-23T09:00:00Z"})
            yield found


def test_a_template_on_two_channels(user: User) -> None:
    """The SDK's own types take the answer; no setting was needed to meet October."""
    data = user.send(channel=["sms", "whatsapp"], template=WELCOME)

    assert (data["status"], data["recipients"][1]["body"]) == ("QUEUED", "Welcome to Acme, Ann!")


def test_a_text_whose_channel_the_api_chooses(user: User) -> None:
    """With the explicit nulls that the SDKs put on the wire."""
    data = user.send(text="Hello", channel=None, template=None, media_urls=None, scheduled_at=None, subject=None)

    assert data["recipients"][0]["channel"] is None


def test_media(user: User) -> None:
    """Pictures on an automatic message make it an MMS."""
    data = user.send(text="Look", media_urls=["https://a.example/x.png"], subject="A picture")
    user.later("1s")

    assert user.status(data) == "DELIVERED"


def test_scheduled_and_delivered(user: User) -> None:
    """A time with an offset is held, and delivered by moving the clock."""
    now = user.control.get("/_mock/clock").json()["now"]
    data = user.send(text="Later", scheduled_at=f"{now[:11]}23:00:00+00:00")

    assert user.status(data) == "SCHEDULED"
    user.later("20h")
    assert user.status(data) == "DELIVERED"


def test_a_time_without_a_zone(user: User) -> None:
    """The SDKs put a naive time on the wire as it is, and the API refuses it (SEND-17)."""
    refused = user.take("messages.send", to=[TO], text="Later", scheduled_at="2026-10-24T09:00:00.123456")

    assert (refused["status"], list(refused["body"]["error"]["details"])) == (400, ["scheduled_at"])


def test_cancelled(user: User) -> None:
    """No method of the SDKs cancels, but their `post` does."""
    now = user.control.get("/_mock/clock").json()["now"]
    data = user.send(text="Never", scheduled_at=f"{now[:11]}23:45:00Z")
    user.ask("post", f"/v3/messages/{data['recipients'][0]['message_id']}/cancel")
    user.later("20h")

    assert user.status(data) == "CANCELLED"


def test_blocked_for_balance(user: User) -> None:
    """No 402: the SDK's call succeeds, and the message ends."""
    user.control.put("/_mock/balance", json={"balance": 0})
    data = user.send(text="Too dear")
    user.control.put("/_mock/balance", json={"balance": "unlimited"})
    user.later("1s")

    assert user.status(data) == "BLOCKED"


def test_opted_out_and_filtered(user: User) -> None:
    """A contact that wrote STOP gets nothing."""
    user.control.post("/_mock/inbound", json={"from": OTHER, "text": "STOP"})
    data = user.send(to=[OTHER], text="Hello?")
    user.later("1s")

    assert user.status(data) == "FILTERED"


def test_reading(user: User) -> None:
    """A message, what happened to it, and the conversations, through the SDK's types."""
    id = user.send(text="Read me")["recipients"][0]["message_id"]
    user.later("1s")

    assert user.ask("messages.retrieve_status", id)["direction"] == "OUTBOUND"
    assert user.ask("messages.retrieve_activities", id)["activities"][0]["status"] == "DELIVERED"
    if user.is_python:  # the TypeScript SDK has no conversations yet
        assert user.ask("conversations.list", page=1, page_size=5)["messages"][0]["id"] == id


def test_a_conversation(user: User) -> None:
    """What was sent to a number and what came from it, read by the SDK page by page."""
    if not user.is_python:
        return  # the TypeScript SDK of this release has no conversations
    for text in ("one", "two"):
        user.send(to=[THIRD], text=text)
    user.control.post("/_mock/inbound", json={"from": THIRD, "text": "three"})
    user.later("1s")
    conversation = user.ask("conversations.list", page=1, page_size=5)["messages"][0]["contact_id"]
    pages = [user.ask("conversations.list_messages", conversation, page=n, page_size=1)["messages"] for n in (1, 2, 3)]

    assert [page[0]["direction"] for page in pages] == ["INBOUND", "OUTBOUND", "OUTBOUND"]


def test_events(user: User) -> None:
    """Of each family: delivered once signed, and read strictly into the SDK's own type of that event."""
    if not user.is_python:
        return  # the TypeScript SDK of this release has no types of events
    with receiving() as receiver:
        made = user.ask(
            "webhooks.create", display_name="events", endpoint_url=receiver.url, event_types=["message", "contact"]
        )
        user.send(to=[FOURTH], text="Hello")
        user.later("1s")
        user.control.post("/_mock/inbound", json={"from": FOURTH, "text": "STOP"})
        user.later("1s")
        user.take("webhooks.delete", made["id"])
    events = {json.loads(each.body)["event"]: json.loads(each.body) for each in receiver.received}

    assert all(independent(made["signing_secret"], each.headers, each.body, each.at) for each in receiver.received)
    for event, kind in TYPES.items():
        assert user.ask("parse", kind=kind, event=events[event]) == events[event]


def test_a_webhook(user: User) -> None:
    """Made, filtered and listed through the SDK, and then told of what was asked for."""
    with receiving() as receiver:
        told(user, receiver)


def told(user: User, receiver: Receiver) -> None:
    made = user.ask(
        "webhooks.create",
        display_name="test",
        endpoint_url=receiver.url,
        event_types=["message"],
        event_filters={"message": ["delivered"]},
    )
    user.send(text="Tell me")
    user.later("1s")
    user.later("1s")

    assert made["event_filters"] == {"message": ["delivered"]}
    assert [each.status for each in receiver.received] == ["DELIVERED"]
    assert user.ask("webhooks.list", page=1, page_size=5)["webhooks"][0]["id"] == made["id"]
