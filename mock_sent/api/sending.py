"""Sending: POST /v3/messages, for a request that is valid and whose idempotency key is fresh."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from mock_sent.api import timetables
from mock_sent.api.calls import Call
from mock_sent.api.envelope import SANDBOX, Reply, success
from mock_sent.api.scheduling import instant_of
from mock_sent.contract import Edition
from mock_sent.contract.lifecycle import Lifecycle
from mock_sent.ground.errors import ApiError
from mock_sent.ground.names import differing
from mock_sent.world.gates import Check, Judged, Leg, checks_of
from mock_sent.world.lifecycle import QUIET, Timetable, hold, plan, released
from mock_sent.world.messages import AUTO, NOTHING, ROUTED_MEDIA, Extra, Send, channels_of
from mock_sent.world.templates import LONGEST, Template, invent

# The stage of a message that was tried, and so is charged although it ended.
_CHARGED = "failed"


class Sending:
    """The handler of sends. With `accept_unknown` it invents a template that the account does not have."""

    def __init__(self, edition: Edition, *, accept_unknown: bool) -> None:
        self._accept_unknown = accept_unknown
        self._lifecycle, self._gates = edition.lifecycle, checks_of(edition)
        self._usual = plan(edition.lifecycle)
        shapes = _Shapes(edition)
        self._reserved, self._shows_texts, self._takes_texts = shapes.reserved, shapes.shows_texts, shapes.takes_texts

    async def send(self, call: Call) -> Reply:
        """Find the template, check the gates, make and keep the messages, queue their webhooks, and answer."""
        account, body = call.account, call.body
        to, channels = body["to"], channels_of(self._reserved, *(body.get("channel") or ()))
        legs = list(product(to, channels))
        extra = _extra(call) if self._takes_texts else NOTHING
        if body.get("sandbox", False):
            return self._sandbox_reply(call, legs, extra)
        template = None if extra.text else self._template(call)  # 404
        parameters: Mapping[str, str] = {}
        if template:
            parameters = body["template"].get("parameters") or {}
            if template.wanted.keys() != parameters.keys():
                call.exchange.parameters = differing(template.wanted, parameters)
            if self._takes_texts:
                extra = _with_pictures(extra, template, channels)  # 400
        text = _text(call, template, parameters) if template else body["text"]
        prices = account.prices
        judged = Judged(account, legs, template, parameters, extra.numbers, prices, extra.route)
        ids = call.clock.message_ids(len(legs))
        ended = {} if extra.scheduled_at else self._ended(call, judged)  # 402, or messages end later
        timetable: Timetable | Sequence[Timetable] = self._usual
        if call.layers:
            timetable = timetables.timetable_of(call, template, ids, legs, self._usual)
        if ended:
            timetable = _with_endings(timetable, ended, len(legs))
        if call.ending:
            timetable = plan(self._lifecycle, ending=call.ending, rule=call.decision.rule)
        now = call.clock.now()
        if extra.scheduled_at:
            extra, timetable = _held(self._lifecycle, extra, timetable)
        elif not isinstance(timetable, Timetable) and any(each.held_for for each in timetable):
            extra, timetable = _held_by_rule(self._lifecycle, extra, timetable, now)
        kept = template.filled(parameters) if template and template.around else template
        key = call.exchange.key
        made = Send(now, kept, text, call.request_id, call.profile, key, ids, to, channels, prices, timetable, extra)
        account.accept(made, 0 if account.state.balance is None else _charged(judged, ended, made))
        if account.hooks.webhooks:
            account.hooks.follow(made.messages(), timetables.delivery_options_of(call))
        call.exchange.ids = " ".join(ids)
        return self._accepted(call, template, text, ids, legs, extra)

    def _ended(self, call: Call, judged: Judged) -> dict[int, Check]:
        """The gates at which messages end, by index of the message. Raises `ApiError` if a gate refuses the send."""
        ended: dict[int, Check] = {}
        for check in self._gates:
            stopped = check.stopped(judged)
            if stopped is None:
                continue
            if check.refuses(stopped, len(judged.legs)):
                raise ApiError(check.gate.refusal, warning=stopped.why)
            call.warn(stopped.why)
            for i in range(len(judged.legs)) if stopped.legs is None else stopped.legs:
                ended.setdefault(i, check)
        return ended

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

    def _sandbox_reply(self, call: Call, legs: Sequence[Leg], extra: Extra) -> Reply:
        """The answer to a sandbox send, like a real one. It keeps and charges nothing, and checks no gate (SAND-1)."""
        template: Template | None = None
        text: str | None = call.body.get("text")
        if not extra.text:
            wanted = call.body["template"]
            template = call.account.templates.find(wanted.get("id"), wanted.get("name"))
            text = None
            if template:
                parameters = wanted.get("parameters") or {}
                if template.wanted.keys() != parameters.keys():
                    call.exchange.parameters = differing(template.wanted, parameters)
                text = _text(call, template, parameters)
            template = template or _invented(call, wanted, {})
        reply = self._accepted(call, template, text, call.clock.message_ids(len(legs)), legs, extra)
        reply.headers.append(SANDBOX)
        return reply

    def _accepted(
        self,
        call: Call,
        template: Template | None,
        text: str | None,
        ids: Sequence[str],
        legs: Sequence[Leg],
        extra: Extra,
    ) -> Reply:
        pairs = zip(ids, legs, strict=True)
        if self._shows_texts:
            recipients = [
                {"message_id": id, "to": to, "channel": channel, "body": text if channel else None}
                for id, (to, channel) in pairs
            ]
        else:
            recipients = [{"message_id": id, "to": to, "channel": channel} for id, (to, channel) in pairs]
        known: dict[str, Any] = {"body": text, "recipients": recipients, "scheduled_at": extra.scheduled_at}
        if template:
            known["template_id"], known["template_name"] = template.id, template.name
        return success(call, known)


class _Shapes:
    """What the schemas of an edition say about sends."""

    def __init__(self, edition: Edition) -> None:
        sending = edition.by_id.get("sendMessage")
        schemas = edition.schemas_of(sending) if sending else ({}, {})
        asked, answered = (
            edition.member(schemas[0], "channel", "[]"),
            edition.member(schemas[1], "data", "recipients", "[]"),
        )
        shown = edition.member(answered, "channel").get("enum", ())
        # Words of `channel` that the answer cannot show make no message (SEND-5).
        self.reserved = frozenset(asked.get("enum", ())) - {*shown, AUTO} if shown else frozenset()
        self.shows_texts = "body" in answered.get("properties", {})
        self.takes_texts = "text" in schemas[0].get("properties", {})


def _extra(call: Call) -> Extra:
    """What the request has besides a template. A blank text counts as none (SEND-15)."""
    body = call.body
    text = body.get("text")
    wanted = body.get("scheduled_at")
    numbers = {
        channel: tuple(number for entry in entries or () for number in entry.get("from") or ())
        for channel, entries in (body.get("channels") or {}).items()
    }
    return Extra(
        text=bool(text and text.strip()),
        media=tuple(body.get("media_urls") or ()),
        subject=body.get("subject"),
        scheduled_at=instant_of(call, wanted) if wanted else None,
        numbers=tuple([(channel, each) for channel, each in numbers.items() if each]),
    )


def _with_pictures(extra: Extra, template: Template, channels: Sequence[str | None]) -> Extra:
    """What the request has, with the pictures of the template unless it has its own. Raises `ApiError` (SEND-16)."""
    if not extra.media and ROUTED_MEDIA in channels and not template.media:
        how = "fixtures and PUT /_mock/templates can give it some"
        raise ApiError("mms_without_media", warning=f"the template {template.name!r} has no `media` of its own; {how}")
    if not (template.media or template.subject):
        return extra
    return extra._replace(media=extra.media or template.media, subject=extra.subject or template.subject)


def _with_endings(
    timetable: Timetable | Sequence[Timetable], ended: Mapping[int, Check], count: int
) -> Timetable | Sequence[Timetable]:
    """The timetables of the messages, some of which end at a gate."""
    endings = [ended[i].timetable if i in ended else None for i in range(count)]
    if len(ended) == count and len(set(endings)) == 1:
        return endings[0] or timetable
    each = [timetable] * count if isinstance(timetable, Timetable) else timetable
    return tuple([ending or own for ending, own in zip(endings, each, strict=True)])


def _held(lifecycle: Any, extra: Extra, timetable: Timetable | Sequence[Timetable]) -> tuple[Extra, Timetable]:
    """The timetable of messages that are held, and what follows their release."""
    if isinstance(timetable, Timetable):
        extra = extra._replace(planned=released(timetable))
    else:
        extra = extra._replace(planned=tuple(map(released, timetable)))
    return extra, hold(lifecycle, extra.scheduled_at or 0)


def _held_by_rule(
    lifecycle: Lifecycle, extra: Extra, timetables: Sequence[Timetable], now: int
) -> tuple[Extra, Sequence[Timetable]]:
    """The same for messages of which a rule holds some."""
    held = [hold(lifecycle, now + each.held_for, QUIET) if each.held_for else each for each in timetables]
    return extra._replace(planned=tuple(map(released, timetables))), tuple(held)


def _charged(judged: Judged, ended: Mapping[int, Check], made: Send) -> int:
    """The price of the messages that are tried now: they do not end before, and are not held."""
    free = {i for i, check in ended.items() if check.gate.ending and check.gate.ending.stage != _CHARGED}
    free |= {made.ids.index(id) for id, _ in made.held()}
    return sum(price for i, price in enumerate(judged.prices) if i not in free)


def _text(call: Call, template: Template, parameters: Mapping[str, str]) -> str:
    text = template.render(parameters)
    if len(text) == LONGEST:
        call.warn(f"the text of template {template.name!r} was cut at {LONGEST} characters, the mock's own limit")
    if template.unfillable:
        call.warn(f"template {template.name!r} has {template.unfillable}, which no value can fill: write {{{{name}}}}")
    return text


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
