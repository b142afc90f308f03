"""Reading messages: GET /v3/messages/{id} and its activities."""

from typing import Any

from mock_sent.accounts import Account
from mock_sent.api.calls import Call
from mock_sent.api.envelope import Reply, success
from mock_sent.ground.errors import ApiError
from mock_sent.world.contacts import contact_of
from mock_sent.world.lifecycle import events, life, stage
from mock_sent.world.messages import ROUTED, UNROUTED, Message


async def read_message(call: Call) -> Reply:
    """The message with its present status (READ-1)."""
    return success(call, _known(_message(call), call.account))


async def read_activities(call: Call) -> Reply:
    """What happened to the message, the newest first (READ-2)."""
    message = _message(call)
    happened = reversed(_events(message, call.account))
    activities = [{**event, "price": message.price, "active_contact_price": None} for event in happened]
    return success(call, {"message_id": message.id, "activities": activities})


def _message(call: Call) -> Message:
    """The message of the path. Raises `ApiError` unless it belongs to the account and to the call's profile, if any."""
    message = call.account.mailbox.get(call.path["id"].lower())
    if message is None or (call.profile and message.send.profile != call.profile):
        raise ApiError("message_not_found")
    return message


def _known(message: Message, account: Account) -> dict[str, Any]:
    send, template, contact = message.send, message.send.template, contact_of(message.to)
    at = stage(message, account.clock.now())
    is_routed = at != account.edition.lifecycle.first
    return {
        "id": message.id,
        "customer_id": account.id,
        "contact_id": contact.id,
        "phone": message.to,
        "phone_international": contact.international,
        "region_code": contact.region,
        "template_id": template.id,
        "template_name": template.name,
        "template_category": template.category,
        "channel": message.channel or (ROUTED if is_routed else UNROUTED),
        "message_body": {"header": template.header, "content": send.body, "footer": template.footer, "buttons": None},
        "status": at,
        "created_at": send.at,
        "price": message.price,
        "active_contact_price": None,
        "events": _events(message, account),
    }


def _events(message: Message, account: Account) -> list[dict[str, Any]]:
    """What happened to the message, the oldest first. It stays accepted even on a clock that was set back."""
    describe = account.edition.lifecycle.description
    return [
        {"status": event.stage, "description": describe(event.stage, event.reason), "timestamp": event.at}
        for event in events(message, account.clock.now()) or life(message)[:1]
    ]
