"""Sends a reply, or breaks the connection as the scenario says."""

from starlette.types import Receive, Scope, Send

from mock_sent.api.calls import Call
from mock_sent.api.envelope import Reply, head_of, put_on_the_wire
from mock_sent.ground.clock import HOUR, SECOND
from mock_sent.wire import faults
from mock_sent.wire.asgi import HeaderLines
from mock_sent.wire.line import Line

# The outcome of an exchange whose connection was broken on purpose.
DROPPED = "dropped"


async def deliver(call: Call, reply: Reply, line: Line | None, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer the call. Records the reply in the exchange before it is sent."""
    decision, exchange = call.decision, call.exchange
    if decision.rule or decision.limit:
        _mark(call, reply)
    head = head_of(reply, call.request_id, exchange.milliseconds, exchange.warnings)
    if decision.fault:
        await _drop(call, reply, head, scope, receive, send)
        return
    exchange.reply_headers, exchange.reply_body = tuple(reply.headers), reply.body
    if decision.drip:
        sleep = call.clock.sleep
        await faults.drip(
            decision.drip, scope=scope, send=send, status=reply.status, headers=head, body=reply.body, sleep=sleep
        )
    elif line is None or not line.answer(send, reply.status, head, reply.body):
        await put_on_the_wire(send, reply.status, head, reply.body)


async def _drop(call: Call, reply: Reply, head: HeaderLines, scope: Scope, receive: Receive, send: Send) -> None:
    """Break the connection: the client receives nothing, or a part of the reply."""
    fault, exchange = call.decision.fault, call.exchange
    assert fault is not None
    exchange.fault, exchange.outcome, exchange.status = fault, DROPPED, 0
    await faults.play(
        fault,
        scope=scope,
        receive=receive,
        send=send,
        status=reply.status,
        headers=head,
        body=reply.body,
        hang_cap=HOUR,
    )


def _mark(call: Call, reply: Reply) -> None:
    """Add the headers that name the rule and the state of its limit."""
    decision = call.decision
    if decision.rule:
        call.exchange.rule = decision.rule
        reply.headers.append((b"x-mock-rule", decision.rule.encode("ascii", "backslashreplace")))
    if limit := decision.limit:
        figures = (b"limit", limit.limit), (b"remaining", limit.remaining), (b"reset", -(-limit.reset // SECOND))
        reply.headers += [(b"x-ratelimit-" + name, b"%d" % value) for name, value in figures]
