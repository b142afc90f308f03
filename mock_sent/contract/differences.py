"""What changed for a caller between two editions, read from their documents."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from mock_sent.contract.edition import Edition
from mock_sent.contract.operations import Operation
from mock_sent.contract.outcomes import Outcomes
from mock_sent.contract.schemas import COMBINED


class Difference(NamedTuple):
    """One thing that changed: where, and what about it. `kind` is added, removed or changed."""

    section: str
    kind: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.what}"


# The sections, in the order in which a person reads them.
SECTIONS = ("operations", "requests", "answers", "headers", "errors", "codes", "statuses", "webhooks")

# What a schema demands of a value beside its type.
_LIMITS = ("format", "pattern", "minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "uniqueItems")
# The operations that a line names.
_MOST_NAMED = 3
# The members of a document whose values are codes.
_CODES = ("code", "reason_code")


def differences(old: Edition, new: Edition) -> list[Difference]:
    """Everything that changed, section by section."""
    found = [
        *_of_sets("operations", _named(old), _named(new)),
        *_told_once(_of_operations(old, new), len(old.by_id.keys() & new.by_id.keys())),
        *_of_sets("codes", codes_of(old), codes_of(new)),
        *_of_maps("errors", "any operation", _failures(old.common), _failures(new.common)),
        *_of_maps("errors", "messages that end", _endings(old), _endings(new)),
        *_statuses(old, new),
        *_webhooks(old, new),
    ]
    return sorted(found, key=lambda each: SECTIONS.index(each.section))


def members_of(edition: Edition, operation: Operation) -> Mapping[str, str]:
    """The members of a request's body, by path: `template.name` -> what it must be."""
    return dict(_members(edition, edition.schemas_of(operation)[0], ""))


