"""The routes of the control plane: `control.yaml` lists the operations, and each has a handler."""

from collections.abc import Mapping, Sequence

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from mock_sent.accounts import Accounts
from mock_sent.api.choosing import Choice
from mock_sent.api.hints import Hints
from mock_sent.api.nearby import Nearby
from mock_sent.api.plane import Counter
from mock_sent.api.reading import ClientGone, check, read
from mock_sent.api.refusing import bug_of
from mock_sent.api.routing import PathRouter, allowed, path_of
from mock_sent.contract import Document, Operation, RuleBook, Schemas, operations_of
from mock_sent.contract.paths import of_method
from mock_sent.control.calls import ControlCall, ControlPlane
from mock_sent.control.described import load
from mock_sent.control.guard import Check, guarded_request
from mock_sent.control.handlers import HANDLERS
from mock_sent.control.replies import ControlError, answer, refusal
from mock_sent.ground.errors import FileError, Misuse
from mock_sent.journal import Log
from mock_sent.scenarios.library import Library
from mock_sent.scenarios.scenario import Scenario
from mock_sent.wire.answering import answering_of

ROOT = "/_mock"
# The most bytes of a request's body.
MOST = 1024 * 1024


def routes_of(
    accounts: Accounts,
    library: Library,
    seed: str,
    always: Sequence[Scenario],
    log: Log,
    nearby: Nearby,
    choice: Choice[Counter],
    hints: Hints,
    write_check: Check | None,
) -> PathRouter:
    """Everything under /_mock. `always` are the scenarios that the settings switch on; `write_check` checks a write."""
    plane = ControlPlane(load(), accounts, library, seed, always, log, nearby, choice, hints, write_check)
    endpoints = {path: ControlEndpoint(plane, each) for path, each in paths_of(plane.document).items()}
    return PathRouter(endpoints, ControlEndpoint(plane, {}))


def paths_of(document: Document) -> Mapping[str, Mapping[str, Operation]]:
    """The operations of the control plane by whole path and method."""
    found = operations_of(RuleBook(Schemas(document)))
    return {f"{ROOT}{path}": operations for path, operations in found.items()}


class ControlEndpoint:
    """The ASGI application of one path. Without operations it refuses every unknown path."""

    def __init__(self, plane: ControlPlane, operations: Mapping[str, Operation]) -> None:
        self._plane, self._operations = plane, operations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = ControlCall(scope, self._plane)
        call.answering = answering_of(scope, receive, send)
        try:
            response = await self._reply(call, receive)
        except ClientGone:
            return
        await response(scope, receive, send)

    async def _answer(self, call: ControlCall, receive: Receive) -> Response:
        """Handle a request step by step. Each step may refuse it."""
        operation = call.operation = self._operation(call)  # 404 405
        if self._plane.write_check:
            self._plane.write_check(guarded_request(call.scope))  # 415
        query = operation.read_query(call.query_string)
        call.demand_account(query)  # 404
        raw = await read(call, receive, MOST) if operation.body else b""  # 413
        check(call, raw, query)  # 415, 400 with every violation at once
        found = await HANDLERS[operation.id](call)
        if isinstance(found, Response):
            return found
        return Response(status_code=operation.success) if found is None else answer(found, operation.success)

    def _operation(self, call: ControlCall) -> Operation:
        """The operation of the method. HEAD is handled as GET, and the server leaves the body out."""
        method, path = call.scope["method"], path_of(call.scope)
        operation: Operation | None = of_method(self._operations, method)
        if operation:
            return operation
        shown = path[:200].decode("ascii", "backslashreplace")
        if not self._operations:
            about = self._plane.nearby.about(method, path)
            raise ControlError(404, f"the control plane has no {shown!r}{'; ' if about else ''}{about or ''}")
        raise ControlError(405, f"{shown} takes {', '.join(self._operations)}", {"allow": allowed(self._operations)})

    async def _reply(self, call: ControlCall, receive: Receive) -> Response:
        """Handle a request, and turn errors into replies. No other place does that."""
        try:
            return await self._answer(call, receive)
        except ControlError as e:
            return refusal(e)
        except Misuse as e:
            return refusal(ControlError(400, await call.worded(e)))
        except FileError as e:
            return refusal(ControlError(400, str(e)))
        except ClientGone:
            raise
        except Exception as bug:
            reply = bug_of(bug, self._plane.log)
            return Response(reply.body, reply.status, {k.decode(): v.decode() for k, v in reply.headers}, "text/plain")
