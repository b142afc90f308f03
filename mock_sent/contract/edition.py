"""An edition: the vendor's API as of a month, compiled from its document into one object."""

from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from mock_sent.contract.completing import complete
from mock_sent.contract.document import Document
from mock_sent.contract.events import EventTypes, read_events
from mock_sent.contract.formats import FORMATS
from mock_sent.contract.gates import Ending, Gate, read_endings, read_gates
from mock_sent.contract.inbound import Inbound, read_inbound
from mock_sent.contract.lifecycle import Lifecycle, read_lifecycle
from mock_sent.contract.operations import Operation, demand_other_rules, operations_of
from mock_sent.contract.outcomes import Outcomes, demand_failures, read_outcomes
from mock_sent.contract.paths import Paths, PathTemplate
from mock_sent.contract.resource import Resource, read_resources
from mock_sent.contract.schemas import Schemas
from mock_sent.contract.shape import demand_shape
from mock_sent.contract.violations import RuleBook
from mock_sent.ground.clock import SECOND

_JSON = "application/json"
# The edition of a document without `x-edition`.
FIRST = "2026-03"


class Categories(NamedTuple):
    """The categories that a template can have, and the default one."""

    known: Sequence[str]
    usual: str


@dataclass(frozen=True, eq=False)
class Edition:
    """One compiled edition. `document` is the tree that /openapi.json shows; it does not change any more.

    `delivery_states` has the edition's word for each state of a delivery, by the mock's own name of the state.
    `known_paths` are paths of the vendor's API that this document lacks: by path and method, the SDK version that
    introduced them. `not_executed` are the codes of failures of the server that say that nothing was done.
    `key_wait` is for how many nanoseconds a call waits for the answer to an idempotency key in flight (IDEM-6).
    """

    source: Document
    document: Mapping[str, Any]
    name: str
    lifecycle: Lifecycle
    delivery_states: Mapping[str, str]
    paths: Mapping[str, Mapping[str, Operation]]
    by_id: Mapping[str, Operation]
    resources: Sequence[Resource]
    events: EventTypes
    categories: Categories
    known_paths: Mapping[str, Mapping[str, str]]
    not_executed: Collection[str]
    key_wait: int
    statements: Sequence[Mapping[str, Any]]
    # By language, the versions of the official SDK whose users speak this edition: `>=0.14`.
    sdks: Mapping[str, str]
    # The header of a delivery that has the id of the event, equal on retries (WEB-16); empty if there is none.
    event_id_header: str
    # The member of an organization's webhook with the events of profiles that it gets; empty if it gets all (WEB-8).
    of_profiles: str
    # What becomes of messages that come in; None if this edition has none.
    inbound: Inbound | None

    def follow(self, node: Any) -> Any:
        """A node of the document; if it is a `$ref`, the node that it refers to."""
        return self.source.follow(node)

    @cached_property
    def routes(self) -> Paths[Mapping[str, Operation]]:
        """The operations by method, found by the path of a request."""
        return Paths(self.paths)

    @property
    def operations(self) -> list[Operation]:
        return list(self.by_id.values())

    @cached_property
    def common(self) -> Outcomes:
        """The failures that belong to no operation: the responses under `components` with an `x-status`."""
        return read_outcomes(self.source, self._by_status, ("components", "responses"))

    @property
    def _by_status(self) -> list[tuple[str, Any]]:
        responses = self.document.get("components", {}).get("responses", {})
        return [(str(each["x-status"]), each) for each in responses.values() if "x-status" in each]

    @cached_property
    def gates(self) -> Sequence[Gate]:
        """The gates that can refuse a send or end its messages, in the document's order."""
        sending = self.by_id.get("sendMessage")
        return read_gates(self.source, self.endings, sending.outcomes if sending else self.common)

    @cached_property
    def endings(self) -> Mapping[str, Ending]:
        """The ways in which messages end early, by the name of the outcome."""
        return read_endings(self.source, self.lifecycle)

    def words(self) -> dict[str, Any]:
        """The edition's words for stages, states of deliveries and topics, for pages that show messages."""
        stages = self.lifecycle.stages.values()
        return {
            "edition": self.name,
            "statuses": [
                {
                    "status": stage.status,
                    "stage": stage.name,
                    "event": stage.event or None,
                    "failed": stage.name == self.lifecycle.failed,
                    "final": not stage.next,
                }
                for stage in stages
            ],
            "delivery_states": dict(self.delivery_states),
            "topics": list(self.events.topics),
        }

    def endings_of_status(self, status: str) -> list[str]:
        """The outcomes that end messages later, and that had this status in an earlier edition."""
        return [name for name, entry in self.document.get("x-outcomes", {}).items() if entry.get("was") == status]

    def schemas_of(self, operation: Operation) -> tuple[dict[str, Any], dict[str, Any]]:
        """The schemas of an operation's request and of its usual answer."""
        body = self.follow(operation.content.get("requestBody", {}))
        answer = self.follow(operation.content["responses"][str(operation.success)])
        asked, answered = (part.get("content", {}).get(_JSON, {}).get("schema", {}) for part in (body, answer))
        return self.follow(asked), self.follow(answered)

    def member(self, schema: Any, *steps: str) -> dict[str, Any]:
        """The schema of a member inside a schema, `[]` for the items of a list; empty if there is none."""
        found = self.follow(schema)
        for step in steps:
            inner = found.get("items") if step == "[]" else found.get("properties", {}).get(step)
            found = self.follow(inner) if isinstance(inner, dict) else {}
        return found if isinstance(found, dict) else {}

    def new_members(self, resource: str) -> dict[str, Any]:
        """The members of a new item of a resource, with the document's defaults; a member without a default is None."""
        return next((each.new_members(self.by_id) for each in self.resources if each.name == resource), {})

    def about_path(self, method: str, segments: Sequence[str]) -> str | None:
        """A sentence about a path that the vendor's API has and this document lacks; None for any other path."""
        for template, methods in self.known_paths.items():
            if PathTemplate(template).values(segments) is not None:
                since = methods.get(method) or next(iter(methods.values()))
                return (
                    f"the vendor's API has {method if method in methods else ' '.join(methods)} {template} "
                    f"(Python SDK {since} and later); this edition of the mock, {self.name}, does not serve it"
                )
        return None

    def demand(self, handled: Container[str] | None = None) -> None:
        """Compile everything now. Raises `FileError` for the first error.

        `handled` are the ids of the operations with a handler; without it, every operation has one.
        """
        self.source.demand_references()
        demand_other_rules(self.source)
        self._demand_own_ids()
        for operation in self.operations:
            operation.demand(handled=handled is None or operation.id in handled)
        for event in self.events.types.values():
            _ = event.project
        for resource in self.resources:
            resource.demand(self.source, self.by_id)
        demand_failures(self.source, self._by_status, ("components", "responses"))
        _ = self.gates, self.common

    def _demand_own_ids(self) -> None:
        """Raise `FileError` if two operations have one id."""
        for methods in self.paths.values():
            for operation in methods.values():
                other = self.by_id[operation.id]
                if other is not operation:
                    at = ("paths", other.path, other.method.lower(), "operationId")
                    reason = f"{operation.method} {operation.path} has the operationId {operation.id!r} too"
                    raise self.source.fault(at, reason)

    def outcomes_with(self, name: str, operation: Operation | None) -> Outcomes:
        """The failures that include the one with a name: the operation's, the common ones, or another operation's."""
        if operation is not None and name in operation.outcomes:
            return operation.outcomes
        elsewhere = (each.outcomes for each in self.operations if name in each.outcomes)
        return self.common if name in self.common else next(elsewhere, self.common)

    def demand_outcomes(self, outcomes: Mapping[str, Sequence[str]]) -> None:
        """Raise `FileError` if the document lacks an outcome that an operation needs; the id "" is for no operation."""
        for id, names in outcomes.items():
            operation = self.by_id.get(id)
            for name in names:
                if name not in self.outcomes_with(name, operation):
                    at = ("paths", operation.path, operation.method.lower()) if operation else ("components",)
                    raise self.source.fault((*at, "responses"), f"no response has an example named {name!r}")


