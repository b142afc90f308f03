"""The data that an account starts with, from `fixtures.yaml` or from the user's file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mock_sent.contract.edition import Categories
from mock_sent.ground.errors import FileError
from mock_sent.ground.money import UNITS, Money
from mock_sent.ground.userfiles import UserFile, check
from mock_sent.ground.userfiles import load as load_text
from mock_sent.ground.userfiles import read as read_file
from mock_sent.world.templates import Template

UNLIMITED = "unlimited"

_UUID = {
    "type": "string",
    "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
    "x-hint": "is not a UUID, such as 7ba7b820-9dad-11d1-80b4-00c04fd430c8",
}
_PICTURE = {
    "type": "string",
    "pattern": "^https://[!-~]+$",
    "maxLength": 2_048,
    "x-hint": "is not the https URL of a picture",
}
_NAME = {"type": "string", "minLength": 1, "maxLength": 200}
_AMOUNT = {"type": "number", "minimum": 0, "maximum": 1_000_000_000}
BALANCE_SCHEMA = {"anyOf": [{"const": UNLIMITED, "x-hint": "is not an amount, such as 12.5, or `unlimited`"}, _AMOUNT]}
_PROFILE = {
    "title": "a profile",
    "type": "object",
    "required": ["id", "name"],
    "additionalProperties": False,
    "properties": {"id": _UUID, "name": _NAME, "api_key": _NAME},
}
# The channels of all editions.
CHANNELS = ("sms", "whatsapp", "rcs", "mms")
_MMS = UNITS // 50
_SENDERS = {
    "title": "senders",
    "type": "object",
    "additionalProperties": False,
    "properties": {channel: {"type": "array", "items": _NAME} for channel in CHANNELS},
}
_PRICE = {
    "title": "price",
    "type": "object",
    "additionalProperties": False,
    "properties": dict.fromkeys(CHANNELS, _AMOUNT),
}


class AccountFixtures(NamedTuple):
    """The data that one account starts with. A balance of None is unlimited."""

    balance: Money | None
    prices: Mapping[str, Money]
    profiles: Mapping[str, str]
    templates: Sequence[Template]
    senders: Mapping[str, frozenset[str]]


class Fixtures(NamedTuple):
    """The fixtures of accounts by API key, and the API keys of profiles: key -> (organization's key, profile's id)."""

    default: AccountFixtures
    accounts: Mapping[str, AccountFixtures]
    profile_keys: Mapping[str, tuple[str, str]]

    def of_account(self, key: str) -> AccountFixtures:
        return self.accounts.get(key, self.default)

    def knows(self, key: str) -> bool:
        return key in self.accounts or key in self.profile_keys


def read(path: Path, categories: Categories) -> Fixtures:
    """Read the fixtures from a file. Raises `FileError`."""
    return _compiled(read_file(path), categories)


def parse(text: str, source: str, categories: Categories) -> Fixtures:
    """Read the fixtures from a text. Raises `FileError`."""
    return _compiled(load_text(text, source), categories)


def templates_of(entries: Any, categories: Categories) -> list[Template]:
    """The templates in a list of entries. Raises `FileError` with the reason if an entry is invalid."""
    check(UserFile.plain(entries, "templates"), {"type": "array", "items": template_schema(categories)})
    return [template_of(entry, categories) for entry in entries]


def money_of(amount: float | str) -> Money | None:
    """An amount in units of money; `unlimited` is None."""
    return None if isinstance(amount, str) else round(amount * UNITS)


def template_schema(categories: Categories) -> dict[str, Any]:
    """The JSON Schema of a template in fixtures and in requests to the control plane."""
    return {
        "title": "a template",
        "type": "object",
        "required": ["id", "name", "body"],
        "additionalProperties": False,
        "properties": {
            "id": _UUID,
            "name": _NAME,
            "body": {"type": "string", "maxLength": 10_000},
            "category": {"enum": list(categories.known)} if categories.known else {"type": "string"},
            "header": {"type": ["string", "null"], "maxLength": 1_000},
            "footer": {"type": ["string", "null"], "maxLength": 1_000},
            "sendable": {"type": "boolean"},
            "media": {"type": "array", "maxItems": 10, "items": _PICTURE},
            "subject": {"type": ["string", "null"], "maxLength": 1_000},
            "variables": {"type": "array", "maxItems": 100, "uniqueItems": True, "items": _NAME},
        },
    }


def _schema(categories: Categories) -> dict[str, Any]:
    members = {
        "balance": BALANCE_SCHEMA,
        "price": _PRICE,
        "profiles": {"type": "array", "items": _PROFILE},
        "senders": _SENDERS,
        "templates": {"type": "array", "items": template_schema(categories)},
    }
    account = {
        "title": "an account",
        "type": "object",
        "required": ["api_key"],
        "additionalProperties": False,
        "properties": {"api_key": _NAME, **members},
    }
    return {
        "title": "the fixtures",
        "type": "object",
        "required": ["schema"],
        "additionalProperties": False,
        "properties": {
            "schema": {"const": 1},
            "default": {"title": "default", "type": "object", "additionalProperties": False, "properties": members},
            "accounts": {"type": "array", "items": account},
        },
    }


def template_of(entry: Mapping[str, Any], categories: Categories) -> Template:
    """The template of an entry that is valid by `template_schema`."""
    category = entry.get("category", categories.usual)
    fields = {name: entry[name] for name in ("name", "body", "header", "footer", "subject") if name in entry}
    return Template(
        id=entry["id"].lower(),
        category=category,
        variables=tuple(entry.get("variables", ())),
        is_approved=entry.get("sendable", True),
        media=tuple(entry.get("media", ())),
        **fields,
    )


def _compiled(document: UserFile, categories: Categories) -> Fixtures:
    check(document, _schema(categories))
    content = document.value
    nothing = AccountFixtures(balance=None, prices={"sms": 0, "whatsapp": 0}, profiles={}, templates=(), senders={})
    default = _account_fixtures(document, content.get("default", {}), ("default",), nothing, categories)
    for j, profile in enumerate(content.get("default", {}).get("profiles", ())):
        if "api_key" in profile:
            at = ("default", "profiles", j, "api_key")
            raise document.fault(at, "a profile's key belongs to one organization; name the profile under its account")
    accounts: dict[str, AccountFixtures] = {}
    profile_keys: dict[str, tuple[str, str]] = {}
    for i, entry in enumerate(content.get("accounts", ())):
        if entry["api_key"] in accounts or entry["api_key"] in profile_keys:
            raise _doubled(document, ("accounts", i, "api_key"), "API key", entry["api_key"])
        accounts[entry["api_key"]] = _account_fixtures(document, entry, ("accounts", i), default, categories)
        for j, profile in enumerate(entry.get("profiles", ())):
            if key := profile.get("api_key"):
                if key in profile_keys or key in accounts:
                    raise _doubled(document, ("accounts", i, "profiles", j, "api_key"), "API key", key)
                profile_keys[key] = (entry["api_key"], profile["id"].lower())
    return Fixtures(default, accounts, profile_keys)


def _account_fixtures(
    document: UserFile,
    entry: Mapping[str, Any],
    at: tuple[str | int, ...],
    base: AccountFixtures,
    categories: Categories,
) -> AccountFixtures:
    prices = {channel: round(amount * UNITS) for channel, amount in entry.get("price", {}).items()}
    profiles = {profile["id"].lower(): profile["name"] for profile in entry.get("profiles", ())}
    templates = [template_of(template, categories) for template in entry.get("templates", ())]
    _refuse_doubles(document, (*at, "profiles"), "profile id", [p["id"].lower() for p in entry.get("profiles", ())])
    _refuse_doubles(document, (*at, "templates"), "template id", [template.id for template in templates])
    _refuse_doubles(document, (*at, "templates"), "template name", [template.name for template in templates])
    return AccountFixtures(
        balance=money_of(entry["balance"]) if "balance" in entry else base.balance,
        prices=_completed({**base.prices, **prices}),
        profiles=profiles if "profiles" in entry else base.profiles,
        templates=templates if "templates" in entry else base.templates,
        senders={c: frozenset(each) for c, each in entry["senders"].items()} if "senders" in entry else base.senders,
    )


def _completed(prices: Mapping[str, Money]) -> Mapping[str, Money]:
    """The prices of all channels: without its own, rcs costs what sms does, and mms two cents."""
    return {"rcs": prices["sms"], "mms": _MMS, **prices}


def _refuse_doubles(document: UserFile, at: tuple[str | int, ...], what: str, values: list[str]) -> None:
    seen: set[str] = set()
    for i, value in enumerate(values):
        if value in seen:
            raise _doubled(document, (*at, i), what, value)
        seen.add(value)


def _doubled(document: UserFile, at: tuple[str | int, ...], what: str, value: str) -> FileError:
    return document.fault(at, f"the {what} {value!r} stands here a second time; each may be used once")
