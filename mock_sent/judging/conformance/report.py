"""Formats the results: text for people, JSON for programs, JUnit for the test reports of a CI."""

import json
from collections import Counter
from collections.abc import Sequence

from mock_sent.judging.conformance.judge import Judgement


def as_text(judgements: Sequence[Judgement], edition: str, because: str) -> str:
    """One line for each statement; below one that does not hold, a line with the reason. The edition, and a sum."""
    lines: list[str] = []
    for judgement in judgements:
        lines.append(f"{judgement.is_.removeprefix('by_'):8}{judgement.id:8}{judgement.says}")
        if judgement.why:
            word = "differs by design" if judgement.is_ == "by_design" else judgement.is_
            lines.append(f"{'':16}{word}: {judgement.why}")
    lines.append(f"judged by the contract of the edition {edition}: {because}")
    count = Counter(judgement.is_ for judgement in judgements)
    by_design = f", {count['by_design']} differ by design" if count["by_design"] else ""
    lines.append(f"{count['holds']} hold, {count['differs']} differ{by_design}, {count['unknown']} unknown")
    return "\n".join(lines)


def as_json(judgements: Sequence[Judgement], edition: str, because: str) -> str:
    found = [{"id": v.id, "verdict": v.is_, "says": v.says, "why": v.why or None} for v in judgements]
    counts = Counter(v.is_ for v in judgements)
    return json.dumps({"edition": edition, "because": because, "statements": found, "counts": counts}, indent=2)


def as_junit(judgements: Sequence[Judgement], edition: str, because: str) -> str:
    """JUnit's XML, named after the edition. `differs` becomes a failure, `by_design` and `unknown` a skipped test."""
    from xml.etree.ElementTree import Element, SubElement, tostring

    count = Counter(judgement.is_ for judgement in judgements)
    suite = Element(
        "testsuite",
        name=f"conformance {edition}",
        tests=str(len(judgements)),
        failures=str(count["differs"]),
        errors="0",
        skipped=str(count["unknown"] + count["by_design"]),
    )
    for judgement in judgements:
        case = SubElement(suite, "testcase", classname="conformance", name=f"{judgement.id} {_plain(judgement.says)}")
        if judgement.is_ != "holds":
            SubElement(case, "failure" if judgement.is_ == "differs" else "skipped", message=_plain(judgement.why))
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(suite, encoding="unicode")


def _plain(text: str) -> str:
    """The text without control characters, which XML forbids even if they are escaped."""
    return "".join(c if c.isprintable() else "?" for c in text)


FORMATS = {"text": as_text, "json": as_json, "junit": as_junit}
