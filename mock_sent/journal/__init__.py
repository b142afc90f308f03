"""The journal and the log: a record of each exchange, and a log line for each exchange and event."""

from mock_sent.journal.kept import Journal
from mock_sent.journal.log import Log
from mock_sent.journal.record import Exchange

__all__ = ["Exchange", "Journal", "Log"]
