"""Accounts, and what of them a test may set: templates and balance."""

from typing import Any

from mock_sent.accounts import Account
from mock_sent.control.calls import ControlCall
from mock_sent.ground.clock import timestamp
from mock_sent.ground.money import UNITS
from mock_sent.world.fixtures import UNLIMITED, money_of, templates_of
from mock_sent.world.templates import Template


async def in_use(call: ControlCall) -> Any:
    """The accounts in use, the latest first."""
    accounts = call.plane.accounts
    return {"accounts": [_described(each) for each in reversed(list(accounts))], "evicted": accounts.evicted}


async def drop(call: ControlCall) -> None:
    """Forget the account: its next use finds the fixtures again."""
    call.plane.accounts.drop(call.account.key)


async def reset(call: ControlCall) -> Any:
    """Back to the fixtures: the caller's account, or all of them with `?all=true`."""
    accounts = call.plane.accounts
    if call.query["all"]:
        return {"reset": accounts.drop_all()}
    key = call.account.key
    accounts.drop(key)
    if call.query["account"] is not None:
        accounts.open(key)  # an id stands for an account in use, and its caller may have no key to go on with
    return {"reset": 1}


async def templates(call: ControlCall) -> Any:
    return {"templates": [_template(template) for template in call.account.templates.all()]}


async def put_templates(call: ControlCall) -> Any:
    """Add templates; one with a known id or name takes its place."""
    account = call.account
    for template in templates_of(call.body, account.edition.categories):
        account.templates.put(template)
    account.changes += 1
    return await templates(call)


async def balance(call: ControlCall) -> Any:
    amount = call.account.balance
    return {"balance": UNLIMITED if amount is None else amount / UNITS}


async def put_balance(call: ControlCall) -> Any:
    """`{"balance": 12.5}` or `{"balance": "unlimited"}`"""
    account = call.account
    account.balance = money_of(call.body["balance"])
    account.changes += 1
    return await balance(call)


async def edition(call: ControlCall) -> Any:
    """The edition that the account speaks, with its words."""
    return call.account.edition.words()


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
        "now": timestamp(account.clock.now()),
        "frozen": account.clock.frozen,
    }


def _template(template: Template) -> dict[str, Any]:
    return {
        "id": template.id,
        "name": template.name,
        "body": template.body,
        "category": template.category,
        "header": template.header,
        "footer": template.footer,
        "variables": list(template.variables),
    }
