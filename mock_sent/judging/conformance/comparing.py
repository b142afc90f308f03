"""What a check may say: the server differs, or nothing can be said; and two ways to compare."""

from typing import Any


class Differs(Exception):
    """The server does something else than the statement says."""


class Unknown(Exception):
    """Nothing can be said: the run, or the contract, does not have what the check needs."""


def same(what: str, got: Any, wanted: Any) -> None:
    """Raises `Differs` unless the two are equal; True is not 1 here."""
    if got != wanted or type(got) is not type(wanted):
        raise Differs(f"{what} is {_short(got)}, not {_short(wanted)}")


def holds(what: str, condition: bool) -> None:
    """Raises `Differs` with what should have held."""
    if not condition:
        raise Differs(f"not so: {what}")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 200 else text[:197] + "..."
