"""What is kept counts, has an end, and is told."""

import json
import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import Client
from hoarding import HOARDERS, NUMBERS, TRAILS, Ask

from mock_sent.command.cli import cli

TEMPLATE = {"id": "7ba7b820-9dad-11d1-80b4-00c04fd43099", "name": "reminder", "body": "Come at {{time}}."}
YAML = {"content-type": "application/yaml"}
CHANCE = "{schema: 1, name: chance, send: [{chance: 0%, then: {fail: conflict}}]}"


def wide(n: int) -> list[str]:
    return [f"+1{4_150_000_000 + 1_000 * n + i}" for i in range(1_000)]


def memory(client: Client) -> dict[str, int]:
    shown: dict[str, int] = client.get("/_mock/accounts").json()["memory"]
    return shown


def ask(client: Client, asked: Ask) -> int:
    line, body, headers = asked
    method, _, path = line.partition(" ")
    kind = "application/yaml" if isinstance(body, str) else "application/json"
    content = body if isinstance(body, str) else None if body is None else json.dumps(body)
    return client.request(method, path, content=content, headers={"content-type": kind, **headers}).status_code


def settled(client: Client, holds: Callable[[dict[str, int]], bool]) -> dict[str, int]:
    """The figures once something holds: what is dropped goes in slices, between requests."""
    for _ in range(200):
        if holds(shown := memory(client)):
            break
        time.sleep(0.01)
    return shown


@pytest.mark.parametrize("hoarder", HOARDERS, ids=lambda each: each.__name__)
def test_all_that_is_kept_counts_until_it_goes(client: Client, hoarder: Callable[[], Iterator[Ask]]) -> None:
    """Whatever a client lets the server keep is counted, and nothing is left of the count after a reset."""
    before = memory(client)["bytes"]
    for asked in islice(hoarder(), 30):
        ask(client, asked)
    kept = memory(client)["bytes"]

    assert client.post("/_mock/reset?all=true", json={}).status_code == 200

    assert kept - before > 15_000
    assert settled(client, lambda shown: shown["bytes"] == before)["bytes"] == before


@pytest.mark.parametrize(
    ("many", "one"),
    [
        (lambda n: ("POST", "/_mock/inbound", {"from": f"+1415{5_000_000 + n}", "text": "STOP"}), 500),
        (lambda n: ("PUT", "/_mock/templates", [{**TEMPLATE, "name": f"t{n}", "body": "x" * 5_000}]), 5_000),
        (
            lambda n: (
                "POST",
                "/v3/webhooks",
                {
                    "display_name": "w",
                    "endpoint_url": f"http://192.0.2.1:9/{'x' * 400}{n}",
                    "event_types": ["message"],
                },
            ),
            1_000,
        ),
    ],
    ids=["contacts", "templates that replace each other", "webhooks"],
)
def test_each_counts_with_its_texts(client: Client, many: Callable[[int], tuple[str, str, Any]], one: int) -> None:
    """What is set up, and what is known of contacts, counts with its texts; a template that was replaced is gone."""
    client.put("/_mock/edition", json={"edition": "2026-10"})
    before = memory(client)["bytes"]

    for n in range(20):
        method, path, body = many(n)
        made = client.request(method, path, json=body)
        assert made.status_code in (200, 201), made.text

    grown = memory(client)["bytes"] - before
    assert grown > (one if path == "/_mock/templates" else one * 20)
    assert grown < one * 20 * 6


def test_a_chance_keeps_no_recipients(client: Client) -> None:
    """A rule with a chance counts sends by a digest of their recipients: ten bulk sends take hardly more with it."""
    taken = []
    for scenario in ("{schema: 1, name: none}", CHANCE):
        assert client.post("/_mock/reset?all=true", json={}).status_code == 200
        client.put("/_mock/scenario", content=scenario, headers=YAML)
        before = memory(client)["bytes"]
        for n in range(10):
            assert client.send(to=wide(n), channel=["sms"]).status_code == 202
        taken.append(memory(client)["bytes"] - before)

    assert taken[1] - taken[0] < 10 * 1_000


def test_the_journal_counts_decisions(client: Client) -> None:
    """An exchange counts with the notes of the rules that did not fire."""
    client.put("/_mock/scenario", content=TRAILS, headers=YAML)
    client.send(to=NUMBERS[:1])
    before = memory(client)["bytes"]

    for _ in range(10):
        client.send(to=NUMBERS[:1])

    assert memory(client)["bytes"] - before > 10 * 300 * 80


