"""The items that an account keeps of one kind of resource, by id, the oldest first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mock_sent.contract.resource import Resource
from mock_sent.ground.errors import Misuse
from mock_sent.ground.memory import ByteCount, size_of


@dataclass(slots=True)
class Item:
    """One item of a resource. `members` has the contract's members; an instant is in nanoseconds since 1970, or None.

    `profile` is the id of the profile that created it; None for the organization. `size` is how many bytes it takes,
    once it is kept.
    """

    members: dict[str, Any]
    profile: str | None = None
    size: int = 0

    @property
    def id(self) -> str:
        return str(self.members["id"])


# The bytes of an item without its members.
_ITEM = 150

# The items by id.
Items = dict[str, Item]


def find(items: Items, resource: Resource, id: str, profile: str | None) -> Item | None:
    """The item with an id, or None. The organization (None) finds all items.

    Of a scoped resource, a profile finds only its own items (WEB-8).
    """
    item = items.get(id.lower())
    return item if item is not None and _sees(resource, profile, item) else None


def select(items: Items, resource: Resource, profile: str | None, query: Mapping[str, Any]) -> Sequence[Item]:
    """The items that fit the query of a list, in the list's order. The search ignores upper and lower case."""
    wanted = str(query.get("search") or "").casefold()
    filters = [(how, name, query[name]) for name, how in resource.filters.items() if query.get(name) is not None]
    found = [
        item
        for item in items.values()
        if _sees(resource, profile, item)
        and all(_fits(how, item.members.get(name), value) for how, name, value in filters)
        and (not wanted or any(wanted in text for text in _texts(resource, item)))
    ]
    return found[::-1] if resource.newest_first else found


def add(items: Items, resource: Resource, item: Item, byte_count: ByteCount) -> None:
    """Keep a new item. Raises `Misuse` if the account already has the most items, or bytes, that the mock keeps."""
    if len(items) >= resource.most:
        raise Misuse(f"the mock keeps {resource.most} {resource.listed} for each account; delete some, or reset it")
    change(item, item.members, byte_count)
    items[item.id] = item


def change(item: Item, members: dict[str, Any], byte_count: ByteCount) -> None:
    """Give an item other members. Raises `Misuse` if the account would have more bytes than the mock keeps."""
    size = size_of(members) + _ITEM
    byte_count.demand_room(size - item.size)
    byte_count.add(size - item.size)
    item.members, item.size = members, size


def remove(items: Items, item: Item, byte_count: ByteCount) -> None:
    """Keep an item no more."""
    del items[item.id]
    byte_count.add(-item.size)


def _sees(resource: Resource, profile: str | None, item: Item) -> bool:
    return not resource.scoped or profile in (None, item.profile)


def _texts(resource: Resource, item: Item) -> Iterator[str]:
    """What is searched of an item."""
    for name in resource.searched:
        value = item.members.get(name)
        if value is not None:
            yield str(value).casefold()


def _fits(how: str, has: Any, wanted: Any) -> bool:
    if how == "has":
        return isinstance(has, list) and wanted in has
    return bool(has == wanted)
