"""The contract: an edition of the API, as its OpenAPI document says it."""

from mock_sent.contract.edition import Edition, load
from mock_sent.contract.operations import Operation
from mock_sent.contract.outcomes import Outcome, Outcomes
from mock_sent.contract.texts import Violation
from mock_sent.contract.violations import Rule

__all__ = ["Edition", "Operation", "Outcome", "Outcomes", "Rule", "Violation", "load"]
