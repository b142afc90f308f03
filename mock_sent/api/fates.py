"""What the scenarios say becomes of the messages of a send: their timetables, and how their webhooks misbehave."""

from collections.abc import Iterable, Sequence

from mock_sent.api.calls import Call
from mock_sent.scenarios.rules import webhooks_of
from mock_sent.webhooks.options import DeliveryOptions
from mock_sent.world.lifecycle import Timetable, plan
from mock_sent.world.messages import AUTO
from mock_sent.world.templates import Template

# A recipient, and the channel on which it is reached; None where the API chooses.
Leg = tuple[str, str | None]


def timetable_of(
    call: Call, template: Template, ids: Sequence[str], legs: Iterable[Leg], usual: Timetable
) -> Timetable | Sequence[Timetable]:
    """The timetable of all messages; or of each its own, where `deliver` rules may tell them apart."""
    layers = [scenario for scenario in call.layers if scenario.deliver]
    if not layers:
        return usual
    account, lifecycle = call.account, call.account.edition.lifecycle

    def own(id: str, to: str, channel: str | None) -> Timetable:
        rule = account.rules.timetable(to, channel or AUTO, template.id, template.name, layers, account.clock)
        if rule is None:
            return usual
        return plan(
            lifecycle,
            reach=rule.reach,
            fail_at=rule.fail_at,
            reason=rule.reason,
            every=rule.every,
            manual=rule.advance == "manual",
            draw=lambda step: account.clock.draw("every", rule.rule, id, step),
        )

    return tuple(own(id, to, channel) for id, (to, channel) in zip(ids, legs, strict=True))


def chaos_of(call: Call) -> DeliveryOptions | None:
    """How the webhooks of the messages misbehave; None if no scenario is on."""
    if not call.layers:
        return None
    wanted = webhooks_of(call.layers)
    return DeliveryOptions(wanted.duplicate, wanted.order, wanted.delay, wanted.signature)
