"""Verification: was it sent as often as expected, and what nearly was?"""

from collections.abc import Callable
from typing import Any

import pytest
from conftest import Client

UK: dict[str, Any] = {"to": ["+447700900123"], "channel": ["whatsapp"]}


def verify(client: Client, **wanted: Any) -> Any:
    return client.post("/_mock/verify", json=wanted).json()


@pytest.mark.parametrize(
    "pattern",
    [
        {"to": "+44*"},
        {"to": ["+1*", "+447700900123"], "channel": "whatsapp"},
        {"template": "order_*", "text": "Hi John*"},
        {"template": "7ba7b820-9dad-11d1-80b4-00c04fd430c8"},
        {"header": {"User-Agent": "test*"}},
        {"header": {"user-agent": ["x", "testclient"]}, "recipients": 1},
        {"recipients": "<2", "sandbox": False},
        {"idempotency_key": "order-1"},
        {"idempotency_key": "present"},
        {"idempotency_key": "fresh"},
        {"not": {"to": "+1*"}},
        {"any": [{"to": "+1*"}, {"channel": "whatsapp"}]},
    ],
)
def test_words(client: Client, pattern: dict[str, Any]) -> None:
    """Each word of the scenario language says of a message what it says of a send."""
    client.send(**UK, headers={"idempotency-key": "order-1"})

    verdict = verify(client, **pattern, times=1)

    assert (verdict["result"], verdict["count"], verdict["near_misses"]) == ("ok", 1, []), verdict


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        ({"channel": "sms"}, "1 message differs only in channel: whatsapp, wanted sms"),
        ({"to": "+49*", "channel": "whatsapp"}, "1 message differs only in to: +447700900123, wanted +49*"),
        ({"template": "welcome"}, "1 message differs only in template: order_confirmation or 7ba7b820-9dad-11d1-80b4-00c04fd430c8, wanted welcome"),  # noqa: E501
        ({"header": {"X-Team": "a*"}}, "1 message differs only in header x-team: absent, wanted a*"),
        ({"recipients": ">1"}, "1 message differs only in recipients: 1, wanted >1"),
        ({"sandbox": True}, "1 message differs only in sandbox: wanted true"),
        ({"idempotency_key": "seen"}, "1 message differs only in idempotency_key: absent, wanted seen"),
        ({"not": {"to": "+44*"}}, "1 message differs only in not: its to fits"),
        ({"any": [{"to": "+1*"}]}, "1 message differs only in any: to: +447700900123, wanted +1*"),
        ({"to": "+1*", "channel": "sms"}, "1 message differs in to: +447700900123, wanted +1*; channel: whatsapp, wanted sms"),  # noqa: E501
    ],
)  # fmt: skip
def test_near_misses(client: Client, pattern: dict[str, Any], line: str) -> None:
    """A failed expectation says in a line what differs in those that differ least."""
    client.send(**UK)

    verdict = verify(client, **pattern)

    assert (verdict["result"], verdict["near_misses"]) == ("failed", [line])


def test_near_misses_are_grouped(client: Client) -> None:
    """Equal near misses are one line with their number."""
    client.send()

    assert verify(client, to="+14155551234", channel="email")["near_misses"] == [
        "1 message differs only in channel: sms, wanted email",
        "1 message differs only in channel: whatsapp, wanted email",
    ]
    assert verify(client, template="other", times=3)["sentence"].startswith(
        "wanted 3 messages, 0 fit; 4 messages differ only in template"
    )


@pytest.mark.parametrize(
    ("times", "result"),
    [
        (2, "ok"), (1, "failed"), (0, "failed"), (">=1", "ok"), (">2", "failed"), ("<3", "ok"), ("<=1", "failed"),
        ("=2", "ok"), ("= 1", "failed"),
    ],
)  # fmt: skip
def test_times(client: Client, times: Any, result: str) -> None:
    """How often is a number or a comparison."""
    client.send(to=["+14155551234"])

    assert verify(client, to="+1*", times=times)["result"] == result


def test_nothing_was_sent(client: Client) -> None:
    """Where there is nothing at all, the sentence says so."""
    assert verify(client, to="*")["sentence"] == "wanted >=1 message, 0 fit; there is no message at all"
    assert verify(client, to="*", times=0)["result"] == "ok"


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"too": "+1*"}, "a pattern has no word 'too' (did you mean 'to'?)"),
        ({"times": "many"}, "times must be a number or a comparison"),
        ({"times": True}, "times must be a number or a comparison"),
        ({"to": {}}, "to must be a text or a list of texts"),
        ({"to": []}, "to must be a text or a list of texts"),
        ({"sandbox": "yes"}, "sandbox must be true or false"),
        ({"header": "x"}, "header must be an object"),
        ({"any": []}, "any must be a list of patterns"),
        ({"not": 5}, "a pattern must be an object"),
        ({"of": "people"}, "of must be messages or requests"),
    ],
)
def test_bad_patterns(client: Client, wanted: dict[str, Any], says: str) -> None:
    """A pattern that says nothing sensible is refused, with the nearest word."""
    response = client.post("/_mock/verify", json=wanted)

    assert response.status_code == 400
    assert says in response.json()["error"]


def test_not_an_object(client: Client) -> None:
    """A pattern is an object."""
    assert client.post("/_mock/verify", json=[1]).status_code == 400


def test_of_requests(client: Client) -> None:
    """Attempts can be counted too, by what was answered."""
    client.put("/_mock/scenario", json={"name": "retry-then-ok"})
    for _ in range(3):
        client.send(to=["+14155551234"], headers={"idempotency-key": "k"})

    assert verify(client, of="requests", status="500", idempotency_key="k", times=2)["result"] == "ok"
    assert verify(client, of="requests", rule="retry-then-ok/*", times=3)["result"] == "ok"
    assert verify(client, of="requests", key_fate="replayed*", times=0)["result"] == "ok"


@pytest.mark.parametrize(
    ("times", "result"),
    [(">=1", "ok"), (">=3", "unknown"), (2, "unknown"), (1, "failed"), ("<2", "failed"), ("<5", "unknown")],
)  # fmt: skip
def test_evicted_messages_are_unknown(mock: Callable[..., Client], times: Any, result: str) -> None:
    """After an eviction a count is a least one: what more of them would change is unknown."""
    client = mock(max_messages=2)
    client.send(to=["+14155551234"])
    client.send(to=["+14155551234"])

    verdict = verify(client, to="+1*", times=times)

    assert (verdict["result"], verdict["known"]) == (result, 2)
    assert (verdict["count"] == "unknown") is (result == "unknown")


def test_an_evicted_request_leaves_its_words_unknown(mock: Callable[..., Client]) -> None:
    """Where a pattern asks for the request of a message, and the journal has lost it, nobody can tell."""
    client = mock(max_journal=1)
    client.send(**UK, headers={"x-team": "a"})
    client.send(**UK, headers={"x-team": "b"})

    assert verify(client, header={"x-team": "a"}, times=1)["result"] == "unknown"
    assert verify(client, to="+44*", times=2)["result"] == "ok"
