"""The clock of an account, as a test reads and moves it."""

import asyncio
from typing import Any

from mock_sent.accounts import Account
from mock_sent.control.calls import ControlCall
from mock_sent.control.replies import ControlError
from mock_sent.ground.clock import LAST, Clock, duration_of, instant_of, timestamp

# Seconds that moving the clock waits for the deliveries that it made due.
_PATIENCE = 5


async def read(call: ControlCall) -> Any:
    return _time(call.account.clock)


async def move(call: ControlCall) -> Any:
    """`{"freeze": true}` or a time, `{"advance": "24h"}`, `{"resume": true}`

    The answer tells how many deliveries were due and could not be made while it waited: a receiver hangs.
    """
    account = call.account
    ((verb, how),) = call.body.items()
    try:
        _move(account.clock, verb, how)
    except ValueError as e:
        raise ControlError(400, f"{verb}: {e}") from None
    await _deliveries_made(account)
    return {**_time(account.clock), "deliveries_unmade": account.hooks.unmade}


async def _deliveries_made(account: Account) -> None:
    """What became due is delivered before the caller goes on, as far as the receivers let it."""
    try:
        await asyncio.wait_for(account.hooks.settle(), _PATIENCE)
    except TimeoutError:
        pass


def _move(clock: Clock, verb: str, how: Any) -> None:
    if verb == "advance":
        span = duration_of(how)
        if clock.now() + span > LAST:
            raise ValueError("the clock cannot go beyond the year 9999")
        clock.advance(span)
    elif verb == "resume":
        clock.resume()
    elif how is True:
        clock.freeze()
    else:
        clock.freeze(instant_of(how))


def _time(clock: Clock) -> dict[str, Any]:
    return {"now": timestamp(clock.now()), "frozen": clock.frozen}
