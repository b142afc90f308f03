"""Accounts: the state of one API key each. Accounts share nothing, so tests with different keys can run in parallel."""

from mock_sent.accounts.account import ANONYMOUS, Account
from mock_sent.accounts.accounts import Accounts, account_id, same_secret
from mock_sent.accounts.phones import Received, receive
from mock_sent.accounts.state import AccountState

__all__ = ["ANONYMOUS", "Account", "AccountState", "Accounts", "Received", "account_id", "receive", "same_secret"]
