"""The operations that read and move the clock of an account."""

import asyncio
from contextlib import suppress
from typing import Any

from mock_sent.control.calls import ControlCall
from mock_sent.control.replies import ControlError
from mock_sent.ground.clock import LAST, Clock, duration_of, instant_of, timestamp

# Seconds; how long `move` waits for the deliveries that became due.
_SETTLE_SECONDS = 5


async def read(call: ControlCall) -> Any:
    return _time(call.account.clock)


async def move(call: ControlCall) -> Any:
    """Move the clock: `{"freeze": true}` or a time, `{"advance": "24h"}`, `{"resume": true}`.

    The answer has the number of deliveries that are due but not made after the wait: a receiver may hang.
    """
    account = call.account
    ((verb, how),) = call.body.items()
    try:
        _move(account.clock, verb, how)
    except ValueError as e:
        raise ControlError(400, f"{verb}: {e}") from None
    account.holds.release_due()
    await _deliveries_made(call)
    unmade: list[int] = []
    await call.walk(account.hooks.unmade(), unmade.append)
    return {**_time(account.clock), "deliveries_unmade": sum(unmade)}


async def _deliveries_made(call: ControlCall) -> None:
    """Wait until the deliveries that became due are made, for a few seconds at most, and not longer than the client."""
    with suppress(TimeoutError):
        await call.answering.left_before(asyncio.wait_for(call.account.hooks.settle(), _SETTLE_SECONDS))


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
