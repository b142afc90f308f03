"""The filters of a query as a pattern."""

from typing import Any

from mock_sent.control.calls import ControlCall
from mock_sent.scenarios.patterns import Pattern, compile_pattern
from mock_sent.scenarios.words import Kind


def pattern_of(call: ControlCall, kind: Kind) -> Pattern:
    """All filters must fit; of one that occurs several times, any value. Raises `Misuse`."""
    query = call.query
    wanted: dict[str, Any] = {word: query[word] for word in kind.texts if query[word] is not None}
    if query["key"] is not None:
        wanted["idempotency_key"] = query["key"]
    if "to" in wanted:
        # A plus sign that a query does not escape arrives as a space, and no number begins with one.
        wanted["to"] = ["+" + text[1:] if text.startswith(" ") else text for text in wanted["to"]]
    return compile_pattern(wanted, kind)
