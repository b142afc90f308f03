"""The payload of an event, as the contract's `webhooks` describe it (WEB-2)."""

from mock_sent.contract import Edition
from mock_sent.contract.events import EventType
from mock_sent.ground.strictjson import dumps
from mock_sent.webhooks.events import MessageEvent, MessageFacts
from mock_sent.world.messages import AUTO


def payload_of(
    edition: Edition, account_id: str, message: MessageFacts, event: MessageEvent, routed: str
) -> tuple[str, str]:
    """The type and the body of an event. `routed` is the channel of a message whose channel the API chose."""
    kind = edition.events.of_stage(event.stage)
    assert kind is not None, "an event that the edition does not have is not queued"
    payload = {
        "account_id": account_id,
        "message_id": message.id,
        "stage": event.stage,
        "channel": message.channel or (AUTO if event.stage == edition.lifecycle.first else routed),
        "inbound_number": message.to,
        "template_id": message.template_id,
    }
    return kind.name, _body(kind, {"payload": payload, "timestamp": event.at})


def sample_of(edition: Edition, account_id: str, event_type: str, at: int) -> tuple[str, str]:
    """The type and the body of a sample event for a test delivery: the documented example, with the present time."""
    kind = edition.events.named(event_type)
    assert kind is not None, "the contract checks the names of events"
    payload = {**kind.example["payload"], "account_id": account_id, "stage": kind.stage}
    return kind.name, _body(kind, {"payload": payload, "timestamp": at})


def _body(kind: EventType, known: dict[str, object]) -> str:
    return dumps(kind.project(known)).decode()
