"""What a delivery says: the payload of the edition of March 2026 (WEB-2)."""

from typing import Any, Protocol

from mock_sent.contract.editions import MARCH_2026, Stage
from mock_sent.ground.clock import whole_second
from mock_sent.ground.strictjson import dumps
from mock_sent.world.lifecycle import Event, Followed


class Told(Followed, Protocol):
    """A message, as far as a payload tells of it."""

    @property
    def id(self) -> str: ...

    @property
    def to(self) -> str: ...

    @property
    def channel(self) -> str | None: ...

    @property
    def template_id(self) -> str: ...

    @property
    def profile(self) -> str | None: ...


def of_event(account_id: str, message: Told, event: Event, routed: str) -> tuple[str, bytes]:
    """The event's type, for the header, and the body."""
    unrouted = MARCH_2026.unrouted if event.stage is Stage.ACCEPTED else routed
    payload = {
        "account_id": account_id,
        "message_id": message.id,
        "message_status": MARCH_2026.statuses[event.stage],
        "channel": message.channel or unrouted,
        "inbound_number": message.to,
        "outbound_number": MARCH_2026.sender,
        "template_id": message.template_id,
    }
    return MARCH_2026.events[event.stage], _body(MARCH_2026.messages, payload, event.at)


def sample(account_id: str, event_type: str, at: int) -> tuple[str, bytes]:
    """A made-up event for a test delivery: of a message, or of a template."""
    if event_type == MARCH_2026.templates:
        return event_type, _body(MARCH_2026.templates, _template(account_id), at)
    stage = next((s for s, word in MARCH_2026.events.items() if word == event_type), Stage.DELIVERED)
    payload = {
        "account_id": account_id,
        "message_id": "8ba7b830-9dad-11d1-80b4-00c04fd430c8",
        "message_status": MARCH_2026.statuses[stage],
        "channel": "sms",
        "inbound_number": "+14155551234",
        "outbound_number": MARCH_2026.sender,
        "template_id": "7ba7b820-9dad-11d1-80b4-00c04fd430c8",
    }
    return MARCH_2026.events[stage], _body(MARCH_2026.messages, payload, at)


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


def _body(field: str, payload: dict[str, Any], at: int) -> bytes:
    return dumps({"field": field, "payload": payload, "timestamp": whole_second(at)})
