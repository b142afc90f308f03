"""All accounts, made on first use."""

import asyncio
import hmac
from collections import OrderedDict
from collections.abc import Coroutine, Iterator
from hashlib import sha256
from typing import Any

from mock_sent.accounts.account import ANONYMOUS, Account, digest_of
from mock_sent.accounts.state import AccountState
from mock_sent.contract.editions import Editions
from mock_sent.ground.clock import ClockState, uuid_for
from mock_sent.ground.memory import ByteCount, Memory
from mock_sent.ground.slices import Slices, Walk
from mock_sent.journal import Journal
from mock_sent.journal.kept import JournalState
from mock_sent.scenarios.library import Library
from mock_sent.settings import Settings, masked
from mock_sent.webhooks.sender import HttpSender
from mock_sent.world.fixtures import AccountFixtures, Fixtures

# An account without a name is shown by the end of its key and so much of its id: of a short key nothing may be shown.
_ID_LENGTH = 6
# The most bytes of an API key. The vendor's have 36.
LONGEST_KEY = 1024

# The most accounts that were evicted and are remembered, and the bytes of each. At this number, every new account may
# have been evicted before.
_MOST_EVICTED, _EVICTED = 100_000, 190
# What belongs to no account may take one sixteenth of the memory, and the accounts are dropped until one is free.
_PART = 16


