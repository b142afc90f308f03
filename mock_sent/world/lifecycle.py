"""The lifecycle of a message: computes its events from the instant of acceptance, its timetable and the account's time.

There is no timer. Only a message whose timetable is `manual` stores its moves, because they cannot be computed.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from mock_sent.contract.lifecycle import Lifecycle
from mock_sent.ground.clock import Span
from mock_sent.ground.errors import Misuse


class Step(NamedTuple):
    """A stage, its time after the acceptance in nanoseconds, and for a failure the reason, which is a vendor's code."""

    stage: str
    after: int
    reason: str | None = None


class Event(NamedTuple):
    """A message reached a stage at an instant; `reason` is set for a failure."""

    stage: str
    at: int
    reason: str | None = None


class Timetable(NamedTuple):
    """The planned steps of a message. The first step is at 0, because the answer to the send reports the acceptance.

    `rule` is the label of the deliver rule that planned it, or `gate` the name of the gate that ended the send.
    """

    steps: tuple[Step, ...]
    reason: str | None = None
    manual: bool = False
    rule: str = ""
    gate: str = ""


class HasLifecycle(Protocol):
    """A message, as far as its lifecycle needs it. `moves` is None unless the timetable is manual."""

    @property
    def accepted_at(self) -> int: ...

    @property
    def timetable(self) -> Timetable: ...

    @property
    def moves(self) -> list[Event] | None: ...


def plan(
    lifecycle: Lifecycle,
    *,
    reach: str | None = None,
    fail_at: str | None = None,
    reason: str | None = None,
    every: Span | None = None,
    manual: bool = False,
    draw: Callable[..., float] | None = None,
    rule: str = "",
    gate: str = "",
) -> Timetable:
    """The timetable of a `deliver` rule; without arguments, the default timetable (LIFE-2).

    `reach` is the last stage, or `fail_at` the stage that the failure replaces. `every` is the time between two stages;
    `draw(step)` selects it if `every` is a range. `rule` or `gate` is the name of who plans.
    """
    stages = _stages(lifecycle, reach, fail_at)
    pace = Span(lifecycle.pace, lifecycle.pace) if every is None else every
    steps = [Step(lifecycle.first, 0)]
    for i, stage in enumerate(stages[1:], 1):
        share = 0.0 if pace.fixed or draw is None else draw(i)
        steps.append(Step(stage, steps[-1].after + pace.at(share), reason if stage == lifecycle.failed else None))
    return Timetable(tuple(steps), reason if fail_at else None, manual, rule, gate)


def events(message: HasLifecycle, now: int) -> list[Event]:
    """The events until `now`, the oldest first."""
    return [event for event in life(message) if event.at <= now]


def life(message: HasLifecycle) -> list[Event]:
    """All events, past and planned, the oldest first. A manual timetable has only past ones."""
    timetable, at = message.timetable, message.accepted_at
    if timetable.manual:
        return [Event(timetable.steps[0].stage, at), *(message.moves or ())]
    return [Event(step.stage, at + step.after, step.reason) for step in timetable.steps]


def stage(message: HasLifecycle, now: int) -> str:
    """The stage of the message at `now`. Before the acceptance, if the clock was set back, it is the first stage."""
    past = events(message, now)
    return past[-1].stage if past else message.timetable.steps[0].stage


def advance(
    lifecycle: Lifecycle, message: HasLifecycle, now: int, to: str | None = None, reason: str | None = None
) -> Event:
    """Move a message with a manual timetable to a status or to its next step. Raises `Misuse` for an illegal move."""
    if message.moves is None:
        raise Misuse("this message moves with the clock; a deliver rule with `advance: manual` lets you move it")
    at = stage(message, now)
    target = _target(lifecycle, to) if to else _next_step(lifecycle, message.timetable, at)
    legal = lifecycle.stages[at].next
    if target not in legal:
        words = ", ".join(lifecycle.statuses[s] for s in legal) or "nothing: that is its end"
        word, wanted = lifecycle.statuses[at], lifecycle.statuses[target]
        raise Misuse(f"a message that is {word} cannot become {wanted}; it can become {words}")
    event = Event(target, now, (reason or message.timetable.reason) if target == lifecycle.failed else None)
    message.moves.append(event)
    return event


def _target(lifecycle: Lifecycle, word: str) -> str:
    found = lifecycle.stage_of(word)
    if found is None:
        raise Misuse(f"there is no status {word!r}{lifecycle.nearest(word)}")
    return found


def _next_step(lifecycle: Lifecycle, timetable: Timetable, at: str) -> str:
    stages = [step.stage for step in timetable.steps]
    i = stages.index(at) + 1 if at in stages else len(stages)
    if i >= len(stages):
        raise Misuse(f"the message is {lifecycle.statuses[at]}, and its deliver rule plans nothing after that")
    return stages[i]


def _stages(lifecycle: Lifecycle, reach: str | None, fail_at: str | None) -> Sequence[str]:
    way = lifecycle.way[: lifecycle.way.index(fail_at or reach or lifecycle.last) + 1]
    if not fail_at:
        return way
    # The failure replaces the stage. The first stage cannot be replaced, so the failure follows it.
    return (*(way[:-1] or way), lifecycle.failed)
