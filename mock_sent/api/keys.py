"""The idempotency key of a request: it is handled once, and later ones get the stored reply (IDEM-2)."""

from mock_sent.api.calls import Call
from mock_sent.api.envelope import Reply
from mock_sent.api.switches import SENDING
from mock_sent.ground.errors import Misuse
from mock_sent.scenarios.rules import idempotency_of
from mock_sent.world.idempotency import Stored


def find(call: Call) -> Stored | None:
    """The stored reply of the key; None for a fresh key."""
    call.exchange.key = call.key
    return call.account.replays.find(_slot(call))


async def begin(call: Call) -> Stored | None:
    """Hold the key while its first request is handled. If another request holds it, wait for that one's reply (IDEM-6).

    Returns that reply. Raises `ApiError` (409) if the key is held for longer than the edition or the scenario waits.
    """
    exchange, replays, slot = call.exchange, call.account.replays, _slot(call)
    if holder := replays.in_flight(slot):
        exchange.key_fate, exchange.original = "conflict", holder
        await _wait(call, slot)
        if stored := replays.find(slot):
            return stored
    replays.begin(slot, call.request_id)
    exchange.key_fate, exchange.original = "fresh", ""
    return None


async def _wait(call: Call, slot: str) -> None:
    """Wait until the key is not held any more, the client left, or so much of the account's time has passed.

    A frozen clock does not pass, so that nothing is waited for.
    """
    replays, clock, span = call.account.replays, call.clock, idempotency_of(call.layers).wait
    until = clock.now() + (call.account.edition.key_wait if span is None else span)
    while not clock.frozen and clock.now() < until and replays.in_flight(slot):
        if await call.answering.left_before(replays.released(slot, until)):
            return


def end(call: Call) -> None:
    """Release the key that `begin` holds, at once or at the instant that the call names."""
    call.account.replays.end(_slot(call), call.held_until)


def remember(call: Call, reply: Reply) -> None:
    """Store a success under its key; a failure only if the scenario says so (IDEM-7)."""
    rules = idempotency_of(call.layers)
    if reply.status < 300 or rules.store_failures:
        until = call.clock.now() + rules.window
        headers, edition = tuple(reply.headers), call.account.edition.name
        stored = Stored(call.request_id, until, reply.status, headers, reply.body, call.fingerprint, edition)
        call.account.replays.remember(_slot(call), stored)


def replay(call: Call, stored: Stored) -> Reply:
    """The stored reply. Raises `Misuse` for another body if the scenario refuses one (IDEM-5)."""
    exchange = call.exchange
    exchange.key_fate, exchange.original = "replayed", stored.request_id
    if stored.fingerprint != call.fingerprint:
        exchange.other_body = True
        if idempotency_of(call.layers).other_body == "reject":
            exchange.key_fate = "conflict"
            raise Misuse(
                f"{stored.request_id} sent another body under this key, and the scenario has other_body: reject"
            )
        call.warn(
            f"this body differs from the one that {stored.request_id} sent under the same key; "
            "the real API gives the first answer all the same, and nothing new is sent (IDEM-5)"
        )
    speaks = call.account.edition.name
    if stored.edition and stored.edition != speaks:
        exchange.original_edition = stored.edition
        call.warn(
            f"this is the stored answer of {stored.request_id}, in the form of the edition {stored.edition}; "
            f"the account speaks {speaks} since then, and a new key gets an answer in its form"
        )
    return Reply(stored.status, stored.body, [*stored.headers, *_replay_headers(stored.request_id)])


def as_replay(call: Call, reply: Reply) -> Reply:
    """A first reply with the headers of a replay, for a scenario that plays a replay in one call."""
    reply.headers += _replay_headers(call.request_id)
    call.exchange.key_fate, call.exchange.original = "replayed", call.request_id
    call.renew_id()
    return reply


def _slot(call: Call) -> str:
    """The name under which the reply is stored. Each operation has its own, because statuses of replies differ."""
    key = call.key or ""
    return key if call.exchange.operation == SENDING else f"{call.exchange.operation}:{key}"  # no key has a colon


def _replay_headers(original: str) -> list[tuple[bytes, bytes]]:
    return [(b"idempotent-replayed", b"true"), (b"x-original-request-id", original.encode())]
