"""The audit of retries: only after an outcome that the client cannot know must the idempotency key stay the same."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from conftest import PAGE_REQUEST, Client, Live
from lonely import wait_until
from march import EDITION
from replies import ROOT

ONE: dict[str, Any] = {**PAGE_REQUEST, "to": ["+14155551234"], "channel": ["sms"]}
FAILURES = EDITION.by_id["sendMessage"].outcomes
# The failures after which the client cannot know; all others say that nothing was done.
UNDECIDED = {"conflict", "internal_error"}
FAULTS = ("reset", "empty", "truncate", "garbage")


def kinds(client: httpx2.Client, severity: str) -> list[str]:
    return [f["kind"] for f in client.get("/_mock/audit").json()["findings"] if f["severity"] == severity]


def play(client: httpx2.Client, *answers: str) -> None:
    """The sends are answered so, one after the other."""
    text = f"{{schema: 1, name: played, send: [{{then: [{', '.join(answers)}, accept]}}]}}"
    reply = client.put("/_mock/scenario", content=text.encode(), headers={"content-type": "application/yaml"})
    assert reply.status_code == 200, reply.text


def send(client: httpx2.Client, *keys: str | None) -> list[int]:
    """The same body under each key in turn, each a second after the other; 0 for no answer."""
    statuses = []
    for key in keys:
        with suppress(httpx2.TransportError):
            statuses.append(0)
            headers = {} if key is None else {"idempotency-key": key}
            statuses[-1] = client.post("/v3/messages", json=ONE, headers=headers).status_code
        client.post("/_mock/clock", json={"advance": "61s"})
    return statuses


@pytest.mark.parametrize("name", FAILURES.names)
def test_another_key_after_each_failure(client: Client, name: str) -> None:
    """After a refusal that says that nothing was done, another key is no mistake; after any other failure it is."""
    play(client, f"{{fail: {name}}}")

    assert send(client, "one", "two") == [FAILURES[name].status, 202]

    assert kinds(client, "error") == (["new_key_on_retry"] if name in UNDECIDED else [])
    assert set(kinds(client, "warning")) <= {"retry_of_final_error"}


@pytest.mark.parametrize("name", FAILURES.names)
def test_no_key_after_each_failure(client: Client, name: str) -> None:
    """The same holds for a client that sends no keys, as a warning."""
    play(client, f"{{fail: {name}}}")

    send(client, None, None)

    assert ("retry_without_key" in kinds(client, "warning")) == (name in UNDECIDED)
    assert kinds(client, "error") == []


def test_a_request_time_out_is_undecided(mock: Callable[..., Client], tmp_path: Path) -> None:
    """408 is a 4xx after which nobody knows what became of the request."""
    text = (ROOT / "openapi.yaml").read_text()
    own = text.replace("    RateLimited:\n", "    TimedOut:\n", 1)
    begin = text.index("    RateLimited:\n")
    shape = text[begin : text.index("    ServiceUnavailable:\n")].replace("RateLimited", "TimedOut")
    own = text[:begin] + shape.replace("rate_limited:", "timed_out:").replace("BUSINESS_002", "X_408") + text[begin:]
    own = own.replace("        '409':", "        '408': {$ref: '#/components/responses/TimedOut'}\n        '409':", 1)
    path = tmp_path / "own.yaml"
    path.write_text(own)
    client = mock(contract=str(path))
    play(client, "{fail: timed_out}")

    with suppress(AssertionError):  # the shipped contract, which the client fixture holds replies against, has no 408
        client.send(ONE, headers={"idempotency-key": "one"})
    send(client, "two")

    assert kinds(client, "error") == ["new_key_on_retry"]


def left(client: httpx2.Client, key: str) -> None:
    """Send, and leave before the answer is complete."""
    headers = {"idempotency-key": key, "x-api-key": Live.api_key}
    with (
        suppress(httpx2.ReadTimeout),
        httpx2.Client(base_url=client.base_url, timeout=0.2) as own,
        own.stream("POST", "/v3/messages", json=ONE, headers=headers) as answer,
    ):
        next(answer.iter_raw())
    wait_until(lambda: client.get("/_mock/requests?path=/v3/messages").json()["requests"], "the end of the request")


@pytest.mark.parametrize("commit", ["true", "false"])
@pytest.mark.parametrize("fault", FAULTS)
def test_another_key_after_each_fault(live: Callable[..., Live], fault: str, commit: str) -> None:
    """After a broken connection the client cannot know, whether the send was kept or not."""
    client = live()
    play(client, f"{{drop: {fault}, commit: {commit}}}")

    assert send(client, "one", "two") == [0, 202]

    assert kinds(client, "error") == ["new_key_on_retry"]


UNHEARD = (
    "{drop: hang}",
    "{drop: hang, commit: true}",
    "{accept: true, delay: 20s}",
    "{accept: true, drip: 20s}",
    # A refusal that was not heard is none that the client knows of.
    "{fail: rate_limited, delay: 20s}",
    "{fail: insufficient_balance, delay: 20s}",
)


@pytest.mark.parametrize("answer", UNHEARD)
def test_another_key_after_leaving(live: Callable[..., Live], answer: str) -> None:
    """A client that gave up waiting cannot know either, whatever the answer would have been."""
    client = live()
    play(client, answer)
    left(client, "one")

    assert send(client, "two") == [202]

    assert kinds(client, "error") == ["new_key_on_retry"]


@pytest.mark.parametrize(
    ("answers", "keys", "found"),
    [
        # The second answer says nothing about the first request.
        (("{fail: internal_error}", "{fail: rate_limited}"), "aab", ["new_key_on_retry"]),
        (("{fail: internal_error}", "{fail: service_unavailable}"), "aab", ["new_key_on_retry"]),
        (("{fail: internal_error}", "{fail: forbidden}"), "aab", ["new_key_on_retry"]),
        # One under the same key that came as far as the send does.
        (("{fail: internal_error}", "{fail: insufficient_balance}"), "aab", []),
        (("{fail: internal_error}", "{fail: rate_limited}"), "aaa", []),
        # Refusals one after the other, with a key each.
        (("{fail: rate_limited}", "{fail: service_unavailable}", "{fail: rate_limited}"), "abcd", []),
        (("{fail: rate_limited}", "{fail: internal_error}"), "abc", ["new_key_on_retry"]),
        # The mistake is told once for each outcome that was not known.
        (("{fail: internal_error}", "{fail: rate_limited}", "{fail: rate_limited}"), "abcd", ["new_key_on_retry"]),
        (("{fail: internal_error}", "{fail: internal_error}"), "abc", ["new_key_on_retry"] * 2),
    ],
)
def test_sequences(client: Client, answers: tuple[str, ...], keys: str, found: list[str]) -> None:
    """An outcome that is not known stays so until an answer under its key tells it."""
    play(client, *answers)

    send(client, *keys)

    assert kinds(client, "error") == found


def test_a_success_settles(client: Client) -> None:
    """After the answer under the first key, another key is another message, and at most a duplicate."""
    play(client, "{fail: internal_error, commit: true}")

    assert send(client, "one", "one", "two") == [500, 202, 202]

    assert (kinds(client, "error"), kinds(client, "warning")) == ([], ["duplicate_message"])
