"""What each key of a `when` lets fire, and why not."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenario_world import DE, UK, US, frozen, send, times, trail, written

from mock_sent.scenarios.globs import compile_glob
from mock_sent.scenarios.rules import Rules

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
