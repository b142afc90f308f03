"""The formats of values in replies. A schema selects one with `x-as`."""

from collections.abc import Callable, Mapping
from typing import Any

from mock_sent.ground.clock import timestamp, whole_second
from mock_sent.ground.money import UNITS

Format = Callable[[Any], Any]


def trimmed(instant: int) -> str:
    """`2026-03-11T21:50:50.17+00:00`: a timestamp without the zeros at the end of the seconds."""
    moment, _, zone = timestamp(instant).partition("+")
    return f"{moment.rstrip('0').rstrip('.')}+{zone}"


def amount(money: int) -> float:
    """Money as a number in units of the currency: 0.0075."""
    return money / UNITS


def four_decimals(money: int) -> str:
    """Money as a text with four decimals, in units of the currency: `0.0075`."""
    return f"{money / UNITS:.4f}"


def _of_instants(form: Callable[[int], str]) -> Format:
    """A format of instants. What is no instant is a value that a client gave, which is shown as it is."""
    return lambda value: form(value) if type(value) is int else value


FORMATS: Mapping[str, Format] = {
    "timestamp": _of_instants(timestamp),
    "trimmed": _of_instants(trimmed),
    "whole_second": _of_instants(whole_second),
    "amount": amount,
    "four_decimals": four_decimals,
    "upper": str.upper,
}
