"""A compiled scenario.

Most classes are named tuples. `SendRule` and `Scenario` are dataclasses with slots, because every send reads them: they
are faster to read, but each takes half a millisecond at import.
"""

from dataclasses import dataclass, field
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from mock_sent.ground.clock import HOUR, Clock, Span
from mock_sent.scenarios.words import Difference

Scope = Literal["account", "recipient", "idempotency_key"]
Verb = Literal["accept", "replay", "fail", "drop", "pass"]
RetryAfter = int | Literal["window", "absent"] | None


AT_ONCE = Span(0, 0)

# What a rule plans for a message.
Plan = TypeVar("Plan")


class SendAnswer(NamedTuple):
    """One entry of a send rule's `then`. `drip` is in nanoseconds; a `retry_after` that is a number is in seconds."""

    kind: Verb
    outcome: str | None = None
    fault: str | None = None
    delay: Span = AT_ONCE
    drip: int = 0
    commit: bool = True
    retry_after: RetryAfter = None


class Limit(NamedTuple):
    """The calls that a rule lets pass in a window of `per` nanoseconds."""

    calls: int
    per: int
    count_by: Scope


@dataclass(frozen=True, slots=True)
class SendRule:
    """One entry of `send`.

    `difference` is that of its `when`, which fits only if at least one recipient begins with `prefix`. The keys of its
    counters begin with `key`, which is unique to the rule.
    """

    label: str
    key: str
    difference: Difference
    prefix: str
    answers: tuple[SendAnswer, ...]
    chance: float = 1.0
    limit: Limit | None = None
    count_by: Scope = "account"
    at_end: Literal["repeat_last", "restart", "pass"] = "repeat_last"
    draws: bool = False
    counts: bool = False
    # Whether its `when` asks for idempotency keys that were seen. Only such a rule is evaluated before a replay.
    for_seen: bool = False


class MessagePlan(NamedTuple):
    """What the rule with that label plans for a message: its last stage, or the stage that a failure replaces.

    `outcome` is the one with which it ends, `hold` the nanoseconds for which it is held first, `route` the channels.
    """

    rule: str
    reach: str | None = None
    fail_at: str | None = None
    reason: str | None = None
    every: Span | None = None
    advance: Literal["clock", "manual"] = "clock"
    outcome: str | None = None
    hold: int = 0
    route: tuple[str, ...] = ()


class ReplyPlan(NamedTuple):
    """What the rule with that label lets a phone write, a time after the delivery; on the message's channel if None."""

    rule: str
    text: str
    after: Span = AT_ONCE
    channel: str | None = None


class MessageRule(NamedTuple, Generic[Plan]):
    """One entry of `deliver` or `reply`. `key`, `difference` and `prefix` are like those of a send rule."""

    label: str
    key: str
    difference: Difference
    prefix: str
    plan: Plan
    chance: float = 1.0


class Idempotency(NamedTuple):
    """The `idempotency` block, with its defaults. Spans are in nanoseconds; without a `wait`, the edition says it."""

    window: int = 24 * HOUR
    other_body: Literal["replay_first", "reject"] = "replay_first"
    store_failures: bool = False
    wait: int | None = None


class Webhooks(NamedTuple):
    """The `webhooks` block, with its defaults."""

    duplicate: int = 1
    order: Literal["natural", "shuffled", "reversed"] = "natural"
    delay: Span = AT_ONCE
    signature: Literal["valid", "stale", "wrong", "absent"] = "valid"


class ScenarioRecord(NamedTuple):
    """What the journal keeps of a scenario, as plain data. The library finds the compiled scenario by `id`.

    The id consists of the name and a digest of source and text, so two scenarios with one name have different ids.
    `fail_on` has the findings that the `audit` block calls errors; None without the block.
    """

    name: str
    id: str
    fail_on: tuple[str, ...] | None = None


class ScenarioText(NamedTuple):
    """What a scenario is compiled from: the name of its source, and its value as JSON values."""

    source: str
    value: Any


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Scenario:
    """One compiled file. If the file has a seed, `seeded_clock` makes its draws, in place of the account's clock.

    `size` is how many bytes it takes, if an account submitted it.
    """

    record: ScenarioRecord
    about: str
    text: ScenarioText
    send: tuple[SendRule, ...] = ()
    deliver: tuple[MessageRule[MessagePlan], ...] = ()
    reply: tuple[MessageRule[ReplyPlan], ...] = ()
    send_gate: str = ""
    deliver_gate: str = ""
    reply_gate: str = ""
    idempotency: Idempotency | None = None
    webhooks: Webhooks | None = None
    seeded_clock: Clock | None = field(default=None, repr=False)
    size: int = 0

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def id(self) -> str:
        return self.record.id
