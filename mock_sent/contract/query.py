"""Query parameters: converts their texts to the types of the contract, and checks them."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mock_sent.contract.texts import Violation
from mock_sent.contract.violations import Rule, RuleBook
from mock_sent.ground.errors import Steps

_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?", re.ASCII)
_WORDS = {"true": True, "false": False}


class Query(NamedTuple):
    """A query string that was read. `values` has every described parameter; an absent one has its default or None."""

    values: Mapping[str, Any]
    violations: list[Violation]
    unknown: list[str]


class QueryRule:
    """One described parameter. The items of an array come from repeated parameters, or from a text with commas."""

    def __init__(self, book: RuleBook, parameter: dict[str, Any], at: Steps) -> None:
        name = parameter["name"]
        schema = book.schemas.target(parameter["schema"])
        self.required = bool(parameter.get("required"))
        self.default = schema.get("default")
        self.is_array = "array" in _types(schema)
        self._with_commas = self.is_array and parameter.get("explode") is False
        self.types = _types(book.schemas.target(schema.get("items", {})) if self.is_array else schema)
        self._rule = book.rule(parameter["schema"], at, name)
        self._presence = presence_rule(book, name, parameter["schema"], at) if self.required else None

    def typed(self, texts: list[str]) -> Any:
        """The value of the given texts. A text that cannot be converted stays a text, which breaks the type's rule."""
        if self._with_commas:
            texts = [item for text in texts for item in text.split(",")]
        return [self._value(text) for text in texts] if self.is_array else self._value(texts[0])

    def violations(self, value: Any) -> list[Violation]:
        return self._rule.violations(value)

    def missing(self) -> list[Violation]:
        """The violation if the parameter is absent; empty if it is optional."""
        return self._presence.violations({}) if self._presence else []

    def _value(self, text: str) -> Any:
        if _INTEGER.fullmatch(text) and not self.types.isdisjoint(("integer", "number")):
            return int(text)
        if _NUMBER.fullmatch(text) and "number" in self.types:
            return float(text)
        if "boolean" in self.types:
            return _WORDS.get(text, text)
        return text


def presence_rule(book: RuleBook, name: str, schema: Any, at: Steps) -> Rule:
    """The rule that a parameter is present. It is checked as a member of an object, to use the contract's text."""
    return book.rule({"type": "object", "required": [name], "properties": {name: schema}}, at)


def _types(schema: Mapping[str, Any]) -> frozenset[str]:
    types = schema.get("type", ())
    return frozenset((types,) if isinstance(types, str) else types)


def read_query(rules: Mapping[str, QueryRule], raw: bytes, doubled: Callable[[str], Violation]) -> Query:
    """Read a query string by the rules. `doubled` returns the violation for a parameter that is given twice."""
    from urllib.parse import parse_qsl

    given: dict[str, list[str]] = {}
    violations: list[Violation] = []
    for name, text in parse_qsl(raw.decode("latin-1"), keep_blank_values=True):
        texts = given.setdefault(name, [])
        texts.append(text)
        if len(texts) == 2 and name in rules and not rules[name].is_array:
            violations.append(doubled(name))
    values: dict[str, Any] = {}
    for name, rule in rules.items():
        values[name] = rule.typed(given[name]) if name in given else rule.default
        violations += rule.violations(values[name]) if name in given else rule.missing()
    return Query(values, list(dict.fromkeys(violations)), [name for name in given if name not in rules])
