"""The resources of an edition, read from `x-resource` of its paths."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mock_sent.contract.document import Document
from mock_sent.contract.operations import Operation
from mock_sent.ground.errors import Steps

VERBS = ("list", "create", "read", "replace", "merge", "delete", "example")
# The verbs that find an item by the id in the path, and those whose reply shows an item.
BY_ID = ("read", "replace", "merge", "delete")
_SHOWING = ("create", "read", "replace", "merge")


class Resource(NamedTuple):
    """One kind of resource.

    `listed` is the member with the items in the answer of a list. `key` is the path parameter with an item's id, or
    empty if the document does not name it. `missing` is the outcome for an unknown id. If the resource is `scoped`, a
    profile sees only its own items, else all items of the account. `searched` are the members that `search` searches.
    `filters` says how a query parameter is compared with the member of the same name (`is`: equal, `has`: contained in
    a list). `unique` has, by member, the outcome for a second item with the same value. `verbs` are the operations that
    the engine handles, with their verbs. `at` is the place in the document.
    """

    at: Steps
    name: str
    listed: str
    key: str
    missing: str
    scoped: bool
    searched: Sequence[str]
    filters: Mapping[str, str]
    newest_first: bool
    most: int
    unique: Mapping[str, str]
    verbs: Mapping[str, str]

    def id_in(self, path: Mapping[str, str]) -> str:
        """The item's id among the parameters of a path: that of `key`, else `id`, else the only one."""
        name = self.key or "id"
        return path[name] if name in path else next(iter(path.values()))

    def new_members(self, by_id: Mapping[str, Operation]) -> dict[str, Any]:
        """The members of a new item: those that a reply shows, with the document's defaults; without one, None.

        Every item has an id and the time of its creation, even if no reply shows them.
        """
        found: dict[str, Any] = {}
        for operation in self._showing(by_id):
            for name, default in operation.shown_defaults.items():
                if found.get(name) is None:
                    found[name] = default
        for id, verb in self.verbs.items():
            if verb == "create":
                found |= {name: value for name, value in by_id[id].body_defaults.items() if name in found}
        return {"id": None, "created_at": None, **found}

    def needs(self, member: str, by_id: Mapping[str, Operation]) -> bool:
        """Whether a reply cannot be shown if the member is None."""
        return any(member in operation.needed for operation in self._showing(by_id))

    def demand(self, document: Document, by_id: Mapping[str, Operation]) -> None:
        """Raise `FileError` for what the engine could not answer with: unknown operations, paths without an id, .."""
        for id, verb in self.verbs.items():
            self._demand_verb(document, (*self.at, "verbs", id), by_id.get(id), verb)
        if "create" in self.verbs.values():
            self._demand_members(document, {n for each in self._showing(by_id) for n in each.shown_defaults})

    def _demand_verb(self, document: Document, at: Steps, operation: Operation | None, verb: str) -> None:
        if operation is None:
            raise document.fault(at, f"no operation has the operationId {at[-1]!r}")
        if verb in BY_ID:
            names = re.findall(r"\{([^}]+)\}", operation.path)
            if (self.key or "id") not in names and (self.key or len(names) != 1):
                found = f"the path {operation.path!r} has no {{{self.key or 'id'}}}"
                raise document.fault(at, f"{found}; `key` must name the parameter with the id")
        if verb == "list":
            if self.listed not in operation.shown_defaults:
                raise document.fault((*self.at, "list"), f"the data of {operation.id} has no member {self.listed!r}")
            for name in ("page", "page_size"):
                rule = operation.parameters.query.get(name)
                if rule and "integer" not in rule.types:
                    raise document.fault(at, f"the query parameter {name!r} of {operation.id} must be an integer")

    def _demand_members(self, document: Document, shown: set[str]) -> None:
        """Raise `FileError` if no reply shows the id, or a member that is searched, filtered by, or unique."""
        if "id" not in shown:
            reason = "no reply shows the id of an item; write `x-from: id` at the member that shows it"
            raise document.fault(self.at, reason)
        named: list[tuple[Steps, str]] = [(("search", i), name) for i, name in enumerate(self.searched)]
        named += [(("filters", name), name) for name in self.filters]
        named += [(("unique", name), name) for name in self.unique]
        for place, name in named:
            if name not in shown:
                raise document.fault((*self.at, *place), f"no reply shows a {self.name} with the member {name!r}")

    def _showing(self, by_id: Mapping[str, Operation]) -> list[Operation]:
        """The operations whose reply shows an item, the creation first."""
        verbs = sorted(self.verbs.items(), key=lambda each: each[1] != "create")
        return [by_id[id] for id, verb in verbs if verb in _SHOWING]


def read_resources(document: Document) -> Sequence[Resource]:
    """The resources in the document's order. Raises `FileError` for a verb that the engine does not have."""
    found = []
    for path, item in document.raw["paths"].items():
        if "x-resource" in item:
            found.append(_resource(document, item["x-resource"], ("paths", path, "x-resource")))
    return tuple(found)


def _resource(document: Document, entry: Mapping[str, Any], at: tuple[str, ...]) -> Resource:
    for operation, verb in entry["verbs"].items():
        if verb not in VERBS:
            reason = f"the engine of resources has no verb {verb!r}; it has {', '.join(VERBS)}"
            raise document.fault((*at, "verbs", operation), reason)
    return Resource(
        at=at,
        name=entry["name"],
        listed=entry["list"],
        key=entry.get("key", ""),
        missing=entry["missing"],
        scoped=entry.get("scope") == "profile",
        searched=tuple(entry.get("search", ())),
        filters=entry.get("filters", {}),
        newest_first=entry.get("order", "newest") == "newest",
        most=entry.get("most", 5_000),
        unique=entry.get("unique", {}),
        verbs=entry["verbs"],
    )
