"""Completes a user's contract that was written for an older mock-sent with parts of the shipped contract."""

from collections.abc import Iterable, Iterator
from typing import Any

# Parts of the whole document.
_PARTS = (
    "x-lifecycle", "x-outcomes", "x-delivery", "x-codes-of-several", "x-not-executed", "x-known-paths", "webhooks",
)  # fmt: skip
# Rules that came after lifecycles: a document that has one can lack their texts.
_LATER_RULES = ("content_coding",)
# Annotations of a schema: the format of a value, and its source.
_OF_A_SCHEMA = ("x-as", "x-from")


def complete(own: dict[str, Any], shipped: dict[str, Any]) -> None:
    """Add the parts that the user's document lacks from the shipped one. Values that it has are not changed.

    A document without a lifecycle is older than projections and than the texts for all rules. It also gets those texts,
    and the defaults and the order of members in schemas, because projections use these.
    """
    is_older = "x-lifecycle" not in own
    for part in _PARTS:
        if part in shipped:
            own.setdefault(part, shipped[part])
    if "x-gates" not in own:
        own["x-gates"] = list(_gates(own, shipped.get("x-gates", ())))
    if "x-inbound" in shipped and shipped["x-inbound"].get("stage", "") in ("", *own["x-lifecycle"]["stages"]):
        own.setdefault("x-inbound", shipped["x-inbound"])
    if is_older:
        own["x-faults"] = {**shipped.get("x-faults", {}), **own.get("x-faults", {})}
    if not is_older and "shown_as" not in own["x-lifecycle"]:
        stages, shown = own["x-lifecycle"]["stages"], shipped["x-lifecycle"].get("shown_as", {})
        known = {name: instead for name, instead in shown.items() if instead in stages and name not in stages}
        own["x-lifecycle"]["shown_as"] = known
    for rule in _LATER_RULES:
        if rule in shipped.get("x-faults", {}) and "x-faults" in own:
            own["x-faults"].setdefault(rule, shipped["x-faults"][rule])
    operations = {
        each.get("operationId") for item in own["paths"].values() for each in item.values() if isinstance(each, dict)
    }
    for path, item in shipped["paths"].items():
        if "x-resource" in item and path in own["paths"]:
            resource = item["x-resource"]
            verbs = {id: verb for id, verb in resource["verbs"].items() if id in operations}
            own["paths"][path].setdefault("x-resource", {**resource, "verbs": verbs})
    schemas = own.setdefault("components", {}).setdefault("schemas", {})
    for name, schema in shipped["components"]["schemas"].items():
        if name not in schemas:
            schemas[name] = schema
        else:
            _annotate(schemas[name], schema, is_older)


def _gates(own: dict[str, Any], shipped: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The shipped gates, as far as the user's document has the answers and the endings that they name."""
    responses = [
        response
        for item in (*own["paths"].values(), own.get("components", {}))
        for each in (item.values() if isinstance(item, dict) else ())
        for response in _responses_in(each)
    ]
    examples = {name for response in responses for name in _examples_of(response)}
    known = {"whole": examples, "each": own.get("x-outcomes", {})}
    for gate in shipped:
        kept = {word: value for word, value in gate.items() if word not in known or value in known[word]}
        if len(kept) > 1:
            yield kept


def _responses_in(node: Any) -> Iterable[Any]:
    """The responses of an operation; those of `components` stand in the node itself."""
    if not isinstance(node, dict):
        return ()
    responses = node.get("responses", node)
    return responses.values() if isinstance(responses, dict) else ()


def _examples_of(response: Any) -> Iterable[str]:
    content = response.get("content", {}) if isinstance(response, dict) else {}
    media = content.get("application/json", {}) if isinstance(content, dict) else {}
    examples = media.get("examples", {}) if isinstance(media, dict) else {}
    return examples if isinstance(examples, dict) else ()


def _annotate(own: Any, shipped: Any, is_older: bool) -> None:
    """Add the annotations of a schema, and of the schemas inside it that both documents have."""
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
