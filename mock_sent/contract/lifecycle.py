"""The lifecycle of an edition, read from `x-lifecycle`: the stages, their words and their successors.

The name of a stage is the mock's own, the same in all editions. An edition gives it a status, a webhook event, a
sentence and its successors.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mock_sent.contract.document import Document
from mock_sent.ground.clock import duration_of
from mock_sent.ground.errors import did_you_mean

_AT = ("x-lifecycle",)


class Stage(NamedTuple):
    """One stage of a message. `event` is empty if no webhook event belongs to it; `next` are its successors.

    `channels` are those on which a message can reach it; empty for all. `text` describes it, and `with_reason` a
    message that ended there for a reason, where descriptions show reasons.
    """

    name: str
    status: str
    event: str
    text: str
    with_reason: str
    next: Sequence[str]
    channels: Sequence[str] = ()


class Lifecycle:
    """The stages of an edition by name; `way` is the default sequence, `pace` the nanoseconds between two stages."""

    def __init__(
        self,
        stages: Mapping[str, Stage],
        way: Sequence[str],
        failed: str,
        pace: int,
        shown_as: Mapping[str, str],
        unrouted: str = "",
        failures: Mapping[str, tuple[str | None, str | None]] | None = None,
        untold: str = "",
    ):
        # By stage, the reason and the code of a failure in its place, where a rule says nothing better. Reasons that
        # begin with `untold` are not told in this edition.
        self._failures, self._untold = failures or {}, untold
        # The channel of a message that ended before it was routed; empty if it has the channel that it would have got.
        self.unrouted = unrouted
        self.stages, self.way, self.failed, self.pace = stages, tuple(way), failed, pace
        # The status by stage. `shown_as` gives stages that this edition does not have the status of another stage.
        self.statuses = {name: stage.status for name, stage in stages.items()}
        for name, instead in shown_as.items():
            self.statuses.setdefault(name, stages[instead].status)
        self._shown_as = {name: instead for name, instead in shown_as.items() if name not in stages}
        self._by_word = {stage.status: name for name, stage in stages.items()} | {name: name for name in stages}

    @property
    def first(self) -> str:
        """The stage of an accepted message."""
        return self.way[0]

    @property
    def beyond(self) -> Sequence[str]:
        """The stages after the usual ones that a rule can name."""
        return self.stages[self.last].next if self.stages[self.last].next else ()

    @property
    def last(self) -> str:
        """The last stage of the default sequence."""
        return self.way[-1]

    @property
    def words(self) -> list[str]:
        """The statuses in the contract's order."""
        return [stage.status for stage in self.stages.values()]

    def stage_of(self, word: str) -> str | None:
        """The stage for a stage's name or a status of this edition; None if there is none."""
        return self._by_word.get(word)

    def failure(self, instead_of: str, reason: str | None) -> tuple[str | None, str | None]:
        """The reason and the code of a failure in place of a stage; a rule or a test may have given a reason."""
        usual, code = self._failures.get(instead_of, (None, None))
        is_told = reason and not (self._untold and reason.startswith(self._untold))
        return (reason if is_told else usual), code

    def nearest(self, word: str) -> str:
        """A suggestion for a word that is no stage and no status."""
        return did_you_mean(word, self._by_word)

    def description(self, stage: str, reason: str | None = None) -> str:
        """The description of an event at a stage, with the reason if this edition shows it there (LIFE-4)."""
        found = self.stages[self._shown_as.get(stage, stage)]
        return found.with_reason.replace("{reason}", reason) if reason else found.text


def read_lifecycle(document: Document) -> Lifecycle:
    """Read the lifecycle of a document. Raises `FileError` if its stages do not fit together."""
    block: dict[str, Any] = document.raw["x-lifecycle"]
    stages = {name: _stage(name, entry) for name, entry in block["stages"].items()}
    for name, stage in stages.items():
        _demand(document, stages, stage.next, ("stages", name, "next"))
    _demand(document, stages, block["way"], ("way",))
    _demand(document, stages, [block["failed"]], ("failed",))
    _demand_way(document, stages, block["way"], block["failed"])
    _demand_own_statuses(document, stages)
    shown_as: dict[str, str] = block.get("shown_as", {})
    for name, instead in shown_as.items():
        _demand(document, stages, [instead], ("shown_as", name))
    try:
        pace = duration_of(block["pace"])
    except ValueError as e:
        raise document.fault((*_AT, "pace"), str(e)) from None
    failures = {}
    for name, outcome in block.get("failures", {}).items():
        _demand(document, stages, [name], ("failures", name))
        ending = document.raw.get("x-outcomes", {}).get(outcome)
        if ending is None:
            raise document.fault((*_AT, "failures", name), f"x-outcomes has no {outcome!r}")
        failures[name] = (ending.get("reason"), ending.get("reason_code"))
    unrouted, untold = block.get("unrouted", ""), block.get("untold", "")
    return Lifecycle(stages, block["way"], block["failed"], pace, shown_as, unrouted, failures, untold)


def _demand_way(document: Document, stages: Mapping[str, Stage], way: Sequence[str], failed: str) -> None:
    """Refuse a way that repeats a stage or skips one, and a failed stage that is on the way or does not end it."""
    for i, name in enumerate(way):
        if name in way[:i]:
            raise document.fault((*_AT, "way", i), f"the stage {name!r} stands in the way twice")
        if i and name not in stages[way[i - 1]].next:
            raise document.fault((*_AT, "way", i), f"{name!r} is not among the `next` of {way[i - 1]!r}")
    if failed in way:
        raise document.fault((*_AT, "failed"), f"{failed!r} is a stage of the way, so it cannot be the failure too")
    if set(stages[failed].next) - {way[0]}:
        at = (*_AT, "stages", failed, "next")
        raise document.fault(at, f"{failed!r} is the failure, so that only the first stage can follow it")


def _demand_own_statuses(document: Document, stages: Mapping[str, Stage]) -> None:
    """Refuse two stages with one status. A stage that has no status of its own belongs in `shown_as`."""
    seen: dict[str, str] = {}
    for name, stage in stages.items():
        other = seen.setdefault(stage.status, name)
        if other != name:
            reason = f"the stage {other!r} has the status {stage.status!r} too; name the stage in shown_as instead"
            raise document.fault((*_AT, "stages", name, "status"), reason)


def _stage(name: str, entry: Mapping[str, Any]) -> Stage:
    text = entry["text"]
    with_reason = entry.get("with_reason", f"{text}: {{reason}}")
    following, channels = tuple(entry.get("next", ())), tuple(entry.get("channels", ()))
    return Stage(name, entry["status"], entry.get("event", ""), text, with_reason, following, channels)


def _demand(document: Document, stages: Mapping[str, Stage], names: Sequence[str], at: tuple[str | int, ...]) -> None:
    for name in names:
        if name not in stages:
            raise document.fault((*_AT, *at), f"there is no stage {name!r}{did_you_mean(name, stages)}")
