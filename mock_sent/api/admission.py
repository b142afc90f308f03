"""Authentication: the account of the key, and the profile that the call is for (AUTH-1 to AUTH-9)."""

import re

from mock_sent.accounts import ANONYMOUS, LONGEST_KEY, Accounts, is_long
from mock_sent.api.calls import Call
from mock_sent.ground.errors import ApiError, Misuse
from mock_sent.ground.hosts import allowed_by, host_name
from mock_sent.settings import Settings
from mock_sent.world.fixtures import Fixtures

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
# The characters of a key that cannot have too many bytes.
_SHORT_KEY = LONGEST_KEY // 4
_WHY_NO_KEY = "no x-api-key: the real API answers 401"


class Admission:
    """Admits a call, or refuses it with 401, 403 or 404."""

    def __init__(self, accounts: Accounts, fixtures: Fixtures, settings: Settings) -> None:
        self._accounts = accounts
        self._fixtures, self._settings = fixtures, settings
        self._required = settings.auth == "required"
        self._known = frozenset(settings.api_keys)
        self._is_allowed_host = allowed_by(settings.allowed_hosts)

    def of(self, accounts: Accounts) -> "Admission":
        """The same rules for other accounts."""
        return Admission(accounts, self._fixtures, self._settings)

    def refuse_rebound_page(self, call: Call) -> None:
        """Raise `Misuse` (403) for a web page whose name was pointed at this server: it must not use the mock.

        A page sends Origin or Sec-Fetch-Site; Node's fetch sends Sec-Fetch-Mode, which says nothing.
        """
        name = host_name(call.headers.get("host", ""))
        if not self._is_allowed_host(name):
            text = f"a web page may not call this server by the host {name[:100]!r}"
            raise Misuse(f"{text}; MOCK_SENT_ALLOWED_HOSTS can allow it", status=403)

    def admit(self, call: Call) -> None:
        """Set the call's account and profile. Raises `ApiError` if the call is refused."""
        key = call.headers.get("x-api-key", "").strip(" \t")
        if not key:
            if self._required:
                raise ApiError("api_key_missing", warning="the x-api-key header is missing")
            call.set_account(self._accounts.open(ANONYMOUS))
            call.warn(f"{_WHY_NO_KEY}; here it is the account `{ANONYMOUS}`")
        elif not self.knows(key):
            why = f"is longer than {LONGEST_KEY:,} bytes" if is_long(key) else "is not among MOCK_SENT_API_KEYS"
            raise ApiError("api_key_unknown", warning=f"this x-api-key {why}")
        elif key in self._fixtures.profile_keys:
            self._admit_profile(call, key)
            return
        else:
            call.set_account(self._accounts.open(key))
        self._admit_header(call)

    def knows(self, key: str) -> bool:
        """Whether a key is not refused as unknown."""
        if len(key) > _SHORT_KEY and is_long(key):
            return False
        return not self._known or key in self._known or self._fixtures.knows(key)

    def assign(self, call: Call) -> None:
        """Set the account of a call that every caller is refused, so that the account's journal shows it."""
        key = call.headers.get("x-api-key", "").strip(" \t")
        if not key:
            call.set_account(self._accounts.open(ANONYMOUS))
        elif self.knows(key):
            call.set_account(self._accounts.owner(key))

    def _admit_profile(self, call: Call, key: str) -> None:
        """Admit a profile's own key: it acts as that profile in its organization's account, and may name no other."""
        organization, profile = self._fixtures.profile_keys[key]
        call.set_account(self._accounts.open(organization))
        if "x-profile-id" in call.headers:
            raise ApiError(
                "not_permitted",
                warning="only an organization's key may send x-profile-id; this is a profile's",
            )
        call.profile = call.exchange.profile = profile

    @staticmethod
    def _admit_header(call: Call) -> None:
        wanted = call.headers.get("x-profile-id")
        if wanted is None or not _UUID.fullmatch(profile := wanted.lower()):
            return  # the check against the contract reports a value that is no UUID, with the other violations
        if profile not in call.account.profiles:
            raise ApiError(
                "profile_not_found", warning="no such profile in the fixtures; MOCK_SENT_FIXTURES can name it"
            )
        call.profile = call.exchange.profile = profile
