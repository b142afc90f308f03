"""The resources of an edition, read from `x-resource` of its paths."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mock_sent.contract.document import Document

VERBS = ("list", "create", "read", "replace", "merge", "delete", "example")


class Resource(NamedTuple):
    """One kind of resource.

    `listed` is the member with the items in the answer of a list. `key` is the path parameter with an item's id, and
    `missing` the outcome for an unknown id. `searched` are the members that `search` searches. `filters` says how a
    query parameter is compared with the member of the same name (`is`: equal, `has`: contained). `unique` has, by
    member, the outcome for a second item with the same value. `verbs` are the operations that the engine handles, with
    their verbs.
    """

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
        name=entry["name"],
        listed=entry["list"],
        key=entry.get("key", "id"),
        missing=entry["missing"],
        scoped=entry.get("scope") == "profile",
        searched=tuple(entry.get("search", ())),
        filters=entry.get("filters", {}),
        newest_first=entry.get("order", "newest") == "newest",
        most=entry.get("most", 5_000),
        unique=entry.get("unique", {}),
        verbs=entry["verbs"],
    )
