"""An account apart, in which the recorded requests of another account are made again. Nothing of it leaves the mock."""

import re
from collections.abc import Awaitable, Coroutine, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from mock_sent.accounts import Account, Accounts, receive
from mock_sent.api.choosing import Choice
from mock_sent.api.hints import Hints
from mock_sent.api.plane import Counter
from mock_sent.api.switches import SENDING
from mock_sent.contract import Edition
from mock_sent.contract.editions import Editions
from mock_sent.ground.errors import Misuse
from mock_sent.ground.money import Money
from mock_sent.ground.strictjson import dumps
from mock_sent.journal import Exchange, Journal, Log
from mock_sent.scenarios.scenario import Scenario
from mock_sent.webhooks.recording import EventRecorder, RecordedEvent
from mock_sent.wire.answering import EXTENSION, Answering
from mock_sent.wire.asgi import HeaderLines
from mock_sent.world.messages import Send

# The most messages of a send that are made again, and the bytes of a shorter body, which never has more.
_MOST_MESSAGES, _LONG = 300, 300
_RECIPIENTS = "to"
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)


class Scratch:
    """Makes recorded requests again, in their order, at their instants, under an edition of the caller's choice.

    It begins with the templates of the account. Ids that an answer had are
    replaced in later requests by those that the answer here had.
    """

    def __init__(self, real: Account, accounts: Accounts, choice: Choice[Counter]) -> None:
        self._accounts = accounts.apart()
        self._account = account = self._accounts.like(real)
        self._choice = Choice(account.editions, self._accounts, lambda _: True, self._counter, Log("off"), auto=False)
        self._real_choice = choice
        account.journal = Journal(1)
        account.hooks = self._events = EventRecorder(
            account.id,
            account.clock,
            account.hooks.sender,
            account.editions,
            account.edition,
            state=account.hooks.state,
        )
        account.templates.put(list(real.templates.all()))
        # By the id that a recorded answer had, the id that the answer here had; and the requests whose ids are missing.
        self._ids: dict[str, str] = {}
        self._unmade: dict[str, str] = {}

    @property
    def balance(self) -> Money | None:
        """The money that is left; None if it is unlimited."""
        return self._account.balance

    @balance.setter
    def balance(self, balance: Money | None) -> None:
        self._account.balance = balance

    def prepare(self, edition: Edition, operations: Iterable[str]) -> None:
        """Compile what requests to these operations need. It may run in another thread."""
        self._choice.counter(edition)
        for id in operations:
            if operation := edition.by_id.get(id):
                operation.demand(handled=False)

    def play(self, x: Exchange, edition: Edition, scenario: Scenario | None) -> Exchange | None:
        """The exchange of a recorded request, made again; None if it would wait."""
        account = self._account
        if account.state.edition != edition.name:
            account.choose(edition, "")
        if account.scenario is not scenario:
            account.scenario = scenario
        account.clock.freeze(x.arrived)
        path, query, body = map(self._renamed, (x.path.encode(), x.query.encode(), shortened(x)))
        answer = _AnswerToNobody(account, x.at)
        scope: dict[str, Any] = {
            "type": "http",
            "method": x.method,
            "path": path.decode(),
            "raw_path": path,
            "query_string": query,
            "headers": [(name.encode(), value.encode()) for name, value in x.headers],
            "extensions": {EXTENSION: answer},
        }
        endpoint, scope["path_params"] = self._choice.counter(edition).endpoint_of(scope)

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        if not _ends_at_once(endpoint(scope, receive, answer.send)):
            return None
        return account.journal.latest

    def learn(self, x: Exchange, recorded: Any, played: Any) -> None:
        """Note under which ids the things are known here that the JSON of a recorded answer tells of."""
        there = _ids_of(recorded, "", {})
        if not there:
            return
        here = _ids_of(played, "", {})
        for place, id in there.items():
            if place not in here:
                if x.method != "GET" and not here:
                    self._unmade.setdefault(id, x.request_id)
            elif id != here[place]:
                self._ids.setdefault(id, here[place])

    def receive(self, send: Send) -> None:
        """Let a message come in again. An edition without such messages ignores it."""
        self._account.clock.freeze(send.at)
        extra = send.extra
        with suppress(Misuse):
            receive(self._account, send.recipients, extra.number, send.body or None, str(send.channels[0]), extra.media)

    def events(self, request_id: str) -> list[RecordedEvent]:
        """The webhook events of a request's messages that were not taken yet, by the request's id here."""
        return self._events.take(request_id)

    def unmade(self, x: Exchange) -> tuple[str, str] | None:
        """The first id in a recorded request that nothing here has, and the request that had made it."""
        if not self._unmade:
            return None
        ids = map(str.lower, _UUID.findall(f"{x.path}?{x.query}"))
        return next(((id, self._unmade[id]) for id in ids if id in self._unmade), None)

    def close(self) -> None:
        """End it: its tasks are cancelled, and what it kept is dropped in slices."""
        self._accounts.drop(self._account)

    def _counter(self, edition: Edition) -> Counter:
        real, account = self._real_choice.counter(edition), self._account
        apart = replace(
            real.plane,
            choice=self._choice,
            admission=real.plane.admission.of(self._accounts),
            clock=account.clock,
            journal=account.journal,
            log=Log("off"),
            hints=Hints(Editions(edition, {})),  # that the other edition takes a request is known
        )
        return Counter(apart, real.kind)

    def _renamed(self, text: bytes) -> bytes:
        if not self._ids:
            return text
        return _UUID.sub(lambda found: self._ids.get(found[0].lower(), found[0]), text.decode("latin-1")).encode(
            "latin-1"
        )