class Accounts:
    """All accounts, made on first use. If there are too many, the least recently used one is evicted and reported.

    `memory` is what they keep together. If it is used up, the account that was idle for longest is evicted, then the
    next; of the last one, and of what belongs to no account, the oldest exchanges are. What an account keeps is dropped
    in `slices`. No key is kept, only its digest.
    """

    def __init__(
        self,
        seed: str,
        editions: Editions,
        fixtures: Fixtures,
        settings: Settings,
        sender: HttpSender,
        library: Library,
    ) -> None:
        self._seed, self._editions, self._fixtures, self.settings = seed, editions, fixtures, settings
        self._sender, self._library = sender, library
        self.slices, self.memory = Slices(), Memory(settings.max_memory, self._free_memory)
        self._by_digest: OrderedDict[bytes, Account] = OrderedDict()
        self._by_id: dict[str, Account] = {}
        self._made = 0
        # The digests of evicted accounts' keys. If such an account is made again, its journal lacks earlier exchanges.
        self._evicted: OrderedDict[bytes, None] = OrderedDict()
        self._of_evicted = ByteCount(self.memory)
        # How many accounts were evicted, and how many of them because the memory was used up.
        self.evicted = self.evicted_for_memory = 0
        # The exchanges that belong to no account: requests that were refused before their account was known.
        self.unowned = Journal(settings.max_journal, byte_count=ByteCount(self.memory, self.memory.most // _PART))
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_freeing = self._is_told = False

    def __iter__(self) -> Iterator[Account]:
        """The least recently used account first."""
        return iter(tuple(self._by_digest.values()))

    def __len__(self) -> int:
        return len(self._by_digest)

    def open(self, key: str) -> Account:
        """The account of a key; it is made if it does not exist."""
        digest = sha256(key.encode()).digest()  # as `digest_of`, for every request
        account = self._by_digest.get(digest)
        if account is None:
            return self._make(digest, id := account_id(key), _shown(key, id), self._of_key(key))
        self._by_digest.move_to_end(digest)
        return account

    def owner(self, key: str) -> Account:
        """The account that a key uses: for a profile's key, its organization's account; for any other key, its own."""
        organization, _ = self._fixtures.profile_keys.get(key, (key, ""))
        return self.open(organization)

    def using(self, key: str) -> Account | None:
        """The same as `owner`, but None if the account is not in use."""
        if key in self._fixtures.profile_keys:
            key = self._fixtures.profile_keys[key][0]
        return self._by_digest.get(digest_of(key))

    def with_id(self, id: str) -> Account | None:
        """The account with an id; None if no such account is in use."""
        return self._by_id.get(id)

    def drop(self, account: Account) -> None:
        """Drop an account; its next use starts from the fixtures. A request in flight finishes on the old account."""
        self._forget_evicted(account.digest)
        if self._by_digest.get(account.digest) is account:
            self._remove(account)

    def renew(self, account: Account) -> None:
        """Drop an account, and make it anew from the fixtures."""
        self.drop(account)
        self.like(account)

    def begin_anew(self) -> list[Account]:
        """Forget what belongs to no account, and which ones were evicted. Returns all accounts, to drop each."""
        self._of_evicted.add(-_EVICTED * len(self._evicted))
        self._evicted.clear()
        self.unowned.clear()
        return list(self._by_digest.values())

    def apart(self) -> "Accounts":
        """Accounts with the same settings and fixtures, which never meet these."""
        editions = self._editions.apart()
        return Accounts(self._seed, editions, self._fixtures, self.settings, self._sender, self._library)

    def like(self, account: Account) -> Account:
        """A new account of the same key as another one, from the fixtures."""
        return self._make(account.digest, account.id, account.shown, account.fixtures)

    def restore(self, key: str, state: AccountState) -> Account:
        """Make the key's account from a state, and drop the one that the key has. Call it only in the event loop.

        Raises `FileError` if the state has a scenario that this edition cannot compile.
        """
        digest = digest_of(key)
        account = self._of(digest, state, self._of_key(key))
        self._forget_evicted(digest)
        if old := self._by_digest.get(digest):
            self._remove(old)
        self._made = max(self._made, state.journal.epoch)
        self._keep(account)
        account.hooks.start()
        return account

    def _of_key(self, key: str) -> AccountFixtures:
        return self._fixtures.of_account(key)

    def _make(self, digest: bytes, id: str, shown: str, fixtures: AccountFixtures) -> Account:
        self._made += 1
        state = AccountState(
            id=id,
            shown=shown,
            clock=ClockState(self._seed),
            balance=fixtures.balance,
            templates={template.id: template for template in fixtures.templates},
            journal=JournalState(self._made),
        )
        are_many = len(self._evicted) == _MOST_EVICTED
        state.journal.account_was_evicted = self._forget_evicted(digest) or are_many
        account = self._of(digest, state, fixtures)
        if self.settings.webhook_url:
            account.hooks.preregister(self.settings.webhook_url, self.settings.webhook_secret)
        self._keep(account)
        return account

    def _of(self, digest: bytes, state: AccountState, fixtures: AccountFixtures) -> Account:
        settings, sender = self.settings, self._sender
        return Account(digest, state, fixtures, self._editions, settings, sender, self._library, self.memory)

    def _keep(self, account: Account) -> None:
        self._by_digest[account.digest] = self._by_id[account.id] = account
        if len(self._by_digest) > self.settings.max_accounts:
            self._evict("there are more than MOCK_SENT_MAX_ACCOUNTS")

    def _evict(self, why: str) -> None:
        """Drop the account that was used least recently, and remember that it was evicted."""
        oldest = next(iter(self._by_digest.values()))
        self.evicted += 1
        self._evicted[oldest.digest] = None
        self._of_evicted.add(_EVICTED)
        if len(self._evicted) > _MOST_EVICTED:
            self._evicted.popitem(last=False)
            self._of_evicted.add(-_EVICTED)
        self._remove(oldest)
        self._sender.log.event(f"account dropped, because {why}", account=oldest.shown)

    def _forget_evicted(self, digest: bytes) -> bool:
        if digest not in self._evicted:
            return False
        del self._evicted[digest]
        self._of_evicted.add(-_EVICTED)
        return True

    def _remove(self, account: Account) -> None:
        """Close an account, and drop what it keeps: the first part at once, the rest in slices."""
        del self._by_digest[account.digest], self._by_id[account.id]
        walk = Walk(account.close(), lambda _: None)
        if walk.go_on():
            account.byte_counts.detach()
        else:
            self._start(self._finish(walk, account))

    async def _finish(self, walk: Walk, account: Account) -> None:
        try:
            await self.slices.finish(walk)
        finally:
            account.byte_counts.detach()

    def _free_memory(self) -> None:
        """Begin to drop what must go, because the memory is used up."""
        if not self._is_freeing:
            self._is_freeing = True
            self._start(self._free())

    async def _free(self) -> None:
        """Evict accounts, and then exchanges, until a part of the memory is free."""
        most = self.memory.most - self.memory.most // _PART
        try:
            while self.memory.bytes > most and len(self) > 1:
                if closing := self._tasks - {asyncio.current_task()}:
                    await asyncio.wait(closing)
                else:
                    await self.slices.visit(self._evictions(most), lambda _: None)
            await self.slices.visit(self._oldest_exchanges(most), lambda _: None)
        finally:
            self._is_freeing = False

    def _evictions(self, most: int) -> Iterator[None]:
        """Evict accounts, one a step, until one of them takes longer to drop."""
        while self.memory.bytes > most and len(self) > 1 and len(self._tasks) == 1:
            self._evict("MOCK_SENT_MAX_MEMORY is used up")
            self.evicted_for_memory += 1
            yield

    def _oldest_exchanges(self, most: int) -> Iterator[None]:
        """Drop the oldest exchanges that belong to no account, and those of the last account, one a step."""
        journals = [self.unowned, *(account.journal for account in self)]
        if self.memory.bytes > most and len(self) < 2 and not self._is_told:
            self._is_told = True
            self._sender.log.event("oldest exchanges dropped, because MOCK_SENT_MAX_MEMORY is used up by one account")
        while self.memory.bytes > most and len(self) < 2 and any([journal.drop_oldest() for journal in journals]):
            yield

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def is_long(key: str) -> bool:
    """Whether a key is longer than the mock takes."""
    return len(key) > LONGEST_KEY or len(key.encode("utf-8", "surrogatepass")) > LONGEST_KEY


def _shown(key: str, id: str) -> str:
    """What people see in place of a key, until the account has a name."""
    return key if key == ANONYMOUS else f"{masked(key)}/{id[:_ID_LENGTH]}"


def account_id(key: str) -> str:
    """The id of a key's account, the same on every machine. It is also the `customer_id` of the account's messages."""
    return uuid_for("account", key)


def same_secret(given: str, expected: str) -> bool:
    """Whether two secrets are equal, in a time that does not depend on where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode("utf-8", "replace"))
