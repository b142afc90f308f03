"""Decides how a send is answered and how a message ends: the first rule that fires wins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from mock_sent.ground.clock import Clock
from mock_sent.ground.memory import ByteCount
from mock_sent.scenarios.counters import MAX_COUNTERS, Counters, CountersState, Figures
from mock_sent.scenarios.scenario import (
    Idempotency,
    MessagePlan,
    MessageRule,
    Plan,
    ReplyPlan,
    Scenario,
    ScenarioRecord,
    SendAnswer,
    SendRule,
    Webhooks,
)
from mock_sent.scenarios.trail import Trail
from mock_sent.scenarios.words import Facts

Layers = Sequence[Scenario]


@dataclass(frozen=True, slots=True)
class Decision:
    """How a send is answered, as plain data. `rule` is empty if none fired.

    `delay` and `drip` are in nanoseconds, `retry_after` is in seconds. `trail` is None if no rule was evaluated.
    """

    kind: Literal["accept", "replay", "fail", "drop"] = "accept"
    outcome: str | None = None
    fault: str | None = None
    delay: int = 0
    drip: int = 0
    commit: bool = True
    retry_after: int | Literal["absent"] | None = None
    limit: Figures | None = None
    rule: str = ""
    trail: Trail | None = None

    @property
    def refuses(self) -> bool:
        """Whether the client gets a failure or a broken connection instead of the operation's answer."""
        return self.kind == "fail" or self.kind == "drop"


@dataclass(slots=True)
class _RuleResult:
    """The result of one rule for a send that fits it. Without an answer the rule did not fire, and `note` says why."""

    answer: SendAnswer | None = None
    step: int = 0
    delay: int = 0
    figures: Figures | None = None
    note: str = ""


_ACCEPT = Decision()


class Rules:
    """The counters of one account, and the decisions that use them. Only the account's event loop may call it."""

    def __init__(
        self, most: int = MAX_COUNTERS, state: CountersState | None = None, byte_count: ByteCount | None = None
    ) -> None:
        self._counters = Counters(most, state, byte_count)

    def take_apart(self) -> Iterator[None]:
        """Drop the counters of a closed account, one a step."""
        return self._counters.take_apart()

    @property
    def dropped(self) -> int:
        """How many counters were dropped. If any was, an old counter may have started again from zero."""
        return self._counters.state.dropped

    def clear(self, scenario: Scenario) -> Iterator[None]:
        """Drop the counters of a scenario, one a step."""
        return self._counters.clear(scenario)

    def decide(self, send: Facts, layers: Layers, clock: Clock) -> Decision:
        """How the send is answered. The scenarios are evaluated in order, their rules from the top."""
        if not layers:
            return _ACCEPT
        notes: list[tuple[str, str]] = []
        figures: Figures | None = None
        key_seen = send.key_seen
        for scenario in layers:
            if scenario.send_gate and not _any_begins(send.words["to"], scenario.send_gate):
                continue
            for rule in scenario.send:
                if (key_seen and not rule.for_seen) or rule.difference(send):
                    continue
                result = self._ask(rule, send, scenario.seeded_clock or clock, clock)
                figures = figures or result.figures
                if result.answer:
                    trail = Trail(key_seen, rule.key, tuple(notes))
                    return _decision(rule, result.answer, result, figures, clock, trail)
                notes.append((rule.key, result.note))
        return Decision(limit=figures, trail=Trail(key_seen, "", tuple(notes)))

    def plan_of(
        self, to: str, channel: str, template_id: str | None, template_name: str | None, layers: Layers, clock: Clock
    ) -> MessagePlan | None:
        """What the first rule that fires plans for a message; None if no rule fires."""
        asked = [(s, s.deliver) for s in layers if s.deliver and to.startswith(s.deliver_gate)]
        return self._first("deliver", asked, to, channel, (template_name, template_id), clock)

    def reply_of(
        self, to: str, channel: str, template_id: str | None, template_name: str | None, layers: Layers, clock: Clock
    ) -> ReplyPlan | None:
        """What the first rule that fires lets the phone answer to a message; None if no rule fires."""
        asked = [(s, s.reply) for s in layers if s.reply and to.startswith(s.reply_gate)]
        return self._first("reply", asked, to, channel, (template_name, template_id), clock)

    def _first(
        self,
        phase: str,
        asked: Sequence[tuple[Scenario, Sequence[MessageRule[Plan]]]],
        to: str,
        channel: str,
        template: Sequence[str | None],
        clock: Clock,
    ) -> Plan | None:
        """The plan of the first rule that fires, of scenarios that may have one."""
        if not asked:
            return None
        message = Facts({"to": [to], "channel": [channel], "template": [word for word in template if word is not None]})
        for scenario, rules in asked:
            for rule in rules:
                draw_clock = scenario.seeded_clock or clock
                if not rule.difference(message) and self._fires(phase, rule, (to, channel), draw_clock):
                    return rule.plan
        return None

    def _ask(self, rule: SendRule, send: Facts, draw_clock: Clock, clock: Clock) -> _RuleResult:
        if not (rule.limit or rule.draws or rule.counts):
            return _with_answer(_RuleResult(delay=rule.answers[0].delay.least), rule, 0)
        return self._count(rule, send, draw_clock, clock.now())

    def _count(self, rule: SendRule, send: Facts, draw_clock: Clock, now: int) -> _RuleResult:
        """Check the limit, then the chance, then the step. Each is counted only if the one before it passed."""
        result = _RuleResult()
        if rule.limit:
            above, result.figures = self._counters.call(rule, rule.limit, send, now)
            if not above:
                result.note = f"limit not reached ({result.figures.remaining} of {rule.limit.calls} left)"
                return result
        recipients = tuple(sorted(send.words["to"])) if rule.draws else ()
        attempt = self._counters.attempt(rule, recipients) if rule.draws else 0
        if rule.chance < 1:
            drawn = draw_clock.draw(rule.label, *recipients, attempt)
            if drawn >= rule.chance:
                result.note = f"chance missed (drew {drawn:.2%}, wanted under {rule.chance:.2%})"
                return result
        count = self._counters.step(rule, send) if rule.counts else 0
        result = _with_answer(result, rule, count)
        if result.answer:
            span = result.answer.delay
            result.delay = (
                span.least if span.fixed else span.at(draw_clock.draw(rule.label, "delay", *recipients, attempt))
            )
        return result

    def _fires(self, phase: str, rule: MessageRule[Plan], to_and_channel: tuple[str, str], draw_clock: Clock) -> bool:
        if rule.chance >= 1:
            return True
        attempt = self._counters.attempt(rule, to_and_channel)
        return draw_clock.draw(phase, rule.label, *to_and_channel, attempt) < rule.chance


