"""What happened: a record of each exchange, kept for whoever asks, and a line of log for each."""

from mock_sent.journal.kept import Journal
from mock_sent.journal.log import Log
from mock_sent.journal.record import Exchange

__all__ = ["Exchange", "Journal", "Log"]
