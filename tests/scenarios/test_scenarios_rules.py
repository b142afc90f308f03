"""What each key of a rule means, and that decisions depend on nothing else."""

from itertools import groupby
from math import sqrt
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenario_world import DE, UK, US, frozen, send, short, times, trail, written

from mock_sent.ground.clock import SECOND
from mock_sent.scenarios.rules import Rules, fail_on_of, idempotency_of, webhooks_of
from mock_sent.scenarios.scenario import Idempotency, Webhooks


def test_trail() -> None:
    """Every rule that was passed over says why, in order; those below the one that fired say nothing."""
    scenario = written("""
send:
  - {when: {to: "+49*"}, then: {fail: conflict}}
  - {name: never, chance: 0%, then: {fail: conflict}}
  - {limit: {calls: 9, per: 1s}, then: {fail: conflict}}
  - {then: [pass, accept]}
  - {name: all, then: accept}
  - {then: {fail: forbidden}}
""")

    got = Rules().decide(send(), [scenario], frozen())

    assert got.rule == "t/all"
    assert (
        f"t/1: to: {UK}, wanted +49*",
        "t/never: chance missed (drew 8.77%, wanted under 0.00%)",
        "t/3: limit not reached (8 of 9 left)",
        "t/4: passes at step 1",
    ) == trail(got, send(), [scenario])


def test_trail_where_nothing_fires() -> None:
    """An accepted send says why no rule fired, also where no recipient came near."""
    scenario, what = written('send: [{when: {to: "+33*"}, then: accept}]'), send([UK, DE, US, UK])

    got = Rules().decide(what, [scenario], frozen())

    assert trail(got, what, [scenario]) == (f"t/1: to: {UK} or {DE} or {US} ..., wanted +33*",)


def test_no_layers() -> None:
    """Without scenarios every send is accepted and there is nothing to explain."""
    got = Rules().decide(send(), [], frozen())

    assert (got.kind, trail(got, send(), []), got.rule) == ("accept", (), "")


def test_layers_fall_through() -> None:
    """A send that no rule of the first layer fires for meets the second."""
    first, second = written('send: [{when: {to: "+49*"}, then: {fail: conflict}}]'), written("send: [{then: replay}]")

    assert short(Rules().decide(send(), [first, second], frozen())) == "replay"
    assert short(Rules().decide(send(DE), [first, second], frozen())) == "fail conflict"


def test_blocks_of_the_first_layer_that_has_one() -> None:
    """Blocks do not mix: the first layer that has one says all of it."""
    none, first, second = written(""), written("webhooks: {duplicate: 3}"), written("webhooks: {order: reversed}")

    assert Webhooks(duplicate=3) == webhooks_of([none, first, second])
    assert (Webhooks(), Idempotency(), None) == (webhooks_of([]), idempotency_of([none]), fail_on_of([none.record]))


@pytest.mark.parametrize(
    ("at_end", "wanted"),
    [("repeat_last", "AFFFF"), ("restart", "AFAFA"), ("pass", "AFRRR")],
)
def test_at_end(at_end: str, wanted: str) -> None:
    """After its last entry a list repeats it, begins again, or lets the next rule answer."""
    scenario = written(f"send: [{{at_end: {at_end}, then: [accept, {{fail: conflict}}]}}, {{then: replay}}]")

    assert wanted == "".join(word.upper()[0] for word in times(5, scenario))


def test_one_answer_once() -> None:
    """`at_end: pass` makes a single answer happen once."""
    assert times(3, written("send: [{at_end: pass, then: {fail: conflict}}]")) == ["fail conflict", "accept", "accept"]


def test_pass_is_a_step() -> None:
    """`pass` lets the next rule answer and counts as a time."""
    scenario = written("send: [{then: [pass, {fail: conflict}, pass]}, {then: replay}]")

    assert times(4, scenario) == ["replay", "fail conflict", "replay", "replay"]


