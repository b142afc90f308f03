"""The kinds of findings that the audit has. They are defined here because `fail_on` of a scenario names them too."""

from collections.abc import Mapping
from typing import Any

# Each kind, and what the real API would have done.
KINDS: Mapping[str, str] = {
    "key_reused_for_other_body": "the API gives the first answer again, and the second message is never sent",
    "retry_without_key": "if only the answer was lost, the recipient gets the message twice and it is paid twice",
    "new_key_on_retry": "the API takes it for a new send: if only the answer was lost, the message goes out twice",
    "retry_too_soon": "the API counts the early attempt too and refuses it again; a client that insists is throttled",
    "retry_of_final_error": "the API gives the same refusal again; each try is an error in your logs and in theirs",
    "duplicate_message": "the recipient gets the same message twice, and it is paid twice",
    "missing_api_key": "the API answers 401, and nothing is sent",
    "unknown_member": "the API ignores the member, so that what it asks for does not happen",
    "missing_parameter": "the send is accepted, and then its messages fail, so that nobody gets them",
    "extra_parameter": "the API ignores the value, so that no text shows it",
    "replay_of_other_edition": "a stored answer keeps its form for 24 hours: after an upgrade clients must read both",
    "answered_by_example": "the API does what was asked; the mock gave the documented example, and keeps nothing of it",
}
# The kinds that fail a test unless a scenario says otherwise. `retry_without_key` fails a test too if the first send
# was kept and its answer was lost.
ERRORS = frozenset({"key_reused_for_other_body", "new_key_on_retry", "missing_parameter"})

# A schema has this member where the list of kinds belongs.
_MARK = "x-audit-kinds"


def fill_kinds(node: Any) -> None:
    """Replace `x-audit-kinds: true` by an `enum` of the kinds in each schema of a tree."""
    if isinstance(node, dict):
        if node.pop(_MARK, None):
            node["enum"] = list(KINDS)
        for inner in node.values():
            fill_kinds(inner)
    elif isinstance(node, list):
        for inner in node:
            fill_kinds(inner)
