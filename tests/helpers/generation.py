"""What schemathesis may generate. `st` loads this file by SCHEMATHESIS_HOOKS, the test in this process by import."""

from typing import Any

import schemathesis

_LARGEST = 2**63 - 1


@schemathesis.hook
def map_body(context: schemathesis.HookContext, body: Any) -> Any:
    """Integers of 64 bits at most. Larger ones are refused wherever they stand (contract part 14), in members that
    the schema does not know too, and no schema can say so; tests/api/test_faults_of_requests.py holds the refusal."""
    return _with_small_integers(body)


def _with_small_integers(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_small_integers(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_small_integers(inner) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return max(-_LARGEST, min(value, _LARGEST))
    return value
