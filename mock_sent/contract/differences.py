"""What changed for a caller between two editions, read from their documents."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from mock_sent.contract.edition import Edition
from mock_sent.contract.operations import Operation


class Difference(NamedTuple):
    """One thing that changed: where, and what about it. `kind` is added, removed or changed."""

    section: str
    kind: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.what}"


# The sections, in the order in which a person reads them.
SECTIONS = ("operations", "requests", "answers", "errors", "statuses", "webhooks")


def differences(old: Edition, new: Edition) -> list[Difference]:
    """Everything that changed, section by section."""
    found = [
        *_operations(old, new),
        *_requests(old, new),
        *_answers(old, new),
        *_errors(old, new),
        *_statuses(old, new),
        *_webhooks(old, new),
    ]
    return sorted(found, key=lambda each: SECTIONS.index(each.section))


def members_of(edition: Edition, operation: Operation) -> Mapping[str, str]:
    """The members of a request's body, by path: `template.name` -> what it must be."""
    return dict(_members(edition, edition.schemas_of(operation)[0], ""))


def _operations(old: Edition, new: Edition) -> Iterator[Difference]:
    before, after = (_named(edition) for edition in (old, new))
    yield from _of_sets("operations", before, after)


def _requests(old: Edition, new: Edition) -> Iterator[Difference]:
    for operation, other in _common(old, new):
        before, after = members_of(old, operation), members_of(new, other)
        yield from _of_maps("requests", operation.id, before, after)


def _answers(old: Edition, new: Edition) -> Iterator[Difference]:
    for operation, other in _common(old, new):
        before = dict(_members(old, old.member(old.schemas_of(operation)[1], "data"), "data"))
        after = dict(_members(new, new.member(new.schemas_of(other)[1], "data"), "data"))
        yield from _of_maps("answers", operation.id, before, after)


def _errors(old: Edition, new: Edition) -> Iterator[Difference]:
    for operation, other in _common(old, new):
        before, after = _failures(operation), _failures(other)
        yield from _of_maps("errors", operation.id, before, after)
        for name, ending in new.endings.items():
            if name in operation.outcomes and name not in other.outcomes and operation.id == "sendMessage":
                status = new.lifecycle.statuses[ending.stage]
                what = f"{operation.id}: {name} is no answer any more; the message ends {status} with {ending.code}"
                yield Difference("errors", "changed", what)


def _statuses(old: Edition, new: Edition) -> Iterator[Difference]:
    before, after = old.lifecycle.stages, new.lifecycle.stages
    for name in {**before, **after}:
        if name in before and name in after:
            if before[name].status != after[name].status:
                yield Difference("statuses", "changed", f"{before[name].status} is now {after[name].status}")
        else:
            kind, status = ("added", after[name].status) if name in after else ("removed", before[name].status)
            yield Difference("statuses", kind, status)


def _webhooks(old: Edition, new: Edition) -> Iterator[Difference]:
    yield from _of_sets(
        "webhooks", dict.fromkeys(old.events.topics, ""), dict.fromkeys(new.events.topics, ""), "topic "
    )
    yield from _of_sets("webhooks", dict.fromkeys(old.events.types, ""), dict.fromkeys(new.events.types, ""), "event ")
    for name, kind in old.events.types.items():
        stage = kind.stage
        other = new.events.of_stage(stage) if stage else new.events.types.get(name)
        if other is not None:
            before, after = dict(_members(old, kind.schema, "")), dict(_members(new, other.schema, ""))
            yield from _of_maps("webhooks", other.name, before, after)


def _words(words: Iterable[str]) -> dict[str, str]:
    return dict.fromkeys(words, "")


def _named(edition: Edition) -> dict[str, str]:
    return {f"{operation.method} {operation.path}": "" for operation in edition.operations}


def _common(old: Edition, new: Edition) -> Iterator[tuple[Operation, Operation]]:
    return ((operation, new.by_id[id]) for id, operation in old.by_id.items() if id in new.by_id)


def _failures(operation: Operation) -> dict[str, str]:
    outcomes = operation.outcomes
    return {name: f"{outcomes[name].status} {outcomes[name].code}".strip() for name in outcomes.names}


def _members(edition: Edition, schema: Any, at: str) -> Iterator[tuple[str, str]]:
    """The members inside a schema, by path, each with what it must be. A schema inside itself is not followed."""
    waiting: list[tuple[str, Any, tuple[int, ...]]] = [(at, edition.follow(schema), ())]
    while waiting:
        place, node, above = waiting.pop(0)
        if not isinstance(node, dict) or id(node) in above:
            continue
        inside = (*above, id(node))
        if isinstance(items := node.get("items"), dict):
            waiting.append((f"{place}[]", edition.follow(items), inside))
        required = node.get("required", ())
        for name, inner in node.get("properties", {}).items():
            member = edition.follow(inner)
            path = f"{place}.{name}" if place else name
            yield path, _described(member, needed=name in required)
            waiting.append((path, member, inside))


def _described(member: Any, *, needed: bool) -> str:
    if not isinstance(member, dict):
        return "anything"
    kind = member.get("type", "any of a list" if "enum" in member else "anything")
    words = " or ".join(kind) if isinstance(kind, list) else str(kind)
    choice = f" of {', '.join(map(str, member['enum']))}" if "enum" in member else ""
    if "const" in member:
        words = f"always {member['const']!r}"
    return f"{words}{choice}{', required' if needed else ''}"


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
