"""What happens to a request under /v3, from its arrival to its record."""

import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.types import Receive, Scope, Send

from mock_sent.api import keys
from mock_sent.api.calls import Call
from mock_sent.api.doorman import Doorman
from mock_sent.api.envelope import Reply, bug_reply, failure, head_of, put_on_the_wire
from mock_sent.api.reading import ClientGone, check, read
from mock_sent.api.switches import Switches, failure_of
from mock_sent.contract import Contract, Operation, Outcome
from mock_sent.ground.clock import HOUR, MILLISECOND, SECOND, Clock, ticks
from mock_sent.ground.errors import ApiError, Misuse
from mock_sent.journal import Journal, Log
from mock_sent.scenarios.rules import Decision
from mock_sent.wire import faults
from mock_sent.wire.line import Line, line_of

Handler = Callable[[Call], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class House:
    """What every counter works with."""

    contract: Contract
    doorman: Doorman
    switches: Switches
    handlers: Mapping[str, Handler]
    clock: Clock
    log: Log
    # Where an exchange goes that belongs to no account.
    strangers: Journal
    max_body: int


class Counter:
    """Answers one path of the contract; without operations, every path that the contract lacks. An ASGI application."""

    def __init__(self, house: House, operations: Mapping[str, Operation]) -> None:
        self._house = house
        self._operations = operations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = ticks()
        call = Call(scope, self._house.clock, self._house.strangers)
        exchange = call.exchange
        exchange.began = started
        try:
            reply = await self._reply(call, receive)
            exchange.status, exchange.at = reply.status, call.clock.now()
            exchange.milliseconds = (ticks() - started) // MILLISECOND
            line = line_of(scope)
            if line is not None and line.is_closing():
                exchange.lost = True
                call.warn("the client left before the answer came; it cannot know what became of its request")
            await _deliver(call, reply, line, scope, receive, send)
        except ClientGone:
            call.warn("the client left before its request was complete")
        finally:
            exchange.request_id = call.request_id
            exchange.at = exchange.at or call.clock.now()
            call.journal.keep(exchange)
            self._house.log.exchange(exchange, call.not_fired() if call.asked else ())

    async def _answer(self, call: Call, receive: Receive) -> Reply:
        """The way of a request. Each step may refuse it."""
        house = self._house
        call.operation = self._operation(call)  # 404 405
        call.exchange.operation = call.operation.id
        house.doorman.admit(call)  # 401 403 404
        raw = await read(call, receive, house.max_body)  # 413
        check(call, raw)  # 415, 400 with every fault at once
        call.layers = house.switches.layers(call)
        if call.key is None:
            reply = await self._act(call)
        else:
            reply = await keys.once(call, house.switches, self._act, self._refusal)  # the stored reply, 409
        if call.decision.kind == "fail" and call.decision.commit:
            raise failure_of(call.decision)  # what was done is kept, and its answer is lost
        return reply

    async def _act(self, call: Call) -> Reply:
        """What the scenario decides, then what the operation does."""
        decision = call.decision = self._house.switches.decide(call)
        if decision.delay:
            await call.clock.sleep(decision.delay)
        if decision.kind == "fail" and not decision.commit:
            raise failure_of(decision)
        if decision.kind == "drop" and not decision.commit:
            raise ApiError("internal_error", warning="the connection is broken, and nothing was kept")
        reply = await self._house.handlers[call.operation.id](call)
        return keys.as_replay(call, reply) if decision.kind == "replay" else reply

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
            call.exchange.outcome = "mock_misuse"
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
        own = operation.outcomes if operation else self._house.contract.common
        outcomes = own if error.outcome in own else self._house.contract.common
        outcome = outcomes[error.outcome]
        return outcomes.with_code(outcome.status, error.code) if error.code and outcome.has_body else outcome

    def _bug(self, bug: Exception) -> Reply:
        frames = [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in traceback.extract_tb(bug.__traceback__)]
        where = f"{type(bug).__name__} at {frames[-1]}"
        self._house.log.event("bug in mock-sent", where=where, trail=" < ".join(reversed(frames)))
        return bug_reply(where)


async def _deliver(call: Call, reply: Reply, line: Line | None, scope: Scope, receive: Receive, send: Send) -> None:
    """Put the reply on the wire, or break the wire as the scenario says."""
    decision, exchange = call.decision, call.exchange
    _mark(call, reply, decision)
    head = head_of(reply, call.request_id, exchange.milliseconds, exchange.warnings)
    exchange.reply_headers, exchange.reply_body = tuple(reply.headers), reply.body
    if decision.fault:
        exchange.fault = decision.fault
        await faults.play(
            decision.fault,
            scope=scope,
            receive=receive,
            send=send,
            status=reply.status,
            headers=head,
            body=reply.body,
            hang_cap=HOUR,
        )
    elif decision.drip:
        sleep = call.clock.sleep
        await faults.drip(
            decision.drip, scope=scope, send=send, status=reply.status, headers=head, body=reply.body, sleep=sleep
        )
    elif line is None or not line.answer(send, reply.status, head, reply.body):
        await put_on_the_wire(send, reply.status, head, reply.body)


def _mark(call: Call, reply: Reply, decision: Decision) -> None:
    """Say which rule it was, and what its limit leaves."""
    if decision.rule:
        call.exchange.rule = decision.rule
        reply.headers.append((b"x-mock-rule", decision.rule.encode("ascii", "backslashreplace")))
    if limit := decision.limit:
        figures = (b"limit", limit.limit), (b"remaining", limit.remaining), (b"reset", -(-limit.reset // SECOND))
        reply.headers += [(b"x-ratelimit-" + name, b"%d" % value) for name, value in figures]
