"""What becomes of a message: its events as a function of when it was accepted, its timetable and the account's now.

Nothing ticks. Only a message whose timetable is `manual` remembers moves, because they are not to be computed.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from mock_sent.contract.editions import MARCH_2026, Edition, Stage
from mock_sent.ground.clock import MILLISECOND, Span
from mock_sent.ground.errors import Misuse, did_you_mean

# What the documents call a message whose template lacks a value (LIFE-4).
PARAMETERS_MISSING = "ERR_TEMPLATE_PARAMS_INVALID"

# A message is delivered within about a second: three stages after it was accepted (LIFE-2).
_EVERY = 300 * MILLISECOND
_WAY = (Stage.ACCEPTED, Stage.PROCESSED, Stage.SENT, Stage.DELIVERED)
_NEXT = {
    Stage.ACCEPTED: (Stage.PROCESSED, Stage.FAILED),
    Stage.PROCESSED: (Stage.SENT, Stage.FAILED),
    Stage.SENT: (Stage.DELIVERED, Stage.FAILED),
    Stage.DELIVERED: (),
    Stage.FAILED: (),
}


class Step(NamedTuple):
    """A stage, and how long after the acceptance it comes."""

    stage: Stage
    after: int


class Event(NamedTuple):
    """Something that happened to a message. `reason` is a code of the vendor's, for a failure only."""

    stage: Stage
    at: int
    reason: str | None = None

    def description(self, edition: Edition = MARCH_2026) -> str:
        text = edition.descriptions[self.stage]
        return f"{text}: {self.reason}" if self.reason else text


class Timetable(NamedTuple):
    """The way of a message. The first step is always ACCEPTED at 0: the answer to the send said so."""

    steps: tuple[Step, ...]
    reason: str | None = None
    manual: bool = False


class Followed(Protocol):
    """What has a life: a message. `moves` is None unless its timetable is manual."""

    @property
    def accepted_at(self) -> int: ...

    @property
    def timetable(self) -> Timetable: ...

    @property
    def moves(self) -> list[Event] | None: ...


def plan(
    *,
    reach: str | None = None,
    fail_at: str | None = None,
    reason: str | None = None,
    every: Span | None = None,
    manual: bool = False,
    draw: Callable[..., float] | None = None,
) -> Timetable:
    """The timetable that a `deliver` rule asks for. `draw(step)` picks a time where `every` leaves a choice."""
    stages = _stages(reach, fail_at)
    if every is None or every.least == every.most:
        return _regular(stages, _EVERY if every is None else every.least, reason if fail_at else None, manual)
    steps = [Step(Stage.ACCEPTED, 0)]
    for i, stage in enumerate(stages[1:], 1):
        share = draw(i) if draw else 0.0
        steps.append(Step(stage, steps[-1].after + every.least + int((every.most - every.least) * share)))
    return Timetable(tuple(steps), reason if fail_at else None, manual)


def events(message: Followed, now: int) -> list[Event]:
    """What has happened until now, the oldest first."""
    return [event for event in life(message) if event.at <= now]


def life(message: Followed) -> list[Event]:
    """Everything that has happened and, as far as the clock decides it, will happen."""
    timetable, at = message.timetable, message.accepted_at
    if timetable.manual:
        return [Event(Stage.ACCEPTED, at), *(message.moves or ())]
    return [
        Event(step.stage, at + step.after, timetable.reason if step.stage is Stage.FAILED else None)
        for step in timetable.steps
    ]


def stage(message: Followed, now: int) -> Stage:
    """Where the message stands. A clock that was set back before the acceptance does not undo it."""
    past = events(message, now)
    return past[-1].stage if past else Stage.ACCEPTED


def advance(
    message: Followed, now: int, to: str | None = None, reason: str | None = None, edition: Edition = MARCH_2026
) -> Event:
    """Move a message of a manual timetable: to a status, or on to the next. Raises `Misuse` for an illegal move."""
    if message.moves is None:
        raise Misuse("this message moves with the clock; a deliver rule with `advance: manual` lets you move it")
    at = stage(message, now)
    target = _target(edition, to) if to else _next_step(message.timetable, at, edition)
    if target not in _NEXT[at]:
        word, wanted = edition.statuses[at], edition.statuses[target]
        legal = ", ".join(edition.statuses[s] for s in _NEXT[at]) or "nothing: that is its end"
        raise Misuse(f"a message that is {word} cannot become {wanted}; it can become {legal}")
    event = Event(target, now, (reason or message.timetable.reason) if target is Stage.FAILED else None)
    message.moves.append(event)
    return event


def _target(edition: Edition, word: str) -> Stage:
    found = edition.stage(word)
    if found is None:
        raise Misuse(f"there is no status {word!r}{did_you_mean(word, edition.statuses.values())}")
    return found


def _next_step(timetable: Timetable, at: Stage, edition: Edition) -> Stage:
    stages = [step.stage for step in timetable.steps]
    i = stages.index(at) + 1 if at in stages else len(stages)
    if i >= len(stages):
        raise Misuse(f"the message is {edition.statuses[at]}, and its deliver rule plans nothing after that")
    return stages[i]


def _stages(reach: str | None, fail_at: str | None) -> tuple[Stage, ...]:
    last = Stage[fail_at or reach or Stage.DELIVERED.name]
    way = _WAY[: _WAY.index(last) + 1]
    if not fail_at:
        return way
    # FAILED comes in the place of the stage. ACCEPTED cannot be replaced any more: there FAILED is the next stage.
    return (*way[:-1], Stage.FAILED) if len(way) > 1 else (Stage.ACCEPTED, Stage.FAILED)


def _regular(stages: Sequence[Stage], every: int, reason: str | None, manual: bool) -> Timetable:
    return Timetable(tuple(Step(stage, i * every) for i, stage in enumerate(stages)), reason, manual)


DELIVERED = plan()
LACKING_PARAMETERS = plan(fail_at=Stage.PROCESSED.name, reason=PARAMETERS_MISSING)
