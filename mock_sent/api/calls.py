"""A request in the data plane."""

from collections.abc import Iterator, Sequence

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


class NotTaken:
    """What an edition does not take of a request: faults, words that it lacks, unknown parameters and members."""

    def __init__(self) -> None:
        self.faults: Sequence[Violation] = ()
        self.lacks: tuple[Lack, ...] = ()
        self.parameters: Sequence[str] = ()
        self.members: Sequence[str] = ()

    def add_lack(self, lack: Lack) -> bool:
        """Note a word that the edition lacks. Returns whether it was not noted before."""
        if lack in self.lacks:
            return False
        self.lacks = (*self.lacks, lack)
        return True


class Call(Incoming):
    """One request. `clock` is the server's until the account is known. `asked` are the facts for the rules."""

    __slots__ = (
        "_request_id",
        "account",
        "asked",
        "clock",
        "ending",
        "exchange",
        "held_until",
        "journal",
        "layers",
        "not_taken",
        "profile",
    )

    account: Account

    def __init__(self, scope: Scope, clock: Clock, journal: Journal) -> None:
        path, head = scope.get("raw_path", b"").decode("ascii", "backslashreplace"), head_text(scope["headers"])
        super().__init__(scope, headers_of(head))
        shown = self.query_string.decode("ascii", "backslashreplace") if self.query_string else ""
        self.exchange = Exchange(scope["method"], path, head, shown)
        self.journal = journal
        self.clock = clock
        self.profile: str | None = None
        self.layers: tuple[Scenario, ...] = ()
        self.asked: Facts | None = None
        # How all messages of the send end, if a scenario says so.
        self.ending: Ending | None = None
        # None if the edition took all of the request: then there is nothing to hint at.
        self.not_taken: NotTaken | None = None
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
        self.account = account
        self.clock = account.clock
        self.journal = account.journal
        exchange, state, journal = self.exchange, account.state, account.journal.state
        if state.holds:
            account.holds.release_due()
        if "x-mock-name" in self.headers:
            account.name(self.headers["x-mock-name"])
        exchange.arrival = journal.arrivals = journal.arrivals + 1
        exchange.account = state.shown
        exchange.arrived = account.clock.now()
        exchange.world = state.changes
        exchange.balance = state.balance

    def warn(self, sentence: str) -> None:
        """Add a warning for people, which is shown in `X-Mock-Warning` and in the log."""
        self.exchange.warn(sentence)

    def refused(self, outcome: str, violations: list[Violation]) -> ApiError:
        """The failure of that name, with all violations by place, and one code for all of them (ERR-5)."""
        exchange = self.exchange
        code, details = self.operation.code_and_details(violations)
        if outcome == "invalid_request":
            self.noted_not_taken().faults = violations
            exchange.violations = [violation.text for violation in violations]
            if len(violations) == 1 and violations[0].is_message:
                return ApiError(outcome, code=code, message=violations[0].text)
        return ApiError(outcome, code=code, details=details, headers=headers_of_refusal(outcome, violations))

    def unknown_query(self, names: list[str]) -> list[Violation]:
        """They are no violations: the call ignores them, with a warning."""
        self.noted_not_taken().parameters = sorted(names)[:20]
        return []

    def unknown_members(self, names: list[str]) -> None:
        """Note members that are ignored, for a warning."""
        self.exchange.unknown = self.noted_not_taken().members = names

    def noted_not_taken(self) -> NotTaken:
        """What the edition did not take, for a hint."""
        if self.not_taken is None:
            self.not_taken = NotTaken()
        return self.not_taken
