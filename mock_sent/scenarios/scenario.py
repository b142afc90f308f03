"""A compiled scenario: what the rules read on every send.

Named tuples, but for the rules that every send reads: a dataclass with slots is faster to read, and takes half a
millisecond at import.
"""

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from mock_sent.ground.clock import HOUR, Clock, Span
from mock_sent.scenarios.words import Difference

Scope = Literal["account", "recipient", "idempotency_key"]
Verb = Literal["accept", "replay", "fail", "drop", "pass"]
RetryAfter = int | Literal["window", "absent"] | None


AT_ONCE = Span(0, 0)


class SendAnswer(NamedTuple):
    """One entry of a send rule's `then`. `drip` is in nanoseconds, a number as `retry_after` in seconds."""

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

    `difference` is that of its `when`, and `prefix` what one recipient must begin with for it to fit. The keys of its
    counters begin with `key`, which no other rule has.
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
    # Whether it is about keys that were seen. Only such a rule is asked before a stored reply is given again.
    for_seen: bool = False


class Fate(NamedTuple):
    """What becomes of a message, by the rule of that label: its last stage, or the one whose place a failure takes."""

    rule: str
    reach: str | None = None
    fail_at: str | None = None
    reason: str | None = None
    every: Span | None = None
    advance: Literal["clock", "manual"] = "clock"


class DeliverRule(NamedTuple):
    """One entry of `deliver`; its members are as those of a send rule."""

    label: str
    key: str
    difference: Difference
    prefix: str
    fate: Fate
    chance: float = 1.0


class Idempotency(NamedTuple):
    """The `idempotency` block; these are the values without one. `window` is in nanoseconds."""

    window: int = 24 * HOUR
    other_body: Literal["replay_first", "reject"] = "replay_first"
    store_failures: bool = False


class Webhooks(NamedTuple):
    """The `webhooks` block; these are the values without one."""

    duplicate: int = 1
    order: Literal["natural", "shuffled", "reversed"] = "natural"
    delay: Span = AT_ONCE
    signature: Literal["valid", "stale", "wrong", "absent"] = "valid"


class ScenarioRecord(NamedTuple):
    """What the journal keeps of a scenario, as plain data. Its `id` finds the compiled one again.

    The id has the name and a digest of source and text: two scenarios of one name have two ids. `fail_on` has the
    findings that the `audit` block calls errors; None without the block.
    """

    name: str
    id: str
    fail_on: tuple[str, ...] | None = None


class ScenarioText(NamedTuple):
    """What a scenario is compiled from: where it stands, and its value, as JSON has it."""

    source: str
    value: Any


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """One file, compiled. `die` makes its draws if it has a seed of its own."""

    record: ScenarioRecord
    about: str
    text: ScenarioText
    send: tuple[SendRule, ...] = ()
    deliver: tuple[DeliverRule, ...] = ()
    send_gate: str = ""
    deliver_gate: str = ""
    idempotency: Idempotency | None = None
    webhooks: Webhooks | None = None
    die: Clock | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def id(self) -> str:
        return self.record.id
