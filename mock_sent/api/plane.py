"""The data plane: how a request under /v3 is handled, from its arrival to its record."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from starlette.types import Receive, Scope, Send

from mock_sent.api import keys
from mock_sent.api.admission import Admission
from mock_sent.api.calls import Call
from mock_sent.api.choosing import SDK, Choice
from mock_sent.api.delivering import deliver
from mock_sent.api.envelope import Reply
from mock_sent.api.hints import Hints
from mock_sent.api.nearby import Nearby
from mock_sent.api.reading import ClientGone, check, read
from mock_sent.api.refusing import bug_of, misuse_of, refusal_of
from mock_sent.api.routing import allowed, path_of
from mock_sent.api.switches import Switches, failure_of
from mock_sent.contract import Edition, Operation
from mock_sent.contract.edition import FIRST
from mock_sent.contract.paths import Paths, of_method, segments_of
from mock_sent.ground.clock import MILLISECOND, Clock, ticks
from mock_sent.ground.errors import ApiError, Lack, Misuse
from mock_sent.journal import Journal, Log
from mock_sent.scenarios.rules import Decision
from mock_sent.wire.answering import answering_of

Handler = Callable[[Call], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Plane:
    """What the endpoints of the data plane use. `journal` keeps the exchanges that belong to no account."""

    edition: Edition
    choice: Choice["Counter"]
    admission: Admission
    switches: Switches
    handlers: Mapping[str, Handler]
    clock: Clock
    log: Log
    journal: Journal
    max_body: int
    nearby: Nearby
    hints: Hints


class Counter:
    """The data plane of one edition: an endpoint for each path."""

    def __init__(self, plane: Plane, kind: type["Endpoint"]) -> None:
        self.plane, self.kind = plane, kind
        self.endpoints = {path: kind(plane, operations) for path, operations in plane.edition.paths.items()}
        self.elsewhere = kind(plane, {})
        self._paths = Paths(self.endpoints)

    def endpoint_of(self, scope: Scope) -> tuple["Endpoint", Mapping[str, str]]:
        """The endpoint of a request, and the values of the path's parameters."""
        return self._paths.find(segments_of(path_of(scope))) or (self.elsewhere, {})


