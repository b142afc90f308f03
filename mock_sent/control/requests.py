"""The requests of an account, and the explanation of each answer."""

from typing import Any

from mock_sent.control import showing
from mock_sent.control.calls import ControlCall
from mock_sent.control.deliveries import described
from mock_sent.control.filters import pattern_of
from mock_sent.control.replies import ControlError
from mock_sent.journal import Exchange
from mock_sent.journal.facts import facts_of
from mock_sent.scenarios.scenario import Scenario
from mock_sent.scenarios.words import REQUEST


async def found(call: ControlCall) -> Any:
    """The exchanges that fit the filters, the latest first."""
    journal, pattern = call.journal, pattern_of(call, REQUEST)
    fitting = [x for x in reversed(list(journal)) if pattern.fits(facts_of(x))]
    return {
        "requests": [showing.summary(x) for x in fitting[: call.query["limit"]]],
        "count": len(fitting) if journal.complete else "unknown",
        "evicted": journal.evicted,
    }


async def explain(call: ControlCall) -> Any:
    """The explanation of one exchange: `latest`, or a request id of any account."""
    id, journal = call.path["request_id"], call.journal
    if id == "latest":
        exchange = next(reversed(list(journal)), None)
    else:
        others = (account.journal for account in call.plane.accounts)
        journals = (journal, call.plane.accounts.unowned, *others)
        exchange = next((x for each in journals if (x := each.find(id))), None)
    if exchange is None:
        gone = f"; {journal.evicted} were evicted" if journal.evicted else ""
        raise ControlError(404, f"no request {id[:100]!r} is known{gone}")
    explained = showing.explanation(exchange, lambda id: _scenario(call, id))
    return {**explained, "webhooks": _caused(call, exchange)}


def _scenario(call: ControlCall, id: str) -> Scenario | None:
    """The compiled scenario of an id, or None if no file, setting or account has it any more."""
    on = (account.scenario for account in call.plane.accounts)
    kept = call.plane.library.find(id)
    return kept or next((scenario for scenario in on if scenario and scenario.id == id), None)


def _caused(call: ControlCall, x: Exchange) -> list[dict[str, Any]]:
    """The webhook deliveries of the messages that a request made."""
    made = set(x.made)
    accounts = [a for a in call.plane.accounts if made and any(a.mailbox.get(id) for id in x.made)]
    deliveries = [
        described(a.edition, webhook, delivery) for a in accounts for webhook, delivery in a.hooks.deliveries()
    ]
    return sorted((d for d in deliveries if d["message_id"] in made), key=lambda d: str(d["created_at"]))
