"""A request as the pipeline of both planes sees it, and how its plane speaks of what is wrong with it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.types import Scope

from mock_sent.contract import Operation, Rule, Violation
from mock_sent.ground.errors import MockSentError


class Incoming(ABC):
    """One request. `doubled` are the headers given twice; the first one counts.

    `query` and `body` are what the contract makes of the query string and the body's bytes. The methods are the dialect
    of the plane.
    """

    __slots__ = ("body", "doubled", "headers", "operation", "path", "query", "query_string")

    operation: Operation

    def __init__(self, scope: Scope, headers: Sequence[tuple[str, str]]) -> None:
        self.path: Mapping[str, str] = scope.get("path_params", {})
        self.query_string: bytes = scope.get("query_string", b"")
        self.query: Mapping[str, Any] = {}
        self.body: Any = None
        self.headers = dict(headers)
        self.doubled: set[str] = set()
        if len(self.headers) != len(headers):
            self._first_wins(headers)

    def _first_wins(self, headers: Sequence[tuple[str, str]]) -> None:
        self.headers = {}
        for name, value in headers:
            if name in self.headers:
                self.doubled.add(name)
            else:
                self.headers[name] = value

    @abstractmethod
    def refused(self, outcome: str, violations: list[Violation]) -> MockSentError:
        """The refusal of a request that breaks the contract: `invalid_request`, `body_too_large`, ..."""

    @abstractmethod
    def unknown_query(self, names: list[str]) -> list[Violation]:
        """What is wrong with query parameters that the contract does not describe; they may be ignored instead."""

    @abstractmethod
    def unknown_members(self, rule: Rule, names: list[str]) -> None:
        """Take note of members of the body that the contract does not describe. They are ignored."""
