"""Whatever is wrong with a scenario is one sentence with line and column, in less than a second."""

import sys
from time import thread_time

import pytest
from scenario_world import OUTCOMES, library

from mock_sent.ground.errors import FileError

B = "schema: 1\nname: bad\n"

# The text, and what is said about it after the file's name.
WRONG: list[tuple[str | bytes, str]] = [
    (B + "send:\n- than: accept\n", ":4:3: unknown key 'than' in a send rule (did you mean 'then'?)"),
    (B + "send:\n- when: {too: '+44*'}\n  then: accept\n", ":4:10: unknown key 'too' in when (did you mean 'to'?)"),
    (B + "send:\n- then: {fail: 402}\n", ":4:16: a status number (402) is not an outcome; write insufficient_balance"),
    (B + 'send:\n- then: {fail: "429"}\n', ":4:16: a status number (429) is not an outcome; write rate_limited"),
    (B + "send:\n- then: 500\n", ":4:9: a status number (500) is not an outcome; write internal_error"),
    (B + "send:\n- then: [accept, 503]\n", ":4:18: a status number (503) is not an outcome; write service_unavailable"),
    (B + "send:\n- then: {fail: 418}\n", ":4:16: a status number (418) is not an outcome; write the outcome's name"),
    (
        B + "send:\n- then: {fail: insuficient_balance}\n",
        ":4:16: the contract has no outcome 'insuficient_balance' (did you mean 'insufficient_balance'?)",
    ),
    (
        B + "send:\n- then: {fail: BUSINESS_999}\n",
        ":4:16: the contract has no outcome 'BUSINESS_999'; known are " + ", ".join(OUTCOMES.names),
    ),
    (
        B + "send:\n- then: {fail: Nope!}\n",
        ":4:16: 'fail': 'Nope!' is not an outcome; write its name or code, such as insufficient_balance",
    ),
    (B + "send:\n- then: conflict\n", ":4:9: 'conflict' needs its verb; write {fail: conflict}"),
    (B + "send:\n- then: reset\n", ":4:9: 'reset' needs its verb; write {drop: reset}"),
    (B + "send:\n- then: acept\n", ":4:9: 'then': 'acept' is not one of accept, pass, replay (did you mean 'accept'?)"),
    (
        B + "send:\n- then: {drop: reste}\n",
        ":4:16: 'drop': 'reste' is not one of reset, empty, truncate, garbage, hang (did you mean 'reset'?)",
    ),
    (
        B + "send:\n- then: {fail: conflict, drop: reset}\n",
        ":4:9: 'then' needs exactly one of accept, replay, fail, drop (or drip alone)",
    ),
    (
        B + "send:\n- then: {delay: 2s}\n",
        ":4:9: 'then' needs exactly one of accept, replay, fail, drop (or drip alone)",
    ),
    (B + "send:\n- then: {}\n", ":4:9: 'then' needs exactly one of accept, replay, fail, drop (or drip alone)"),
    (B + "send:\n- then: []\n", ":4:9: 'then': the list needs 1 item"),
    (
        B + "send:\n- then: {drip: 1s, drop: reset}\n",
        ":4:9: 'then' has drip and drop; a reply that is dropped cannot drip",
    ),
    (
        B + "send:\n- then: {accept: true, retry_after: 3s}\n",
        ":4:9: 'then' has retry_after without fail; only a failure carries it",
    ),
    (
        B + "send:\n- then: {accept: true, commit: true}\n",
        ":4:9: 'then' has commit without fail or drop; other sends are always recorded",
    ),
    (B + "send:\n- then: {accept: false}\n", ":4:18: 'accept': false is not true"),
    (
        B + "send:\n- chance: 120%\n  then: accept\n",
        ":4:11: 'chance': '120%' is not a chance; write 0% to 100%, such as 20% or 0.5%",
    ),
    (
        B + "send:\n- chance: 20\n  then: accept\n",
        ":4:11: 'chance': 20 is not a chance; write 0% to 100%, such as 20% or 0.5%",
    ),
    (
        B + "send:\n- then: {accept: true, delay: 5}\n",
        ":4:31: 'delay': 5 is not a duration; write a number and a unit, such as 900ms, 2s, 5m or 1h30m",
    ),
    (
        B + 'send:\n- then: {accept: true, delay: "2s\\n"}\n',
        ":4:31: 'delay': '2s\\n' is not a duration; write a number and a unit, such as 900ms, 2s, 5m or 1h30m",
    ),
    (
        B + "send:\n- then: {accept: true, delay: 5 sec}\n",
        ":4:31: 'delay': '5 sec' is not a duration; write a number and a unit, such as 900ms, 2s, 5m or 1h30m",
    ),
    (B + "send:\n- then: {accept: true, delay: {min: 3s, max: 1s}}\n", ":4:46: max 1s is shorter than min 3s"),
    (
        B + "send:\n- then: {accept: true, delay: {mn: 3s}}\n",
        ":4:32: unknown key 'mn' in the span (did you mean 'min'?)",
    ),
    (
        B + "send:\n- then: {accept: true, delay: 999999h}\n",
        ":4:31: 999999h is too long; 87600h (ten years) is the most",
    ),
    (B + "send:\n- then: {fail: conflict, retry_after: window}\n", ":4:39: 'window' needs a limit in the same rule"),
    (
        B + "send:\n- then: {fail: conflict, retry_after: soon}\n",
        ":4:39: 'retry_after': 'soon' is not a time to wait; write a duration such as 30s, or window, or absent",
    ),
    (B + "send:\n- limit: {calls: 5}\n  then: accept\n", ":4:10: limit needs the key 'per'"),
    (
        B + "send:\n- limit: {calls: 5, per: 0s}\n  then: accept\n",
        ":4:26: a window of no length limits nothing; write 1s or more",
    ),
    (B + "send:\n- limit: {calls: -1, per: 1s}\n  then: accept\n", ":4:18: 'calls': -1 is too small; 0 is the least"),
    (
        B + "send:\n- count_by: receiver\n  then: accept\n",
        ":4:13: 'count_by': 'receiver' is not one of account, api_key, recipient, idempotency_key",
    ),
    (B + "send:\n- at_end: stop\n  then: accept\n", ":4:11: 'at_end': 'stop' is not one of repeat_last, restart, pass"),
    (
        B + "send:\n- when: {to: +15005550006}\n  then: accept\n- when: {to: 15005550006}\n  then: accept\n",
        ':6:14: \'to\': 15005550006 is not a recipient; numbers begin with + or *, in quotes, such as "+44*" or "*99"',
    ),
    (
        B + "send:\n- when: {to: 44*}\n  then: accept\n",
        ":4:14: 'to': '44*' is not a recipient; numbers begin with + or *, in quotes, such as \"+44*\" or \"*99\"",
    ),
    (
        B + "send:\n- when: {to: *99}\n  then: accept\n",
        ':4:14: aliases (*99) are not allowed; put it in quotes if it is a text: "*99"',
    ),
    (B + "send:\n- when: {}\n  then: accept\n", ":4:9: 'when': the mapping needs 1 key"),
    (
        B + "send:\n- when: {recipients: many}\n  then: accept\n",
        ":4:22: 'recipients': 'many' is not a count; write 3, \">10\" or \"<=5\"",
    ),
    (B + "send:\n- when: {sandbox: yes}\n  then: accept\n", ":4:19: 'sandbox': 'yes' is not true or false"),
    (
        B + "send:\n- when: {idempotency_key: new}\n  then: accept\n",
        ":4:27: 'idempotency_key': 'new' is not one of present, absent, fresh, seen",
    ),
    (B + "send:\n- when: {header: {}}\n  then: accept\n", ":4:18: 'header': the mapping needs 1 key"),
    (B + "send: {then: accept}\n", ":3:7: 'send': {'then': 'accept'} is not a list"),
    (B + "send:\n- {name: a, then: accept}\n- {name: a, then: accept}\n", ":5:10: two send rules are named 'a'"),
    (
        B + "send:\n- {name: 2nd, then: accept}\n",
        ":4:10: 'name': '2nd' is not a rule name; begin with a letter, then letters, digits, _ and -, at most 64",
    ),
    (
        B + "deliver:\n- then: {reach: DELIVERD}\n",
        ":4:17: 'reach': 'DELIVERD' is not one of ACCEPTED, PROCESSED, SENT, DELIVERED (did you mean 'DELIVERED'?)",
    ),
    (
        B + "deliver:\n- then: {fail_at: SENT}\n",
        ":4:9: 'then' has fail_at without reason; say why, such as ERR_ROUTE_DENIED",
    ),
    (
        B + "deliver:\n- then: {fail_at: ACCEPTED, reason: x}\n",
        ":4:19: 'fail_at': 'ACCEPTED' is not one of PROCESSED, SENT, DELIVERED",
    ),
    (
        B + "deliver:\n- then: {reach: deliverd}\n",
        ":4:17: 'reach': 'deliverd' is not one of ACCEPTED, PROCESSED, SENT, DELIVERED (did you mean 'delivered'?)",
    ),
    (
        B + "deliver:\n- then: {fail_at: failed, reason: x}\n",
        ":4:19: 'fail_at': 'failed' is not one of PROCESSED, SENT, DELIVERED",
    ),
    (B + "deliver:\n- then: {reach: 7}\n", ":4:17: 'reach': 7 is not text; put it in quotes"),
    (
        B + "deliver:\n- then: {reach: SENT, reason: x}\n",
        ":4:9: 'then' has reason without fail_at; only a failure has one",
    ),
    (B + "deliver:\n- then: accept\n", ":4:9: 'then': 'accept' is not a mapping (key: value)"),
    (
        B + "deliver:\n- when: {header: {a: b}}\n  then: {reach: SENT}\n",
        ":4:10: unknown key 'header' in the when of a deliver rule; known are to, channel, template, not, any",
    ),
    (
        B + "deliver:\n- then: {every: 2s}\n",
        ":4:9: 'then' needs exactly one of reach, fail_at and fail, or a hold or route alone",
    ),
    (B + "webhooks: {order: random}\n", ":3:19: 'order': 'random' is not one of natural, shuffled, reversed"),
    (B + "webhooks: {duplicate: 0}\n", ":3:23: 'duplicate': 0 is too small; 1 is the least"),
    (
        B + "idempotency: {window: 1d}\n",
        ":3:23: 'window': '1d' is not a duration; write a number and a unit, such as 900ms, 2s, 5m or 1h30m",
    ),
    (
        B + "audit: {fail_on: [new_key]}\n",
        ":3:19: 'fail_on': 'new_key' is not one of key_reused_for_other_body, retry_without_key, new_key_on_retry, "
        "retry_too_soon, retry_of_final_error, duplicate_message, missing_api_key, "
        "unknown_member, missing_parameter, extra_parameter, replay_of_other_edition, answered_by_example "
        "(did you mean 'new_key_on_retry'?)",
    ),
    (
        B + "audit: {fail_on: [new_key_on_retry, new_key_on_retry]}\n",
        ":3:18: 'fail_on': ['new_key_on_retry', 'new_key_on_retry'] holds something twice",
    ),
    (B + "sned: []\n", ":3:1: unknown key 'sned' in the scenario (did you mean 'send'?)"),
    ("schema: 2\nname: bad\n", ":1:9: 'schema': 2 is not 1"),
    ("name: bad\n", ":1:1: the scenario needs the key 'schema'"),
    ("schema: 1\nname: Bad Name\n", ":2:7: 'name': 'Bad Name' is not a scenario name; use a-z, 0-9 and -, at most 64"),
    ('schema: 1\nname: "bad\\n"\n', ":2:7: 'name': 'bad\\n' is not a scenario name; use a-z, 0-9 and -, at most 64"),
    ("", ":1:1: nothing is not a mapping (key: value)"),
    ("- a\n", ":1:1: ['a'] is not a mapping (key: value)"),
    (B + "seed: abc\n", ":3:7: 'seed': 'abc' is not a whole number"),
    (B + "name: again\n", ":3:1: the key 'name' stands here a second time; first in line 2"),
    (B + "about: *x\n", ':3:8: aliases (*x) are not allowed; put it in quotes if it is a text: "*x"'),
    (B + "about: &x y\n", ":3:8: anchors (&x) are not allowed; write the value out where it is used"),
    (
        B + "about: !!python/object:os.system ls\n",
        ":3:8: tags (tag:yaml.org,2002:python/object:os.system) are not allowed; put it in quotes if it is a text",
    ),
    (B + "about: a: b\n", ":3:9: a ':' is not allowed here; put the text in quotes or mend the indentation"),
    (B + 'about: "a\n', ":4:1: this is not YAML: while scanning a quoted scalar, found unexpected end of stream"),
    (B + "\tabout: a\n", ":3:1: a tab cannot indent YAML; use spaces"),
    (B + "---\nschema: 1\n", ":3:1: a second document begins here; one file holds one document"),
    (B + "about: \x07\n", ":3:8: the character U+0007 is not allowed in YAML"),
    (b"schema: 1\nname: \xff\n", ":2:7: this is not UTF-8 text"),
    ("a: &a [x,x]\nb: &b [*a,*a]\n", ":1:4: anchors (&a) are not allowed; write the value out where it is used"),
]

