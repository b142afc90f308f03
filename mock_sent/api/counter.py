"""What happens to a request under /v3, from its arrival to its record."""

import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import orjson
from starlette.types import Receive, Scope, Send

from mock_sent.api.calls import Call
from mock_sent.api.doorman import Doorman
from mock_sent.api.reading import ClientGone, check, read
from mock_sent.clock import MILLISECOND, Clock, ticks
from mock_sent.contract import Contract, Operation, Outcome
from mock_sent.envelope import Reply, bug_reply, failure, head_of, put_on_the_wire
from mock_sent.errors import ApiError, Misuse
from mock_sent.idempotency import Stored
from mock_sent.journal import Log

Handler = Callable[[Call], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class House:
    """What every counter works with."""

    contract: Contract
    doorman: Doorman
    handlers: Mapping[str, Handler]
    clock: Clock
    log: Log
    max_body: int


class Counter:
    """Answers one path of the contract; without operations, every path that the contract lacks. An ASGI application."""

    def __init__(self, house: House, operations: Mapping[str, Operation]) -> None:
        self._house = house
        self._operations = operations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = ticks()
        call = Call(scope, self._house.clock)
        try:
            reply = await self._reply(call, receive)
            call.exchange.status = reply.status
            call.exchange.milliseconds = (ticks() - started) // MILLISECOND
            await put_on_the_wire(send, reply.status, _head(call, reply), reply.body)
        except ClientGone:
            call.warn("the client left before its request was complete")
        finally:
            call.exchange.at, call.exchange.request_id = call.clock.now(), call.request_id
            self._house.log.exchange(call.exchange)

    async def _answer(self, call: Call, receive: Receive) -> Reply:
        """The way of a request. Each step may refuse it."""
        call.operation = self._operation(call)  # 404 405
        self._house.doorman.admit(call)  # 401 403 404
        raw = await read(call, receive, self._house.max_body)  # 413
        check(call, raw)  # 415, 400 with every fault at once
        handle = self._house.handlers[call.operation.id]
        if call.key is None:
            return await handle(call)
        return await _once(call, call.key, handle)  # the stored reply, 409

    def _operation(self, call: Call) -> Operation:
        operation = self._operations.get(call.exchange.method)
        if operation:
            return operation
        if not self._operations:
            raise ApiError("unknown_path")
        raise ApiError("method_not_allowed", headers={"allow": ", ".join(self._operations)})

    async def _reply(self, call: Call, receive: Receive) -> Reply:
        """The one place where errors become replies."""
        try:
            return await self._answer(call, receive)
        except ApiError as e:
            return self._refusal(call, e)
        except Misuse as e:
            outcome = self._house.contract.common["mock_misuse"]._replace(message=str(e))
            return failure(outcome, None, call.request_id, call.clock.now())
        except ClientGone:
            raise
        except Exception as bug:
            return self._bug(bug)

    def _refusal(self, call: Call, error: ApiError) -> Reply:
        outcome = self._outcome(call, error)
        call.exchange.outcome = outcome.name
        if error.warning:
            call.warn(error.warning)
        reply = failure(outcome, error.details or outcome.details, call.request_id, call.clock.now())
        reply.headers += [(name.encode(), value.encode()) for name, value in error.headers.items()]
        return reply

    def _outcome(self, call: Call, error: ApiError) -> Outcome:
        """The documented failure, as the operation describes it, or the contract in common."""
        operation = self._operations.get(call.exchange.method)
        outcomes = (
            operation.outcomes if operation and error.outcome in operation.outcomes else self._house.contract.common
        )
        outcome = outcomes[error.outcome]
        return outcomes.with_code(outcome.status, error.code) if error.code and outcome.has_body else outcome

    def _bug(self, bug: Exception) -> Reply:
        frame = traceback.extract_tb(bug.__traceback__)[-1]
        where = f"{type(bug).__name__} at {Path(frame.filename).name}:{frame.lineno}"
        trail = [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in traceback.extract_tb(bug.__traceback__)]
        self._house.log.event("bug in mock-sent", where=where, trail=" < ".join(reversed(trail)))
        return bug_reply(where)


async def _once(call: Call, key: str, handle: Handler) -> Reply:
    """Do it the first time that the key comes; give the stored reply again at every other time (IDEM-2)."""
    replays, exchange = call.account.replays, call.exchange
    exchange.key = key
    fingerprint = _fingerprint(call)
    if stored := replays.find(key):
        return _replayed(call, stored, fingerprint)
    if holder := replays.in_flight(key):
        exchange.key_fate = f"conflict with {holder}"
    replays.begin(key, call.request_id)
    exchange.key_fate = "fresh"
    try:
        reply = await handle(call)
        if 200 <= reply.status < 300:  # IDEM-7
            at, headers = call.clock.now(), tuple(reply.headers)
            replays.remember(key, Stored(call.request_id, at, reply.status, headers, reply.body, fingerprint))
        return reply
    finally:
        replays.end(key)


def _replayed(call: Call, stored: Stored, fingerprint: bytes) -> Reply:
    call.exchange.key_fate = f"replayed from {stored.request_id}"
    if stored.fingerprint != fingerprint:
        call.warn(
            f"this body differs from the one that {stored.request_id} sent under the same key; "
            "the real API gives the first answer all the same, and nothing new is sent (IDEM-5)"
        )
    replayed = (b"idempotent-replayed", b"true"), (b"x-original-request-id", stored.request_id.encode())
    return Reply(stored.status, stored.body, [*stored.headers, *replayed])


def _fingerprint(call: Call) -> bytes:
    """Equal for equal bodies, whatever the order of members and the white space."""
    return blake2b(orjson.dumps(call.body, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


def _head(call: Call, reply: Reply) -> list[tuple[bytes, bytes]]:
    return head_of(reply, call.request_id, call.exchange.milliseconds, call.exchange.warnings)
