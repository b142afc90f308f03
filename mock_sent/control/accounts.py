"""Accounts, and the parts of them that a test may set: templates and balance."""

from collections.abc import Sequence
from typing import Any

from mock_sent.accounts import Account
from mock_sent.control.calls import ControlCall
from mock_sent.control.listing import Listing
from mock_sent.ground.clock import timestamp
from mock_sent.ground.errors import Misuse
from mock_sent.ground.memory import taken_by
from mock_sent.ground.money import UNITS
from mock_sent.world.fixtures import UNLIMITED, money_of, templates_of
from mock_sent.world.templates import Template


async def in_use(call: ControlCall) -> Any:
    """The accounts in use, the latest first."""
    accounts, listing = call.plane.accounts, Listing(len(call.plane.accounts))
    await call.walk(reversed(tuple(accounts)), lambda each: listing.add(_described(each)))
    kept = accounts.memory
    memory = {"bytes": taken_by(kept.bytes), "most": kept.room, "evicted": accounts.evicted_for_memory}
    return {"accounts": listing, "evicted": accounts.evicted, "memory": memory}


async def drop(call: ControlCall) -> None:
    """Drop the account: its next use begins with the fixtures again."""
    call.plane.accounts.drop(call.account)


async def reset(call: ControlCall) -> Any:
    """Reset the caller's account to the fixtures, or all accounts with `?all=true`."""
    accounts = call.plane.accounts
    if call.query["all"]:
        every = accounts.begin_anew()
        await call.walk(every, accounts.drop)
        return {"reset": len(every)}
    if call.query["account"] is None:
        accounts.drop(call.account)
    else:
        accounts.renew(call.account)  # so that the caller, who may not know the key, can use the id again
    return {"reset": 1}


async def templates(call: ControlCall) -> Any:
    return await _shown(call, call.account.templates.all())


async def put_templates(call: ControlCall) -> Any:
    """Add templates; one with a known id or name replaces the old one. The answer shows those that were added."""
    account, added = call.account, templates_of(call.body, call.account.edition.categories)
    account.templates.put(added)
    account.changes += 1
    return await _shown(call, added)


async def balance(call: ControlCall) -> Any:
    amount = call.account.balance
    return {"balance": UNLIMITED if amount is None else amount / UNITS}


async def put_balance(call: ControlCall) -> Any:
    """Set the balance: `{"balance": 12.5}` or `{"balance": "unlimited"}`."""
    account = call.account
    account.balance = money_of(call.body["balance"])
    account.changes += 1
    return await balance(call)


async def edition(call: ControlCall) -> Any:
    """The edition of the account, who chose it, and its words."""
    account = call.account
    by = account.state.edition_from or account.editions.usual_from
    return {"from": by, "editions": account.editions.names, **account.edition.words()}


async def put_edition(call: ControlCall) -> Any:
    """Let the account speak an edition."""
    account, name = call.account, call.body["edition"]
    if name not in account.editions.names:
        known = ", ".join(account.editions.names)
        raise Misuse(f"there is no edition {name[:50]!r}; there are {known}")
    account.choose(await account.editions.prepare(name), "PUT /_mock/edition")
    return await edition(call)


async def drop_edition(call: ControlCall) -> Any:
    """Let the account speak the server's edition again."""
    call.account.choose(None, "")
    return await edition(call)


async def _shown(call: ControlCall, shown: Sequence[Template]) -> Any:
    listing = Listing(len(shown))
    await call.walk(shown, lambda template: listing.add(_template(template)))
    return {"templates": listing}


def _described(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "api_key": account.shown,
        "messages": len(account.mailbox),
        "messages_evicted": account.mailbox.evicted,
        "idempotency_keys": len(account.replays),
        "idempotency_keys_evicted": account.replays.evicted,
        "requests": len(account.journal),
        "requests_evicted": account.journal.evicted,
        "contacts_evicted": account.consents.dropped,
        "bytes": account.byte_counts.taken,
        "now": timestamp(account.clock.now()),
        "frozen": account.clock.frozen,
    }


def _template(template: Template) -> dict[str, Any]:
    pictures = {"media": list(template.media), "subject": template.subject} if template.media else {}
    return {
        "id": template.id,
        "name": template.name,
        "body": template.body,
        "category": template.category,
        "header": template.header,
        "footer": template.footer,
        "sendable": template.is_approved,
        "variables": list(template.variables),
        **pictures,
    }
