"""Hints: what a request asks for that only another edition has, and the setting that chooses it."""

import asyncio
from collections.abc import Sequence
from functools import partial

from mock_sent.api.calls import Call, NotTaken
from mock_sent.contract import Edition
from mock_sent.contract.editions import Editions
from mock_sent.contract.elsewhere import (
    Request,
    has_word,
    members_in,
    operation_at,
    parameters_in,
    said,
    violations_of,
)
from mock_sent.contract.paths import segments_of
from mock_sent.ground.errors import Lack

# The places that a hint names.
_MOST_PLACES = 10
# A request with more faults is no request of another edition.
_MOST_FAULTS = 50


class Hints:
    """Compares a request with the contracts of the other editions. Each is read when the first request needs it."""

    def __init__(self, editions: Editions) -> None:
        self._editions = editions
        self._compiled: set[tuple[str, str]] = set()

    async def add(self, call: Call, edition: Edition, not_taken: NotTaken) -> None:
        """Warn of members that were ignored, and say which edition takes what this one ignores or refuses."""
        members, queries = list(not_taken.members), list(not_taken.parameters)
        path, faults = call.exchange.path.encode(), {violation.at for violation in not_taken.faults}
        request = Request(call.exchange.method, segments_of(path), call.headers, call.query_string, call.body)
        has_members = isinstance(call.body, dict) or not not_taken.faults or call.operation.body is None
        if call.doubled or len(faults) > _MOST_FAULTS or not has_members:
            faults = set()  # these faults are no matter of an edition
        facts: list[str] = []
        left = [*members, *queries]
        for other in await self._others(edition, request):
            known = [*members_in(other, request, members), *parameters_in(other, request, queries)]
            if new := [name for name in known if name in left]:
                left = [name for name in left if name not in new]
                facts.append(f"ignored, because only the edition {other.name} knows them: {', '.join(new)}")
            if taken := self._taken(other, request, faults):
                facts.append(f"the edition {other.name} {taken}")
                faults = set()
            if new or taken:
                facts.append(chosen_by(other.name))
        for fact in facts:
            call.warn(fact)
        if left:
            call.warn(f"ignored, because the contract does not know them: {', '.join(left)}")
        for lack in not_taken.lacks:
            if text := await self.about(edition, lack):
                call.warn(text)

    async def about_path(self, edition: Edition, method: str, path: str) -> str | None:
        """A sentence about a path, or a method of it, that another edition serves; None if none does."""
        segments = segments_of(path.encode())
        if not segments or segments[0] not in {each.split("/")[1] for each in edition.paths}:
            return None
        for other in await self._loaded(edition):
            if found := operation_at(other, method, segments):
                return f"the edition {other.name} serves {method} {found[0].path}; {chosen_by(other.name)}"
        return None

    async def about(self, edition: Edition, lack: Lack) -> str | None:
        """A sentence about a word that this edition lacks and another one has; None if none has it."""
        for other in await self._loaded(edition):
            if has_word(other, lack):
                return f"the edition {other.name} has {said(lack)}; {chosen_by(other.name)}"
        return None

    @staticmethod
    def _taken(other: Edition, request: Request, faults: set[str]) -> str:
        """What another edition takes of that which is refused; empty if that is nothing."""
        theirs = violations_of(other, request) if faults else None
        if theirs is None:
            return ""
        if not theirs:
            return "takes this request, as far as its contract says"
        left = sorted(faults - {violation.at for violation in theirs})
        # What it does not describe, it would only ignore.
        places = [*members_in(other, request, left), *parameters_in(other, request, left)]
        return f"has nothing against {', '.join(places[:_MOST_PLACES])}" if places else ""

    async def _others(self, edition: Edition, request: Request) -> Sequence[Edition]:
        """The other editions, with the operation of a request compiled."""
        others = await self._loaded(edition)
        for other in others:
            found = operation_at(other, request.method, request.segments)
            if found and (other.name, found[0].id) not in self._compiled:
                self._compiled.add((other.name, found[0].id))
                compile_it = partial(found[0].demand, handled=False)
                await asyncio.get_running_loop().run_in_executor(None, compile_it)
        return others

    async def _loaded(self, edition: Edition) -> Sequence[Edition]:
        """The other editions, the latest first."""
        names = [name for name in reversed(self._editions.names) if name != edition.name]
        return [await self._editions.prepare(name) for name in names]


def chosen_by(name: str) -> str:
    """How a user chooses an edition."""
    return f'PUT /_mock/edition {{"edition": "{name}"}} or MOCK_SENT_EDITION={name} chooses it'
