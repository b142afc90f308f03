"""The gates of an edition, read from `x-gates`: reasons to refuse a send, or to end its messages later."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mock_sent.contract.document import Document
from mock_sent.contract.lifecycle import Lifecycle
from mock_sent.contract.outcomes import Outcomes
from mock_sent.ground.errors import did_you_mean


class Ending(NamedTuple):
    """How a message ends: the stage, the stage that it replaces, and why, as a sentence and as a vendor's code."""

    stage: str
    instead_of: str
    reason: str | None
    code: str | None = None


class Gate(NamedTuple):
    """One gate. It has a `refusal`, the outcome for the whole send, or an `ending` for each message.

    With both, the refusal is for a send of which no message passes. With `channels`, it stops messages on these alone.
    """

    name: str
    refusal: str = ""
    ending: Ending | None = None
    channels: frozenset[str] = frozenset()


def read_gates(document: Document, endings: Mapping[str, Ending], outcomes: Outcomes) -> Sequence[Gate]:
    """The gates in the document's order. Raises `FileError` for a gate with an unknown outcome."""
    gates = []
    for i, entry in enumerate(document.raw["x-gates"]):
        at = ("x-gates", i)
        whole, each = entry.get("whole", ""), entry.get("each")
        if whole:
            _demand(document, whole, outcomes.names, (*at, "whole"))
        if each is not None:
            _demand(document, each, endings, (*at, "each"))
        ending = endings[each] if each is not None else None
        gates.append(Gate(entry["gate"], whole, ending, frozenset(entry.get("channels", ()))))
    return tuple(gates)


def read_endings(document: Document, lifecycle: Lifecycle) -> Mapping[str, Ending]:
    """The ways in which a message can end early, by the name of the outcome, from `x-outcomes`."""
    endings = {}
    for name, entry in document.raw.get("x-outcomes", {}).items():
        at = ("x-outcomes", name)
        instead_of = entry.get("instead_of", lifecycle.way[1])
        _demand(document, entry["stage"], lifecycle.stages, (*at, "stage"))
        _demand(document, instead_of, lifecycle.stages, (*at, "instead_of"))
        if instead_of not in lifecycle.way[1:]:
            reason = f"only a later stage of the way can be replaced: {', '.join(lifecycle.way[1:])}"
            raise document.fault((*at, "instead_of"), reason)
        before = lifecycle.way[lifecycle.way.index(instead_of) - 1]
        if entry["stage"] not in lifecycle.stages[before].next:
            raise document.fault((*at, "stage"), f"{entry['stage']!r} is not among the `next` of {before!r}")
        endings[name] = Ending(entry["stage"], instead_of, entry.get("reason"), entry.get("reason_code"))
    return endings


def _demand(document: Document, word: str, known: Any, at: tuple[str | int, ...]) -> None:
    if word not in known:
        raise document.fault(at, f"the contract does not describe {word!r}{did_you_mean(word, known)}")
