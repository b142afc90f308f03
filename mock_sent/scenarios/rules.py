"""Decides how a send is answered and what becomes of a message: the first rule that fires wins."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mock_sent.ground.clock import Clock
from mock_sent.scenarios.counters import MAX_COUNTERS, Counters, CountersState, Figures
from mock_sent.scenarios.scenario import (
    DeliverRule,
    Fate,
    Idempotency,
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
    """How a send is answered, as plain data. `rule` is empty where none fired.

    `delay` and `drip` are in nanoseconds, `retry_after` is in seconds. `trail` is None where no rule was asked.
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
        """Whether the client does not get the answer of the operation."""
        return self.kind == "fail" or self.kind == "drop"


@dataclass(slots=True)
class _Shot:
    """One rule and one send that fits it. Without an answer the rule did not fire, and `note` says why."""

    answer: SendAnswer | None = None
    step: int = 0
    delay: int = 0
    figures: Figures | None = None
    note: str = ""


_ACCEPT = Decision()


class Rules:
    """The counters of one account, and the decisions that need them. Only one event loop may ask."""

    def __init__(self, most: int = MAX_COUNTERS, state: CountersState | None = None) -> None:
        self._counters = Counters(most, state)

    @property
    def dropped(self) -> int:
        """How many counters were dropped for newer ones: above 0, an old one may have begun again."""
        return self._counters.state.dropped

    def clear(self, scenario: Scenario | None = None) -> None:
        """Begin to count again, for all scenarios or for one."""
        self._counters.clear(scenario)

    def decide(self, send: Facts, layers: Layers, clock: Clock) -> Decision:
        """How the send is answered. The layers are asked in order, their rules from the top."""
        if not layers:
            return _ACCEPT
        notes: tuple[tuple[str, str], ...] = ()
        figures: Figures | None = None
        key_seen = send.key_seen
        for scenario in layers:
            if scenario.send_gate and not _any_begins(send.words["to"], scenario.send_gate):
                continue
            for rule in scenario.send:
                if (key_seen and not rule.for_seen) or rule.difference(send):
                    continue
                shot = self._shoot(rule, send, scenario.die or clock, clock)
                figures = figures or shot.figures
                if shot.answer:
                    return _decision(rule, shot.answer, shot, figures, clock, Trail(key_seen, rule.key, notes))
                notes += ((rule.key, shot.note),)
        return Decision(limit=figures, trail=Trail(key_seen, "", notes))

    def timetable(
        self, to: str, channel: str, template_id: str | None, template_name: str | None, layers: Layers, clock: Clock
    ) -> Fate | None:
        """What becomes of a message; None where no rule fires."""
        asked = [s for s in layers if s.deliver and to.startswith(s.deliver_gate)]
        if not asked:
            return None
        template = [word for word in (template_name, template_id) if word is not None]
        message = Facts({"to": [to], "channel": [channel], "template": template})
        for scenario in asked:
            for rule in scenario.deliver:
                if not rule.difference(message) and self._hits(rule, (to, channel), scenario.die or clock):
                    return rule.fate
        return None

    def _shoot(self, rule: SendRule, send: Facts, die: Clock, clock: Clock) -> _Shot:
        if not (rule.limit or rule.draws or rule.counts):
            return _with_answer(_Shot(delay=rule.answers[0].delay.least), rule, 0)
        return self._count(rule, send, die, clock.now())

    def _count(self, rule: SendRule, send: Facts, die: Clock, now: int) -> _Shot:
        """Limit, chance, step: in this order, and each only if the one before lets the rule go on."""
        shot = _Shot()
        if rule.limit:
            above, shot.figures = self._counters.call(rule, rule.limit, send, now)
            if not above:
                shot.note = f"limit not reached ({shot.figures.remaining} of {rule.limit.calls} left)"
                return shot
        whom = tuple(sorted(send.words["to"])) if rule.draws else ()
        attempt = self._counters.attempt(rule, whom) if rule.draws else 0
        if rule.chance < 1:
            drawn = die.draw(rule.label, *whom, attempt)
            if drawn >= rule.chance:
                shot.note = f"chance missed (drew {drawn:.2%}, wanted under {rule.chance:.2%})"
                return shot
        count = self._counters.step(rule, send) if rule.counts else 0
        shot = _with_answer(shot, rule, count)
        if shot.answer:
            span = shot.answer.delay
            shot.delay = span.least if span.fixed else span.at(die.draw(rule.label, "delay", *whom, attempt))
        return shot

    def _hits(self, rule: DeliverRule, whom: tuple[str, str], die: Clock) -> bool:
        if rule.chance >= 1:
            return True
        attempt = self._counters.attempt(rule, whom)
        return die.draw("deliver", rule.label, *whom, attempt) < rule.chance


def idempotency_of(layers: Layers) -> Idempotency:
    """The block of the first layer that has one."""
    return next((s.idempotency for s in layers if s.idempotency), None) or Idempotency()


def webhooks_of(layers: Layers) -> Webhooks:
    """The block of the first layer that has one."""
    return next((s.webhooks for s in layers if s.webhooks), None) or Webhooks()


def fail_on_of(records: Sequence[ScenarioRecord]) -> Sequence[str] | None:
    """The findings that the first scenario with an `audit` block calls errors; None if none has the block."""
    return next((record.fail_on for record in records if record.fail_on is not None), None)


def _any_begins(texts: Sequence[str], prefix: str) -> bool:
    if len(texts) == 1:
        return texts[0].startswith(prefix)
    return any(text.startswith(prefix) for text in texts)


def _with_answer(shot: _Shot, rule: SendRule, count: int) -> _Shot:
    """The shot with the answer of the n-th time, if the list has one that is not `pass`."""
    last = len(rule.answers) - 1
    if count > last and rule.at_end == "pass":
        shot.note = f"its list of {len(rule.answers)} is spent"
        return shot
    shot.step = count % (last + 1) if rule.at_end == "restart" else min(count, last)
    answer = rule.answers[shot.step]
    if answer.kind == "pass":
        shot.note = f"passes at step {shot.step + 1}"
    else:
        shot.answer = answer
    return shot


def _decision(
    rule: SendRule, answer: SendAnswer, shot: _Shot, figures: Figures | None, clock: Clock, trail: Trail
) -> Decision:
    wait = answer.retry_after
    if wait == "window":
        wait = shot.figures.wait(clock.now()) if shot.figures else None
    return Decision(
        kind="accept" if answer.kind == "pass" else answer.kind,
        outcome=answer.outcome,
        fault=answer.fault,
        delay=shot.delay,
        drip=answer.drip,
        commit=answer.commit,
        retry_after=wait,
        limit=figures,
        rule=f"{rule.label}#{shot.step + 1}" if len(rule.answers) > 1 else rule.label,
        trail=trail,
    )
