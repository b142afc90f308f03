"""The messages of an account: find them, wait for the next one, and move one to its next status."""

from collections.abc import Iterable
from typing import Any

from mock_sent.accounts import Account
from mock_sent.control import showing
from mock_sent.control.calls import ControlCall
from mock_sent.control.filters import pattern_of
from mock_sent.control.messagefacts import FactsOfMessages
from mock_sent.control.replies import ControlError
from mock_sent.ground.clock import SECOND, duration_of, ticks
from mock_sent.ground.errors import Misuse
from mock_sent.scenarios.patterns import Pattern
from mock_sent.scenarios.words import MESSAGE
from mock_sent.world.messages import Message

# Seconds between two checks of statuses, which change with the clock and without an event.
_POLL_SECONDS = 0.02


async def found(call: ControlCall) -> Any:
    """The messages, the oldest first. `?after=<id>&wait=5s` waits for one that comes after it."""
    account, query, pattern = call.account, call.query, pattern_of(call, MESSAGE)
    wait = duration_of(query["wait"])
    deadline = ticks() + wait
    while True:
        fitting = _fitting(account, pattern, _newer(account, query["after"]))
        left = (deadline - ticks()) / SECOND
        if fitting or left <= 0 or account.journal.closed or call.answering.left:
            break
        look = left if query["status"] is None else min(left, _POLL_SECONDS)
        await call.answering.left_before(account.journal.changed(look))
    return {
        "messages": [showing.message(m, account) for m in fitting[: query["limit"]]],
        "count": len(fitting) if all_known(account) else "unknown",
        "evicted": account.mailbox.evicted,
    }


async def advance(call: ControlCall) -> Any:
    """Move a message of a manual timetable to its next status, or `{"to": "FAILED", "reason": "..."}`."""
    account, id = call.account, call.path["id"]
    message = account.mailbox.get(id.lower())
    if message is None:
        raise ControlError(404, f"there is no message {id[:100]!r}")
    try:
        account.move(message, call.body.get("to"), call.body.get("reason"))
    except Misuse as e:
        raise ControlError(409, str(e)) from None
    return showing.message(message, account)


def all_known(account: Account) -> bool:
    """Whether the mailbox has every message of the account: neither messages nor the account were evicted."""
    return not account.mailbox.evicted and not account.journal.account_was_evicted


def _newer(account: Account, after: str | None) -> Iterable[Message]:
    """The messages that came after the message with that id."""
    if after is None:
        return account.mailbox
    if account.mailbox.get(after.lower()) is None:
        gone = f"; {account.mailbox.evicted} were evicted" if account.mailbox.evicted else ""
        raise ControlError(404, f"there is no message {after[:100]!r}{gone}")
    messages = list(account.mailbox)
    return messages[next(i for i, m in enumerate(messages) if m.id == after.lower()) + 1 :]


def _fitting(account: Account, pattern: Pattern, messages: Iterable[Message]) -> list[Message]:
    facts = FactsOfMessages(account, pattern, {})
    return [m for m in messages if pattern.fits(facts.of(m))]
