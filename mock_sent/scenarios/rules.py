"""Decides how a send is answered and what becomes of a message: the first rule that fires wins."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from mock_sent.ground.clock import Clock, Span
from mock_sent.scenarios.counters import MAX_COUNTERS, Counters, Figures
from mock_sent.scenarios.matching import Send
from mock_sent.scenarios.scenario import (
    Answer,
    Audit,
    DeliverRule,
    Fate,
    Fault,
    Idempotency,
    Scenario,
    SendRule,
    Webhooks,
)

Layers = Sequence[Scenario]


@dataclass(frozen=True, slots=True)
class Decision:
    """How a send is answered. `rule` is empty where none fired; spans are nanoseconds, `retry_after` seconds."""

    kind: Literal["accept", "replay", "fail", "drop"] = "accept"
    outcome: str | None = None
    fault: Fault | None = None
    delay: int = 0
    drip: int = 0
    commit: bool = True
    retry_after: int | Literal["absent"] | None = None
    limit: Figures | None = None
    rule: str = ""
    _why: "_Why | None" = field(default=None, repr=False, compare=False)

    @property
    def refuses(self) -> bool:
        """Whether the client does not get the answer of the operation."""
        return self.kind == "fail" or self.kind == "drop"

    @property
    def trail(self) -> tuple[str, ...]:
        """One sentence for each rule that was asked and did not fire. Made when somebody reads it."""
        return self._why.sentences() if self._why else ()


class Delivery(NamedTuple):
    """What becomes of a message."""

    reach: str | None
    fail_at: str | None
    reason: str | None
    every: Span | None
    advance: Literal["clock", "manual"]
    rule: str


class _Why(NamedTuple):
    """What the trail is made of: everything but the sentences, which most sends never need."""

    send: Send
    layers: Layers
    fired: SendRule | None
    notes: Mapping[SendRule, str]

    def sentences(self) -> tuple[str, ...]:
        told = []
        for rule in (rule for scenario in self.layers for rule in scenario.send):
            if rule is self.fired:
                break
            told.append(f"{rule.label}: {self.notes.get(rule) or rule.condition.difference(self.send)}")
        return tuple(told)


@dataclass(slots=True)
class _Shot:
    """One rule, met by one send that fits it. Without an answer it did not fire, and `note` says why."""

    answer: Answer | None = None
    step: int = 0
    delay: int = 0
    figures: Figures | None = None
    note: str = ""


_ACCEPT = Decision()


class Rules:
    """The counters of one account, and the decisions that hang on them. Safe to ask from several threads."""

    def __init__(self, most: int = MAX_COUNTERS) -> None:
        self._counters = Counters(most)
        self._lock = threading.Lock()

    @property
    def dropped(self) -> int:
        """How many counters were given up for newer ones: above 0, an old one may have begun again."""
        return self._counters.dropped

    def clear(self, scenario: Scenario | None = None) -> None:
        """Begin to count again, for all scenarios or for one."""
        with self._lock:
            self._counters.clear(None if scenario is None else frozenset((*scenario.send, *scenario.deliver)))

    def decide(self, send: Send, layers: Layers, clock: Clock) -> Decision:
        """What the caller gets. The layers are asked in order, their rules from the top."""
        if not layers:
            return _ACCEPT
        notes: dict[SendRule, str] = {}
        figures: Figures | None = None
        for scenario in layers:
            if scenario.send_gate and not _any_begins(send.to, scenario.send_gate):
                continue
            for rule in scenario.send:
                if (send.key_seen and not rule.for_seen) or not rule.condition.fits(send):
                    continue
                shot = self._shoot(rule, send, scenario.die or clock, clock)
                figures = figures or shot.figures
                if shot.answer:
                    return _decision(rule, shot, figures, clock, _Why(send, layers, rule, notes))
                notes[rule] = shot.note
        return Decision(limit=figures, _why=_Why(send, layers, None, notes))

    def timetable(
        self, to: str, channel: str, template_id: str | None, template_name: str | None, layers: Layers, clock: Clock
    ) -> Delivery | None:
        """What becomes of a message, or None where no rule says anything."""
        asked = [s for s in layers if s.deliver and to.startswith(s.deliver_gate)]
        if not asked:
            return None
        message = Send([to], [channel], template_id, template_name)
        for scenario in asked:
            for rule in scenario.deliver:
                if rule.condition.fits(message) and self._hits(rule, (to, channel), scenario.die or clock):
                    return _delivery(rule.fate, rule.label)
        return None

    def _shoot(self, rule: SendRule, send: Send, die: Clock, clock: Clock) -> _Shot:
        if not (rule.limit or rule.draws or rule.counts):
            return _with_answer(_Shot(delay=rule.answers[0].delay.least), rule, 0)
        with self._lock:
            return self._count(rule, send, die, clock.now())

    def _count(self, rule: SendRule, send: Send, die: Clock, now: int) -> _Shot:
        """Limit, chance, step: in this order, and each only if the one before lets the rule go on."""
        shot = _Shot()
        if rule.limit:
            above, shot.figures = self._counters.call(rule, rule.limit, send, now)
            if not above:
                shot.note = f"limit not reached ({shot.figures.remaining} of {rule.limit.calls} left)"
                return shot
        whom = tuple(sorted(send.to)) if rule.draws else ()
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
        with self._lock:
            attempt = self._counters.attempt(rule, whom)
        return die.draw("deliver", rule.label, *whom, attempt) < rule.chance


def idempotency_of(layers: Layers) -> Idempotency:
    """The block of the first layer that has one."""
    return next((s.idempotency for s in layers if s.idempotency), None) or Idempotency()


def webhooks_of(layers: Layers) -> Webhooks:
    """The block of the first layer that has one."""
    return next((s.webhooks for s in layers if s.webhooks), None) or Webhooks()


def audit_of(layers: Layers) -> Audit:
    """The block of the first layer that has one."""
    return next((s.audit for s in layers if s.audit), None) or Audit()


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


def _decision(rule: SendRule, shot: _Shot, figures: Figures | None, clock: Clock, why: _Why) -> Decision:
    answer = shot.answer or Answer("accept")
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
        _why=why,
    )


def _delivery(fate: Fate, label: str) -> Delivery:
    return Delivery(fate.reach, fate.fail_at, fate.reason, fate.every, fate.advance, label)