@pytest.mark.parametrize(
    ("count_by", "wanted"),
    [("account", "FFAA"), ("api_key", "FFAA"), ("recipient", "FFFF"), ("idempotency_key", "FFFA")],
)
def test_count_by(count_by: str, wanted: str) -> None:
    """`count_by` says whose list is walked."""
    scenario = written(f"send: [{{count_by: {count_by}, then: [{{fail: conflict}}, {{fail: conflict}}, accept]}}]")
    rules, clock = Rules(), frozen()
    calls = [(UK, "a"), (DE, "a"), (UK, "b"), (DE, "a")]

    got = [rules.decide(send(to, key=key), [scenario], clock).kind for to, key in calls]

    assert wanted == "".join(kind.upper()[0] for kind in got)


def test_several_recipients() -> None:
    """A send to several moves the counter of each, and gets the answer of the one furthest behind."""
    scenario = written("send: [{count_by: recipient, then: [{fail: conflict}, accept]}]")
    rules, clock = Rules(), frozen()

    got = [rules.decide(send(to), [scenario], clock).kind for to in (UK, [UK, DE], [DE, UK], DE)]

    assert got == ["fail", "fail", "accept", "accept"]


def test_limit_of_its_own_scope() -> None:
    """A limit can count for each recipient while the list counts for the account."""
    scenario = written("send: [{limit: {calls: 1, per: 1m, count_by: recipient}, then: [{fail: conflict}, accept]}]")
    rules, clock = Rules(), frozen()

    got = [rules.decide(send(to), [scenario], clock).kind for to in (UK, DE, UK, DE)]

    assert got == ["accept", "accept", "fail", "accept"]


def test_window_when_the_clock_is_set_back() -> None:
    """A clock that was reset begins a new window instead of an endless one."""
    scenario = written("send: [{limit: {calls: 1, per: 1m}, then: {fail: conflict}}]")
    rules, clock = Rules(), frozen()
    clock.advance(3600 * SECOND)
    rules.decide(send(), [scenario], clock)

    assert rules.decide(send(), [scenario], frozen()).kind == "accept"


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        ("{fail: conflict}", {"kind": "fail", "outcome": "conflict", "commit": False, "retry_after": None}),
        ("{fail: CONFLICT_001, commit: true}", {"outcome": "conflict", "commit": True}),
        ("{fail: conflict, retry_after: 1500ms}", {"retry_after": 2}),
        ("{fail: conflict, retry_after: absent}", {"retry_after": "absent"}),
        ("{fail: conflict, delay: 2s}", {"delay": 2 * SECOND}),
        ("{drop: garbage}", {"kind": "drop", "fault": "garbage", "commit": False}),
        ("{drop: truncate, commit: true}", {"fault": "truncate", "commit": True}),
        ("{drip: 3s}", {"kind": "accept", "drip": 3 * SECOND, "commit": True}),
        ("{accept: true, drip: 3s, delay: 1s}", {"kind": "accept", "drip": 3 * SECOND, "delay": SECOND}),
        ("{replay: true, delay: 1s}", {"kind": "replay", "delay": SECOND, "commit": False}),
    ],
)
def test_answer(answer: str, wanted: dict[str, Any]) -> None:
    """What an answer says is what the decision holds."""
    got = Rules().decide(send(), [written(f"send: [{{then: {answer}}}]")], frozen())

    assert wanted == {name: getattr(got, name) for name in wanted}


def test_clear() -> None:
    """The cleared rules of a scenario begin again, those of another go on."""
    one, two = (written("send: [{then: [{fail: conflict}, pass]}]", source) for source in ("one.yaml", "two.yaml"))
    rules, clock = Rules(), frozen()
    for _ in range(3):
        rules.decide(send(), [one, two], clock)

    assert list(rules.clear(two))
    assert rules.decide(send(), [two], clock).rule == "t/1#1"
    assert rules.decide(send(), [one], clock).rule == ""
    assert list(rules.clear(one))
    assert rules.decide(send(), [one], clock).rule == "t/1#1"


