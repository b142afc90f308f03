"""The messages of an account: find them, wait for the next one, and move one to its next status."""

from collections.abc import Collection
from typing import Any

from mock_sent.accounts import Account
from mock_sent.control import showing
from mock_sent.control.calls import ControlCall
from mock_sent.control.filters import pattern_of
from mock_sent.control.listing import Listing
from mock_sent.control.messagefacts import FactsOfMessages
from mock_sent.control.replies import ControlError
from mock_sent.control.waiting import NewAndChanged, News, NewSends
from mock_sent.ground.clock import SECOND, duration_of, ticks
from mock_sent.ground.errors import Misuse
from mock_sent.scenarios.words import MESSAGE
from mock_sent.world.messages import Message, Send


async def found(call: ControlCall) -> Any:
    """The messages, the oldest first. `?after=<id>&wait=5s` waits for one that comes after it."""
    account, query = call.account, call.query
    search, after = _Search(call), _send_of(account, query["after"])
    deadline = ticks() + duration_of(query["wait"])
    if query["status"] is None or query["wait"] == "0s":
        await search.until_found(NewSends(account, after), deadline)
    else:
        with call.plane.watching(account) as watch:
            await search.until_found(NewAndChanged(watch, after), deadline)
    return {
        "messages": search.listing,
        "count": search.count if all_known(account) else "unknown",
        "evicted": account.mailbox.evicted,
    }


class _Search:
    """The messages that a call asks for."""

    def __init__(self, call: ControlCall) -> None:
        self._call, self._account = call, call.account
        self._pattern = pattern_of(call, MESSAGE)
        self._facts = FactsOfMessages(self._account, self._pattern, {})
        self.count, self.listing = 0, Listing(call.query["limit"])
        self._before = _before(self._account, call.query["after"])

    async def until_found(self, news: News, deadline: int) -> None:
        """Look at the messages, and at the news until one fits, or the time is over, or the client has left."""
        journal, answering = self._account.journal, self._call.answering
        while True:
            change = journal.subscribe()  # before the look, so that nothing that comes meanwhile is missed
            try:
                await self._call.walk(self._account.mailbox.messages_of(await news.look()), self._look)
                left = (deadline - ticks()) / SECOND
                if self.count or left <= 0 or journal.closed or answering.left:
                    return
                await answering.left_before(news.wait(change, left))
            finally:
                journal.unsubscribe(change)

    def _look(self, m: Message) -> None:
        if m.id not in self._before and self._pattern.fits(self._facts.of(m)):
            self.count += 1
            if not self.listing.full:
                self.listing.add(showing.message(m, self._account))


async def advance(call: ControlCall) -> Any:
    """Move a message of a manual timetable to its next status, or `{"to": "FAILED", "reason": "..."}`."""
    account, id = call.account, call.path["id"]
    message = account.mailbox.get(id.lower())
    if message is None:
        raise ControlError(404, f"there is no message {id[:100]!r}")
    try:
        account.move(message, call.body.get("to"), call.body.get("reason"))
    except Misuse as e:
        raise ControlError(409, await call.worded(e)) from None
    call.plane.moved(account, message)
    return showing.message(message, account)


def all_known(account: Account) -> bool:
    """Whether the mailbox has every message of the account: neither messages nor the account were evicted."""
    return not account.mailbox.evicted and not account.journal.account_was_evicted


def _send_of(account: Account, after: str | None) -> Send | None:
    """The send of the message with that id. Raises `ControlError` if it is not known."""
    if after is None:
        return None
    send = account.mailbox.send_of(after.lower())
    if send is None:
        gone = f"; {account.mailbox.evicted} were evicted" if account.mailbox.evicted else ""
        raise ControlError(404, f"there is no message {after[:100]!r}{gone}")
    return send


def _before(account: Account, after: str | None) -> Collection[str]:
    """The messages of the same send that come before the message with that id, and that message."""
    send = _send_of(account, after)
    return () if send is None or after is None else frozenset(send.ids[: send.ids.index(after.lower()) + 1])
