"""The idempotency key of a request: do it once, and give the first reply again (IDEM-2)."""

from collections.abc import Awaitable, Callable
from hashlib import blake2b

import orjson

from mock_sent.api.calls import Call
from mock_sent.api.envelope import Reply
from mock_sent.api.switches import SENDING, Switches, failure_of
from mock_sent.ground.errors import ApiError, Misuse
from mock_sent.scenarios.rules import idempotency_of
from mock_sent.scenarios.scenario import Idempotency
from mock_sent.world.idempotency import Stored

Act = Callable[[Call], Awaitable[Reply]]
Refuse = Callable[[Call, ApiError], Reply]


async def once(call: Call, switches: Switches, act: Act, refuse: Refuse) -> Reply:
    """Act the first time that the key comes; at every other time give the stored reply, or the 409 (IDEM-6)."""
    replays, exchange = call.account.replays, call.exchange
    exchange.key = call.key
    key = _slot(call)
    rules = idempotency_of(call.layers)
    fingerprint = _fingerprint(call)
    if stored := replays.find(key):
        decision = call.decision = switches.decide(call, seen=True)
        if decision.kind in ("fail", "drop"):
            raise failure_of(decision)
        return _replayed(call, stored, fingerprint, rules)
    if holder := replays.in_flight(key):
        exchange.key_fate, exchange.original = f"conflict with {holder}", holder
    replays.begin(key, call.request_id)
    exchange.key_fate = "fresh"
    try:
        reply = await _tried(call, act, refuse, rules)
        if reply.status < 300 or rules.store_failures:  # IDEM-7
            now = call.clock.now()
            headers = tuple(reply.headers)
            replays.remember(
                key, Stored(call.request_id, now + rules.window, reply.status, headers, reply.body, fingerprint)
            )
        return reply
    finally:
        replays.end(key)


def _slot(call: Call) -> str:
    """What the reply is stored under. Another operation's reply would have a status that this one does not know."""
    key = call.key or ""
    return key if call.operation.id == SENDING else f"{call.operation.id}:{key}"  # no key has a colon


async def _tried(call: Call, act: Act, refuse: Refuse, rules: Idempotency) -> Reply:
    """The reply; a failure too, where the scenario wants failures stored."""
    try:
        return await act(call)
    except ApiError as e:
        if not rules.store_failures:
            raise
        return refuse(call, e)


def _replayed(call: Call, stored: Stored, fingerprint: bytes, rules: Idempotency) -> Reply:
    exchange = call.exchange
    exchange.key_fate, exchange.original = f"replayed from {stored.request_id}", stored.request_id
    if stored.fingerprint != fingerprint:
        exchange.other_body = True
        if rules.other_body == "reject":
            raise Misuse(
                f"{stored.request_id} sent another body under this key, and the scenario has other_body: reject"
            )
        call.warn(
            f"this body differs from the one that {stored.request_id} sent under the same key; "
            "the real API gives the first answer all the same, and nothing new is sent (IDEM-5)"
        )
    return Reply(stored.status, stored.body, [*stored.headers, *_replay_headers(stored.request_id)])


def as_replay(call: Call, reply: Reply) -> Reply:
    """A first reply dressed as a later one: for a scenario that wants to show a replay in one call."""
    reply.headers += _replay_headers(call.request_id)
    call.exchange.key_fate = f"replayed from {call.request_id}"
    call.renew_id()
    return reply


def _replay_headers(original: str) -> list[tuple[bytes, bytes]]:
    return [(b"idempotent-replayed", b"true"), (b"x-original-request-id", original.encode())]


def _fingerprint(call: Call) -> bytes:
    """Equal for equal bodies, whatever the order of members and the white space."""
    return blake2b(orjson.dumps(call.body, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()
