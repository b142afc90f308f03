"""What each word of a pattern lets fit, what it says where it does not, and what that costs."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from conftest import Client
from hypothesis import given
from hypothesis import strategies as st
from scenario_world import DE, UK, US, frozen, send, times, trail, written
from schema import FILE, filled

from mock_sent.ground.errors import FileError
from mock_sent.scenarios.globs import compile_glob
from mock_sent.scenarios.language import schema
from mock_sent.scenarios.patterns import compile_pattern
from mock_sent.scenarios.rules import Rules
from mock_sent.scenarios.words import LEG, SEND, Facts
from mock_sent.wire.faults import FAULTS

FAIL = "fail internal_error"

MATCHING: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ('{to: "+44*"}', {"to": UK}, {"to": DE}),
    (f'{{to: "{UK}"}}', {"to": [DE, UK]}, {"to": [DE, US]}),
    ('{to: ["+44*", "+49*"]}', {"to": DE}, {"to": US}),
    ('{to: "*123"}', {"to": UK}, {"to": US}),
    ('{to: "+44*0*3"}', {"to": UK}, {"to": DE}),
    (f'{{to: ["{UK}", "+49*"]}}', {"to": UK}, {"to": US}),
    ("{channel: sms}", {"channels": ["whatsapp", "sms"]}, {"channels": ["whatsapp"]}),
    ("{template: order-*}", {"template": ["order-shipped"]}, {"template": ["7ba7b820"]}),
    ("{template: 7ba7b820}", {"template": ["7ba7b820"]}, {}),
    ("{header: {X-Team: payments}}", {"headers": {"x-team": "payments"}}, {"headers": {"x-team": "risk"}}),
    ('{header: {x-a: "*", x-b: [c, d]}}', {"headers": {"x-a": "", "x-b": "d"}}, {"headers": {"x-b": "d"}}),
    ('{recipients: ">1"}', {"to": [UK, DE]}, {"to": UK}),
    ("{recipients: 2}", {"to": [UK, DE]}, {"to": [UK, DE, US]}),
    ('{recipients: "<=1"}', {"to": UK}, {"to": [UK, DE]}),
    ("{sandbox: true}", {"sandbox": True}, {}),
    ("{idempotency_key: present}", {"key": "k"}, {}),
    ("{idempotency_key: absent}", {}, {"key": "k"}),
    ("{idempotency_key: fresh}", {"key": "k"}, {"key": "k", "key_seen": True}),
    ("{idempotency_key: seen}", {"key": "k", "key_seen": True}, {"key": "k"}),
    ('{not: {to: "+44*"}}', {"to": DE}, {"to": [DE, UK]}),
    ('{any: [{to: "+49*"}, {channel: sms}]}', {"channels": ["sms"]}, {"to": UK}),
    ('{to: "+44*", channel: sms}', {"channels": ["sms"]}, {"to": DE, "channels": ["sms"]}),
    ('{to: "+44*", channel: sms, sandbox: false}', {"channels": ["sms"]}, {"channels": ["sms"], "sandbox": True}),
]


@pytest.mark.parametrize(("when", "fitting", "other"), MATCHING)
def test_when(when: str, fitting: dict[str, Any], other: dict[str, Any]) -> None:
    """A `when` lets one send fire the rule and not the other, and the trail says what differs."""
    scenario = written(f"send: [{{when: {when}, then: {{fail: internal_error}}}}]")

    assert times(1, scenario, send(**fitting)) == [FAIL]
    assert times(1, scenario, send(**other)) == ["accept"]
    [said] = trail(Rules().decide(send(**other), [scenario], frozen()), send(**other), [scenario])
    assert re.fullmatch("t/1: .+ wanted .+|t/1: not: its to fits", said)


@given(st.text("ab*", max_size=8), st.text("ab", max_size=12))
def test_glob(pattern: str, text: str) -> None:
    """`*` stands for any text, as a plain recursive reading of the pattern has it."""

    def fits(pattern: str, text: str) -> bool:
        if not pattern:
            return not text
        if pattern[0] == "*":
            return any(fits(pattern[1:], text[at:]) for at in range(len(text) + 1))
        return bool(text) and pattern[0] == text[0] and fits(pattern[1:], text[1:])

    assert fits(pattern, text) == bool(compile_glob([pattern])(text))


NO_FIT = {"to": "+49*"}
DEEP: dict[str, Any] = NO_FIT
for _ in range(30):
    DEEP = {"any": [DEEP]}
WIDE: dict[str, Any] = NO_FIT
for _ in range(7):
    WIDE = {"any": [{"not": {"not": WIDE}}, WIDE]}


class Counted(Mapping[str, Sequence[str]]):
    """The words of a send, and how often one was looked at."""

    def __init__(self) -> None:
        self.looks = 0

    def __getitem__(self, word: str) -> Sequence[str]:
        self.looks += 1
        return [UK]

    def __iter__(self) -> Iterator[str]:
        return iter(["to"])

    def __len__(self) -> int:
        return 1


@pytest.mark.parametrize(("pattern", "parts", "shown"), [(DEEP, 1, 1), (WIDE, 128, 1)])
def test_each_part_looks_once(pattern: dict[str, Any], parts: int, shown: int) -> None:
    """However patterns are nested, each part is asked once, and the sentence reads what it shows and asks nothing."""
    words = Counted()
    facts = Facts(words)

    found = compile_pattern(pattern, SEND).difference(facts)
    asked = words.looks

    assert found
    assert found(facts).endswith(f"to: {UK}, wanted +49*")
    assert (asked, words.looks - asked) == (parts, shown)


def test_deep_patterns_are_answered(client: Client) -> None:
    """`any` nested 30 deep costs thirty looks at each message, and the near miss says all of it in one line."""
    client.send(to=[UK], channel=["sms"])

    verdict = client.post("/_mock/verify", json={**DEEP, "times": 1}).json()

    assert verdict["near_misses"] == [f"1 message differs only in {'any: ' * 30}to: {UK}, wanted +49*"]


def test_deep_patterns_in_a_scenario() -> None:
    """The trail of a rule whose `when` is nested says it in the same words."""
    scenario = written(f"send: [{{when: {'{any: [' * 10}{{to: '+49*'}}{']}' * 10}, then: accept}}]")

    decision = Rules().decide(send(), [scenario], frozen())

    assert trail(decision, send(), [scenario]) == (f"t/1: {'any: ' * 10}to: {UK}, wanted +49*",)


def test_the_size_of_patterns_is_bounded(client: Client) -> None:
    """A pattern has at most 1,000 words, in a request and in a file."""
    refused = client.post("/_mock/verify", json={"any": [NO_FIT] * 1000})

    assert (refused.status_code, refused.json()["error"]) == (
        400, "a pattern may have 1,000 words, those inside not and any counted, not more",
    )  # fmt: skip
    with pytest.raises(FileError, match=r"t\.yaml:3:15: a pattern may have 1,000 words"):
        written(f"send: [{{when: {{any: [{', '.join(['{to: +49*}'] * 1000)}]}}, then: accept}}]")


def test_the_schema_has_the_same_words() -> None:
    """The words of `when`, and the faults that `drop` names, are those that the package knows."""
    parts = schema()["$defs"]

    assert parts["when"]["properties"].keys() == set(SEND.words)
    assert parts["deliverWhen"]["properties"].keys() == set(LEG.words)
    assert parts["answerMapping"]["properties"]["drop"]["enum"] == list(FAULTS)
    assert filled(FILE.read_text("utf-8")) == FILE.read_text("utf-8"), "run scripts/pages"
