"""What a test asks one account of a mock server, over plain HTTP, with the standard library alone."""

from mock_sent.handle.account import SentMock
from mock_sent.handle.control import Control, HandleError
from mock_sent.handle.facts import Audit, Finding, SentMessage, SentRequest

__all__ = ["Audit", "Control", "Finding", "HandleError", "SentMessage", "SentMock", "SentRequest"]
