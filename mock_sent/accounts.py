"""Accounts: the state of one API key each. Accounts share nothing, so tests with different keys can run in parallel."""

import hmac
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from mock_sent.contract import Edition
from mock_sent.ground.clock import Clock, ClockState, uuid_for
from mock_sent.ground.money import Money
from mock_sent.journal import Journal
from mock_sent.journal.kept import JournalState
from mock_sent.scenarios.counters import CountersState
from mock_sent.scenarios.library import Library
from mock_sent.scenarios.rules import Rules
from mock_sent.scenarios.scenario import Scenario, ScenarioText
from mock_sent.settings import Settings, masked
from mock_sent.webhooks.dispatcher import Dispatcher
from mock_sent.webhooks.sender import HttpSender
from mock_sent.webhooks.state import DispatchState, QueueState
from mock_sent.world.fixtures import AccountFixtures, Fixtures
from mock_sent.world.idempotency import Replays, ReplaysState
from mock_sent.world.lifecycle import Event, advance
from mock_sent.world.messages import ROUTED, Mailbox, MailboxState, Message
from mock_sent.world.resources import Items
from mock_sent.world.templates import Template, Templates

ANONYMOUS = "anonymous"

# The most keys of evicted accounts that are remembered. At this number, every new account may have been evicted before.
_MOST_EVICTED_KEYS = 100_000
# The most scenarios per account whose text is kept, to explain its exchanges.
_MOST_SCENARIOS = 20


@dataclass(slots=True)
class AccountState:
    """Everything that an account keeps, as plain data: `ground.plain` converts it to JSON values and back.

    The keys of `templates` are ids, those of `resources` are names of resources, those of `queues` are ids of webhooks.
    `scenario` is the id of the active scenario, or empty. `scenarios` holds the active one and earlier ones, because
    the journal may refer to them. `changes` counts how often a test set the scenario, balance or templates.
    """

    id: str
    shown: str
    clock: ClockState
    balance: Money | None
    templates: dict[str, Template]
    journal: JournalState
    mailbox: MailboxState = field(default_factory=MailboxState)
    replays: ReplaysState = field(default_factory=ReplaysState)
    counters: CountersState = field(default_factory=CountersState)
    resources: dict[str, Items] = field(default_factory=dict)
    queues: dict[str, QueueState] = field(default_factory=dict)
    scenario: str = ""
    scenarios: dict[str, ScenarioText] = field(default_factory=dict)
    changes: int = 0


class Account:
    """One API key's account: its `state`, the objects that work on it, and what is compiled or runs at run time."""

    def __init__(
        self,
        key: str,
        state: AccountState,
        fixtures: AccountFixtures,
        edition: Edition,
        settings: Settings,
        sender: HttpSender,
        library: Library,
    ) -> None:
        self.key, self.state, self.edition = key, state, edition
        self.id, self.shown = state.id, state.shown
        self.prices, self.profiles = fixtures.prices, fixtures.profiles
        self.clock = Clock(state.clock.seed, state.id, state=state.clock)
        self.templates = Templates(state.templates)
        self.mailbox = Mailbox(settings.max_messages, state=state.mailbox)
        self.replays = Replays(settings.max_keys, self.clock, state=state.replays)
        self.rules = Rules(state=state.counters)
        self.journal = Journal(settings.max_journal, state.journal)
        # The items that the engine of resources keeps, by the name of the resource.
        self.resources = state.resources
        dispatched = DispatchState(state.resources.setdefault("webhook", {}), state.queues)
        self.hooks = Dispatcher(self.id, self.clock, sender, edition, ROUTED, state=dispatched)
        compiled = {id: library.restore(text) for id, text in state.scenarios.items()}
        self._scenario = compiled.get(state.scenario)

    @property
    def scenario(self) -> Scenario | None:
        """The account's own scenario."""
        return self._scenario

    @scenario.setter
    def scenario(self, scenario: Scenario | None) -> None:
        self._scenario, state = scenario, self.state
        state.scenario = scenario.id if scenario else ""
        if scenario:
            state.scenarios.pop(scenario.id, None)
            state.scenarios[scenario.id] = scenario.text
            if len(state.scenarios) > _MOST_SCENARIOS:
                del state.scenarios[next(iter(state.scenarios))]

    @property
    def balance(self) -> Money | None:
        """The money that is left; None if it is unlimited."""
        return self.state.balance

    @balance.setter
    def balance(self, balance: Money | None) -> None:
        self.state.balance = balance

    @property
    def changes(self) -> int:
        """How often a test set the scenario, balance or templates. After a change, a failed send may be repeated."""
        return self.state.changes

    @changes.setter
    def changes(self, changes: int) -> None:
        self.state.changes = changes

    def affords(self, price: Money) -> bool:
        balance = self.state.balance
        return balance is None or price <= balance

    def pay(self, price: Money) -> None:
        if self.state.balance is not None:
            self.state.balance -= price

    def move(self, message: Message, to: str | None = None, reason: str | None = None) -> Event:
        """Move a message with a manual timetable, and queue its webhook event. Raises `Misuse` for an illegal move."""
        event = advance(self.edition.lifecycle, message, self.clock.now(), to, reason)
        self.hooks.deliver(message, event)
        return event

    def close(self) -> None:
        """Cancel and log the pending deliveries, and wake the tasks that wait for this account's clock or journal."""
        left = self.hooks.clear()
        if any(left):
            self.hooks.sender.log.event(
                "account closed with webhook deliveries unmade", account=self.shown, **left._asdict()
            )
        self.clock.reset()
        self.journal.close()