def edition_of(document: Document) -> Edition:
    """Compile a document. Raises `FileError` with line and reason."""
    raw = document.raw
    lifecycle, states = read_lifecycle(document), raw["x-delivery"]["states"]
    formats = {**FORMATS, "status": lifecycle.statuses.__getitem__, "delivery_state": states.__getitem__}
    schemas = Schemas(document)
    paths = operations_of(RuleBook(schemas), formats)
    return Edition(
        source=document,
        document=raw,
        name=raw["info"].get("x-edition", FIRST),
        lifecycle=lifecycle,
        delivery_states=states,
        paths=paths,
        by_id={operation.id: operation for methods in paths.values() for operation in methods.values()},
        resources=read_resources(document),
        events=read_events(document, schemas, lifecycle, formats),
        categories=_categories(document),
        known_paths=raw.get("x-known-paths", {}),
        not_executed=frozenset(raw.get("x-not-executed", ())),
        key_wait=raw.get("x-key-wait", 0) * SECOND,
        statements=raw.get("x-statements", ()),
        sdks=raw["info"].get("x-sdks", {}),
        inbound=read_inbound(document, lifecycle),
        event_id_header=raw["x-delivery"].get("event_id_header", ""),
        of_profiles=raw["x-delivery"].get("of_profiles", ""),
    )


