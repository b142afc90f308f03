"""A request in the data plane."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from starlette.types import Scope

from mock_sent.accounts import Account
from mock_sent.api.incoming import Incoming, headers_of_refusal
from mock_sent.contract import Violation
from mock_sent.contract.gates import Ending
from mock_sent.ground.clock import Clock
from mock_sent.ground.errors import ApiError, Lack
from mock_sent.ground.strictjson import fingerprint
from mock_sent.journal import Exchange, Journal
from mock_sent.journal.record import head_text, headers_of
from mock_sent.scenarios.rules import Decision
from mock_sent.scenarios.scenario import Scenario
from mock_sent.scenarios.trail import sentences
from mock_sent.scenarios.words import Facts


class Call(Incoming):
    """One request. `clock` is the server's until the account is known. `asked` are the facts for the rules."""

    __slots__ = (
        "_request_id",
        "account",
        "asked",
        "clock",
        "ending",
        "exchange",
        "faults",
        "held_until",
        "journal",
        "lacks",
        "layers",
        "profile",
        "strange",
    )

    account: Account

    def __init__(self, scope: Scope, clock: Clock, journal: Journal) -> None:
        path = _shared(scope.get("raw_path", b"").decode("ascii", "backslashreplace"))
        head = _shared(head_text(scope["headers"]))
        super().__init__(scope, headers_of(head))
        query = scope.get("query_string", b"")
        shown = _shared(query.decode("ascii", "backslashreplace")) if query else ""
        self.exchange = Exchange(_shared(scope["method"]), path, head, shown)
        self.journal = journal
        self.clock = clock
        self.profile: str | None = None
        self.layers: tuple[Scenario, ...] = ()
        self.asked: Facts | None = None
        # How all messages of the send end, if a scenario says so.
        self.ending: Ending | None = None
        # What hints are about: faults of the request, words that the edition lacks, unknown parameters of the query.
        self.faults: Sequence[Violation] = ()
        self.lacks: tuple[Lack, ...] = ()
        self.strange: Sequence[str] = ()
        self._request_id: str | None = None
        # The key stays in flight until this instant, although the answer was written.
        self.held_until = 0

    @property
    def request_id(self) -> str:
        if self._request_id is None:
            self._request_id = self.clock.request_id()
        return self._request_id

    def renew_id(self) -> None:
        self._request_id = None

    @property
    def key(self) -> str | None:
        """The idempotency key, if the operation takes one."""
        return self.headers.get("idempotency-key") if self.operation.takes_key else None

    @property
    def fingerprint(self) -> bytes:
        """A digest of the body, which ignores the order of members and white space."""
        return fingerprint(self.body)

    @property
    def decision(self) -> Decision:
        """What the scenarios decided; before that, to accept."""
        return self.exchange.decision

    @decision.setter
    def decision(self, decision: Decision) -> None:
        self.exchange.decision = decision

    def not_fired(self) -> Iterator[str]:
        """The reason of each rule that was evaluated and did not fire."""
        return sentences(self.decision.trail, self.asked, self.layers) if self.asked else iter(())

    def set_account(self, account: Account) -> None:
        """Use the account's clock and journal from now on, and number the exchange as the account's next arrival."""
        self.account, self.clock, self.journal = account, account.clock, account.journal
        if account.state.holds:
            account.holds.release_due()
        if name := self.headers.get("x-mock-name"):
            account.name(name)
        exchange, journal = self.exchange, account.journal.state
        exchange.arrival = journal.arrivals = journal.arrivals + 1
        exchange.account, exchange.arrived, exchange.world = account.shown, account.clock.now(), account.state.changes
        exchange.balance = account.state.balance

    def warn(self, sentence: str) -> None:
        """Add a warning for people, which is shown in `X-Mock-Warning` and in the log."""
        self.exchange.warn(sentence)

    def refused(self, outcome: str, violations: list[Violation]) -> ApiError:
        """The failure of that name, with all violations by place, and one code for all of them (ERR-5)."""
        exchange = self.exchange
        code, details = self.operation.code_and_details(violations)
        if outcome == "invalid_request":
            self.faults = violations
            exchange.violations = [violation.text for violation in violations]
            if len(violations) == 1 and violations[0].is_message:
                return ApiError(outcome, code=code, message=violations[0].text)
        return ApiError(outcome, code=code, details=details, headers=headers_of_refusal(outcome, violations))

    def unknown_query(self, names: list[str]) -> list[Violation]:
        """They are no violations: the call ignores them, with a warning."""
        self.strange = sorted(names)[:20]
        return []

    def unknown_members(self, names: list[str]) -> None:
        """Note members that are ignored, for a warning."""
        self.exchange.unknown = names


# Ten thousand exchanges are kept, and many share the same head. `sys.intern` would keep a text for ever on 3.12.
@lru_cache(maxsize=256)
def _shared(text: str) -> str:
    return text