class Accounts:
    """All accounts, made on first use. If there are too many, the least recently used one is evicted and reported."""

    def __init__(
        self,
        seed: str,
        edition: Edition,
        fixtures: Fixtures,
        settings: Settings,
        sender: HttpSender,
        library: Library,
        on_evict: Callable[[Account], None],
    ) -> None:
        self._seed, self._edition, self._fixtures, self.settings = seed, edition, fixtures, settings
        self._sender, self._library = sender, library
        self._on_evict = on_evict
        self._by_key: OrderedDict[str, Account] = OrderedDict()
        self._by_id: dict[str, Account] = {}
        self._made = 0
        # The keys of evicted accounts. If such an account is made again, its journal lacks its earlier exchanges.
        self._evicted_keys: OrderedDict[str, None] = OrderedDict()
        self.evicted = 0
        # The exchanges that belong to no account: requests that were refused before their account was known.
        self.unowned = Journal(settings.max_journal)

    def __iter__(self) -> Iterator[Account]:
        """The least recently used account first."""
        return iter(tuple(self._by_key.values()))

    def __len__(self) -> int:
        return len(self._by_key)

    def open(self, key: str) -> Account:
        """The account of a key; it is made if it does not exist."""
        account = self._by_key.get(key)
        if account is None:
            return self._make(key)
        self._by_key.move_to_end(key)
        return account

    def owner(self, key: str) -> Account:
        """The account that a key uses: for a profile's key, its organization's account; for any other key, its own."""
        organization, _ = self._fixtures.profile_keys.get(key, (key, ""))
        return self.open(organization)

    def with_id(self, id: str) -> Account | None:
        """The account with an id; None if no such account is in use."""
        return self._by_id.get(id)

    def drop(self, key: str) -> bool:
        """Drop an account; its next use starts from the fixtures. A request in flight finishes on the old account."""
        self._evicted_keys.pop(key, None)
        account = self._by_key.pop(key, None)
        if account is None:
            return False
        del self._by_id[account.id]
        account.close()
        return True

    def begin_anew(self) -> list[str]:
        """Forget what belongs to no account, and which ones were evicted. Returns the keys of all, to drop each."""
        self._evicted_keys.clear()
        self.unowned.clear()
        return list(self._by_key)

    def restore(self, key: str, state: AccountState) -> Account:
        """Make the key's account from a state, and drop the one that the key has. Call it only in the event loop.

        Raises `FileError` if the state has a scenario that this edition cannot compile.
        """
        account = self._of(key, state)
        self.drop(key)
        self._made = max(self._made, state.journal.epoch)
        self._keep(account)
        account.hooks.start()
        return account

    def _make(self, key: str) -> Account:
        self._made += 1
        fixtures, id = self._fixtures.of_account(key), account_id(key)
        state = AccountState(
            id=id,
            shown=key if key == ANONYMOUS else masked(key),
            clock=ClockState(self._seed),
            balance=fixtures.balance,
            templates={template.id: template for template in fixtures.templates},
            journal=JournalState(self._made),
        )
        was_evicted = self._evicted_keys.pop(key, key) is None or len(self._evicted_keys) == _MOST_EVICTED_KEYS
        state.journal.account_was_evicted = was_evicted
        account = self._of(key, state)
        if self.settings.webhook_url:
            account.hooks.preregister(self.settings.webhook_url, self.settings.webhook_secret)
        self._keep(account)
        return account

    def _of(self, key: str, state: AccountState) -> Account:
        fixtures = self._fixtures.of_account(key)
        return Account(key, state, fixtures, self._edition, self.settings, self._sender, self._library)

    def _keep(self, account: Account) -> None:
        self._by_key[account.key] = self._by_id[account.id] = account
        if len(self._by_key) > self.settings.max_accounts:
            self._evict()

    def _evict(self) -> None:
        key, oldest = self._by_key.popitem(last=False)
        del self._by_id[oldest.id]
        oldest.close()
        self.evicted += 1
        self._evicted_keys[key] = None
        if len(self._evicted_keys) > _MOST_EVICTED_KEYS:
            self._evicted_keys.popitem(last=False)
        self._on_evict(oldest)


def account_id(key: str) -> str:
    """The id of a key's account, the same on every machine. It is also the `customer_id` of the account's messages."""
    return uuid_for("account", key)


def same_secret(given: str, expected: str) -> bool:
    """Whether two secrets are equal, in a time that does not depend on where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode("utf-8", "replace"))
