"""Accounts: one API key's world. Two keys never meet, and that is how tests run side by side."""

import hmac
from collections import OrderedDict
from collections.abc import Callable, Iterator

from mock_sent.contract import Edition
from mock_sent.ground.clock import Clock, uuid_for
from mock_sent.ground.money import Money
from mock_sent.journal import Journal
from mock_sent.scenarios.rules import Rules
from mock_sent.scenarios.scenario import Scenario
from mock_sent.settings import Settings, masked
from mock_sent.webhooks.dispatcher import Dispatcher
from mock_sent.webhooks.sender import HttpSender
from mock_sent.world.fixtures import Fixtures
from mock_sent.world.idempotency import Replays
from mock_sent.world.lifecycle import Event, advance
from mock_sent.world.messages import ROUTED, Mailbox, Message
from mock_sent.world.resources import Items
from mock_sent.world.templates import Templates

ANONYMOUS = "anonymous"

# So many keys of dropped accounts are known; beyond that, every new account may be an old one.
_MOST_GONE = 100_000


class Account:
    """Everything that one API key has: its clock, templates, balance, messages, idempotency keys and webhooks."""

    def __init__(
        self,
        key: str,
        seed: str,
        edition: Edition,
        fixtures: Fixtures,
        settings: Settings,
        sender: HttpSender,
        number: int = 0,
    ) -> None:
        home = fixtures.home(key)
        self.key, self.edition = key, edition
        self.id = account_id(key)
        self.shown = key if key == ANONYMOUS else masked(key)
        self.clock = Clock(seed, self.id)
        self.balance: Money | None = home.balance
        self.prices = home.prices
        self.profiles = home.profiles
        self.templates = Templates(home.templates)
        self.mailbox = Mailbox(settings.max_messages)
        self.replays = Replays(settings.max_keys, self.clock)
        self.rules = Rules()
        self.scenario: Scenario | None = None
        self.hooks = Dispatcher(self.id, self.clock, sender, edition, ROUTED)
        if settings.webhook_url:
            self.hooks.preregister(settings.webhook_url, settings.webhook_secret)
        # What the engine of resources keeps, by the name of the resource.
        self.resources: dict[str, Items] = {"webhook": self.hooks.webhooks}
        self.journal = Journal(settings.max_journal, number)
        # How often a test set scenario, balance or templates: a failed send may be repeated when it rises.
        self.changes = 0

    def affords(self, price: Money) -> bool:
        return self.balance is None or price <= self.balance

    def pay(self, price: Money) -> None:
        if self.balance is not None:
            self.balance -= price

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
        dropped: Callable[[Account], None],
    ) -> None:
        self._seed, self._edition, self._fixtures, self._settings, self._sender = (
            seed,
            edition,
            fixtures,
            settings,
            sender,
        )
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

    def _make(self, key: str) -> Account:
        self._made += 1
        account = Account(key, self._seed, self._edition, self._fixtures, self._settings, self._sender, self._made)
        self._by_key[key] = account
        account.journal.had_another_life = self._gone.pop(key, key) is None or len(self._gone) == _MOST_GONE
        if len(self._by_key) > self._settings.max_accounts:
            self._evict()
        return account

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