def _categories(document: Document) -> Categories:
    """The categories of templates. Raises `FileError` if the schema `TemplateCategory` lacks a part."""
    at = ("components", "schemas", "TemplateCategory")
    category = document.follow(document.raw.get("components", {}).get("schemas", {}).get("TemplateCategory"), at)
    known, usual = (category.get("enum"), category.get("default")) if isinstance(category, dict) else (None, None)
    if not known or usual is None or usual not in known:
        raise document.fault(at, "the schema TemplateCategory needs an `enum`, and a `default` that is in it")
    return Categories(tuple(known), usual)


def load(path: Path, *, shipped: Path | None = None, anonymous: bool = True, refusals: str = "edition") -> Edition:
    """Read and compile an edition. Raises `StartupError` with file, line and reason.

    If `path` is a user's document, `shipped` is the mock's own one; it completes documents for older versions.
    `anonymous` allows requests without a key. `refusals` gives 401 and 403 the bodies of `x-envelope`
    ("envelope"), none ("empty"), or leaves them ("edition"). Both change the document before it is compiled, so that
    the served document, the checks and the replies agree.
    """
    document = Document(path)
    raw = document.raw
    if not document.kept:
        demand_shape(document)
    if not str(raw.get("openapi", "")).startswith("3.1"):
        raise document.fault(("openapi",), "the contract must be OpenAPI 3.1")
    if not isinstance(raw.get("paths"), dict):
        raise document.fault((), "the contract has no paths")
    if shipped is not None:
        complete(raw, Document(shipped).raw)
    raw["servers"] = [{"url": "/"}]
    if anonymous:
        raw["security"] = [{}, *raw.get("security", [])]
    for response in raw.get("components", {}).get("responses", {}).values():
        _word_refusal(response, refusals)
    return edition_of(document)


def edition_named_in(path: Path) -> str:
    """The name of the edition of a document. Raises `StartupError` if it cannot be read."""
    info = Document(path).raw.get("info")
    name = info.get("x-edition", FIRST) if isinstance(info, dict) else FIRST
    return name if isinstance(name, str) else FIRST


def _word_refusal(response: dict[str, Any], refusals: str) -> None:
    """Give a response that can have no body its envelopes, or take them away."""
    if refusals == "envelope" and (examples := response.get("x-envelope")):
        schema = {"$ref": "#/components/schemas/ErrorResponse"}
        response["content"] = {_JSON: {"schema": schema, "examples": examples}}
    if refusals == "empty" and "x-outcome" in response and "content" in response:
        response["x-envelope"] = response.pop("content")[_JSON]["examples"]