HOSTILE: dict[str, tuple[str, str]] = {
    "50,000 brackets": ("[" * 50_000, ":1:33: nested more than 32 deep, which is the limit"),
    "50,000 braces": ("{a: " * 50_000, ":1:129: nested more than 32 deep, which is the limit"),
    "indented for ever": (
        "".join(f"{' ' * depth}a:\n" for depth in range(600)),
        ":33:33: nested more than 32 deep, which is the limit",
    ),
    "10 MB": ("x" * 10_000_000, ": the file is larger than 262,144 bytes (256 KiB), which is the limit"),
    "too many values": ("[" + "a," * 130_000, ":1:20000: the file holds more than 10,000 values, which is the limit"),
    "nothing but words": ("a " * 131_000, ":1:1: 'a a"),
    "nothing but lines": ("\n" * 262_000, ":1:1: nothing is not a mapping"),
    "wrong everywhere": (B + "send:\n- then: [" + "{fail: 402}, " * 4_900 + "]\n", ":4:17: a status number (402)"),
    "unknown everywhere": (
        B + "send:\n- when: {any: [" + "{x: 1}, " * 4_900 + "]}\n  then: accept\n",
        ":4:17: unknown key 'x'",
    ),
}


@pytest.mark.parametrize(("text", "said"), WRONG, ids=range(len(WRONG)))
def test_wrong(text: str | bytes, said: str) -> None:
    """A wrong file is told exactly where it is wrong, and what to write."""
    with pytest.raises(FileError) as caught:
        library().compile(text, "f.yaml")

    assert str(caught.value) == f"f.yaml{said}"


@pytest.mark.parametrize(("text", "said"), HOSTILE.values(), ids=HOSTILE)
def test_hostile(text: str, said: str) -> None:
    """A file that wants to stop the process is refused in less than a second."""
    start = thread_time()
    with pytest.raises(FileError) as caught:
        library().compile(text, "f.yaml")

    assert str(caught.value).startswith(f"f.yaml{said}")
    # A coverage tracer makes everything several times slower.
    assert thread_time() - start < (1 if sys.gettrace() is None else 5)
