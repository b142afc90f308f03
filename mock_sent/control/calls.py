"""A request in the control plane."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.types import Scope

from mock_sent.accounts import ANONYMOUS, LONGEST_KEY, Account, Accounts, is_long
from mock_sent.api.choosing import Choice
from mock_sent.api.hints import Hints
from mock_sent.api.incoming import Incoming, headers_of_refusal
from mock_sent.api.nearby import Nearby
from mock_sent.api.plane import Counter
from mock_sent.contract import Document, Query, Violation
from mock_sent.control.guard import Check
from mock_sent.control.replies import ControlError
from mock_sent.control.waiting import Watch
from mock_sent.ground.errors import Misuse, did_you_mean
from mock_sent.ground.slices import Slices, Walk, Walked
from mock_sent.journal import Journal, Log
from mock_sent.journal.record import head_text, headers_of
from mock_sent.scenarios.library import Library
from mock_sent.scenarios.scenario import Scenario
from mock_sent.world.messages import Message

# `?account=none` stands for the requests that belong to no account.
NONE = "none"

# The most violations that one error sentence names.
_MOST_TOLD = 10

# Seconds for which a walk goes on after its client has closed its half.
_GRACE = 0.5
_LEFT = "the connection was closed, or the server stops; keep both halves open until the answer is there"


@dataclass(slots=True)
class ControlPlane:
    """What the endpoints and handlers use.

    `always` are the scenarios that the settings switch on. `write_check` checks a write against attacks by web pages.
    `streams` counts open streams. `slices` are the turns of the walks through whole accounts. `choice` has what answers
    the requests of each edition; the holder of `replaying` makes recorded requests again.
    """

    document: Document
    accounts: Accounts
    library: Library
    seed: str
    always: Sequence[Scenario]
    log: Log
    nearby: Nearby
    choice: Choice[Counter]
    hints: Hints
    write_check: Check | None
    streams: int = 0
    replaying: asyncio.Lock = field(default_factory=asyncio.Lock)
    _watches: dict[str, Watch] = field(default_factory=dict)

    @property
    def slices(self) -> Slices:
        return self.accounts.slices

    @contextmanager
    def watching(self, account: Account) -> Iterator[Watch]:
        """The changes of status in an account, which all calls share that wait for one."""
        watch = self._watches.get(account.id)
        if watch is None or watch.account is not account:
            watch = self._watches[account.id] = Watch(account, self.slices)
        watch.waiting += 1
        try:
            yield watch
        finally:
            watch.waiting -= 1
            if not watch.waiting and self._watches.get(account.id) is watch:
                del self._watches[account.id]

    def moved(self, account: Account, message: Message) -> None:
        """Tell those who wait that a test moved a message."""
        watch = self._watches.get(account.id)
        if watch is not None and watch.account is account:
            watch.note(message.send)


class ControlCall(Incoming):
    """One request. It belongs to the account of its x-api-key, or of `?account=<id>`."""

    __slots__ = ("_account", "plane", "scope")

    def __init__(self, scope: Scope, plane: ControlPlane) -> None:
        super().__init__(scope, headers_of(head_text(scope["headers"])))
        self.scope, self.plane = scope, plane
        self._account: Account | None = None

    @property
    def account(self) -> Account:
        """The account that the call is about. Raises `ControlError` for an id that is not in use."""
        if self._account is None:
            self._account = self._found()
        return self._account

    @property
    def journal(self) -> Journal:
        """The account's journal, or with `?account=none` the journal of the requests that belong to no account."""
        return self.plane.accounts.unowned if self.query["account"] == NONE else self.account.journal

    def _found(self) -> Account:
        id, accounts = self.query["account"], self.plane.accounts
        if id is None:
            key = self.headers.get("x-api-key", "").strip(" \t")
            if is_long(key):
                raise ControlError(401, f"the x-api-key is longer than {LONGEST_KEY:,} bytes, and has no account")
            account = accounts.owner(key) if key else accounts.open(ANONYMOUS)
            account.name(self.headers.get("x-mock-name", ""))
            return account
        return self._with_id(id)

    def demand_account(self, query: Query) -> None:
        """Raise `ControlError` for an `?account=` that is not in use, before anything else of the call is judged."""
        id = query.values.get("account")
        if id not in (None, NONE) and all(violation.at != "account" for violation in query.violations):
            self._with_id(id)

    def _with_id(self, id: str) -> Account:
        account = self.plane.accounts.with_id(id)
        if account is None:
            raise ControlError(404, f"no account with the id {id[:100]!r} is in use; GET /_mock/accounts lists them")
        return account

    async def worded(self, misuse: Misuse) -> str:
        """The sentence about a misuse, and which edition has what the account's lacks."""
        about = misuse.lack and await self.plane.hints.about(self.account.edition, misuse.lack)
        return f"{misuse}; {about}" if about else str(misuse)

    async def walk(self, items: Iterable[Walked], visit: Callable[[Walked], object]) -> None:
        """Call `visit` with each item, in slices. Raises `ControlError` if the client leaves meanwhile.

        TCP does not tell a client that has closed its half, and still reads, from one that is gone. So the walk goes on
        for a moment: most have ended by then.
        """
        walk = Walk(items, visit)
        if walk.go_on():
            return
        rest = asyncio.ensure_future(self.plane.slices.finish(walk))
        try:
            if await self.answering.left_before(asyncio.shield(rest)):
                await asyncio.wait({rest}, timeout=0 if self.answering.over else _GRACE)
                if not rest.done():
                    raise ControlError(503, _LEFT)
        finally:
            rest.cancel()

    def refused(self, outcome: str, violations: list[Violation]) -> ControlError:
        """The violations in one sentence. Their code is the status."""
        texts = list(dict.fromkeys(violation.text for violation in violations))
        if len(texts) > _MOST_TOLD:
            texts[_MOST_TOLD:] = [f"and {len(texts) - _MOST_TOLD} more"]
        return ControlError(int(violations[0].code), "; ".join(texts), headers_of_refusal(outcome, violations))

    def unknown_query(self, names: list[str]) -> list[Violation]:
        """Refuse unknown filters, because ignoring one would find too much; ignore other parameters."""
        if not self.operation.closed:
            return []
        known = list(self.operation.parameters.query)
        words = {"known": ", ".join(known)}
        return [
            self.operation.violation("unknown_query", name, given=name[:50], near=did_you_mean(name, known), **words)
            for name in names[:_MOST_TOLD]
        ]

    def unknown_members(self, names: list[str]) -> None:
        """Do nothing: a schema that forbids unknown members refuses them itself."""


# Returns the content of the JSON answer, whose status is the operation's success; None for no body.
Handler = Callable[[ControlCall], Awaitable[Any]]
