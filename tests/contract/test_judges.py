"""The fast judge and the explaining one: what `jsonschema-rs` takes, `jsonschema` takes, and the other way round."""

import json
import random
from copy import deepcopy
from typing import Any

import pytest
from conftest import PAGE_REQUEST
from malformed import MEMBERS, VALUES
from replies import ROOT

from mock_sent.contract import Edition, Rule, load
from mock_sent.contract.texts import strict_pattern

CASES = 3_000
NUMBERS = [
    "+14155551234",
    "+1234567",
    "+123456",
    "+14155551234\n",
    "+1415555123٣",
    "",
    "14155551234",
    "+0",
    "+" + "9" * 15,
]
WORDS = ["sms", "whatsapp", "rcs", "sent", "SMS", "", "sms\n"]
IDS = ["7ba7b820-9dad-11d1-80b4-00c04fd430c8", "7BA7B820-9DAD-11D1-80B4-00C04FD430C8", "x", "", "7ba7b820\n"]
KEYS = ["a", "a b", "", "a" * 255, "a" * 256, "a\n", "é", "٣", "-_-", '"a"']


@pytest.fixture(scope="module")
def contract() -> Edition:
    return load(ROOT / "openapi.yaml")


def bodies(chance: random.Random) -> Any:
    """A body that is right about every second time."""
    body: dict[str, Any] = {"to": [chance.choice(NUMBERS[:2]) for _ in range(chance.randint(1, 3))], "template": {}}
    if chance.random() < 0.8:
        body["template"]["id"] = chance.choice([IDS[0], IDS[1], None])
    if chance.random() < 0.8:
        body["template"]["name"] = chance.choice(["order_confirmation", "", None])
    if chance.random() < 0.5:
        body["template"]["parameters"] = chance.choice([None, {}, {"name": "x"}, {"": ""}])
    if chance.random() < 0.7:
        body["channel"] = chance.choice([None, [], [chance.choice(WORDS[:4]) for _ in range(chance.randint(1, 3))]])
    if chance.random() < 0.3:
        body["sandbox"] = chance.choice([True, False])
    while chance.random() < 0.5:
        mutate(body, chance)
    return body


def mutate(body: dict[str, Any], chance: random.Random) -> None:
    """Break, or perhaps only change, one member."""
    path = chance.choice([("to",), ("to", 0), ("channel",), ("channel", 0), *MEMBERS, ("more",), ("template", "more")])
    pool = [*VALUES, *NUMBERS, *WORDS, *IDS, ["rcs"], ["rcs", "sms"], [None], ["+14155551234"] * 1_001]
    at: Any = body
    for step in path[:-1]:
        try:
            at = at[step]
        except (KeyError, IndexError, TypeError):
            return
    last = path[-1]
    if isinstance(at, dict):
        if chance.random() < 0.3:
            at.pop(last, None)
        else:
            at[last] = deepcopy(chance.choice(pool))
    elif isinstance(at, list) and isinstance(last, int) and last < len(at):
        at[last] = deepcopy(chance.choice(pool))


def test_the_judges_agree_on_bodies(contract: Edition) -> None:
    """Thousands of right, wrong and mutated bodies: the fast yes is the explaining judge's yes, and no its no."""
    rule = contract.paths["/v3/messages"]["POST"].body
    assert rule
    chance = random.Random(20260311)
    judgements = {True: 0, False: 0}
    for _ in range(CASES):
        body = bodies(chance)
        fast = rule.holds(body)
        assert fast == (not rule.explained(body)), json.dumps(body)[:500]
        judgements[fast] += 1
    assert min(judgements.values()) > CASES / 5, judgements


@pytest.mark.parametrize(("header", "values"), [("idempotency-key", KEYS), ("x-profile-id", [*IDS, *KEYS])])
def test_the_judges_agree_on_headers(contract: Edition, header: str, values: list[str]) -> None:
    """The same for the headers, where a newline at the end and digits of other scripts are the traps."""
    rule = contract.paths["/v3/messages"]["POST"].parameters.headers[header]

    assert isinstance(rule, Rule)
    for value in values:
        assert rule.holds(value) == (not rule.explained(value)), value


def test_the_page_is_right_for_both(contract: Edition) -> None:
    """Both say yes to the page's request."""
    rule = contract.paths["/v3/messages"]["POST"].body

    assert rule
    assert rule.holds(PAGE_REQUEST)
    assert not rule.explained(PAGE_REQUEST)


@pytest.mark.parametrize(
    ("regex", "text", "found"),
    [
        ("^a$", "a", True),
        ("^a$", "a\n", False),
        (r"^\d$", "٣", False),
        (r"^\d$", "3", True),
        (r"a\$", "a$", True),
        (r"a\$", "a", False),
        ("b", "abc", True),
    ],
)
def test_patterns_as_json_schema_means_them(regex: str, text: str, found: bool) -> None:
    """`$` is the very end, and a digit is one of ten."""
    assert bool(strict_pattern(regex).search(text)) == found
