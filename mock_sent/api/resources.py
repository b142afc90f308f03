"""The engine of resources: list, create, read, replace, merge and delete, as the contract's `x-resource` says.

A plain resource needs no Python. If a verb has an effect, `effects` has an `Effect` for its operationId.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from mock_sent.api.calls import Call
from mock_sent.api.envelope import SANDBOX, Reply, success, with_data
from mock_sent.api.plane import Handler
from mock_sent.contract import Edition
from mock_sent.contract.resource import Resource
from mock_sent.ground.errors import ApiError
from mock_sent.world import resources
from mock_sent.world.resources import Item, Items

# The items on a page whose size the query does not say.
_PAGE_SIZE = 20
# The members that the engine sets; it ignores what a client says for them.
_SET_HERE = ("id", "created_at", "updated_at")


def _no_effect(call: Call, *items: Item | None) -> None:
    pass


def _unchanged(call: Call, members: Mapping[str, Any]) -> Mapping[str, Any]:
    return members


class Effect(NamedTuple):
    """What an operation does beyond its verb.

    `before` may change a new or changed item before it is kept; its last argument is the old item, None for a new one.
    `after` runs after the item was kept or deleted, when the reply is already made. `shown` returns the members as the
    reply shows them.
    """

    before: Callable[[Call, Item, Item | None], None] = _no_effect
    after: Callable[[Call, Item], None] = _no_effect
    shown: Callable[[Call, Mapping[str, Any]], Mapping[str, Any]] = _unchanged


def handlers_of(edition: Edition, effects: Mapping[str, Effect]) -> dict[str, Handler]:
    """A handler for each operation that is a verb of a resource."""
    return {
        operation: getattr(_Engine(resource, effects.get(operation, Effect())), verb)
        for resource in edition.resources
        for operation, verb in resource.verbs.items()
    }


class _Engine:
    """The verbs of one resource. `effect` belongs to one operation, so there is one engine for each operation."""

    def __init__(self, resource: Resource, effect: Effect) -> None:
        self._resource, self._effect = resource, effect

    async def list(self, call: Call) -> Reply:
        """A page of the items."""
        found = resources.select(items_of(call, self._resource), self._resource, call.profile, call.query)
        page, pagination = page_of(call, found)
        shown = [self._effect.shown(call, item.members) for item in page]
        return success(call, {self._resource.listed: shown, "pagination": pagination})

    async def create(self, call: Call) -> Reply:
        """Add an item: the members of the request, defaults for the others, an id and the time."""
        resource, sandbox = self._resource, is_sandbox(call)
        items = items_of(call, resource)
        by_id = call.account.edition.by_id
        members = resource.new_members(by_id)
        members |= {name: value for name, value in _given(call).items() if name in members}
        members["id"] = call.clock.uuid(f"sandbox {resource.listed}" if sandbox else resource.listed)
        members["created_at"] = call.clock.now()
        if resource.needs("updated_at", by_id):
            members["updated_at"] = members["created_at"]
        item = Item(members, call.profile)
        self._demand_unique(items, item)
        self._effect.before(call, item, None)
        reply = self._reply(call, item)  # written first, so that nothing is kept that cannot be shown
        if not sandbox:
            resources.add(items, resource, item, call.account.byte_counts.setup)
            self._effect.after(call, item)
        return reply

    async def read(self, call: Call) -> Reply:
        """The item of the path."""
        return self._reply(call, item_of(call, self._resource))

    async def replace(self, call: Call) -> Reply:
        """Replace all members of the item of the path; a member that the request lacks gets its default, else None."""
        operation, new = call.operation, self._resource.new_members(call.account.edition.by_id)
        defaults = {name: operation.body_defaults.get(name, new.get(name)) for name in operation.body_members}
        return self._change(call, {**defaults, **_given(call)})

    async def merge(self, call: Call) -> Reply:
        """Change those members of the item of the path that the request has."""
        return self._change(call, _given(call))

    async def delete(self, call: Call) -> Reply:
        """Remove the item of the path."""
        item = item_of(call, self._resource)
        reply = self._reply(call, item)
        if not is_sandbox(call):
            resources.remove(items_of(call, self._resource), item, call.account.byte_counts.setup)
            self._effect.after(call, item)
        return reply

    async def example(self, call: Call) -> Reply:
        """The documented answer, for data that never changes."""
        return example_data(call)

    def _change(self, call: Call, changes: Mapping[str, Any]) -> Reply:
        item = item_of(call, self._resource)
        known = {name: value for name, value in changes.items() if name in item.members and name not in _SET_HERE}
        changed = Item({**item.members, **known}, item.profile)
        if "updated_at" in changed.members:
            changed.members["updated_at"] = call.clock.now()
        self._demand_unique(items_of(call, self._resource), changed)
        self._effect.before(call, changed, item)
        reply = self._reply(call, changed)
        if not is_sandbox(call):
            resources.change(item, changed.members, call.account.byte_counts.setup)
            self._effect.after(call, item)
        return reply

    def _demand_unique(self, items: Items, new: Item) -> None:
        """Raise `ApiError` if another item has the same value of a unique member."""
        for name, outcome in self._resource.unique.items():
            value = new.members.get(name)
            others = (each.members.get(name) for each in items.values() if each.id != new.id)
            if value is not None and value in others:
                raise ApiError(outcome)

    def _reply(self, call: Call, item: Item) -> Reply:
        """What the operation shows of the item; nothing, if its reply has no body."""
        if not call.operation.has_body:
            return with_sandbox(call, Reply(call.operation.success, b""))
        return with_sandbox(call, success(call, self._effect.shown(call, item.members)))


def items_of(call: Call, resource: Resource) -> Items:
    """The account's items of a resource."""
    return call.account.resources.setdefault(resource.name, {})


