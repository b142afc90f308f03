"""A compiled scenario: what the rules read on every send.

Named tuples where equal ones are the same: a dataclass is written and compiled at import, half a millisecond each.
"""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from mock_sent.ground.clock import HOUR, Clock, Span
from mock_sent.scenarios.matching import Condition

Scope = Literal["account", "recipient", "idempotency_key"]
Fault = Literal["reset", "empty", "truncate", "garbage", "hang"]
Kind = Literal["accept", "replay", "fail", "drop", "pass"]
RetryAfter = int | Literal["window", "absent"] | None


AT_ONCE = Span(0, 0)


class Answer(NamedTuple):
    """One entry of a send rule's `then`."""

    kind: Kind
    outcome: str | None = None
    fault: Fault | None = None
    delay: Span = AT_ONCE
    drip: int = 0
    commit: bool = True
    retry_after: RetryAfter = None


class Limit(NamedTuple):
    """So many calls in a window are let by."""

    calls: int
    per: int
    count_by: Scope


# Rules are the keys of counters: each is itself alone, however alike another one looks.
@dataclass(frozen=True, slots=True, eq=False)
class SendRule:
    """One entry of `send`."""

    label: str
    condition: Condition
    answers: tuple[Answer, ...]
    chance: float = 1.0
    limit: Limit | None = None
    count_by: Scope = "account"
    at_end: Literal["repeat_last", "restart", "pass"] = "repeat_last"
    draws: bool = False
    counts: bool = False
    # Is it about keys that were seen? Only then is it asked before a stored reply is given again.
    for_seen: bool = False


class Fate(NamedTuple):
    """What becomes of a message: the last status, or the one that FAILED replaces."""

    reach: str | None = None
    fail_at: str | None = None
    reason: str | None = None
    every: Span | None = None
    advance: Literal["clock", "manual"] = "clock"


@dataclass(frozen=True, slots=True, eq=False)
class DeliverRule:
    """One entry of `deliver`."""

    label: str
    condition: Condition
    fate: Fate
    chance: float = 1.0


class Idempotency(NamedTuple):
    """The `idempotency` block; as it stands here when there is none."""

    window: int = 24 * HOUR
    other_body: Literal["replay_first", "reject"] = "replay_first"
    store_failures: bool = False


class Webhooks(NamedTuple):
    """The `webhooks` block; as it stands here when there is none."""

    duplicate: int = 1
    order: Literal["natural", "shuffled", "reversed"] = "natural"
    delay: Span = AT_ONCE
    signature: Literal["valid", "stale", "wrong", "absent"] = "valid"


class Audit(NamedTuple):
    """The `audit` block: the findings that count as errors; None where there is no block."""

    fail_on: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """One file, compiled. `die` throws its own draws if it has a seed."""

    name: str
    about: str
    source: str
    send: tuple[SendRule, ...] = ()
    deliver: tuple[DeliverRule, ...] = ()
    send_gate: str = ""
    deliver_gate: str = ""
    idempotency: Idempotency | None = None
    webhooks: Webhooks | None = None
    audit: Audit | None = None
    die: Clock | None = field(default=None, repr=False)
