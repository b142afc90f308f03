"""The words of the contract that a scenario may use: outcomes and stages; and the error for a word that it lacks."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from mock_sent.ground.errors import FileError


class OutcomeNames(Protocol):
    """The outcomes of the contract, which the caller of this package provides."""

    @property
    def names(self) -> Sequence[str]:
        """Every outcome, for error messages."""

    def find(self, word: str) -> str | None:
        """The outcome that has this name or code."""

    def of_status(self, status: int) -> Sequence[str]:
        """The outcomes with this status."""


class StageNames(Protocol):
    """The stages of the contract, which the caller provides: our names, and the statuses of the contract."""

    @property
    def way(self) -> Sequence[str]:
        """The stages that a message usually passes, in order."""

    @property
    def beyond(self) -> Sequence[str]:
        """The stages after the usual ones, which a rule can name: READ."""

    @property
    def failed(self) -> str:
        """The stage of a message that failed."""

    @property
    def statuses(self) -> Mapping[str, str]:
        """The status of each stage."""

    def stage_of(self, word: str) -> str | None:
        """The stage that has this name or status."""


class NotInContract(FileError):
    """A scenario names an outcome or a stage that the contract does not have. `is_stage` says which of the two."""

    def __init__(self, source: str, line: int, column: int, reason: str, *, is_stage: bool = False) -> None:
        super().__init__(source, line, column, reason)
        self.is_stage = is_stage
