"""Messages that are held: the instant of a send, cancel and resend."""

from datetime import datetime

from mock_sent.api.calls import Call
from mock_sent.api.envelope import Reply
from mock_sent.api.messages import message_of, shown
from mock_sent.api.resources import is_sandbox, with_sandbox
from mock_sent.ground.clock import DAY, MICROSECOND, MINUTE, timestamp
from mock_sent.ground.errors import ApiError
from mock_sent.world.lifecycle import CANCELLED, HELD, Timetable, Turn, end_now, events, plan
from mock_sent.world.messages import Message

# How far ahead a send can be scheduled; the bounds are legal (SEND-17).
_LEAST, _MOST = MINUTE, 30 * DAY


def instant_of(call: Call, text: str) -> int:
    """The instant that a request names, in nanoseconds since 1970. Raises `ApiError` if it cannot be (SEND-17)."""
    try:
        moment = datetime.fromisoformat(text)
        instant = round(moment.timestamp() * 1_000_000) * MICROSECOND
    except (ValueError, OverflowError):
        raise ApiError("invalid_schedule") from None
    now = call.clock.now()
    if not now + _LEAST <= instant <= now + _MOST:
        raise ApiError("schedule_out_of_range", warning=f"the account's clock says {timestamp(now)}")
    return instant


async def cancel(call: Call) -> Reply:
    """Call off a held message. Once more gives the same answer, and a sandbox call changes nothing (LIFE-8)."""
    message, account = message_of(call), call.account
    past = events(message, account.clock.now())
    if past[-1].stage == CANCELLED:
        return with_sandbox(call, shown(call, message, past[:-1]))
    if past[-1].stage != HELD:
        raise ApiError("message_not_modifiable")
    return with_sandbox(call, shown(call, _changed(call, message, end_now(CANCELLED, until=past[-1].until)), past))


async def resend(call: Call) -> Reply:
    """Send a message again: judged, billed and told to webhooks anew; a sandbox call changes nothing (LIFE-9)."""
    message, account = message_of(call), call.account
    lifecycle = account.edition.lifecycle
    at = events(message, account.clock.now())[-1].stage
    if message.send.extra.inbound or lifecycle.first not in lifecycle.stages[at].next:
        raise ApiError("message_not_modifiable")
    timetable = plan(lifecycle) if is_sandbox(call) else account.judged_again(message)
    return with_sandbox(call, shown(call, _changed(call, message, timetable)))


def _changed(call: Call, message: Message, timetable: Timetable) -> Message:
    """The message with its new plan; after a sandbox call only the answer shows it."""
    if is_sandbox(call):
        return message._replace(turns=(*message.turns, Turn(call.clock.now(), timetable)))
    call.account.change(message, timetable)
    return message_of(call)
