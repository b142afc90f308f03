"""A request on its way through the data plane."""

from collections.abc import Iterator
from functools import lru_cache

from starlette.types import Scope

from mock_sent.accounts import Account
from mock_sent.api.incoming import Incoming
from mock_sent.contract import Rule, Violation
from mock_sent.ground.clock import Clock
from mock_sent.ground.errors import ApiError
from mock_sent.ground.strictjson import fingerprint
from mock_sent.journal import Exchange, Journal
from mock_sent.journal.record import head_text, headers_of
from mock_sent.scenarios.rules import Decision
from mock_sent.scenarios.scenario import Scenario
from mock_sent.scenarios.trail import sentences
from mock_sent.scenarios.words import Facts


class Call(Incoming):
    """One request. `clock` is the server's until the account is known; `asked` is what the rules were asked about."""

    __slots__ = ("_request_id", "account", "asked", "clock", "exchange", "journal", "layers", "profile")

    account: Account

    def __init__(self, scope: Scope, clock: Clock, journal: Journal) -> None:
        path = _shared(scope.get("raw_path", b"").decode("ascii", "backslashreplace"))
        head = _shared(head_text(scope["headers"]))
        super().__init__(scope, headers_of(head))
        self.exchange = Exchange(_shared(scope["method"]), path, head)
        self.journal = journal
        self.clock = clock
        self.profile: str | None = None
        self.layers: tuple[Scenario, ...] = ()
        self.asked: Facts | None = None
        self._request_id: str | None = None

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

    def refused(self, outcome: str, violations: list[Violation]) -> ApiError:
        """The failure of that name, with all violations by place, under the code that they have together (ERR-5)."""
        exchange = self.exchange
        code, details = self.operation.code_and_details(violations)
        if outcome == "invalid_request":
            exchange.violations = [violation.text for violation in violations]
            if len(violations) == 1 and violations[0].is_message:
                return ApiError(outcome, code=code, message=violations[0].text)
        closing = {"connection": "close"} if outcome == "body_too_large" else None  # the rest of the body is not read
        return ApiError(outcome, code=code, details=details, headers=closing)

    def unknown_query(self, names: list[str]) -> list[Violation]:
        """Nothing is wrong: they are ignored, and the caller is told so."""
        self.warn(f"ignored, because the contract does not know them: {', '.join(sorted(names)[:20])}")
        return []

    def unknown_members(self, rule: Rule, names: list[str]) -> None:
        """Say which members do nothing. Today's SDKs send some that the contract's edition does not have yet."""
        self.exchange.unknown = names
        later = [f"{name} ({rule.later[name]})" for name in names if name in rule.later]
        strange = [name for name in names if name not in rule.later]
        if later:
            self.warn(f"ignored, because only a later edition of the API knows them: {', '.join(later)}")
        if strange:
            self.warn(f"ignored, because the contract does not know them: {', '.join(strange)}")


# Ten thousand exchanges are kept, and many have the same head. Not `sys.intern`, which on 3.12 keeps a text for ever.
@lru_cache(maxsize=256)
def _shared(text: str) -> str:
    return text
