"""Reading messages: GET /v3/messages/{id} and its activities."""

from collections.abc import Sequence
from typing import Any

from mock_sent.accounts import Account
from mock_sent.api.calls import Call
from mock_sent.api.envelope import Reply, success
from mock_sent.contract.projection import MissingValue
from mock_sent.ground.errors import ApiError
from mock_sent.world.contacts import contact_of
from mock_sent.world.lifecycle import Event, events, life
from mock_sent.world.messages import ROUTED_MEDIA, Message
from mock_sent.world.surfaces import channel_now, is_charged, until_of

# The template's id of a message without one, in an edition that shows no null there.
NIL = "00000000-0000-0000-0000-000000000000"


async def read_message(call: Call) -> Reply:
    """The message with its present status (READ-1)."""
    return shown(call, message_of(call))


async def read_activities(call: Call) -> Reply:
    """What happened to the message, the newest first (READ-2)."""
    message, account = message_of(call), call.account
    past = _past(message, account)
    price = message.price if is_charged(past) else None
    activities = [
        {**event, "price": message.price, "charged": price, "active_contact_price": None, "from": _sender(message)}
        for event in reversed(_told(past, account))
    ]
    one_page = {
        "page": 1,
        "page_size": len(activities),
        "total_count": len(activities),
        "total_pages": 1,
        "has_more": False,
        "cursors": None,
    }
    return success(call, {"message_id": message.id, "activities": activities, "pagination": one_page})


def shown(call: Call, message: Message, past: Sequence[Event] | None = None) -> Reply:
    """The answer that shows a message, with the events in `past` if they are not those until now.

    An edition that knows no message without a template shows placeholders for it, with a warning.
    """
    account = call.account
    known = known_of(message, account, past)
    try:
        return success(call, known)
    except MissingValue:
        if message.send.template:
            raise
        call.warn(
            f"this message was made in another edition, without a template, which {account.edition.name} cannot say: "
            "template_id, template_name and template_category are placeholders"
        )
        category = account.edition.categories.usual
        return success(call, {**known, "template_id": NIL, "template_name": "", "template_category": category})


def message_of(call: Call) -> Message:
    """The message of the path. Raises `ApiError` unless it belongs to the account and to the call's profile, if any."""
    message = call.account.mailbox.get(call.path["id"].lower())
    if message is None or (call.profile and message.send.profile != call.profile):
        raise ApiError("message_not_found")
    return message


def known_of(message: Message, account: Account, past: Sequence[Event] | None = None) -> dict[str, Any]:
    """Everything that is known of a message. `past` are the events that are shown, if not those until now."""
    send, template, contact = message.send, message.send.template, contact_of(message.to)
    now = _past(message, account)
    last, reached = now[-1], past if past is not None else now
    # Other channels than mms ignore pictures and subject (SEND-16).
    shows_pictures = send.extra.inbound or (message.channel or last.route or message.route) == ROUTED_MEDIA
    return {
        "id": message.id,
        "customer_id": account.id,
        "contact_id": contact.id,
        "phone": message.to,
        "phone_international": contact.international,
        "region_code": contact.region,
        "template_id": template and template.id,
        "template_name": template and template.name,
        "template_category": template and template.category,
        "channel": channel_now(message, now, account.edition.lifecycle),
        "direction": "inbound" if send.extra.inbound else "outbound",
        "message_body": {
            "header": template and template.header,
            "content": send.body,
            "footer": template and template.footer,
            "buttons": None,
            "subject": send.extra.subject if shows_pictures else None,
            "media": [{"url": url} for url in send.extra.media] or None if shows_pictures else None,
        },
        "status": last.stage,
        "created_at": send.at,
        "price": message.price,
        "charged": message.price if is_charged(now) else None,
        "active_contact_price": None,
        "events": _told(reached, account),
        "scheduled_at": until_of(now),
        "reason": last.code and last.reason,
        "reason_code": last.code,
    }


def _past(message: Message, account: Account) -> list[Event]:
    """What happened to the message, the oldest first. It stays accepted even on a clock that was set back."""
    return events(message, account.clock.now()) or life(message)[:1]


def _told(past: Sequence[Event], account: Account) -> list[dict[str, Any]]:
    describe = account.edition.lifecycle.description
    return [
        {
            "status": event.stage,
            "description": describe(event.stage, event.reason),
            "timestamp": event.at,
            "scheduled_at": event.until,
            "reason": event.code and event.reason,
            "reason_code": event.code,
        }
        for event in past
    ]


def _sender(message: Message) -> str | None:
    """The number from which the message comes: the contact's, or an own one that the request named."""
    if message.send.extra.inbound:
        return message.to
    return next((each[0] for channel, each in message.send.extra.numbers if channel == message.route), None)
