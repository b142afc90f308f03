"""What was found, as text for people, JSON for programs, JUnit for the test pages of a CI."""

import json
from collections import Counter
from collections.abc import Sequence

from mock_sent.judging.conformance.judge import Verdict


def as_text(verdicts: Sequence[Verdict]) -> str:
    """One line for each statement; under what does not hold, what it should be and what was found."""
    lines: list[str] = []
    for verdict in verdicts:
        lines.append(f"{verdict.is_:8}{verdict.id:8}{verdict.says}")
        if verdict.why:
            lines.append(f"{'':16}{verdict.is_}: {verdict.why}")
    count = Counter(verdict.is_ for verdict in verdicts)
    return "\n".join([*lines, f"{count['holds']} hold, {count['differs']} differ, {count['unknown']} unknown"])


def as_json(verdicts: Sequence[Verdict]) -> str:
    found = [{"id": v.id, "verdict": v.is_, "says": v.says, "why": v.why or None} for v in verdicts]
    return json.dumps({"statements": found, "counts": Counter(v.is_ for v in verdicts)}, indent=2)


def as_junit(verdicts: Sequence[Verdict]) -> str:
    """What differs is a failure, what is unknown was skipped."""
    from xml.etree.ElementTree import Element, SubElement, tostring

    count = Counter(verdict.is_ for verdict in verdicts)
    suite = Element(
        "testsuite",
        name="conformance",
        tests=str(len(verdicts)),
        failures=str(count["differs"]),
        errors="0",
        skipped=str(count["unknown"]),
    )
    for verdict in verdicts:
        case = SubElement(suite, "testcase", classname="conformance", name=f"{verdict.id} {_plain(verdict.says)}")
        if verdict.is_ != "holds":
            SubElement(case, "failure" if verdict.is_ == "differs" else "skipped", message=_plain(verdict.why))
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(suite, encoding="unicode")


def _plain(text: str) -> str:
    """XML has no place for control characters, not even escaped."""
    return "".join(c if c.isprintable() else "?" for c in text)


FORMATS = {"text": as_text, "json": as_json, "junit": as_junit}