def test_bounded() -> None:
    """Counters are bounded: the one that rested longest is dropped, and the drop is counted."""
    scenario = written("send: [{count_by: recipient, then: [{fail: conflict}, accept]}]")
    rules, clock = Rules(most=2), frozen()

    got = [rules.decide(send(to), [scenario], clock).kind for to in (UK, DE, UK, US, UK, DE)]

    assert got == ["fail", "fail", "accept", "fail", "accept", "fail"]
    assert rules.dropped == 2


def test_deliver_chance() -> None:
    """A deliver rule's chance is drawn for each message, the same with the same seed."""
    scenario = written("deliver: [{chance: 50%, then: {reach: SENT, advance: manual}}]")

    def run() -> list[bool]:
        rules, clock = Rules(), frozen()
        return [rules.plan_of(UK, "sms", None, None, [scenario], clock) is not None for _ in range(400)]

    assert run() == run()
    assert 150 < sum(run()) < 250


def test_deliver_when() -> None:
    """Deliver rules look at the one message: recipient, channel, template."""
    scenario = written("deliver: [{when: {channel: sms, template: order-*}, then: {reach: SENT, advance: manual}}]")
    rules, clock = Rules(), frozen()

    got = rules.plan_of(UK, "sms", "id", "order-1", [scenario], clock)

    assert got
    assert (got.reach, got.advance, got.rule) == ("sent", "manual", "t/1")
    assert rules.plan_of(UK, "whatsapp", "id", "order-1", [scenario], clock) is None


def drawn(calls: list[list[str]], seed: str) -> dict[tuple[str, ...], int]:
    """How many sends failed, for each set of recipients."""
    rules, clock = Rules(), frozen(seed)
    scenario = written("send: [{chance: 20%, then: {fail: conflict}}]")
    kinds = [(tuple(sorted(to)), rules.decide(send(to), [scenario], clock).kind) for to in calls]
    return {key: sum(kind == "fail" for _, kind in group) for key, group in groupby(sorted(kinds), lambda k: k[0])}


@pytest.mark.volume
@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**32))
def test_order_does_not_matter(seed: int) -> None:
    """10,000 sends fail for the same recipients as often, in any order."""
    random = Random(seed)
    calls = [[f"+4477009{random.randrange(2000):05}" for _ in range(random.choice((1, 1, 2)))] for _ in range(10_000)]
    shuffled = [random.sample(to, len(to)) for to in random.sample(calls, len(calls))]

    assert drawn(calls, str(seed)) == drawn(shuffled, str(seed))


@settings(max_examples=20, deadline=None)
@given(st.integers(), st.integers(1, 99))
def test_chance_is_fair(seed: int, percent: int) -> None:
    """So many per cent are that many, within six standard deviations."""
    scenario = written(f"seed: {seed % 10**9}\nsend: [{{chance: {percent}%, then: {{fail: conflict}}}}]")
    share = percent / 100

    failed = times(2000, scenario).count("fail conflict")

    assert abs(failed - 2000 * share) < 6 * sqrt(2000 * share * (1 - share))


@pytest.mark.parametrize("member", ["reach", "fail_at"])
@pytest.mark.parametrize(("name", "status"), [("routed", "PROCESSED"), ("sent", "SENT"), ("delivered", "DELIVERED")])
def test_a_stage_and_its_status_are_the_same(member: str, name: str, status: str) -> None:
    """A deliver rule takes our name of a stage, or the status that the contract gives it."""
    reason = ", reason: R" if member == "fail_at" else ""
    ours, theirs = (written(f"deliver: [{{then: {{{member}: {word}{reason}}}}}]") for word in (name, status))

    assert ours.deliver[0].plan == theirs.deliver[0].plan
    assert getattr(ours.deliver[0].plan, member) == name
