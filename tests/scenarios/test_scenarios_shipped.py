"""Each shipped scenario does what its `about` says."""

from typing import Any

import pytest
from scenario_world import DE, SHIPPED, UK, US, frozen, library, send, short, times

from mock_sent.ground.clock import MILLISECOND, SECOND
from mock_sent.scenarios.rules import Rules, fail_on_of, idempotency_of, webhooks_of

ALWAYS = {
    "validation-error": "validation_error",
    "unauthorized": "unauthorized",
    "insufficient-balance": "insufficient_balance",
    "forbidden": "forbidden",
    "template-not-found": "template_not_found",
    "conflict": "conflict",
    "rate-limited": "rate_limited",
    "internal-error": "internal_error",
    "service-unavailable": "service_unavailable",
}
MAGIC = {
    "00": ["accept", "accept", "accept"],
    "29": ["fail rate_limited"] * 3,
    "40": ["fail validation_error"] * 3,
    "41": ["fail unauthorized"] * 3,
    "42": ["fail insufficient_balance"] * 3,
    "43": ["fail forbidden"] * 3,
    "44": ["fail template_not_found"] * 3,
    "49": ["fail conflict"] * 3,
    "50": ["fail internal_error"] * 3,
    "51": ["fail internal_error", "accept", "accept"],
    "52": ["fail internal_error", "fail internal_error", "accept"],
    "53": ["fail service_unavailable"] * 3,
    "60": ["accept"] * 3,
    "61": ["accept"] * 3,
    "62": ["accept"] * 3,
    "63": ["accept"] * 3,
    "70": ["drop reset"] * 3,
    "71": ["drop reset"] * 3,
    "72": ["drop empty"] * 3,
    "73": ["drop hang"] * 3,
}


def decide(name: str, **more: Any) -> Any:
    return Rules().decide(send(**more), [library().get(name)], frozen())


def fate(name: str, to: str, channel: str = "sms") -> Any:
    return Rules().plan_of(to, channel, None, None, [library().get(name)], frozen())


@pytest.mark.parametrize("name", library().names)
def test_file(name: str) -> None:
    """Every shipped file compiles, says what it is about, and names the schema for editors in its first line."""
    first = (SHIPPED / f"{name}.yaml").read_text().splitlines()[0]

    assert library().get(name).about
    assert first == "# yaml-language-server: $schema=../mock_sent/scenarios/scenario.schema.json"


@pytest.mark.parametrize(("name", "outcome"), ALWAYS.items())
def test_always(name: str, outcome: str) -> None:
    """A scenario named after a documented failure gives it every time and keeps nothing."""
    assert [f"fail {outcome}"] * 3 == times(3, library().get(name))
    assert not decide(name).commit
    assert f"{name}/1" == decide(name).rule


def test_rate_limited() -> None:
    """rate-limited says how long to wait."""
    assert decide("rate-limited").retry_after == 30


def test_replayed() -> None:
    """replayed answers as a replay and keeps nothing."""
    assert (decide("replayed").kind, decide("replayed").commit) == ("replay", False)


def test_idempotency_drill() -> None:
    """idempotency-drill holds the first call of a key for three seconds and lets the others pass."""
    assert decide("idempotency-drill", key="k").delay == 3 * SECOND
    assert decide("idempotency-drill", key="k", key_seen=True).delay == 0
    assert idempotency_of([library().get("idempotency-drill")]).other_body == "replay_first"
    assert "new_key_on_retry" in (fail_on_of([library().get("idempotency-drill").record]) or ())


def test_retry_then_ok() -> None:
    """retry-then-ok fails twice, then accepts, for each recipient on its own."""
    rules, clock, layers = Rules(), frozen(), [library().get("retry-then-ok")]

    got = [rules.decide(send(to), layers, clock) for to in (UK, UK, DE, UK)]

    assert [short(decision) for decision in got] == ["fail internal_error"] * 3 + ["accept"]
    assert [d.rule for d in got] == ["retry-then-ok/1#1", "retry-then-ok/1#2", "retry-then-ok/1#1", "retry-then-ok/1#3"]


def test_lost_ack() -> None:
    """lost-ack looks the same twice, and only the first send was kept; no test waits for it."""
    rules, clock, layers = Rules(), frozen(), [library().get("lost-ack")]

    got = [rules.decide(send(), layers, clock) for _ in range(3)]

    assert [(d.fault, d.commit) for d in got] == [("reset", True), ("reset", False), (None, True)]
    assert [d.delay for d in got] == [0, 0, 0]


