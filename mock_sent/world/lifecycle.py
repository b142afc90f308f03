"""The lifecycle of a message: computes its events from the instant of acceptance, its timetable and the account's time.

There is no timer. Only a message whose timetable is `manual` stores its moves, because they cannot be computed.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from mock_sent.contract.gates import Ending
from mock_sent.contract.lifecycle import Lifecycle
from mock_sent.ground.clock import Span
from mock_sent.ground.errors import Lack, Misuse

# Why a message is held that was not scheduled.
QUIET = "quiet_hours"
# Our names of the stages that only a call or a hold leads to.
HELD, CANCELLED, RECEIVED, READ = "held", "cancelled", "received", "read"


class Step(NamedTuple):
    """A stage, and its time after the beginning of the timetable in nanoseconds.

    `reason` and `code` say why a message ended, `until` is the instant until which it is held, and `route` the channel
    on which it travels if that is not the usual one.
    """

    stage: str
    after: int
    reason: str | None = None
    code: str | None = None
    until: int | None = None
    route: str | None = None


class Event(NamedTuple):
    """A message reached a stage at an instant; the other members are those of the step."""

    stage: str
    at: int
    reason: str | None = None
    code: str | None = None
    until: int | None = None
    route: str | None = None


class PhoneReply(NamedTuple):
    """What the phone answers so many nanoseconds after the delivery; on the channel of the message if None."""

    text: str
    after: int = 0
    channel: str | None = None


class Timetable(NamedTuple):
    """The planned steps of a message. The first step of a send is at 0, because its answer reports the acceptance.

    `rule` is the label of the deliver rule that planned it, or `gate` the name of the gate that ended the message.
    """

    steps: tuple[Step, ...]
    reason: str | None = None
    manual: bool = False
    rule: str = ""
    gate: str = ""
    # Nanoseconds for which the message is held before all but the first step, as in quiet hours.
    held_for: int = 0
    reply: PhoneReply | None = None

    @property
    def size(self) -> int:
        """The bytes that it takes."""
        return 180 + 130 * len(self.steps)


class Turn(NamedTuple):
    """What a message does from an instant on, in place of what was planned: a release, a cancellation, a resend."""

    at: int
    timetable: Timetable


class HasLifecycle(Protocol):
    """A message, as far as its lifecycle needs it. `moves` is None unless the timetable is manual.

    `turns` are empty unless something changed the plan, the oldest first.
    """

    @property
    def accepted_at(self) -> int: ...

    @property
    def timetable(self) -> Timetable: ...

    @property
    def moves(self) -> list[Event] | None: ...

    @property
    def turns(self) -> Sequence[Turn]: ...


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
    ending: Ending | None = None,
    routes: Sequence[str] = (),
) -> Timetable:
    """The timetable of a `deliver` rule; without arguments, the default timetable (LIFE-2).

    `reach` is the last stage, or `fail_at` the stage that the failure replaces. `every` is the time between two stages;
    `draw(step)` selects it if `every` is a range. `rule` or `gate` is the name of who plans. `ending` says how the
    message ends early. Of several `routes` all but the last fail, and the message starts again on the next one.
    """
    if ending:
        return _ended(lifecycle, ending, every)._replace(rule=rule, gate=gate)
    if len(routes) > 1:
        return _rerouted(lifecycle, routes, reach, every)._replace(rule=rule, gate=gate)
    stages = _stages(lifecycle, reach, fail_at)
    pace = Span(lifecycle.pace, lifecycle.pace) if every is None else every
    steps = [Step(lifecycle.first, 0)]
    for i, stage in enumerate(stages[1:], 1):
        share = 0.0 if pace.fixed or draw is None else draw(i)
        why, code = lifecycle.failure(fail_at or "", reason) if stage == lifecycle.failed else (None, None)
        route = routes[0] if routes else None
        steps.append(Step(stage, steps[-1].after + pace.at(share), why, code, route=route))
    return Timetable(tuple(steps), reason if fail_at else None, manual, rule, gate)


def end_now(stage: str, until: int | None = None, why: str | None = None) -> Timetable:
    """The timetable of a message that ends at once at a stage, or is held there."""
    return Timetable((Step(stage, 0, why, until=until),))


def hold(lifecycle: Lifecycle, until: int, why: str | None = None) -> Timetable:
    """The timetable of a message that is accepted, and held until an instant."""
    return Timetable((Step(lifecycle.first, 0), Step(HELD, 0, why, until=until)))


def released(timetable: Timetable) -> Timetable:
    """What follows the acceptance in a timetable, the first step at 0."""
    later = timetable.steps[1:]
    start = later[0].after if later else 0
    return timetable._replace(steps=tuple([step._replace(after=step.after - start) for step in later]))


def _ended(lifecycle: Lifecycle, ending: Ending, every: Span | None) -> Timetable:
    usual = plan(lifecycle, reach=ending.instead_of, every=every).steps
    last = Step(ending.stage, usual[-1].after, ending.reason, ending.code)
    return Timetable((*usual[:-1], last), ending.reason)


def _rerouted(lifecycle: Lifecycle, routes: Sequence[str], reach: str | None, every: Span | None) -> Timetable:
    steps: list[Step] = []
    for i, route in enumerate(routes):
        is_last = i == len(routes) - 1
        fail_at = None if is_last else lifecycle.last
        part = plan(lifecycle, reach=reach if is_last else None, fail_at=fail_at, every=every)
        start = steps[-1].after if steps else 0
        steps += [step._replace(after=start + step.after, route=route) for step in part.steps]
    return Timetable(tuple(steps))


def events(message: HasLifecycle, now: int) -> list[Event]:
    """The events until `now`, the oldest first."""
    return [event for event in life(message) if event.at <= now]


def life(message: HasLifecycle) -> list[Event]:
    """All events, past and planned, the oldest first. A manual timetable has only past ones."""
    timetable, at = message.timetable, message.accepted_at
    if timetable.manual:
        found = [Event(timetable.steps[0].stage, at), *(message.moves or ())]
    else:
        found = _events(timetable, at)
    for turn in message.turns:
        found = [event for event in found if event.at <= turn.at] + _events(turn.timetable, turn.at)
    return found


def turn_events(turn: Turn) -> list[Event]:
    """The events of a turn."""
    return _events(turn.timetable, turn.at)


def _events(timetable: Timetable, start: int) -> list[Event]:
    return [
        Event(stage, start + after, reason, code, until, route)
        for stage, after, reason, code, until, route in timetable.steps
    ]


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
    why = code = None
    if target == lifecycle.failed:
        instead_of = next((each for each in legal if each in lifecycle.way), lifecycle.last)
        why, code = lifecycle.failure(instead_of, reason or message.timetable.reason)
    event = Event(target, now, why, code)
    message.moves.append(event)
    return event


def _target(lifecycle: Lifecycle, word: str) -> str:
    found = lifecycle.stage_of(word)
    if found is None:
        raise Misuse(f"there is no status {word!r}{lifecycle.nearest(word)}", lack=Lack("status", word))
    return found


def _next_step(lifecycle: Lifecycle, timetable: Timetable, at: str) -> str:
    stages = [step.stage for step in timetable.steps]
    i = stages.index(at) + 1 if at in stages else len(stages)
    if i >= len(stages):
        raise Misuse(f"the message is {lifecycle.statuses[at]}, and its deliver rule plans nothing after that")
    return stages[i]


def _stages(lifecycle: Lifecycle, reach: str | None, fail_at: str | None) -> Sequence[str]:
    if reach and reach not in lifecycle.way:
        # A stage after the usual ones. An edition that lacks it ends with its last one.
        return (*lifecycle.way, reach) if reach in lifecycle.stages else lifecycle.way
    way = lifecycle.way[: lifecycle.way.index(fail_at or reach or lifecycle.last) + 1]
    if not fail_at:
        return way
    # The failure replaces the stage. The first stage cannot be replaced, so the failure follows it.
    return (*(way[:-1] or way), lifecycle.failed)
