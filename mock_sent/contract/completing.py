"""Completes a contract of the user's that was written for an older mock-sent, with what the shipped one says."""

from typing import Any

# What belongs to the document as a whole.
_PARTS = ("x-lifecycle", "x-gates", "x-outcomes", "x-delivery", "x-codes-of-several", "x-known-paths", "webhooks")
# What belongs to a schema: how a value is written, and where it comes from.
_OF_A_SCHEMA = ("x-as", "x-from")


def complete(own: dict[str, Any], shipped: dict[str, Any]) -> None:
    """Add to the user's document what only the shipped one has; nothing that it says is changed.

    A document without a lifecycle is older than projections, which show members in the order of a schema and with its
    defaults, and older than the text for every rule: it takes these from the shipped one.
    """
    is_older = "x-lifecycle" not in own
    for part in _PARTS:
        if part in shipped:
            own.setdefault(part, shipped[part])
    if is_older:
        own["x-faults"] = {**shipped.get("x-faults", {}), **own.get("x-faults", {})}
    for path, item in shipped["paths"].items():
        if "x-resource" in item and path in own["paths"]:
            own["paths"][path].setdefault("x-resource", item["x-resource"])
    schemas = own.setdefault("components", {}).setdefault("schemas", {})
    for name, schema in shipped["components"]["schemas"].items():
        if name not in schemas:
            schemas[name] = schema
        else:
            _annotate(schemas[name], schema, is_older)


def _annotate(own: Any, shipped: Any, is_older: bool) -> None:
    """Add the annotations of a schema, and of what is inside it, where both documents describe the same."""
    if not isinstance(own, dict) or not isinstance(shipped, dict):
        return
    for name in (*_OF_A_SCHEMA, "default") if is_older else _OF_A_SCHEMA:
        if name in shipped:
            own.setdefault(name, shipped[name])
    for key, value in shipped.items():
        if key in own:
            _annotate(own[key], value, is_older)
    members, order = own.get("properties"), shipped.get("properties")
    if is_older and isinstance(members, dict) and isinstance(order, dict):
        known = {name: members[name] for name in order if name in members}
        own["properties"] = known | members
