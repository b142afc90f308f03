"""What a delivery says. The only place that knows the shape of a payload (WEB-2)."""

from typing import Any

from mock_sent.contract.editions import Edition, Stage
from mock_sent.ground.clock import whole_second
from mock_sent.ground.strictjson import dumps
from mock_sent.webhooks.events import MessageEvent, MessageFacts


def payload_of(
    edition: Edition, account_id: str, message: MessageFacts, event: MessageEvent, routed: str
) -> tuple[str, str]:
    """The type and the body of an event. `routed` is the channel of a message whose channel the API chose."""
    stage = Stage(event.stage)
    unrouted = edition.unrouted if stage is Stage.ACCEPTED else routed
    payload = {
        "account_id": account_id,
        "message_id": message.id,
        "message_status": edition.statuses[stage],
        "channel": message.channel or unrouted,
        "inbound_number": message.to,
        "outbound_number": edition.sender,
        "template_id": message.template_id,
    }
    return edition.events[stage], _body(edition.messages, payload, event.at)


def sample_of(edition: Edition, account_id: str, event_type: str, at: int) -> tuple[str, str]:
    """The type and the body of a made-up event for a test delivery: of a message, or of a template."""
    if event_type == edition.templates:
        return event_type, _body(edition.templates, _template(account_id), at)
    stage = next((s for s, word in edition.events.items() if word == event_type), Stage.DELIVERED)
    message = MessageFacts(
        "8ba7b830-9dad-11d1-80b4-00c04fd430c8", "+14155551234", "sms", "7ba7b820-9dad-11d1-80b4-00c04fd430c8"
    )
    return payload_of(edition, account_id, message, MessageEvent(stage.value, at), "")


def _template(account_id: str) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "template_id": "7ba7b820-9dad-11d1-80b4-00c04fd430c8",
        "template_name": "order_confirmation",
        "whatsapp_template_id": "1234567890",
        "status": "approved",
        "language": "en_US",
        "category": "UTILITY",
        "channel": "whatsapp",
        "reason": None,
    }


def _body(field: str, payload: dict[str, Any], at: int) -> str:
    return dumps({"field": field, "payload": payload, "timestamp": whole_second(at)}).decode()
