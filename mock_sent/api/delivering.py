"""Sends a reply, or breaks the connection as the scenario says."""

from mock_sent.api.calls import Call
from mock_sent.api.envelope import Reply, head_of
from mock_sent.ground.clock import HOUR, SECOND
from mock_sent.wire.faults import drip

# The outcome of an exchange whose connection was broken on purpose.
DROPPED = "dropped"


async def deliver(call: Call, reply: Reply) -> None:
    """Answer the call. Records the reply in the exchange before it is sent."""
    decision, exchange, answering = call.decision, call.exchange, call.answering
    if decision.rule or decision.limit:
        _mark(call, reply)
    head = head_of(reply, call.request_id, exchange.milliseconds, exchange.warnings)
    if decision.fault:
        # The client receives nothing, or a part of the reply.
        exchange.fault, exchange.outcome, exchange.status = decision.fault, DROPPED, 0
        await answering.cut(decision.fault, reply.status, head, reply.body, HOUR)
        return
    exchange.reply_headers, exchange.reply_body = tuple(reply.headers), reply.body
    if decision.drip:
        sleep = call.clock.sleep
        await drip(answering, decision.drip, status=reply.status, headers=head, body=reply.body, sleep=sleep)
    else:
        await answering.answer(reply.status, head, reply.body)
    if answering.left and await answering.is_lost():
        exchange.lost = True
        call.warn("the client left before the answer came; it cannot know what became of its request")


def _mark(call: Call, reply: Reply) -> None:
    """Add the headers that name the rule and the state of its limit."""
    decision = call.decision
    if decision.rule:
        call.exchange.rule = decision.rule
        reply.headers.append((b"x-mock-rule", decision.rule.encode("ascii", "backslashreplace")))
    if (limit := decision.limit) and (decision.kind == "fail" or call.operation.tells_limits):
        figures = (b"limit", limit.limit), (b"remaining", limit.remaining), (b"reset", -(-limit.reset // SECOND))
        reply.headers += [(b"x-ratelimit-" + name, b"%d" % value) for name, value in figures]
