"""The text of a failed expectation, made from the server's verdict."""

from collections.abc import Mapping
from typing import Any

from mock_sent_client.errors import escaped


def expectation(verdict: Mapping[str, Any], noun: str) -> str:
    """How many were wanted and how many fit, then one line for each near miss. `noun` names what is counted."""
    count, times, near = verdict["known"], verdict["times"], verdict["near_misses"]
    unknown = verdict["result"] == "unknown"
    wanted = f"wanted {times} {_plural(noun, int(times.lstrip('<>=')))}"
    lines = [f"{wanted}, {'at least ' if unknown else ''}{count} {'fits' if count == 1 else 'fit'}"]
    if unknown:
        lines.append("older ones were evicted, so that nobody can tell (see MOCK_SENT_MAX_JOURNAL)")
    elif not count and not near:
        lines.append(f"there is no {noun} at all")
    else:
        lines += map(escaped, near)
    return "\n  ".join(lines)


def failures(verdict: Mapping[str, Any]) -> str:
    """How many of the messages that were counted fail, and which; empty if none does."""
    count, shown = verdict.get("failed", 0), verdict.get("failures", ())
    if not count:
        return ""
    more = f"; and {count - len(shown)} more" if count > len(shown) else ""
    return f"{count} {_plural('message', count)} that nobody gets: {escaped('; '.join(shown))}{more}"


def _plural(noun: str, n: int) -> str:
    return noun if n == 1 else f"{noun}s"