@pytest.mark.parametrize(("key", "is_long"), [("x" * 1_024, False), ("x" * 1_025, True), ("\u00e9" * 600, True)])
def test_long_keys(client: Client, key: str, is_long: bool) -> None:
    """An API key has at most 1,024 bytes on every plane. A longer one is refused in a sentence, without an account."""
    headers = {"x-api-key": key.encode("latin-1")}
    paths = ("/v3/webhooks", "/_mock/messages", "/_mock/requests", "/_mock/templates", "/_mock/clock", "/_mock/audit")
    answers = [client.get(path, headers=headers) for path in paths]  # type: ignore[arg-type]

    assert {answer.status_code for answer in answers} == ({401} if is_long else {200})
    if is_long:
        assert "longer than 1,024 bytes" in answers[0].headers["x-mock-warning"]
        assert all("longer than 1,024 bytes" in answer.json()["error"] for answer in answers[1:])
        assert client.get("/_mock/accounts").json()["accounts"] == []


def test_a_long_key_with_known_keys(mock: Callable[..., Client]) -> None:
    """A key that is too long is refused even if the settings name it: no plane knows it."""
    client = mock(api_keys=("known-key-0001", "x" * 2_000))

    refused = client.send(headers={"x-api-key": "x" * 2_000})

    assert refused.status_code == 401
    assert "longer than 1,024 bytes" in refused.headers["x-mock-warning"]


def test_the_account_idle_for_longest_goes_first(mock: Callable[..., Client]) -> None:
    """If the memory is used up, the accounts idle for longest go; the log and the list of accounts say so."""
    client = mock(max_memory=4 << 20)
    texts = {"name": "verification_code", "parameters": {"code": "x" * 50_000}}

    for n in range(100):
        assert (
            client.send(template=texts, to=NUMBERS[:1], headers={"x-api-key": f"key-of-test-{n:04}"}).status_code == 202
        )
        client.send(to=NUMBERS[:1], headers={"x-api-key": "key-of-the-busy-one"})

    shown = settled(client, lambda shown: shown["bytes"] <= shown["most"])
    keys = [account["api_key"].partition("/")[0] for account in client.get("/_mock/accounts").json()["accounts"]]
    assert shown["bytes"] <= shown["most"] == 4 << 20
    assert shown["evicted"] > 20
    assert keys[:2] == ["****-one", "****0099"]
    assert keys[1:] == [f"****{99 - n:04}" for n in range(len(keys) - 1)]
    assert "account dropped, because MOCK_SENT_MAX_MEMORY is used up" in client.log.getvalue()
    assert "****0000" in client.log.getvalue()


def test_one_account_alone_stays_within_the_memory(mock: Callable[..., Client]) -> None:
    """A single account gives up its oldest messages and exchanges, and is not dropped."""
    client = mock(max_memory=4 << 20)
    texts = {"name": "verification_code", "parameters": {"code": "x" * 50_000}}

    for n in range(100):
        key = {"idempotency-key": f"k{n}"} if n % 2 else {}
        assert client.send(template=texts, to=NUMBERS[:1], headers=key).status_code == 202

    shown = settled(client, lambda shown: shown["bytes"] <= shown["most"])
    [account] = client.get("/_mock/accounts").json()["accounts"]
    assert shown["bytes"] <= shown["most"]
    assert (shown["evicted"], account["messages_evicted"] > 0, account["requests_evicted"] > 0) == (0, True, True)


def test_one_message_that_takes_most_of_the_memory(mock: Callable[..., Client]) -> None:
    """The only account gives up exchanges when one message leaves no room for them, and the log tells it."""
    client = mock(max_memory=1 << 20)
    text = {"name": "verification_code", "parameters": {"code": "x" * 850_000}}
    assert client.send(template=text, to=NUMBERS[:1]).status_code == 202
    for _ in range(100):
        client.get("/v3/webhooks?page=1&page_size=5")

    shown = settled(client, lambda shown: shown["bytes"] <= shown["most"])
    [account] = client.get("/_mock/accounts").json()["accounts"]
    assert shown["bytes"] <= shown["most"]
    assert account["requests_evicted"] > 20
    assert "oldest exchanges dropped, because MOCK_SENT_MAX_MEMORY is used up by one account" in client.log.getvalue()


