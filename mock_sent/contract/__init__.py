"""The contract: what `openapi.yaml` says, compiled when the server starts."""

from mock_sent.contract.faults import Fault, Rule
from mock_sent.contract.operations import Contract, Operation, load
from mock_sent.contract.outcomes import Outcome, Outcomes

__all__ = ["Contract", "Fault", "Operation", "Outcome", "Outcomes", "Rule", "load"]
