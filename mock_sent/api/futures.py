"""What the scenarios say becomes of the messages of a send: their timetables, and how their webhooks misbehave."""

from collections.abc import Callable

from mock_sent.api.calls import Call
from mock_sent.lifecycle import DELIVERED, Timetable, plan
from mock_sent.messages import AUTO
from mock_sent.scenarios.rules import webhooks_of
from mock_sent.templates import Template
from mock_sent.webhooks.chaos import ORDERLY, Chaos


def timetable_of(call: Call, template: Template) -> Timetable | Callable[[str, str, str | None], Timetable]:
    """The timetable of all messages; or what makes each one's, where `deliver` rules may tell them apart."""
    layers = [scenario for scenario in call.layers if scenario.deliver]
    if not layers:
        return DELIVERED
    account = call.account

    def own(id: str, to: str, channel: str | None) -> Timetable:
        rule = account.rules.timetable(to, channel or AUTO, template.id, template.name, layers, account.clock)
        if rule is None:
            return DELIVERED
        return plan(
            reach=rule.reach,
            fail_at=rule.fail_at,
            reason=rule.reason,
            every=rule.every,
            manual=rule.advance == "manual",
            draw=lambda step: account.clock.draw("every", rule.rule, id, step),
        )

    return own


def chaos_of(call: Call) -> Chaos:
    """How the webhooks of the messages misbehave."""
    if not call.layers:
        return ORDERLY
    wanted = webhooks_of(call.layers)
    return Chaos(wanted.duplicate, wanted.order, wanted.delay, wanted.signature)
