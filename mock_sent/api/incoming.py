"""A request, as the pipeline of both planes reads it. Each plane words its own refusals."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.types import Scope

from mock_sent.contract import Operation, Violation
from mock_sent.ground.errors import MockSentError
from mock_sent.ground.headers import joined
from mock_sent.wire.answering import Answering


class Incoming(ABC):
    """One request. `doubled` has the first line of each header that is given in several lines.

    `query` and `body` are the parsed query string and body. Each plane implements the abstract methods: they word its
    refusals and warnings.
    """

    __slots__ = ("answering", "body", "doubled", "headers", "operation", "path", "query", "query_string")

    operation: Operation
    answering: Answering

    def __init__(self, scope: Scope, headers: Sequence[tuple[str, str]]) -> None:
        self.path: Mapping[str, str] = scope.get("path_params", {})
        self.query_string: bytes = scope.get("query_string", b"")
        self.query: Mapping[str, Any] = {}
        self.body: Any = None
        self.headers = dict(headers)
        self.doubled: dict[str, str] = {}
        if len(self.headers) != len(headers):
            self.headers, self.doubled = joined(headers)

    @abstractmethod
    def refused(self, outcome: str, violations: list[Violation]) -> MockSentError:
        """The refusal of a request that breaks the contract: `invalid_request`, `body_too_large`, ..."""

    @abstractmethod
    def unknown_query(self, names: list[str]) -> list[Violation]:
        """Handle query parameters that the contract does not describe. An empty list means: ignore them."""

    @abstractmethod
    def unknown_members(self, names: list[str]) -> None:
        """Handle members of the body that the contract does not describe. They are ignored."""


def headers_of_refusal(outcome: str, violations: list[Violation]) -> dict[str, str]:
    """The headers of a refusal that HTTP asks for."""
    if outcome == "body_too_large":
        return {"connection": "close"}  # the rest of the body is not read
    if any(violation.at == "content-encoding" for violation in violations):
        return {"accept-encoding": "identity"}  # RFC 9110, 12.5.3
    return {}