def test_connection_reset() -> None:
    """connection-reset cuts every line and keeps nothing."""
    assert times(2, library().get("connection-reset")) == ["drop reset"] * 2
    assert not decide("connection-reset").commit


def test_slow() -> None:
    """slow accepts after two to four seconds."""
    rules, clock, layers = Rules(), frozen(), [library().get("slow")]

    delays = [rules.decide(send(), layers, clock).delay for _ in range(50)]

    assert all(2 * SECOND <= delay <= 4 * SECOND for delay in delays)
    assert len(set(delays)) > 40


def test_rate_limit_starter() -> None:
    """rate-limit-starter lets sixty by, then says how long to wait, then lets sixty by again."""
    rules, clock, layers = Rules(), frozen(), [library().get("rate-limit-starter")]

    first = [rules.decide(send(), layers, clock) for _ in range(60)]
    clock.advance(12_500 * MILLISECOND)
    above = rules.decide(send(), layers, clock)
    clock.advance(47_500 * MILLISECOND)

    assert [short(d) for d in first] == ["accept"] * 60
    assert list(range(59, -1, -1)) == [d.limit.remaining for d in first if d.limit]
    assert (short(above), above.retry_after) == ("fail rate_limited", 48)
    assert above.limit
    assert (60, 0, clock.now()) == (above.limit.limit, above.limit.remaining, above.limit.reset)
    assert short(rules.decide(send(), layers, clock)) == "accept"


def test_shaky() -> None:
    """shaky fails the same one send in five whatever the server's seed is."""

    def run(seed: str) -> list[str]:
        rules, layers = Rules(), [library().get("shaky")]
        return [short(rules.decide(send(), layers, frozen(seed))) for _ in range(1000)]

    assert run("one") == run("other")
    assert 160 < run("one").count("fail service_unavailable") < 240


@pytest.mark.parametrize(("digits", "wanted"), MAGIC.items())
def test_magic_numbers(digits: str, wanted: list[str]) -> None:
    """The last two digits of a magic number say what its sends get."""
    assert wanted == times(3, library().get("magic-numbers"), send(f"+150055501{digits}"))


def test_magic_numbers_that_lose_the_answer() -> None:
    """70 is not kept, 71 is kept although the answer is lost."""
    assert [decide("magic-numbers", to=f"+150055501{nn}").commit for nn in (70, 71)] == [False, True]


def test_magic_numbers_with_fates() -> None:
    """60 to 63 are accepted and then fail, stay or dawdle."""
    got = {nn: fate("magic-numbers", f"+150055501{nn}") for nn in ("00", "60", "61", "62", "63")}

    assert [got["60"].fail_at, got["61"].fail_at] == ["routed", "sent"]
    assert [got[nn].reach for nn in ("00", "62", "63")] == ["delivered", "sent", "delivered"]
    assert got["63"].every.least == 10 * SECOND


def test_no_other_number_is_magic() -> None:
    """The numbers that the vendor's page shows, and the neighbours of the magic ones, are ordinary."""
    for to in ("+14155551234", "+14155555678", "+15005550101", "+15005550174", "+1500555014", "+150055501400"):
        assert (short(decide("magic-numbers", to=to)), decide("magic-numbers", to=to).rule) == ("accept", "")
        assert fate("magic-numbers", to) is None


def test_magic_numbers_are_valid() -> None:
    """A client that checks numbers with libphonenumber lets the magic ones by."""
    phonenumbers: Any = pytest.importorskip("phonenumbers")

    assert all(phonenumbers.is_valid_number(phonenumbers.parse(f"+150055501{nn}")) for nn in MAGIC)


def test_delivery_fails() -> None:
    """delivery-fails ends each message FAILED instead of DELIVERED."""
    got = fate("delivery-fails", US)

    assert (got.fail_at, got.reason, got.every.least) == ("delivered", "ERR_ROUTE_DENIED", 2 * SECOND)


def test_uk_is_down() -> None:
    """uk-is-down has no route to the UK, is slow for German WhatsApp, and leaves the rest alone."""
    assert fate("uk-is-down", UK).fail_at == "routed"
    assert fate("uk-is-down", DE, "whatsapp").every.most == 20 * SECOND
    assert fate("uk-is-down", DE, "sms") is None


def test_webhook_chaos() -> None:
    """webhook-chaos delivers twice, late and out of order."""
    block = webhooks_of([library().get("webhook-chaos")])

    assert (block.duplicate, block.order, block.delay.most) == (2, "shuffled", 2 * SECOND)
