"""The requests of an account, and the explanation of each answer."""

from typing import Any

from mock_sent.accounts import Account
from mock_sent.control import showing
from mock_sent.control.calls import ControlCall
from mock_sent.control.deliveries import described
from mock_sent.control.filters import pattern_of
from mock_sent.control.listing import Listing
from mock_sent.control.replies import ControlError
from mock_sent.journal import Exchange
from mock_sent.journal.facts import facts_of
from mock_sent.scenarios.scenario import Scenario
from mock_sent.scenarios.words import REQUEST
from mock_sent.webhooks.state import DeliveryRecord
from mock_sent.world.resources import Item


async def found(call: ControlCall) -> Any:
    """The exchanges that fit the filters, the latest first."""
    journal, pattern, listing = call.journal, pattern_of(call, REQUEST), Listing(call.query["limit"])
    complete, fitting = journal.complete, 0

    def look(x: Exchange) -> None:
        nonlocal fitting
        if not pattern.words or pattern.fits(facts_of(x)):
            fitting += 1
            if not listing.full:
                listing.add(showing.summary(x))

    await call.walk(reversed(tuple(journal)), look)
    return {
        "requests": listing,
        "count": fitting if complete else "unknown",
        "evicted": journal.evicted,
    }


async def explain(call: ControlCall) -> Any:
    """The explanation of one exchange: `latest`, or a request id of any account."""
    id, journal = call.path["request_id"], call.journal
    exchange, account = await _find(call, id)
    if exchange is None:
        gone = f"; {journal.evicted} were evicted" if journal.evicted else ""
        raise ControlError(404, f"no request {id[:100]!r} is known{gone}")
    # The last message of a send is evicted last.
    send = account.mailbox.send_of(exchange.made[-1]) if account and exchange.made else None
    explained = showing.explanation(exchange, lambda id: _scenario(call, id), send)
    return {**explained, "webhooks": await _caused(call, exchange, account)}


async def _find(call: ControlCall, id: str) -> tuple[Exchange | None, Account | None]:
    """An exchange and the account that has it: first in the journal of the call, then in those of all accounts."""
    unowned, asked = call.plane.accounts.unowned, call.journal
    own = None if asked is unowned else call.account
    if id == "latest":
        return asked.latest, own
    for journal, account in ((asked, own), (unowned, None)):
        if exchange := journal.find(id):
            return exchange, account
    found: list[tuple[Exchange, Account]] = []

    def look(account: Account) -> None:
        if not found and (exchange := account.journal.find(id)):
            found.append((exchange, account))

    await call.walk(call.plane.accounts, look)
    return found[0] if found else (None, None)


def _scenario(call: ControlCall, id: str) -> Scenario | None:
    """The compiled scenario of an id, or None if no file, setting or account has it any more."""
    kept = call.plane.library.find(id)
    on = (account.scenario for account in call.plane.accounts)
    return kept or next((scenario for scenario in on if scenario and scenario.id == id), None)


async def _caused(call: ControlCall, x: Exchange, account: Account | None) -> list[dict[str, Any]]:
    """The webhook deliveries of the messages that a request made."""
    if account is None or not x.made:
        return []
    made, edition, caused = set(x.made), account.edition, list[dict[str, Any]]()

    def look(pair: tuple[Item, DeliveryRecord]) -> None:
        shown = described(edition, *pair)
        if shown["message_id"] in made:
            caused.append(shown)

    await call.walk(account.hooks.deliveries(), look)
    return sorted(caused, key=lambda each: str(each["created_at"]))
