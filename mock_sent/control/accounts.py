"""Accounts, and what of them a test may set: templates, balance, clock."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mock_sent.accounts import ANONYMOUS, Account, Accounts
from mock_sent.control.replies import ControlError, answer, json_of, member_of
from mock_sent.ground.clock import LAST, duration_of, instant_of, timestamp
from mock_sent.ground.errors import FileError
from mock_sent.ground.money import UNITS
from mock_sent.world.fixtures import UNLIMITED, balance_of, templates_of
from mock_sent.world.templates import Template

# Seconds that moving the clock waits for the deliveries that it made due.
_PATIENCE = 5

Endpoint = Callable[[Request], Awaitable[Response]]


class AccountsControl:
    """The endpoints. Each belongs to the account of its x-api-key, or of `?account=<id>`."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def account_of(self, request: Request) -> Account:
        """The account that a control call is about. Raises `ControlError` for an id that is not in use."""
        id = request.query_params.get("account")
        if id is None:
            key = request.headers.get("x-api-key", "").strip()
            return self._accounts.owner(key) if key else self._accounts.open(ANONYMOUS)
        account = self._accounts.with_id(id)
        if account is None:
            raise ControlError(404, f"no account with the id {id[:100]!r} is in use; GET /_mock/accounts lists them")
        return account

    async def list(self, request: Request) -> Response:
        """The accounts in use, the latest first."""
        return answer(
            {
                "accounts": [_described(account) for account in reversed(list(self._accounts))],
                "evicted": self._accounts.evicted,
            }
        )

    async def drop(self, request: Request) -> Response:
        """Forget the account: its next use finds the fixtures again."""
        self._accounts.drop(self.account_of(request).key)
        return Response(status_code=204)

    async def reset(self, request: Request) -> Response:
        """Back to the fixtures: the caller's account, or all of them with `?all=true`."""
        everything = request.query_params.get("all", "false")
        if everything not in ("true", "false"):
            raise ControlError(400, f"all must be true or false, not {everything[:100]!r}")
        if everything == "true":
            return answer({"reset": self._accounts.drop_all()})
        key = self.account_of(request).key
        self._accounts.drop(key)
        if "account" in request.query_params:
            self._accounts.open(key)  # an id stands for an account in use, and its caller may have no key to go on with
        return answer({"reset": 1})

    async def templates(self, request: Request) -> Response:
        account = self.account_of(request)
        return answer({"templates": [_template(template) for template in account.templates.all()]})

    async def put_templates(self, request: Request) -> Response:
        """Add templates; one with a known id or name takes its place."""
        account = self.account_of(request)
        try:
            templates = templates_of(await json_of(request), account.edition.categories)
        except FileError as e:
            raise ControlError(400, e.reason) from None
        for template in templates:
            account.templates.put(template)
        account.changes += 1
        return await self.templates(request)

    async def balance(self, request: Request) -> Response:
        account = self.account_of(request)
        balance = UNLIMITED if account.balance is None else account.balance / UNITS
        return answer({"balance": balance})

    async def put_balance(self, request: Request) -> Response:
        """`{"balance": 12.5}` or `{"balance": "unlimited"}`"""
        account = self.account_of(request)
        _, amount = await member_of(request, "balance")
        try:
            account.balance = balance_of(amount)
        except FileError as e:
            raise ControlError(400, e.reason) from None
        account.changes += 1
        return await self.balance(request)

    async def edition(self, request: Request) -> Response:
        """The edition that the account speaks, with its words."""
        return answer(self.account_of(request).edition.words())

    async def clock(self, request: Request) -> Response:
        return answer(_time(self.account_of(request)))

    async def move_clock(self, request: Request) -> Response:
        """`{"freeze": true}` or a time, `{"advance": "24h"}`, `{"resume": true}`

        The answer tells how many deliveries were due and could not be made while it waited: a receiver hangs.
        """
        account = self.account_of(request)
        verb, how = await member_of(request, "freeze", "advance", "resume")
        try:
            _move(account, verb, how)
        except ValueError as e:
            raise ControlError(400, f"{verb}: {e}") from None
        await _deliveries_made(account)
        return answer({**_time(account), "deliveries_unmade": account.hooks.unmade})


async def _deliveries_made(account: Account) -> None:
    """What became due is delivered before the caller goes on, as far as the receivers let it."""
    try:
        await asyncio.wait_for(account.hooks.settle(), _PATIENCE)
    except TimeoutError:
        pass


def _move(account: Account, verb: str, how: Any) -> None:
    clock = account.clock
    if verb == "advance":
        span = duration_of(_text(how))
        if clock.now() + span > LAST:
            raise ValueError("the clock cannot go beyond the year 9999")
        clock.advance(span)
    elif verb == "freeze" and how is not True:
        clock.freeze(instant_of(_text(how)))
    elif how is not True:
        raise ValueError("must be true")
    elif verb == "freeze":
        clock.freeze()
    else:
        clock.resume()


def _time(account: Account) -> dict[str, Any]:
    return {"now": timestamp(account.clock.now()), "frozen": account.clock.frozen}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a text")
    return value


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
