"""The contract: compiles an OpenAPI document into an edition: operations, failures, lifecycle, events and resources."""

from mock_sent.contract.document import Document
from mock_sent.contract.edition import Edition, load
from mock_sent.contract.operations import Operation, operations_of
from mock_sent.contract.outcomes import Outcome, Outcomes
from mock_sent.contract.query import Query
from mock_sent.contract.schemas import Schemas
from mock_sent.contract.texts import Violation
from mock_sent.contract.violations import Rule, RuleBook

__all__ = [
    "Document",
    "Edition",
    "Operation",
    "Outcome",
    "Outcomes",
    "Query",
    "Rule",
    "RuleBook",
    "Schemas",
    "Violation",
    "load",
    "operations_of",
]
