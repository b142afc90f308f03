"""A request on its way through the data plane."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from starlette.types import Scope

from mock_sent.accounts import Account
from mock_sent.contract import Operation
from mock_sent.ground.clock import Clock
from mock_sent.ground.strictjson import fingerprint
from mock_sent.journal import Exchange, Journal
from mock_sent.journal.record import head_text, headers_of
from mock_sent.scenarios.rules import Decision
from mock_sent.scenarios.scenario import Scenario
from mock_sent.scenarios.trail import sentences
from mock_sent.scenarios.words import Facts


class Call:
    """One request. `clock` is the server's until the account is known; `doubled` are the headers given twice.

    `asked` is what the rules were asked about.
    """

    __slots__ = (
        "_request_id",
        "account",
        "asked",
        "body",
        "clock",
        "doubled",
        "exchange",
        "headers",
        "journal",
        "layers",
        "operation",
        "path",
        "profile",
        "query",
        "query_string",
    )

    account: Account
    operation: Operation

    def __init__(self, scope: Scope, clock: Clock, journal: Journal) -> None:
        path = _shared(scope.get("raw_path", b"").decode("ascii", "backslashreplace"))
        head = _shared(head_text(scope["headers"]))
        self.exchange = Exchange(_shared(scope["method"]), path, head)
        self.journal = journal
        self.path: Mapping[str, str] = scope.get("path_params", {})
        self.clock = clock
        self.query_string: bytes = scope.get("query_string", b"")
        self.query: Mapping[str, Any] = {}
        self.profile: str | None = None
        self.layers: tuple[Scenario, ...] = ()
        self.asked: Facts | None = None
        self.body: Any = None
        self._request_id: str | None = None
        headers = headers_of(head)
        self.headers = dict(headers)
        self.doubled: set[str] = set()
        if len(self.headers) != len(headers):
            self._first_wins(headers)

    def _first_wins(self, headers: list[tuple[str, str]]) -> None:
        self.headers = {}
        for name, value in headers:
            if name in self.headers:
                self.doubled.add(name)
            else:
                self.headers[name] = value

    @property
    def request_id(self) -> str:
        if self._request_id is None:
            self._request_id = self.clock.request_id()
        return self._request_id

    def renew_id(self) -> None:
        self._request_id = None

    @property
    def key(self) -> str | None:
        """The idempotency key, where the operation takes one."""
        return self.headers.get("idempotency-key") if self.operation.takes_key else None

    @property
    def fingerprint(self) -> bytes:
        """Equal for equal bodies, whatever the order of members and the white space."""
        return fingerprint(self.body)

    @property
    def decision(self) -> Decision:
        """What the scenarios decided; until then, to accept."""
        return self.exchange.decision

    @decision.setter
    def decision(self, decision: Decision) -> None:
        self.exchange.decision = decision

    def not_fired(self) -> Iterator[str]:
        """Of each rule that was asked and did not fire, the reason."""
        return sentences(self.decision.trail, self.asked, self.layers) if self.asked else iter(())

    def belongs_to(self, account: Account) -> None:
        self.account, self.clock, self.journal = account, account.clock, account.journal
        exchange, journal = self.exchange, account.journal.state
        exchange.arrival = journal.arrivals = journal.arrivals + 1
        exchange.account, exchange.arrived, exchange.world = account.shown, account.clock.now(), account.state.changes

    def warn(self, sentence: str) -> None:
        """Tell the person who debugs; it goes into `X-Mock-Warning` and the log."""
        self.exchange.warn(sentence)


# Ten thousand exchanges are kept, and many have the same head. Not `sys.intern`, which on 3.12 keeps a text for ever.
@lru_cache(maxsize=256)
def _shared(text: str) -> str:
    return text
