"""What the scenarios say about the messages of a send: their timetables, and how their webhooks misbehave."""

from collections.abc import Iterable, Sequence

from mock_sent.api.calls import Call
from mock_sent.ground.errors import Lack
from mock_sent.scenarios.rules import webhooks_of
from mock_sent.webhooks.options import DeliveryOptions
from mock_sent.world.gates import Leg
from mock_sent.world.lifecycle import HELD, PhoneReply, Timetable, plan
from mock_sent.world.messages import AUTO, ROUTED
from mock_sent.world.templates import Template


def timetable_of(
    call: Call, template: Template | None, ids: Sequence[str], legs: Iterable[Leg], usual: Timetable
) -> Timetable | Sequence[Timetable]:
    """One timetable for all messages; or one for each message, if a scenario has `deliver` or `reply` rules."""
    layers = [scenario for scenario in call.layers if scenario.deliver or scenario.reply]
    if not layers:
        return usual
    account, lifecycle = call.account, call.account.edition.lifecycle
    id_of_template, name = (template.id, template.name) if template else (None, None)

    def own(id: str, to: str, channel: str | None) -> Timetable:
        reply = account.rules.reply_of(to, channel or AUTO, id_of_template, name, layers, account.clock)
        planned = fate(id, to, channel)
        if reply is None:
            return planned
        inbound = account.edition.inbound
        if inbound is None or (reply.channel and reply.channel not in inbound.channels):
            call.warn(f"the rule {reply.rule!r} answers in a way in which nothing comes in in {account.edition.name}")
        elif not inbound.stage:
            call.warn(f"the rule {reply.rule!r} answers, of which {account.edition.name} tells no webhook")
        share = account.clock.draw("after", reply.rule, id)
        return planned._replace(reply=PhoneReply(reply.text, reply.after.at(share), reply.channel))

    def fate(id: str, to: str, channel: str | None) -> Timetable:
        wanted = account.rules.plan_of(to, channel or AUTO, id_of_template, name, layers, account.clock)
        if wanted is None:
            return usual
        ending = account.edition.endings.get(wanted.outcome) if wanted.outcome else None
        if wanted.outcome and ending is None:
            edition = account.edition.name
            if call.noted_not_taken().add_lack(Lack("outcome", wanted.outcome)):
                text = f"the rule {wanted.rule!r} ends messages with {wanted.outcome}, which {edition} does not have"
                call.warn(text)
            return usual
        if wanted.hold and HELD not in lifecycle.stages:
            call.warn(f"the rule {wanted.rule!r} holds messages, which {account.edition.name} does not do")
        reach, travels = wanted.reach, channel or (wanted.route[-1] if wanted.route else ROUTED)
        if reach and reach in lifecycle.stages and travels not in (lifecycle.stages[reach].channels or (travels,)):
            call.warn(f"the rule {wanted.rule!r} reaches {reach}, which a message on {travels} does not")
            reach = None
        planned = plan(
            lifecycle,
            reach=reach,
            fail_at=wanted.fail_at,
            reason=wanted.reason,
            every=wanted.every,
            manual=wanted.advance == "manual",
            ending=ending,
            routes=wanted.route if channel is None else (),
            draw=lambda step: account.clock.draw("every", wanted.rule, id, step),
            rule=wanted.rule,
        )
        return planned._replace(held_for=wanted.hold) if HELD in lifecycle.stages else planned

    return tuple(own(id, to, channel) for id, (to, channel) in zip(ids, legs, strict=True))


def delivery_options_of(call: Call) -> DeliveryOptions | None:
    """How the webhook deliveries of the messages misbehave; None if no scenario is on."""
    if not call.layers:
        return None
    wanted = webhooks_of(call.layers)
    return DeliveryOptions(wanted.duplicate, wanted.order, wanted.delay, wanted.signature)
