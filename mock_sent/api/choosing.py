"""Which edition answers a request: the account's, else that of the settings, else that of the client's SDK."""

from collections.abc import Callable
from typing import Generic, TypeVar

from mock_sent.accounts import ANONYMOUS, Accounts
from mock_sent.api.calls import Call
from mock_sent.contract import Edition
from mock_sent.contract.editions import Editions, speaks
from mock_sent.journal import Log

# The header of official SDKs with their version.
SDK = "x-stainless-package-version"
_KEY, _LANGUAGE = "x-api-key", "x-stainless-lang"

_Counter = TypeVar("_Counter")


class Choice(Generic[_Counter]):
    """Chooses the edition of a request, and keeps the counter of each edition, which `make` makes at first use.

    With `auto`, the first official SDK that calls with an account's key chooses the edition of the account.
    """

    def __init__(
        self,
        editions: Editions,
        accounts: Accounts,
        is_known: Callable[[str], bool],
        make: Callable[[Edition], _Counter],
        log: Log,
        *,
        auto: bool,
    ) -> None:
        self.editions, self._accounts, self._is_known = editions, accounts, is_known
        self._make, self._log, self._auto = make, log, auto
        self._counters: dict[str, _Counter] = {}

    def known(self, call: Call) -> Edition | None:
        """The edition of a request; None if `asked` must look at the SDK first."""
        headers = call.headers
        account = self._accounts.using(headers.get(_KEY) or ANONYMOUS)
        if account is not None and account.state.edition:
            return account.edition
        return None if self._auto and SDK in headers else self.editions.usual

    async def asked(self, call: Call) -> Edition:
        """The edition of the request's SDK, which becomes that of the account."""
        language, version = call.headers.get(_LANGUAGE, ""), call.headers[SDK]
        edition = await self.editions.of_sdk(language, version)
        key = call.headers.get(_KEY, "").strip(" \t")
        if edition is None or (key and not self._is_known(key)):
            return edition or self.editions.usual
        account = self._accounts.owner(key or ANONYMOUS)
        if not account.state.edition:
            sdk = f"the {language} SDK {version[:50]}"
            account.choose(edition, sdk)
            if edition is not self.editions.usual:
                call.warn(f"this account speaks the edition {edition.name} from now on, because {sdk} does")
                self._log.event(
                    "account speaks another edition", account=account.shown, edition=edition.name, because=sdk
                )
        return account.edition

    def counter(self, edition: Edition) -> _Counter:
        """What answers the requests of an edition."""
        if edition.name not in self._counters:
            self._counters[edition.name] = self._make(edition)
        return self._counters[edition.name]

    def remark(self, call: Call, edition: Edition) -> None:
        """Warn if the client is an SDK that speaks another edition."""
        language, version = call.headers.get(_LANGUAGE, ""), call.headers.get(SDK, "")
        wanted = edition.sdks.get(language)
        if wanted and not speaks(wanted, version):
            call.warn(
                f"this account speaks the edition {edition.name}, and the {language} SDK {version[:50]} "
                "an earlier one; PUT /_mock/edition or MOCK_SENT_EDITION changes it"
            )
