"""What the operations on messages do, once a request is known to be right."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from mock_sent.accounts import Account
from mock_sent.api import futures
from mock_sent.api.calls import Call
from mock_sent.api.envelope import Reply, success
from mock_sent.api.futures import Leg
from mock_sent.contract.editions import MARCH_2026, Stage
from mock_sent.ground.clock import timestamp
from mock_sent.ground.errors import ApiError
from mock_sent.world.contacts import Contact, contact_of
from mock_sent.world.fixtures import UNITS
from mock_sent.world.lifecycle import LACKING_PARAMETERS, events, life, stage
from mock_sent.world.messages import ROUTED, Message, Money, Send, channels_of
from mock_sent.world.templates import LONGEST, Template, invent


class MessagesApi:
    """The handlers of the contract's operations, under their operationId."""

    def __init__(self, *, accept_unknown_templates: bool) -> None:
        self._accept_unknown = accept_unknown_templates
        self.handlers = {
            "sendMessage": self.send,
            "getMessage": self.get,
            "getMessageActivities": self.activities,
        }

    async def send(self, call: Call) -> Reply:
        """POST /v3/messages, after the request was found right and its key fresh."""
        account, body = call.account, call.body
        to, channels = body["to"], channels_of(*(body.get("channel") or ()))
        legs = list(product(to, channels))
        if body.get("sandbox", False):
            return self._pretend(call, legs)
        template = self._template(call)  # 404
        prices = account.prices
        price = len(to) * sum([prices[channel or ROUTED] for channel in channels])
        if not account.affords(price):  # 402
            raise ApiError(
                "insufficient_balance", warning=f"the balance is {_amount(account)}, the send costs {price / UNITS}"
            )
        parameters = body["template"].get("parameters") or {}
        text, missing = _text(call, template, parameters), template.missing(parameters)
        if missing:
            call.warn(
                f"template {template.name!r} got no value for {', '.join(missing)}; the message will fail (SEND-9)"
            )
        ids = call.clock.message_ids(len(legs))
        timetable = LACKING_PARAMETERS if missing else futures.timetable_of(call, template, ids, legs)
        at, request_id = call.clock.now(), call.request_id
        made = Send(at, template, text, request_id, call.profile, call.key, ids, to, channels, prices, timetable)
        account.pay(price)
        account.mailbox.keep(made)
        account.hooks.follow(made.messages(), futures.chaos_of(call))
        call.exchange.made = ids
        return _accepted(call, template.id, template.name, text, ids, legs)

    async def get(self, call: Call) -> Reply:
        """GET /v3/messages/{id}"""
        message = self._message(call)
        return success(call.operation.success, _described(message, call.account), call.request_id, call.clock.now())

    async def activities(self, call: Call) -> Reply:
        """GET /v3/messages/{id}/activities, newest first."""
        message = self._message(call)
        activities = [
            {**event, "price": f"{message.price / UNITS:.4f}", "active_contact_price": None}
            for event in reversed(_events(message, call.clock.now()))
        ]
        data = {"message_id": message.id, "activities": activities}
        return success(call.operation.success, data, call.request_id, call.clock.now())

    def _template(self, call: Call) -> Template:
        """The template that the request names. Raises `ApiError` for one that nobody knows."""
        wanted: Mapping[str, Any] = call.body["template"]
        found = call.account.templates.find(wanted.get("id"), wanted.get("name"))
        if found:
            if wanted.get("name") not in (None, found.name):
                call.warn(f"template.id wins: it is {found.name!r}, not {wanted['name']!r}")
            return found
        if self._accept_unknown:
            return invent(wanted.get("id"), wanted.get("name"), wanted.get("parameters") or {}, call.clock)
        raise ApiError("template_not_found", warning=_how_to_add(call, wanted))

    def _message(self, call: Call) -> Message:
        """The message of the path. Raises `ApiError` unless it is the account's, and the profile's if there is one."""
        message = call.account.mailbox.get(call.path["id"].lower())
        if message is None or (call.profile and message.send.profile != call.profile):
            raise ApiError("message_not_found")
        return message

    def _pretend(self, call: Call, legs: Sequence[Leg]) -> Reply:
        """A sandbox send: nothing is looked up, kept or charged, and the answer reads like a real one (SAND-1)."""
        wanted = call.body["template"]
        template = call.account.templates.find(wanted.get("id"), wanted.get("name"))
        text = _text(call, template, wanted.get("parameters") or {}) if template else None
        template = template or invent(wanted.get("id"), wanted.get("name"), {}, call.clock)
        reply = _accepted(call, template.id, template.name, text, call.clock.message_ids(len(legs)), legs)
        reply.headers.append((b"x-sandbox", b"true"))
        return reply


def _text(call: Call, template: Template, parameters: Mapping[str, str]) -> str:
    text = template.render(parameters)
    if len(text) == LONGEST:
        call.warn(f"the text of template {template.name!r} was cut at {LONGEST} characters, the mock's own limit")
    return text


def _accepted(
    call: Call, template_id: str, template_name: str, text: str | None, ids: Sequence[str], legs: Sequence[Leg]
) -> Reply:
    data = {
        "status": "accepted",
        "body": text,
        "template_id": template_id,
        "template_name": template_name,
        "recipients": [
            {"message_id": id, "to": to, "channel": channel} for id, (to, channel) in zip(ids, legs, strict=True)
        ],
    }
    return success(call.operation.success, data, call.request_id, call.clock.now())


def _described(message: Message, account: Account) -> dict[str, Any]:
    send, template = message.send, message.send.template
    contact: Contact = contact_of(message.to)
    now = account.clock.now()
    at = stage(message, now)
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
        "channel": message.channel or ("auto" if at is Stage.ACCEPTED else ROUTED),
        "message_body": {"header": template.header, "content": send.body, "footer": template.footer, "buttons": None},
        "status": MARCH_2026.statuses[at],
        "created_at": timestamp(send.at),
        "price": message.price / UNITS,
        "active_contact_price": None,
        "events": _events(message, now),
    }


def _events(message: Message, now: int) -> list[dict[str, str]]:
    """What happened to the message, the oldest first. That it was accepted stays true on a clock that was set back."""
    return [
        {
            "status": MARCH_2026.statuses[event.stage],
            "description": event.description(),
            "timestamp": timestamp(event.at),
        }
        for event in events(message, now) or life(message)[:1]
    ]


def _amount(account: Account) -> str:
    balance: Money = account.balance or 0
    return f"{balance / UNITS}"


def _how_to_add(call: Call, wanted: Mapping[str, Any]) -> str:
    name = wanted.get("id") or wanted.get("name")
    known = ", ".join(template.name for template in call.account.templates.all()[:5]) or "none"
    return (
        f"no template {str(name)[:100]!r} (known: {known}); add it with PUT /_mock/templates or MOCK_SENT_FIXTURES, "
        "or set MOCK_SENT_UNKNOWN_TEMPLATES=accept"
    )
