"""The words of all editions, for scenarios: an outcome or a stage that only another edition has is a word too."""

from collections.abc import Iterator, Mapping, Sequence

from mock_sent.contract.edition import Edition
from mock_sent.contract.editions import Editions
from mock_sent.contract.outcomes import Outcomes


class EditionWords:
    """`outcomes` and `stages` know the words of the usual edition first. Another edition is read if a word needs it."""

    def __init__(self, editions: Editions, operation: str) -> None:
        self.outcomes = _OutcomeWords(editions, operation)
        self.stages = _StageWords(editions)


class _OutcomeWords:
    def __init__(self, editions: Editions, operation: str) -> None:
        self._editions, self._operation = editions, operation
        self._usual = self._of(editions.usual)

    @property
    def names(self) -> Sequence[str]:
        return self._usual.names

    def find(self, word: str) -> str | None:
        usual = self._editions.usual
        return self._usual.find(word) or (word if word in usual.endings else None) or next(self._elsewhere(word), None)

    def of_status(self, status: int) -> Sequence[str]:
        return self._usual.of_status(status)

    def _elsewhere(self, word: str) -> Iterator[str]:
        for edition in self._editions.others(self._editions.usual):
            if found := self._of(edition).find(word) or (word if word in edition.endings else None):
                yield found

    def _of(self, edition: Edition) -> Outcomes:
        sending = edition.by_id.get(self._operation)
        return sending.outcomes if sending else edition.common


class _StageWords:
    def __init__(self, editions: Editions) -> None:
        self._editions, self._usual = editions, editions.usual.lifecycle

    @property
    def way(self) -> Sequence[str]:
        return self._usual.way

    @property
    def beyond(self) -> Sequence[str]:
        return ("read",)

    @property
    def failed(self) -> str:
        return self._usual.failed

    @property
    def statuses(self) -> Mapping[str, str]:
        return self._usual.statuses

    def stage_of(self, word: str) -> str | None:
        others = (edition.lifecycle.stage_of(word) for edition in self._editions.others(self._editions.usual))
        return self._usual.stage_of(word) or next(filter(None, others), None)
