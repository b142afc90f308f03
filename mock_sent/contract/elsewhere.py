"""What other editions have, read from their contracts: members, values, paths and words that one edition lacks."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mock_sent.contract.edition import Edition
from mock_sent.contract.operations import Operation
from mock_sent.contract.paths import of_method
from mock_sent.contract.schemas import COMBINED
from mock_sent.contract.texts import Violation
from mock_sent.ground.errors import Lack

_STEP = re.compile(r"\[[0-9]+\]|[^.\[\]]+")


class Request(NamedTuple):
    """A request, as far as contracts judge it. `body` is its JSON, or None without one."""

    method: str
    segments: Sequence[str]
    headers: Mapping[str, str]
    query: bytes
    body: Any


def operation_at(edition: Edition, method: str, segments: Sequence[str]) -> tuple[Operation, Mapping[str, str]] | None:
    """The operation of an edition at a path, and the values of the path's parameters."""
    found = edition.routes.find(segments)
    if found is None:
        return None
    operations, values = found
    operation = of_method(operations, method)
    return (operation, values) if operation else None


def violations_of(edition: Edition, request: Request) -> list[Violation] | None:
    """What an edition has against a request; None if it does not serve the path."""
    found = operation_at(edition, request.method, request.segments)
    if found is None:
        return None
    operation, values = found
    violations = operation.head_violations(request.headers, values)
    violations += operation.read_query(request.query).violations
    if operation.body and request.body is not None:
        violations += operation.body.violations(request.body)
    return violations


def members_in(edition: Edition, request: Request, names: Iterable[str]) -> list[str]:
    """Those members of a body that an edition knows: `template.name`, `channels.sms[0].from`."""
    found = operation_at(edition, request.method, request.segments)
    if found is None:
        return []
    schema = edition.schemas_of(found[0])[0]
    return [name for name in names if _has(edition, schema, _STEP.findall(name))]


def parameters_in(edition: Edition, request: Request, names: Iterable[str]) -> list[str]:
    """Those parameters of a query that an edition knows."""
    found = operation_at(edition, request.method, request.segments)
    return [name for name in names if found and name in found[0].parameters.query]


def has_word(edition: Edition, lack: Lack) -> bool:
    """Whether an edition has the word that another one lacks."""
    return _HAS_WORD[lack.kind](edition, lack.word)


def said(lack: Lack) -> str:
    """What is lacking, in words."""
    return _SAID[lack.kind].format(lack.word[:50])


def _has_outcome(edition: Edition, word: str) -> bool:
    return word in edition.endings or any(each.outcomes.find(word) for each in edition.operations)


def _has_answer(edition: Edition, word: str) -> bool:
    """Whether an operation answers with a status: `sendMessage 402`."""
    id, _, status = word.partition(" ")
    operation = edition.by_id.get(id)
    is_status = status.isascii() and status.isdigit() and len(status) == 3
    return operation is not None and is_status and bool(operation.outcomes.of_status(int(status)))


def _has_incoming(edition: Edition, channel: str) -> bool:
    return edition.inbound is not None and (not channel or channel in edition.inbound.channels)


# Whether an edition has a word, by the kind of word.
_HAS_WORD: Mapping[str, Callable[[Edition, str], bool]] = {
    "outcome": _has_outcome,
    "answer": _has_answer,
    "status": lambda edition, word: word in edition.lifecycle.words or word in edition.lifecycle.stages,
    "inbound": _has_incoming,
}

_SAID: Mapping[str, str] = {
    "outcome": "the outcome {!r}",
    "answer": "the answer {}",
    "status": "the status {}",
    "inbound": "messages that come in",
}


def _has(edition: Edition, schema: Any, steps: Sequence[str]) -> bool:
    """Whether a schema describes the member at a path."""
    found = edition.follow(schema)
    if not steps:
        return found is not False
    if not isinstance(found, dict):
        return False
    return any(_has(edition, inner, steps[1:]) for inner in _inside(found, steps[0])) or any(
        _has(edition, each, steps) for name in COMBINED for each in found.get(name, ())
    )


def _inside(schema: Mapping[str, Any], step: str) -> Iterator[Any]:
    """The schemas of a member, or of the items of a list."""
    if step.startswith("["):
        if "items" in schema:
            yield schema["items"]
    elif step in schema.get("properties", {}):
        yield schema["properties"][step]
    elif isinstance(more := schema.get("additionalProperties"), dict):
        yield more
