"""Reads query strings by the rules of their parameters."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mock_sent.contract.parameters import TextRule
from mock_sent.contract.texts import Violation


class Query(NamedTuple):
    """A query string that was read. `values` has every described parameter; an absent one has its default or None."""

    values: Mapping[str, Any]
    violations: list[Violation]
    unknown: list[str]


def query_of_nothing(rules: Mapping[str, TextRule]) -> Query | None:
    """The result of an empty query string; None if a parameter is required."""
    if any(rule.required for rule in rules.values()):
        return None
    return Query({name: rule.default for name, rule in rules.items()}, [], [])


def read_query(rules: Mapping[str, TextRule], raw: bytes, doubled: Callable[[str], Violation]) -> Query:
    """Read a query string by the rules. `doubled` returns the violation for a parameter that is given twice."""
    from urllib.parse import parse_qsl

    given: dict[str, list[str]] = {}
    violations: list[Violation] = []
    for name, text in parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True):
        texts = given.setdefault(name, [])
        texts.append(text)
        if len(texts) == 2 and name in rules and not rules[name].is_array:
            violations.append(doubled(name))
    values: dict[str, Any] = {}
    for name, rule in rules.items():
        values[name] = rule.typed(given[name]) if name in given else rule.default
        violations += rule.violations_of(values[name]) if name in given else rule.missing()
    return Query(values, list(dict.fromkeys(violations)), [name for name in given if name not in rules])
