"""Accounts: one API key's world. Two keys never meet, and that is how tests run side by side."""

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
from mock_sent.world.fixtures import Fixtures, Home
from mock_sent.world.idempotency import Replays, ReplaysState
from mock_sent.world.lifecycle import Event, advance
from mock_sent.world.messages import ROUTED, Mailbox, MailboxState, Message
from mock_sent.world.resources import Items
from mock_sent.world.templates import Template, Templates

ANONYMOUS = "anonymous"

# So many keys of dropped accounts are known; beyond that, every new account may be an old one.
_MOST_GONE = 100_000
# Scenarios of an account whose text is kept, so that its exchanges can be explained.
_MOST_SCENARIOS = 20


@dataclass(slots=True)
class AccountState:
    """Everything that an account keeps, as plain data: `ground.plain` makes values of JSON of it, and reads them again.

    `templates` are by id, `resources` are the items of each resource by its name, `queues` are by the webhook's id.
    `scenario` is the id of the one that is switched on, empty if none is; `scenarios` has it and those before it, which
    the journal may name. `changes` counts how often a test set scenario, balance or templates.
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
    """One API key's world: what works on its `state`, and what runs and is compiled beside it."""

    def __init__(
        self,
        key: str,
        state: AccountState,
        home: Home,
        edition: Edition,
        settings: Settings,
        sender: HttpSender,
        library: Library,
    ) -> None:
        self.key, self.state, self.edition = key, state, edition
        self.id, self.shown = state.id, state.shown
        self.prices, self.profiles = home.prices, home.profiles
        self.clock = Clock(state.clock.seed, state.id, state=state.clock)
        self.templates = Templates(state.templates)
        self.mailbox = Mailbox(settings.max_messages, state=state.mailbox)
        self.replays = Replays(settings.max_keys, self.clock, state=state.replays)
        self.rules = Rules(state=state.counters)
        self.journal = Journal(settings.max_journal, state.journal)
        # What the engine of resources keeps, by the name of the resource.
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
        """What is left; None if it never runs out."""
        return self.state.balance

    @balance.setter
    def balance(self, balance: Money | None) -> None:
        self.state.balance = balance

    @property
    def changes(self) -> int:
        """How often a test set scenario, balance or templates: a failed send may be repeated when it rises."""
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
        """Move a message whose timetable is manual, and tell its webhooks. Raises `Misuse` for an illegal move."""
        event = advance(self.edition.lifecycle, message, self.clock.now(), to, reason)
        self.hooks.deliver(message, event)
        return event

    def close(self) -> None:
        """Give up what is on its way, loudly, and let go of whoever waits for this account's clock or news."""
        left = self.hooks.clear()
        if any(left):
            self.hooks.sender.log.event(
                "account closed with webhook deliveries unmade", account=self.shown, **left._asdict()
            )
        self.clock.reset()
        self.journal.close()


class Accounts:
    """All accounts, made on first use. When there are too many, the one that was idle for longest goes, loudly."""

    def __init__(
        self,
        seed: str,
        edition: Edition,
        fixtures: Fixtures,
        settings: Settings,
        sender: HttpSender,
        library: Library,
        dropped: Callable[[Account], None],
    ) -> None:
        self._seed, self._edition, self._fixtures, self._settings = seed, edition, fixtures, settings
        self._sender, self._library = sender, library
        self._dropped = dropped
        self._by_key: OrderedDict[str, Account] = OrderedDict()
        self._made = 0
        # Accounts that were dropped although nobody asked for it: in a next life they do not know what they sent.
        self._gone: OrderedDict[str, None] = OrderedDict()
        self.evicted = 0
        # The exchanges that belong to no account: refused before anybody knew whose they were.
        self.unowned = Journal(settings.max_journal)

    def __iter__(self) -> Iterator[Account]:
        """The one idle for longest first."""
        return iter(tuple(self._by_key.values()))

    def __len__(self) -> int:
        return len(self._by_key)

    def open(self, key: str) -> Account:
        """The account of a key."""
        account = self._by_key.get(key)
        if account is None:
            return self._make(key)
        self._by_key.move_to_end(key)
        return account

    def owner(self, key: str) -> Account:
        """The account that a key works in: its own, or a profile key's organization's."""
        organization, _ = self._fixtures.profile_keys.get(key, (key, ""))
        return self.open(organization)

    def with_id(self, id: str) -> Account | None:
        """The account of an id, among those in use."""
        return next((account for account in self._by_key.values() if account.id == id), None)

    def drop(self, key: str) -> bool:
        """Forget an account; its next use finds the fixtures again. A request in flight ends in the old world."""
        self._gone.pop(key, None)
        account = self._by_key.pop(key, None)
        if account is None:
            return False
        account.close()
        return True

    def drop_all(self) -> int:
        self._gone.clear()
        self.unowned.clear()
        keys = list(self._by_key)
        for key in keys:
            self.drop(key)
        return len(keys)

    def restore(self, key: str, state: AccountState) -> Account:
        """The account goes on from a state, in the place of any that the key has. Only for the server's event loop.

        Raises `FileError` for a scenario that the edition does not know any more.
        """
        account = self._of(key, state)
        self.drop(key)
        self._made = max(self._made, state.journal.epoch)
        self._keep(account)
        account.hooks.start()
        return account

    def _make(self, key: str) -> Account:
        self._made += 1
        home, id = self._fixtures.home(key), account_id(key)
        state = AccountState(
            id=id,
            shown=key if key == ANONYMOUS else masked(key),
            clock=ClockState(self._seed),
            balance=home.balance,
            templates={template.id: template for template in home.templates},
            journal=JournalState(self._made),
        )
        state.journal.had_another_life = self._gone.pop(key, key) is None or len(self._gone) == _MOST_GONE
        account = self._of(key, state)
        if self._settings.webhook_url:
            account.hooks.preregister(self._settings.webhook_url, self._settings.webhook_secret)
        self._keep(account)
        return account

    def _of(self, key: str, state: AccountState) -> Account:
        home = self._fixtures.home(key)
        return Account(key, state, home, self._edition, self._settings, self._sender, self._library)

    def _keep(self, account: Account) -> None:
        self._by_key[account.key] = account
        if len(self._by_key) > self._settings.max_accounts:
            self._evict()

    def _evict(self) -> None:
        key, oldest = self._by_key.popitem(last=False)
        oldest.close()
        self.evicted += 1
        self._gone[key] = None
        if len(self._gone) > _MOST_GONE:
            self._gone.popitem(last=False)
        self._dropped(oldest)


def account_id(key: str) -> str:
    """The id of a key's account, on every machine the same. It is also the `customer_id` of its messages."""
    return uuid_for("account", key)


def same_secret(given: str, expected: str) -> bool:
    """Whether two secrets are equal, in a time that does not depend on where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode("utf-8", "replace"))
