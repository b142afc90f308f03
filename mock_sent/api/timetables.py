"""What the scenarios say about the messages of a send: their timetables, and how their webhooks misbehave."""

from collections.abc import Iterable, Sequence

from mock_sent.api.calls import Call
from mock_sent.scenarios.rules import webhooks_of
from mock_sent.webhooks.options import DeliveryOptions
from mock_sent.world.lifecycle import Timetable, plan
from mock_sent.world.messages import AUTO
from mock_sent.world.templates import Template

# A recipient and a channel; the channel is None if the API chooses it.
Leg = tuple[str, str | None]


def timetable_of(
    call: Call, template: Template, ids: Sequence[str], legs: Iterable[Leg], usual: Timetable
) -> Timetable | Sequence[Timetable]:
    """One timetable for all messages; or one for each message, if a scenario has `deliver` rules."""
    layers = [scenario for scenario in call.layers if scenario.deliver]
    if not layers:
        return usual
    account, lifecycle = call.account, call.account.edition.lifecycle

    def own(id: str, to: str, channel: str | None) -> Timetable:
        wanted = account.rules.plan_of(to, channel or AUTO, template.id, template.name, layers, account.clock)
        if wanted is None:
            return usual
        return plan(
            lifecycle,
            reach=wanted.reach,
            fail_at=wanted.fail_at,
            reason=wanted.reason,
            every=wanted.every,
            manual=wanted.advance == "manual",
            draw=lambda step: account.clock.draw("every", wanted.rule, id, step),
            rule=wanted.rule,
        )

    return tuple(own(id, to, channel) for id, (to, channel) in zip(ids, legs, strict=True))


def delivery_options_of(call: Call) -> DeliveryOptions | None:
    """How the webhook deliveries of the messages misbehave; None if no scenario is on."""
    if not call.layers:
        return None
    wanted = webhooks_of(call.layers)
    return DeliveryOptions(wanted.duplicate, wanted.order, wanted.delay, wanted.signature)
