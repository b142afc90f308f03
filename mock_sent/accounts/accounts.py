"""All accounts, made on first use."""

import hmac
from collections import OrderedDict
from collections.abc import Callable, Iterator

from mock_sent.accounts.account import ANONYMOUS, Account
from mock_sent.accounts.state import AccountState
from mock_sent.contract.editions import Editions
from mock_sent.ground.clock import ClockState, uuid_for
from mock_sent.journal import Journal
from mock_sent.journal.kept import JournalState
from mock_sent.scenarios.library import Library
from mock_sent.settings import Settings, masked
from mock_sent.webhooks.sender import HttpSender
from mock_sent.world.fixtures import Fixtures

# An account without a name is shown by the end of its key and so much of its id: of a short key nothing may be shown.
_ID_LENGTH = 6
# The most keys of evicted accounts that are remembered. At this number, every new account may have been evicted before.
_MOST_EVICTED_KEYS = 100_000


class Accounts:
    """All accounts, made on first use. If there are too many, the least recently used one is evicted and reported."""

    def __init__(
        self,
        seed: str,
        editions: Editions,
        fixtures: Fixtures,
        settings: Settings,
        sender: HttpSender,
        library: Library,
        on_evict: Callable[[Account], None],
    ) -> None:
        self._seed, self._editions, self._fixtures, self.settings = seed, editions, fixtures, settings
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

    def using(self, key: str) -> Account | None:
        """The same as `owner`, but None if the account is not in use."""
        if key in self._fixtures.profile_keys:
            key = self._fixtures.profile_keys[key][0]
        return self._by_key.get(key)

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

    def apart(self) -> "Accounts":
        """Accounts with the same settings and fixtures, which never meet these."""
        editions = self._editions.apart()
        return Accounts(
            self._seed, editions, self._fixtures, self.settings, self._sender, self._library, lambda _: None
        )

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
            shown=key if key == ANONYMOUS else f"{masked(key)}/{id[:_ID_LENGTH]}",
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
        return Account(key, state, fixtures, self._editions, self.settings, self._sender, self._library)

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