class Endpoint:
    """The ASGI application of one path. Without operations it is that of every path that the edition lacks."""

    def __init__(self, plane: Plane, operations: Mapping[str, Operation]) -> None:
        self._plane, self._operations = plane, operations
        # The header that names an edition which is not the first one.
        name = plane.edition.name
        self._mark = None if name == FIRST else (b"x-mock-edition", name.encode())
        # Whether answers name the profile that the call was scoped to (HEAD-6).
        self._names_profile = "X-Profile-Id" in plane.edition.document.get("components", {}).get("headers", {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started, plane = ticks(), self._plane
        call = Call(scope, plane.clock, plane.journal)
        call.answering = answering_of(scope, receive, send)
        exchange, endpoint = call.exchange, self
        try:
            if plane.choice.editions.differ or SDK in call.headers:
                edition = plane.choice.known(call) or await plane.choice.asked(call)
                if edition is not plane.edition:
                    endpoint, call.path = plane.choice.counter(edition).endpoint_of(scope)
            reply = await endpoint._reply(call, receive)
            if endpoint._mark:
                reply.headers.append(endpoint._mark)
            if call.profile and endpoint._names_profile and "x-profile-id" in call.headers:
                reply.headers.append((b"x-profile-id", call.profile.encode()))
            exchange.status, exchange.at = reply.status, call.clock.now()
            exchange.milliseconds = (ticks() - started) // MILLISECOND
            await deliver(call, reply)
        except ClientGone:
            call.warn("the client left before its request was complete")
        finally:
            exchange.request_id = call.request_id
            if not exchange.at:
                exchange.at = call.clock.now()
            call.journal.keep(exchange)
            plane.log.exchange(exchange, call.not_fired() if call.asked else ())

    async def _answer(self, call: Call, receive: Receive) -> Reply:
        """Handle a request step by step. Each step may refuse it."""
        plane = self._plane
        if "origin" in call.headers or "sec-fetch-site" in call.headers:
            plane.admission.refuse_rebound_page(call)  # 403
        operation = call.operation = of_method(self._operations, call.exchange.method) or await self._missing(call)
        call.exchange.operation = operation.id
        plane.admission.admit(call)  # 401 403 404
        raw = call.exchange.request_body = await read(call, receive, plane.max_body)  # 413
        check(call, raw, operation.read_query(call.query_string))  # 415, 400 with every violation at once
        call.layers = plane.switches.layers(call)
        keyed = call.key is not None
        if keyed and (stored := keys.find(call) or await keys.begin(call)):  # 409
            decision = call.decision = plane.switches.decide(call, seen=True)
            return self._decided(call) if decision.refuses else keys.replay(call, stored)
        try:
            decision = call.decision = plane.switches.decide(call)
            if decision.kind == "fail" and decision.outcome not in operation.outcomes:
                decision = call.decision = self._later(call, decision)
            if decision.delay:
                await self._delay(call, decision.delay)
            if not decision.commit and decision.refuses:
                reply = self._decided(call, "the connection is broken, and nothing was kept")
            else:
                reply = await self._handled(call, plane.handlers[operation.id])
            if decision.kind == "replay":
                reply = keys.as_replay(call, reply)
            if keyed:
                keys.remember(call, reply)
        finally:
            if keyed:
                keys.end(call)
        if decision.kind == "fail" and decision.commit:
            return self._decided(call)  # what the handler did is kept, and the client does not get its answer
        return reply

    async def _handled(self, call: Call, handler: Handler) -> Reply:
        """The reply of the operation's handler, or its refusal (404, 402, 409, ...)."""
        try:
            return await handler(call)
        except ApiError as e:
            return refusal_of(self._plane.edition, call, e)

    async def _delay(self, call: Call, span: int) -> None:
        """Wait, if the client does. If it leaves, its key stays in flight for as long as the delay would have been."""
        due = call.clock.now() + span
        if await call.answering.left_before(call.clock.sleep(span)):
            call.held_until = due

    def _later(self, call: Call, decision: Decision) -> Decision:
        """A decision to accept, for an outcome that ends messages after the answer in this edition.

        Raises `Misuse` for an outcome that the edition does not have.
        """
        edition, outcome = self._plane.edition, decision.outcome or ""
        if outcome in edition.endings:
            call.ending = edition.endings[outcome]
            return replace(decision, kind="accept")
        if outcome in edition.common:
            return decision
        text = f"the rule {decision.rule!r} asks for {outcome!r}, which the edition {edition.name} does not have"
        raise Misuse(text, lack=Lack("outcome", outcome))

    def _decided(self, call: Call, about_a_drop: str | None = None) -> Reply:
        """The failure that a scenario decided. After a drop the client gets a part of it, or nothing."""
        error = failure_of(call.decision)
        if call.decision.kind == "drop":
            error.warning = about_a_drop
        return refusal_of(self._plane.edition, call, error)

    async def _missing(self, call: Call) -> Operation:
        """Raise `ApiError` for an unknown path or method. A warning says what has it, or what may have been meant."""
        plane, method, path = self._plane, call.exchange.method, call.exchange.path
        about = await plane.hints.about_path(plane.edition, method, path)
        if self._operations:
            raise ApiError("method_not_allowed", headers={"allow": allowed(self._operations)}, warning=about)
        about = about or plane.nearby.about(method, path.encode())
        if about:
            # This draws the id from the server's stream, so that the account's next ids do not change.
            _ = call.request_id
            plane.admission.assign(call)
        raise ApiError("unknown_path", warning=about)

    async def _reply(self, call: Call, receive: Receive) -> Reply:
        """Handle a request, and turn errors into replies. No other place does that."""
        plane = self._plane
        try:
            try:
                reply = await self._answer(call, receive)
            except ApiError as e:
                reply = refusal_of(plane.edition, call, e)
            except Misuse as e:
                reply = misuse_of(plane.edition, call, e)
            if call.not_taken:
                await plane.hints.add(call, plane.edition, call.not_taken)
            return reply
        except ClientGone:
            raise
        except Exception as bug:
            return bug_of(bug, plane.log)
