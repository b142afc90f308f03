"""Writes into `scenario.schema.json` what code has a table of: the words of both kinds of `when`, and the faults.

Run by `scripts/pages`; tests/scenarios/test_patterns.py holds the file current.
"""

import json
from pathlib import Path
from typing import Any

from mock_sent.scenarios.words import LEG, SEND, schema_of
from mock_sent.wire.faults import FAULTS

FILE = Path(__file__).parents[2] / "mock_sent" / "scenarios" / "scenario.schema.json"
_WIDTH = 120


def filled(text: str) -> str:
    """The text of the schema with these parts as the code has them; the rest stays as it was written."""
    for name, kind in (("when", SEND), ("deliverWhen", LEG)):
        text = _with(text, f'    "{name}": {{\n', '      "properties": ', schema_of(kind, name), "\n    }")
    return _with(text, '        "drop": {\n', '          "enum": ', list(FAULTS), ",\n")


def _with(text: str, block: str, member: str, value: Any, end: str) -> str:
    """The text with another value of one member of a block; `end` is what follows the value."""
    start = text.index(member, text.index(block)) + len(member)
    indent = len(member) - len(member.lstrip())
    return text[:start] + _shown(value, indent, len(member)) + text[text.index(end, start) :]


def _shown(value: Any, indent: int, column: int) -> str:
    """On one line if it has room there."""
    line = json.dumps(value, ensure_ascii=False)
    if column + len(line) < _WIDTH or not isinstance(value, dict):
        return line
    inner = " " * (indent + 2)
    members = [f'{inner}"{k}": {_shown(v, indent + 2, indent + 6 + len(k))}' for k, v in value.items()]
    return "{\n" + ",\n".join(members) + "\n" + " " * indent + "}"


if __name__ == "__main__":
    FILE.write_text(filled(FILE.read_text("utf-8")), "utf-8")
