"""The gates of an edition, read from `x-gates`: reasons to refuse a send, or to end its messages later."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mock_sent.contract.document import Document
from mock_sent.contract.lifecycle import Lifecycle
from mock_sent.contract.outcomes import Outcomes
from mock_sent.ground.errors import did_you_mean


class Ending(NamedTuple):
    """How a gate ends a message: the final stage, the stage that it replaces, and the reason."""

    stage: str
    instead_of: str
    reason: str | None


class Gate(NamedTuple):
    """One gate. It has either a `refusal`, the outcome for the whole send, or an `ending` for each message."""

    name: str
    refusal: str = ""
    ending: Ending | None = None


def read_gates(document: Document, lifecycle: Lifecycle, outcomes: Outcomes) -> Sequence[Gate]:
    """The gates in the document's order. Raises `FileError` for a gate with an unknown outcome."""
    endings = _endings(document, lifecycle)
    gates = []
    for i, entry in enumerate(document.raw["x-gates"]):
        at = ("x-gates", i)
        if "whole" in entry:
            _demand(document, entry["whole"], outcomes.names, (*at, "whole"))
            gates.append(Gate(entry["gate"], refusal=entry["whole"]))
        else:
            _demand(document, entry["each"], endings, (*at, "each"))
            gates.append(Gate(entry["gate"], ending=endings[entry["each"]]))
    return tuple(gates)


def _endings(document: Document, lifecycle: Lifecycle) -> Mapping[str, Ending]:
    endings = {}
    for name, entry in document.raw.get("x-outcomes", {}).items():
        for member in ("stage", "instead_of"):
            _demand(document, entry[member], lifecycle.stages, ("x-outcomes", name, member))
        if entry["stage"] != lifecycle.failed:
            reason = f"a gate ends a message only at {lifecycle.failed!r}, the stage `failed` of x-lifecycle"
            raise document.fault(("x-outcomes", name, "stage"), reason)
        if entry["instead_of"] not in lifecycle.way[1:]:
            reason = f"only a later stage of the way can be replaced: {', '.join(lifecycle.way[1:])}"
            raise document.fault(("x-outcomes", name, "instead_of"), reason)
        endings[name] = Ending(entry["stage"], entry["instead_of"], entry.get("reason"))
    return endings


def _demand(document: Document, word: str, known: Any, at: tuple[str | int, ...]) -> None:
    if word not in known:
        raise document.fault(at, f"the contract does not describe {word!r}{did_you_mean(word, known)}")
