"""What schemathesis may generate. `st` loads this file by SCHEMATHESIS_HOOKS, the test in this process by import."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import schemathesis

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9:]{8}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})")
_LARGEST = 2**63 - 1


@schemathesis.hook
def map_body(context: schemathesis.HookContext, body: Any) -> Any:
    """Integers of 64 bits at most. Larger ones are refused wherever they stand (contract part 14), in members that
    the schema does not know too, and no schema can say so; tests/api/test_faults_of_requests.py holds the refusal."""
    return _with_small_integers(body)


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case[Any], kwargs: dict[str, Any]) -> None:
    """Times to send at lie ahead, those of documented examples too."""
    ahead = _within_a_month(case.body)
    if ahead is not case.body:  # a body that was set is judged as given
        case.body = ahead


def _within_a_month(body: Any) -> Any:
    """A well-formed time to send at becomes one that lies ahead: how far is a rule about now, and so in no schema."""
    wanted = body.get("scheduled_at") if isinstance(body, dict) else None
    if not isinstance(wanted, str) or not _TIME.fullmatch(wanted):
        return body
    return {**body, "scheduled_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}


def _with_small_integers(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_small_integers(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_small_integers(inner) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return max(-_LARGEST, min(value, _LARGEST))
    return value