def codes_of(edition: Edition) -> dict[str, str]:
    """Every code that the document has: in examples, in the texts of faults, of messages that end."""
    found: dict[str, str] = {}
    waiting: list[Any] = [edition.document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            found |= {node[name]: "" for name in _CODES if isinstance(node.get(name), str)}
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return dict(sorted(found.items()))


def _of_operations(old: Edition, new: Edition) -> Iterator[Difference]:
    """What changed about each operation that both editions have."""
    for id, operation in old.by_id.items():
        if id not in new.by_id:
            continue
        other = new.by_id[id]
        yield from _of_maps("requests", id, _parameters(old, operation), _parameters(new, other))
        yield from _of_maps("requests", id, members_of(old, operation), members_of(new, other))
        before, after = _responses(old, operation), _responses(new, other)
        yield from _of_sets("answers", _statuses_of(before), _statuses_of(after), f"{id}: status ")
        yield from _of_maps("answers", id, _shown(old, before, "2"), _shown(new, after, "2"))
        yield from _of_maps("headers", id, _headers(old, before), _headers(new, after))
        yield from _of_maps("errors", id, _failures(operation.outcomes), _failures(other.outcomes))
        yield from (Difference("errors", "changed", line) for line in _later(operation, other, new))
        yield from _of_maps("errors", id, _shown(old, before, "345"), _shown(new, after, "345"))


def _told_once(found: Iterable[Difference], operations: int) -> Iterator[Difference]:
    """What changed in the same way about several operations, as one difference."""
    alike: dict[tuple[str, str, str], list[str]] = {}
    for section, kind, what in found:
        id, _, change = what.partition(": ")
        alike.setdefault((section, kind, change), []).append(id)
    for (section, kind, change), ids in alike.items():
        where = ", ".join(ids[:_MOST_NAMED])
        if len(ids) > _MOST_NAMED:
            where = "every operation" if len(ids) == operations else f"{where} and {len(ids) - _MOST_NAMED} more"
        yield Difference(section, kind, f"{where}: {change}")


def _later(operation: Operation, other: Operation, new: Edition) -> Iterator[str]:
    """Failures that are no answers any more, because messages end so later."""
    for name in operation.outcomes.names:
        if name in new.endings and name not in other.outcomes:
            yield f"{operation.id}: {name} is no answer any more; the message ends {_endings(new)[name]}"


def _statuses(old: Edition, new: Edition) -> Iterator[Difference]:
    before, after = old.lifecycle.stages, new.lifecycle.stages
    for name in {**before, **after}:
        if name in before and name in after:
            one, other = before[name], after[name]
            if one.status != other.status:
                yield Difference("statuses", "changed", f"{one.status} is now {other.status}")
            first, then = (", ".join(_following(each, name)) or "nothing" for each in (old, new))
            if first != then:
                yield Difference("statuses", "changed", f"{other.status} may be followed by {then}; it was {first}")
        else:
            kind, status = ("added", after[name].status) if name in after else ("removed", before[name].status)
            yield Difference("statuses", kind, status)


def _following(edition: Edition, stage: str) -> list[str]:
    return sorted(edition.lifecycle.statuses[name] for name in edition.lifecycle.stages[stage].next)


def _webhooks(old: Edition, new: Edition) -> Iterator[Difference]:
    for word, before, after in (
        ("topic ", old.events.topics, new.events.topics),
        ("event ", old.events.types, new.events.types),
        ("header ", _delivery_headers(old), _delivery_headers(new)),
        ("state of a delivery ", old.delivery_states.values(), new.delivery_states.values()),
    ):
        yield from _of_sets("webhooks", dict.fromkeys(before, ""), dict.fromkeys(after, ""), word)
    for name, kind in old.events.types.items():
        stage = kind.stage
        other = new.events.of_stage(stage) if stage else new.events.types.get(name)
        if other is not None:
            members, others = dict(_members(old, kind.schema, "")), dict(_members(new, other.schema, ""))
            yield from _of_maps("webhooks", other.name, members, others)


def _delivery_headers(edition: Edition) -> list[str]:
    return [edition.event_id_header] if edition.event_id_header else []


def _named(edition: Edition) -> dict[str, str]:
    return {f"{operation.method} {operation.path}": "" for operation in edition.operations}


def _parameters(edition: Edition, operation: Operation) -> dict[str, str]:
    found = {}
    for _, each in operation.described_parameters:
        needed = bool(each.get("required")) and each["in"] != "path"
        schema = edition.follow(each.get("schema", {}))
        found[f"{each['in']} {each['name']}"] = _described(edition, schema, needed=needed)
    return found


def _responses(edition: Edition, operation: Operation) -> dict[str, Any]:
    return {status: edition.follow(each) for status, each in operation.content["responses"].items()}


def _statuses_of(responses: Mapping[str, Any]) -> dict[str, str]:
    return dict.fromkeys(responses, "")


def _shown(edition: Edition, responses: Mapping[str, Any], first_digits: str) -> dict[str, str]:
    """The members of the bodies of those responses whose status begins with one of some digits."""
    found: dict[str, str] = {}
    for status, response in responses.items():
        if status[0] in first_digits:
            schema = response.get("content", {}).get("application/json", {}).get("schema", {})
            for name, what in _members(edition, edition.follow(schema), ""):
                found.setdefault(name, what)
    return found


def _headers(edition: Edition, responses: Mapping[str, Any]) -> dict[str, str]:
    """The headers of all responses by status: `202 X-Sandbox`."""
    return {
        f"{status} {name}": _described(edition, edition.follow(edition.follow(header).get("schema", {})), needed=False)
        for status, response in responses.items()
        for name, header in response.get("headers", {}).items()
    }


def _failures(outcomes: Outcomes) -> dict[str, str]:
    return {name: f"{outcomes[name].status} {outcomes[name].code}".strip() for name in outcomes.names}


def _endings(edition: Edition) -> dict[str, str]:
    statuses = edition.lifecycle.statuses
    return {name: f"{statuses[each.stage]} {each.code or ''}".strip() for name, each in edition.endings.items()}


def _members(edition: Edition, schema: Any, at: str) -> Iterator[tuple[str, str]]:
    """The members inside a schema, by path, each with what it must be. A schema inside itself is not followed."""
    waiting: list[tuple[str, Any, tuple[int, ...]]] = [(at, edition.follow(schema), ())]
    while waiting:
        place, node, above = waiting.pop(0)
        if not isinstance(node, dict) or id(node) in above:
            continue
        inside = (*above, id(node))
        for part in _parts(edition, node):
            if isinstance(items := part.get("items"), dict):
                item = edition.follow(items)
                yield f"{place}[]", _described(edition, item, needed=False)
                waiting.append((f"{place}[]", item, inside))
            required, named = part.get("required", ()), dict(part.get("properties", {}))
            if isinstance(more := part.get("additionalProperties"), dict):
                named["*"] = more
            for name, inner in named.items():
                member = edition.follow(inner)
                path = f"{place}.{name}" if place else name
                yield path, _described(edition, member, needed=name in required)
                waiting.append((path, member, inside))


def _parts(edition: Edition, node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A schema, and those that it combines."""
    yield node
    for name in COMBINED:
        for each in map(edition.follow, node.get(name, ())):
            if isinstance(each, dict) and each is not node:
                yield from _parts(edition, each)


def _described(edition: Edition, member: Any, *, needed: bool) -> str:
    """What a value must be, in a few words."""
    if not isinstance(member, dict):
        return "nothing" if member is False else "anything"
    kinds: dict[str, None] = {}
    words: dict[str, None] = {}
    limits: list[str] = []
    for part in _parts(edition, member):
        kind = part.get("type", ())
        kinds |= dict.fromkeys(kind if isinstance(kind, list) else [kind] if kind else ())
        words |= dict.fromkeys(map(str, part.get("enum", ())))
        if "const" in part:
            words[repr(part["const"])] = None
        limits += [f"{name} {part[name]}" for name in _LIMITS if name in part]
    text = " or ".join(kinds) or ("any of a list" if words else "anything")
    choice = f" of {', '.join(words)}" if words else ""
    return ", ".join(filter(None, (f"{text}{choice}", *limits, "required" if needed else "")))


def _of_sets(section: str, before: Mapping[str, str], after: Mapping[str, str], word: str = "") -> Iterator[Difference]:
    yield from (Difference(section, "removed", f"{word}{name}") for name in before if name not in after)
    yield from (Difference(section, "added", f"{word}{name}") for name in after if name not in before)


def _of_maps(section: str, where: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Difference]:
    for name, what in before.items():
        if name not in after:
            yield Difference(section, "removed", f"{where}: {name}")
        elif after[name] != what:
            yield Difference(section, "changed", f"{where}: {name} was {what}, is {after[name]}")
    for name, what in after.items():
        if name not in before:
            yield Difference(section, "added", f"{where}: {name} ({what})")
