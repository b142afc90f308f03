"""The payload of an event, as the contract's `webhooks` describe it (WEB-2)."""

from collections.abc import Mapping

from mock_sent.contract import Edition
from mock_sent.contract.events import EventType
from mock_sent.ground.strictjson import dumps
from mock_sent.webhooks.events import MessageEvent, MessageFacts
from mock_sent.world.lifecycle import CANCELLED, HELD
from mock_sent.world.messages import AUTO

# The most characters of a text in a payload.
_LONGEST = 3072
# Why a message is held, if its rule does not say.
_SCHEDULED = "scheduled_send"


def payload_of(edition: Edition, account_id: str, message: MessageFacts, event: MessageEvent) -> tuple[str, str]:
    """The type and the body of an event."""
    kind = edition.events.of_stage(event.stage)
    assert kind is not None, "an event that the edition does not have is not queued"
    shows_until = event.stage in (HELD, CANCELLED)
    payload = {
        "at": event.at,
        "account_id": (edition.of_profiles and message.profile) or account_id,
        "message_id": message.id,
        "stage": event.stage,
        "channel": _channel(edition, message, event),
        "inbound_number": message.to,
        "recipient": message.to,
        "sender": message.number,
        "template_id": message.template_id,
        "template_name": message.template_name,
        "body": message.body[:_LONGEST],
        "text": message.body or None,
        "media": [{"url": url} for url in message.media] or None,
        "scheduled_at": event.until if shows_until else None,
        "schedule_reason": (event.reason or _SCHEDULED) if event.stage == HELD else None,
        "reason": event.code and event.reason,
        "reason_code": event.code,
    }
    return kind.name, body_of(kind, payload, event.at, message.request_id)


def sample_of(edition: Edition, account_id: str, event_type: str, at: int, request_id: str) -> tuple[str, str]:
    """The type and the body of a sample event for a test delivery: the documented example, with the present time."""
    kind = edition.events.named(event_type)
    assert kind is not None, "the contract checks the names of events"
    example = kind.example["payload"]
    told = {"at": at, "recipient": example.get("outbound_number"), "sender": example.get("outbound_number")}
    if "received_at" in example:
        told["recipient"] = example["inbound_number"]
    return kind.name, body_of(kind, {**example, **told, "account_id": account_id, "stage": kind.stage}, at, request_id)


def _channel(edition: Edition, message: MessageFacts, event: MessageEvent) -> str:
    """The channel that an event shows: before the route, after it, and of a message that ended before it."""
    lifecycle = edition.lifecycle
    if event.stage in (lifecycle.first, HELD):
        return message.channel or AUTO
    if lifecycle.unrouted and not event.is_routed:
        return lifecycle.unrouted
    return message.channel or event.route or message.route


def body_of(kind: EventType, payload: Mapping[str, object], at: int, request_id: str) -> str:
    """The body of an event with this payload."""
    known = {"payload": payload, "timestamp": at, "event": kind.name, "request_id": request_id}
    return dumps(kind.project(known)).decode()