def item_of(call: Call, resource: Resource) -> Item:
    """The item of the path. Raises `ApiError` unless it belongs to the account and, if scoped, to its profile."""
    item = resources.find(items_of(call, resource), resource, resource.id_in(call.path), call.profile)
    if item is None:
        raise ApiError(resource.missing)
    return item


def page_of(call: Call, found: Sequence[Any]) -> tuple[Sequence[Any], dict[str, Any]]:
    """The page that the query asks for, and its `pagination` (WEB-15).

    Without `page_size` a page has 20 items; if the operation has no parameter `page` either, all items are on one page.
    """
    usual = _PAGE_SIZE if "page" in call.query else max(len(found), _PAGE_SIZE)
    page, size = max(call.query.get("page") or 1, 1), max(call.query.get("page_size") or usual, 1)
    pages = -(-len(found) // size)
    pagination = {
        "page": page,
        "page_size": size,
        "total_count": len(found),
        "total_pages": pages,
        "has_more": page < pages,
        "cursors": None,
    }
    return found[(page - 1) * size : page * size], pagination


def example_data(call: Call) -> Reply:
    """The data of the documented answer, in an envelope with the present time and request id."""
    operation = call.operation
    return with_sandbox(
        call, with_data(operation.success, operation.example["data"], call.request_id, call.clock.now())
    )


def is_sandbox(call: Call) -> bool:
    """Whether the call is a sandbox call, of which nothing is kept."""
    return bool(call.body and call.body.get("sandbox", False))


def with_sandbox(call: Call, reply: Reply) -> Reply:
    """The reply, with the sandbox header if the call is a sandbox call."""
    if is_sandbox(call):
        reply.headers.append(SANDBOX)
    return reply


def _given(call: Call) -> dict[str, Any]:
    """The members of the request that the contract describes. An integer that was written as 3.0 is 3."""
    body, operation = call.body, call.operation
    given = {name: body[name] for name in operation.body_members if name in body}
    for name in operation.body_integers & given.keys():
        if type(given[name]) is float and given[name].is_integer():
            given[name] = int(given[name])
    return given
