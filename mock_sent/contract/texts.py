"""The contract's code and text for each keyword of a schema that a value can break."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from mock_sent.contract.document import Document
from mock_sent.contract.schemas import walk
from mock_sent.ground.errors import Steps

# Keywords that a value can break. Each must have a text: its own, that of its schema, or the default one.
_KEYWORDS = {"type", "required", "enum", "const", "pattern", "minLength", "maxLength", "minItems", "maxItems", "not"}
_KEYWORDS |= {"anyOf", "oneOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
_KEYWORDS |= {"uniqueItems", "minProperties", "maxProperties", "propertyNames", "dependentRequired", "contains"}
# Keywords that a value can break if they are false.
_CLOSING = ("additionalProperties", "unevaluatedProperties")
# The placeholders of a text: the path of the value, the kind that it must have, the path or `the body`, the given
# value, the wanted value, and a suggestion from the wanted words.
WORDS = ("at", "kind", "place", "given", "wanted", "near")
# The entry for keywords without their own entry.
_ANY = "*"


class Violation(NamedTuple):
    """One broken rule: the place (`to[3]`, `template.id`, a header's name), the error code, and the sentence.

    `is_message` says that the sentence is the error's message, not one of its details.
    """

    at: str
    code: str
    text: str
    is_message: bool = False


class RuleText(NamedTuple):
    """The contract's code and text of one rule."""

    code: str
    text: str
    is_message: bool

    def violation(self, at: str, words: Mapping[str, object]) -> Violation:
        """The violation of the rule at a place. `words` are the values of the text's placeholders."""
        return Violation(at, self.code, self.text.format_map(words), self.is_message)


def rule_text(entry: dict[str, Any]) -> RuleText:
    """Code and text from an entry of `x-faults`."""
    return RuleText(entry["code"], entry["text"], entry.get("as") == "message")


def text_of(schema: dict[str, Any], keyword: str, defaults: dict[str, Any]) -> RuleText:
    """Code and text of a keyword that a value broke."""
    return rule_text(_entry(schema, keyword, defaults) or defaults["type"])


def has_text(schema: dict[str, Any], keyword: str, defaults: dict[str, Any]) -> bool:
    """Whether a keyword, or its schema, has a text; if not, it has the one text of all keywords."""
    return keyword in defaults or not {keyword, _ANY}.isdisjoint(schema.get("x-faults", ()))


def demand_texts(document: Document, schema: Any, at: Steps, defaults: dict[str, Any]) -> None:
    """Raises `FileError` for a schema with a rule without code and text, or with an invalid pattern."""
    for place, node in walk(document, schema, at):
        for keyword in sorted(_KEYWORDS & node.keys() | {k for k in _CLOSING if node.get(k) is False}):
            entry = _entry(node, keyword, defaults)
            if not isinstance(entry, dict) or not {"code", "text"} <= entry.keys():
                raise document.fault(
                    (*place, keyword), f"the rule {keyword!r} has no text; give it one in x-faults beside it"
                )
            demand_words(document, entry["text"], (*place, keyword), *WORDS)
        if "pattern" in node:
            _demand_pattern(document, node["pattern"], (*place, "pattern"))


def demand_words(document: Document, text: str, at: Steps, *words: str) -> None:
    """Raises `FileError` for a text with an unknown placeholder."""
    try:
        text.format_map(dict.fromkeys(words, ""))
    except (ValueError, LookupError, AttributeError):
        known = " and ".join(f"{{{word}}}" for word in words)
        raise document.fault(at, f"the text {text!r} may name {known} and no other thing") from None


def strict_pattern(regex: str) -> re.Pattern[str]:
    """A pattern with the meaning of JSON Schema (ECMA 262): `$` matches only at the end, `\\d` only ASCII digits."""
    if regex.endswith("$") and not regex.endswith("\\$"):
        regex = regex[:-1] + r"\Z"
    return re.compile(regex, re.ASCII)


def _entry(schema: dict[str, Any], keyword: str, defaults: dict[str, Any]) -> Any:
    """The entry of a broken keyword: its own, else that of its schema, else the default one."""
    own = schema.get("x-faults", {})
    if keyword in own:
        return own[keyword]
    if keyword not in ("type", "required") and _ANY in own:
        return own[_ANY]
    return defaults.get(keyword, defaults.get(_ANY))


def _demand_pattern(document: Document, regex: Any, at: Steps) -> None:
    try:
        strict_pattern(str(regex))
    except re.error as e:
        raise document.fault(at, f"the pattern {regex!r} cannot be used: {e}") from None