def test_a_message_that_was_evicted_is_held_no_more(mock: Callable[..., Client]) -> None:
    """Of ten thousand scheduled messages of which ten are kept, the mock remembers far fewer instants than that."""
    client = mock(edition="2026-10", max_messages=10, max_journal=1)
    client.post("/_mock/clock", json={"freeze": "2026-10-23T09:00:00Z"})
    sizes = []
    for n in range(10):
        send = {"to": wide(n), "text": "a", "scheduled_at": "2026-10-23T10:00:00Z"}
        assert client.post("/v3/messages", json=send).status_code == 202
        sizes.append(memory(client)["bytes"])

    assert max(sizes) - sizes[0] < 2_000 * 280


def test_a_dropped_account_is_remembered_by_a_digest(mock: Callable[..., Client]) -> None:
    """What stays of accounts that went is small, however long their keys were, and their journal is known to lack."""
    client = mock(max_memory=8 << 20, max_accounts=1)
    keys = [f"{n:04}" * 250 for n in range(50)]
    client.send(to=NUMBERS[:1], headers={"x-api-key": keys[0]})
    before = memory(client)["bytes"]
    for key in keys:
        client.send(to=NUMBERS[:1], headers={"x-api-key": key})

    assert settled(client, lambda shown: shown["bytes"] - before < 50 * 300)["bytes"] - before < 50 * 300


@pytest.mark.parametrize(
    ("method", "path", "body", "says"),
    [
        (
            "PUT",
            "/_mock/templates",
            [{**TEMPLATE, "id": f"7ba7b820-9dad-11d1-80b4-{n:012x}", "name": f"t{n}"} for n in range(5_001)],
            "the mock keeps 5,000 templates for each account",
        ),
        (
            "PUT",
            "/_mock/templates",
            [
                {**TEMPLATE, "id": f"7ba7b820-9dad-11d1-80b4-{n:012x}", "name": f"t{n}", "body": "x" * 9_000}
                for n in range(60)
            ],
            "raise MOCK_SENT_MAX_MEMORY, of which they may take an eighth",
        ),
    ],
    ids=["number", "bytes"],
)
def test_caps_say_what_to_do(mock: Callable[..., Client], method: str, path: str, body: Any, says: str) -> None:
    """What would be too much is refused in one sentence, and nothing of it is kept."""
    client = mock(max_memory=(4 if "eighth" in says else 512) << 20)
    before = len(client.get("/_mock/templates").json()["templates"])

    refused = client.request(method, path, json=body)

    assert refused.status_code == 400
    assert says in refused.json()["error"]
    assert len(client.get("/_mock/templates").json()["templates"]) == before


def test_webhooks_of_an_account_have_an_end(mock: Callable[..., Client]) -> None:
    """Webhooks beyond the bytes of an account are refused in one sentence, which says what to do."""
    client = mock(max_memory=1 << 20)
    hook = {"display_name": "w", "endpoint_url": "http://192.0.2.1:9/" + "x" * 400, "event_types": ["messages"]}

    answers = [client.post("/v3/webhooks", json=hook) for _ in range(300)]

    assert answers[0].status_code == 201
    assert answers[-1].status_code == 400
    assert "raise MOCK_SENT_MAX_MEMORY" in answers[-1].json()["error"]["message"]


@pytest.mark.parametrize("value", ["0", "12", "1T", "-5M", "512 MB", "1025G"])
def test_a_bound_that_is_none(value: str) -> None:
    """A bound that is no number of bytes, or too small or large, is refused at the start with one sentence."""
    refused = CliRunner().invoke(cli, ["config", "--max-memory", value])

    says = str(refused.exception)
    assert says.startswith("--max-memory must be ")
    assert "such as 512M" in says or "from 1M to 1024G" in says


@pytest.mark.parametrize(("value", "shown"), [("64M", "64M"), ("2g", "2G"), ("1048577", "1048577"), ("2048K", "2M")])
def test_a_bound_as_people_write_it(value: str, shown: str) -> None:
    """The bound takes K, M and G, large or small, and is shown in the largest unit that fits."""
    config = CliRunner().invoke(cli, ["config", "--max-memory", value])

    [line] = [line for line in config.output.splitlines() if "max-memory" in line.replace("_", "-").lower()]
    assert shown in line.split()