def idempotency_of(layers: Layers) -> Idempotency:
    """The block of the first scenario that has one; otherwise the default."""
    return next((s.idempotency for s in layers if s.idempotency), None) or Idempotency()


def webhooks_of(layers: Layers) -> Webhooks:
    """The block of the first scenario that has one; otherwise the default."""
    return next((s.webhooks for s in layers if s.webhooks), None) or Webhooks()


def fail_on_of(records: Sequence[ScenarioRecord]) -> Sequence[str] | None:
    """The findings that the first scenario with an `audit` block calls errors; None if none has the block."""
    return next((record.fail_on for record in records if record.fail_on is not None), None)


def _any_begins(texts: Sequence[str], prefix: str) -> bool:
    if len(texts) == 1:
        return texts[0].startswith(prefix)
    return any(text.startswith(prefix) for text in texts)


def _with_answer(result: _RuleResult, rule: SendRule, count: int) -> _RuleResult:
    """The result with the answer for this count, if the list has one that is not `pass`."""
    last = len(rule.answers) - 1
    if count > last and rule.at_end == "pass":
        result.note = f"its list of {len(rule.answers)} is spent"
        return result
    result.step = count % (last + 1) if rule.at_end == "restart" else min(count, last)
    answer = rule.answers[result.step]
    if answer.kind == "pass":
        result.note = f"passes at step {result.step + 1}"
    else:
        result.answer = answer
    return result


def _decision(
    rule: SendRule, answer: SendAnswer, result: _RuleResult, figures: Figures | None, clock: Clock, trail: Trail
) -> Decision:
    wait = answer.retry_after
    if wait == "window":
        wait = result.figures.wait(clock.now()) if result.figures else None
    return Decision(
        kind="accept" if answer.kind == "pass" else answer.kind,
        outcome=answer.outcome,
        fault=answer.fault,
        delay=result.delay,
        drip=answer.drip,
        commit=answer.commit,
        retry_after=wait,
        limit=figures,
        rule=f"{rule.label}#{result.step + 1}" if len(rule.answers) > 1 else rule.label,
        trail=trail,
    )
