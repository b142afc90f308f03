"""The gates of a send. Their conditions are here; `x-gates` of the edition says what each gate does to the send."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from mock_sent.api.calls import Call
from mock_sent.contract import Edition
from mock_sent.contract.gates import Gate
from mock_sent.ground.errors import ApiError, did_you_mean
from mock_sent.ground.money import UNITS, Money
from mock_sent.ground.names import differing, said
from mock_sent.world.lifecycle import Timetable, plan
from mock_sent.world.templates import Template

Parameters = Mapping[str, str]
# Returns why a send does not pass, as a warning for people; None if it passes.
Condition = Callable[[Call, Template, Parameters, Money], str | None]


class Check(NamedTuple):
    """A gate with its condition. `timetable` is that of messages that end at it; None if the gate refuses."""

    stopped: Condition
    gate: Gate
    timetable: Timetable | None


def balance(call: Call, template: Template, parameters: Parameters, price: Money) -> str | None:
    """Check that the account can pay the whole send (SEND-11)."""
    account = call.account
    if account.affords(price):
        return None
    return f"the balance is {(account.balance or 0) / UNITS}, the send costs {price / UNITS}"


def parameters(call: Call, template: Template, parameters: Parameters, price: Money) -> str | None:
    """Check that every variable of the template has a value (SEND-9)."""
    if template.wanted.keys() <= parameters.keys():
        return None
    missing = template.missing(parameters)
    hint = said(differing(template.wanted, parameters).lacking)
    why = f"template {template.name!r} got no value for {', '.join(missing)}; the message will fail (SEND-9)"
    return f"{why}; {hint}" if hint else why


CONDITIONS: Mapping[str, Condition] = {"balance": balance, "parameters": parameters}


def checks_of(edition: Edition) -> Sequence[Check]:
    """The gates of an edition, in its order. Raises `FileError` for a gate without a condition."""
    return [_check(edition, i, gate) for i, gate in enumerate(edition.gates)]


def _check(edition: Edition, i: int, gate: Gate) -> Check:
    if gate.name not in CONDITIONS:
        hint = did_you_mean(gate.name, CONDITIONS) or f"; there are {', '.join(CONDITIONS)}"
        raise edition.source.fault(("x-gates", i, "gate"), f"mock-sent does not have the gate {gate.name!r}{hint}")
    ending = gate.ending
    timetable = ending and plan(edition.lifecycle, fail_at=ending.instead_of, reason=ending.reason, gate=gate.name)
    return Check(CONDITIONS[gate.name], gate, timetable)


def stop(call: Call, check: Check, why: str) -> Timetable:
    """Stop a send at a gate: returns the timetable with which its messages end, or raises `ApiError`."""
    if check.timetable is None:
        raise ApiError(check.gate.refusal, warning=why)
    call.warn(why)
    return check.timetable
