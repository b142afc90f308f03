"""The shipped contract in words that no edition has: what answers in them takes its words from the contract."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from march import EDITION
from replies import contract_document

# Stands before each sentence: what a stage or a failure is told with.
NEW = "New: "
_CODE = re.compile(r"[A-Z]+_[0-9]{3}")


class Renaming(NamedTuple):
    """A contract's file, and its new words by the shipped ones; those of deliveries are apart, as some are equal."""

    path: Path
    words: Mapping[str, str]
    states: Mapping[str, str]

    def old_words_in(self, text: str) -> list[str]:
        """The shipped words that a text still has."""
        return _pattern([*self.words, *self.states]).findall(text)


def renamed(path: Path) -> Renaming:
    """Write the contract with every status, event, state of a delivery, code and reason renamed."""
    document = contract_document()
    stages = EDITION.lifecycle.stages.values()
    words = {stage.status: f"PHASE_{stage.status[::-1]}" for stage in stages}
    words |= {name: f"letter.{name.partition('.')[2][::-1]}" for name in EDITION.events.types if "." in name}
    codes = sorted({code for text in _texts(document) for code in _CODE.findall(text)})
    words |= {code: f"RENAMED_{100 + n}" for n, code in enumerate(codes)}
    words |= {gate.ending.reason: "ERR_RENAMED" for gate in EDITION.gates if gate.ending and gate.ending.reason}
    states = {word: f"TOLD_{word[::-1]}" for word in EDITION.delivery_states.values()}
    path.write_text(json.dumps(_renamed(document, (), words, states), ensure_ascii=False), "utf-8")
    return Renaming(path, words, states)


def _renamed(node: Any, at: tuple[str, ...], words: Mapping[str, str], states: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        here = words if at == ("webhooks",) else {}
        return {here.get(key, key): _renamed(value, (*at, str(key)), words, states) for key, value in node.items()}
    if isinstance(node, list):
        return [_renamed(value, at, words, states) for value in node]
    if not isinstance(node, str) or at[-1] == "pattern":
        return node
    if at[-2:] in (("status", "const"), ("data", "status")) and node == "accepted":
        return "taken"
    known = states if "delivery_status" in at or "x-delivery" in at else words
    text = _pattern(known).sub(lambda found: known[found[0]], node)
    return f"{NEW}{text}" if at[-1] in ("text", "message") and " " in text else text


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(set(words), key=len, reverse=True)
    return re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])")


def _texts(node: Any) -> Iterable[str]:
    if isinstance(node, dict):
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)
    elif isinstance(node, str):
        yield node
