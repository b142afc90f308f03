"""Query parameters: text on the wire, typed as the contract says."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mock_sent.contract.faults import Fault, Rule, RuleBook

_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_WORDS = {"true": True, "false": False}


class Query(NamedTuple):
    """What a query string says: every described parameter (None or its default where it is left out)."""

    values: Mapping[str, Any]
    faults: list[Fault]
    unknown: list[str]


class QueryRule:
    """One described parameter."""

    def __init__(self, book: RuleBook, parameter: dict[str, Any], at: tuple[str | int, ...]) -> None:
        name, schema = parameter["name"], parameter["schema"]
        self.required = bool(parameter.get("required"))
        self.default = schema.get("default")
        self._type = schema.get("type")
        self._rule = book.rule(schema, at, name)
        self._presence: Rule | None = None
        if self.required:
            # One that is left out is judged as a member of an object, so that its text is where all texts are.
            self._presence = book.rule({"type": "object", "required": [name], "properties": {name: schema}}, at)

    def typed(self, text: str) -> Any:
        """The value that a text stands for. What stands for none stays a text, and breaks the rule of the type."""
        if self._type == "integer" and _INTEGER.fullmatch(text):
            return int(text)
        if self._type == "boolean":
            return _WORDS.get(text, text)
        return text

    def faults(self, value: Any) -> list[Fault]:
        return self._rule.faults(value)

    def missing(self) -> list[Fault]:
        """The fault of leaving it out, if it is required."""
        return self._presence.faults({}) if self._presence else []


def read_query(rules: Mapping[str, QueryRule], raw: bytes, doubled: Callable[[str], Fault]) -> Query:
    """Read a query string by the rules. `doubled` names the fault of a parameter that is given twice."""
    from urllib.parse import parse_qsl

    given: dict[str, str] = {}
    faults: list[Fault] = []
    for name, text in parse_qsl(raw.decode("latin-1"), keep_blank_values=True):
        if name in given and name in rules:
            faults.append(doubled(name))
        given.setdefault(name, text)
    values: dict[str, Any] = {}
    for name, rule in rules.items():
        values[name] = rule.typed(given[name]) if name in given else rule.default
        if name in given:
            faults += rule.faults(values[name])
        else:
            faults += rule.missing()
    return Query(values, list(dict.fromkeys(faults)), [name for name in given if name not in rules])
