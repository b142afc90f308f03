"""The results that a check raises (`Differs`, `Unknown`, `Unanswered`), and two functions that compare."""

from typing import Any


class Differs(Exception):
    """The server does not do what the statement says."""


class Unknown(Exception):
    """The check has no result, because the options or the contract lack what it needs."""


class Unanswered(Unknown):
    """The check has no result, because the server gave no answer to a request."""


def same(what: str, got: Any, wanted: Any) -> None:
    """Raises `Differs` unless both are equal and of one type."""
    if got != wanted or type(got) is not type(wanted):
        raise Differs(f"{what} is {got!r}, not {wanted!r}")


def holds(what: str, condition: bool) -> None:
    """Raises `Differs` with the name of the condition if it is false."""
    if not condition:
        raise Differs(f"this does not hold: {what}")
