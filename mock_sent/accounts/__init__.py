"""Accounts: the state of one API key each. Accounts share nothing, so tests with different keys can run in parallel."""

from mock_sent.accounts.account import ANONYMOUS, Account
from mock_sent.accounts.accounts import LONGEST_KEY, Accounts, account_id, is_long, same_secret
from mock_sent.accounts.phones import Received, receive
from mock_sent.accounts.state import AccountState

__all__ = [
    "ANONYMOUS",
    "LONGEST_KEY",
    "Account",
    "AccountState",
    "Accounts",
    "Received",
    "account_id",
    "is_long",
    "receive",
    "same_secret",
]
