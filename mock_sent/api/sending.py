"""Sending: POST /v3/messages, for a request that is valid and whose idempotency key is fresh."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from mock_sent.api import gates, timetables
from mock_sent.api.calls import Call
from mock_sent.api.envelope import SANDBOX, Reply, success
from mock_sent.api.timetables import Leg
from mock_sent.contract import Edition
from mock_sent.ground.errors import ApiError
from mock_sent.ground.names import differing
from mock_sent.world.lifecycle import Timetable, plan
from mock_sent.world.messages import ROUTED, Send, channels_of
from mock_sent.world.templates import LONGEST, Template, invent


class Sending:
    """The handler of sends. With `accept_unknown` it invents a template that the account does not have."""

    def __init__(self, edition: Edition, *, accept_unknown: bool) -> None:
        self._accept_unknown = accept_unknown
        self._gates = gates.checks_of(edition)
        self._usual = plan(edition.lifecycle)

    async def send(self, call: Call) -> Reply:
        """Find the template, check the gates, make and keep the messages, queue their webhooks, and answer."""
        account, body = call.account, call.body
        to, channels = body["to"], channels_of(*(body.get("channel") or ()))
        legs = list(product(to, channels))
        if body.get("sandbox", False):
            return self._sandbox_reply(call, legs)
        template = self._template(call)  # 404
        parameters = body["template"].get("parameters") or {}
        if template.wanted.keys() != parameters.keys():
            call.exchange.parameters = differing(template.wanted, parameters)
        prices = account.prices
        price = len(to) * sum([prices[channel or ROUTED] for channel in channels])
        timetable: Timetable | Sequence[Timetable] | None = None
        for check in self._gates:
            if why := check.stopped(call, template, parameters, price):
                timetable = gates.stop(call, check, why)  # 402, or each message ends later
        ids = call.clock.message_ids(len(legs))
        if timetable is None:
            timetable = timetables.timetable_of(call, template, ids, legs, self._usual) if call.layers else self._usual
        text = _text(call, template, parameters)
        kept = template.filled(parameters) if template.around else template
        at, request_id = call.clock.now(), call.request_id
        made = Send(at, kept, text, request_id, call.profile, call.key, ids, to, channels, prices, timetable)
        account.pay(price)
        account.mailbox.keep(made)
        account.hooks.follow(made.messages(), timetables.delivery_options_of(call))
        call.exchange.made = ids
        return _accepted(call, template, text, ids, legs)

    def _template(self, call: Call) -> Template:
        """The template that the request names. Raises `ApiError` for one that does not exist (SEND-10)."""
        wanted: Mapping[str, Any] = call.body["template"]
        found = call.account.templates.find(wanted.get("id"), wanted.get("name"))
        if found:
            if wanted.get("name") not in (None, found.name):
                call.warn(f"template.id wins: it is {found.name!r}, not {wanted['name']!r}")
            return found
        if self._accept_unknown:
            return _invented(call, wanted, wanted.get("parameters") or {})
        raise ApiError("template_not_found", warning=_how_to_add(call, wanted))

    def _sandbox_reply(self, call: Call, legs: Sequence[Leg]) -> Reply:
        """The answer to a sandbox send, like a real one. It keeps and charges nothing, and checks no gate (SAND-1)."""
        wanted = call.body["template"]
        template = call.account.templates.find(wanted.get("id"), wanted.get("name"))
        text = None
        if template:
            parameters = wanted.get("parameters") or {}
            if template.wanted.keys() != parameters.keys():
                call.exchange.parameters = differing(template.wanted, parameters)
            text = _text(call, template, parameters)
        template = template or _invented(call, wanted, {})
        reply = _accepted(call, template, text, call.clock.message_ids(len(legs)), legs)
        reply.headers.append(SANDBOX)
        return reply


def _text(call: Call, template: Template, parameters: Mapping[str, str]) -> str:
    text = template.render(parameters)
    if len(text) == LONGEST:
        call.warn(f"the text of template {template.name!r} was cut at {LONGEST} characters, the mock's own limit")
    if template.unfillable:
        call.warn(f"template {template.name!r} has {template.unfillable}, which no value can fill: write {{{{name}}}}")
    return text


def _accepted(call: Call, template: Template, text: str | None, ids: Sequence[str], legs: Sequence[Leg]) -> Reply:
    recipients = [{"message_id": id, "to": to, "channel": channel} for id, (to, channel) in zip(ids, legs, strict=True)]
    known = {"body": text, "template_id": template.id, "template_name": template.name, "recipients": recipients}
    return success(call, known)


def _invented(call: Call, wanted: Mapping[str, Any], parameters: Mapping[str, str]) -> Template:
    category = call.account.edition.categories.usual
    return invent(wanted.get("id"), wanted.get("name"), parameters, call.clock, category)


def _how_to_add(call: Call, wanted: Mapping[str, Any]) -> str:
    name = wanted.get("id") or wanted.get("name")
    known = ", ".join(template.name for template in call.account.templates.all()[:5]) or "none"
    return (
        f"no template {str(name)[:100]!r} (known: {known}); add it with PUT /_mock/templates or MOCK_SENT_FIXTURES, "
        "or set MOCK_SENT_UNKNOWN_TEMPLATES=accept"
    )
