"""What an account keeps of scenarios: counters that two scenarios never share, and a record that is plain data."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import httpx2
from conftest import PAGE_REQUEST, Client

from mock_sent.settings import Settings
from mock_sent.transport import in_process

YAML = {"content-type": "application/yaml"}
ONCE = "{schema: 1, name: once, send: [{at_end: pass, then: {fail: conflict}}]}"


def put(client: Client, text: str) -> None:
    assert client.put("/_mock/scenario", content=text, headers=YAML).status_code == 200


def statuses(client: Client, count: int) -> list[int]:
    return [client.send().status_code for _ in range(count)]


def why(client: Client, id: str = "latest") -> list[str]:
    said: list[str] = client.get(f"/_mock/requests/{id}").json()["why"]["rules_that_did_not_fire"]
    return said


def test_the_same_text_in_two_places(mock: Callable[..., Client]) -> None:
    """The account's scenario and the server's count apart, even with the same name and text."""
    client = mock(scenario_inline=ONCE)
    put(client, ONCE)

    assert statuses(client, 3) == [409, 409, 202]


def test_two_texts_of_one_name(client: Client) -> None:
    """A scenario that another of its name replaces leaves it no count."""
    put(client, ONCE)
    assert statuses(client, 2) == [409, 202]

    put(client, ONCE.replace("once, send", "once, about: other, send"))

    assert statuses(client, 2) == [409, 202]


def test_switched_on_anew(client: Client) -> None:
    """The same text put again begins to count anew."""
    for _ in range(2):
        put(client, ONCE)
        assert statuses(client, 2) == [409, 202]


def test_the_trail_outlives_the_scenario(client: Client) -> None:
    """Why a rule did not fire is known after the scenario was replaced or switched off."""
    put(client, "{schema: 1, name: uk, send: [{when: {to: '+44*'}, then: accept}]}")
    id = client.send().headers["x-request-id"]
    said = ["uk/1: to: +14155551234 or +14155555678, wanted +44*"]

    put(client, ONCE)
    assert why(client, id) == said
    client.delete("/_mock/scenario")
    assert why(client, id) == said


def test_the_trail_of_a_scenario_that_is_no_longer_known(mock: Callable[..., Client]) -> None:
    """Of scenarios given as text an account's last twenty are known; of others one sentence says so."""
    client = mock(scenario_inline=ONCE)
    put(client, "{schema: 1, name: uk, send: [{when: {to: '+44*'}, then: accept}]}")
    id = client.send().headers["x-request-id"]
    for n in range(19):
        put(client, f"{{schema: 1, name: n{n}}}")
    assert why(client, id) == ["uk/1: to: +14155551234 or +14155555678, wanted +44*"]

    put(client, "{schema: 1, name: other}")

    assert why(client, id) == ["uk: this scenario is no longer known, so nothing can be said about its rules"]


def test_a_key_that_was_seen(client: Client) -> None:
    """Of a replay, rules that are not about seen keys say that this is why they were not asked."""
    put(
        client,
        """
schema: 1
name: seen
send:
  - {then: accept}
  - {when: {idempotency_key: seen, to: "+44*"}, then: {fail: conflict}}
""",
    )
    for _ in range(2):
        client.send(headers={"idempotency-key": "k"})

    assert why(client) == [
        "seen/1: it is not about keys that were seen",
        "seen/2: to: +14155551234 or +14155555678, wanted +44*",
    ]


def parts(value: Any) -> Iterator[Any]:
    """Everything that hangs on a value, the objects of the package taken apart."""
    yield value
    if isinstance(value, dict):
        assert all(type(key) is str for key in value), value
        inner: list[Any] = list(value.values())
    elif isinstance(value, list | tuple):
        inner = list(value)
    else:
        slots = [name for name in getattr(type(value), "__slots__", ()) if hasattr(value, name)]
        inner = [getattr(value, name) for name in slots] or list(getattr(value, "__dict__", {}).values())
    for each in inner:
        yield from parts(each)


def test_what_is_kept_is_plain(client: Client) -> None:
    """Exchanges and counters hold texts, numbers, lists and named tuples: no function, no compiled rule, no lock."""
    put(
        client,
        """
schema: 1
name: busy
send:
  - {when: {to: "+49*"}, then: accept}
  - {limit: {calls: 2, per: 1m, count_by: recipient}, then: {fail: rate_limited}}
  - {chance: 50%, count_by: recipient, then: [pass, {fail: conflict}]}
deliver:
  - {chance: 50%, then: {reach: SENT}}
audit: {fail_on: [retry_too_soon]}
""",
    )
    statuses(client, 4)
    [account] = client.app_.state.accounts

    kept = [*parts(list(account.journal)), *parts(account.state.counters)]

    ours = {type(part).__name__ for part in kept if type(part).__module__.startswith("mock_sent")}
    others = {type(part) for part in kept if not type(part).__module__.startswith("mock_sent")}
    assert ours >= {"Exchange", "Decision", "Trail", "ScenarioRecord", "Figures"}
    assert not ours & {"Scenario", "SendRule", "MessageRule", "Facts", "Pattern"}
    assert others <= {str, bytes, int, float, bool, type(None), tuple, list, dict, OrderedDict}


def answered(scenario: str, sends: list[list[str]], threads: int) -> list[tuple[str, int]]:
    """The recipient and the status of each send, asked by so many threads at once."""
    with in_process(Settings(seed="tests", log="off", scenario_inline=scenario)) as transport:
        any_transport: Any = transport
        with httpx2.Client(transport=any_transport, base_url="http://mock-sent") as client:

            def status(to: list[str]) -> tuple[str, int]:
                return ",".join(sorted(to)), client.post("/v3/messages", json={**PAGE_REQUEST, "to": to}).status_code

            with ThreadPoolExecutor(threads) as pool:
                return list(pool.map(status, sends))


def test_counters_are_exact_in_threads() -> None:
    """`fail twice` fails exactly twice, and a limit of 100 lets exactly 100 by, whoever asks at once."""
    got = answered(
        """
schema: 1
name: t
send:
  - {limit: {calls: 100, per: 1h}, then: {fail: rate_limited}}
  - {then: [{fail: conflict}, {fail: conflict}, accept]}
""",
        [["+447700900123"]] * 1000,
        threads=16,
    )

    assert tuple(map([status for _, status in got].count, (429, 409, 202))) == (900, 2, 98)


def test_draws_do_not_depend_on_threads() -> None:
    """Sends fail for the same recipients as often, in any order and from any number of threads."""
    random, scenario = Random(5), "{schema: 1, name: t, send: [{chance: 20%, then: {fail: conflict}}]}"
    sends = [[f"+44770090{random.randrange(100):04}" for _ in range(random.choice((1, 1, 2)))] for _ in range(500)]
    shuffled = [random.sample(to, len(to)) for to in random.sample(sends, len(sends))]

    assert sorted(answered(scenario, sends, 1)) == sorted(answered(scenario, shuffled, 8))