class _AnswerToNobody(Answering):
    """Takes an answer and tells nobody. Its client never leaves, and each wait is over when it begins."""

    def __init__(self, account: Account, at: int) -> None:
        self._account, self._at = account, at
        # `answering_of` compares it: there must be one.
        self.send = self._ignore

    async def start(self, status: int, headers: HeaderLines) -> None: ...

    async def answer(self, status: int, headers: HeaderLines, body: bytes) -> None: ...

    async def write(self, piece: bytes) -> None: ...

    async def finish(self) -> None: ...

    async def cut(self, fault: str, status: int, headers: HeaderLines, body: bytes, cap: int) -> None: ...

    async def left_before(self, wait: Awaitable[object]) -> bool:
        """Let the clock go to the instant of the recorded answer."""
        if isinstance(wait, Coroutine):
            wait.close()
        if self._at > self._account.clock.now():
            self._account.clock.freeze(self._at)
        return False

    async def _ignore(self, message: Mapping[str, Any]) -> None: ...


def shortened(x: Exchange) -> bytes:
    """The body of a request, without most of very many recipients: each of their messages would take time."""
    if x.operation != SENDING or len(x.request_body) < _LONG or any(_RECIPIENTS in text for text in x.violations):
        return x.request_body
    body = x.body()
    to, channels = (body.get(name) if isinstance(body, dict) else None for name in (_RECIPIENTS, "channel"))
    if not isinstance(to, list):
        return x.request_body
    most = max(1, _MOST_MESSAGES // max(1, len(channels) if isinstance(channels, list) else 1))
    return dumps({**body, _RECIPIENTS: to[:most]}) if len(to) > most else x.request_body


def _ends_at_once(request: Awaitable[None]) -> bool:
    """Whether a request was handled without a wait for anything."""
    assert isinstance(request, Coroutine)
    try:
        request.send(None)
    except StopIteration:
        return True
    request.close()
    return False


def _ids_of(value: Any, place: str, found: dict[str, str]) -> dict[str, str]:
    """The ids in a JSON value, by their place."""
    if isinstance(value, dict):
        for name, inner in value.items():
            _ids_of(inner, f"{place}.{name}", found)
    elif isinstance(value, list):
        for i, inner in enumerate(value[:_MOST_MESSAGES]):
            _ids_of(inner, f"{place}[{i}]", found)
    elif isinstance(value, str) and len(value) == 36 and _UUID.fullmatch(value):
        found[place] = value.lower()
    return found
