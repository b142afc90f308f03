"""Money: a finite balance runs out by itself, and a refused send costs nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from answers import assert_failure
from conftest import Client

TEMPLATE = "{id: 7ba7b820-9dad-11d1-80b4-00c04fd430c8, name: a, body: b}"


@pytest.fixture
def purse(mock: Callable[..., Client]) -> Callable[..., Client]:
    """`purse("1.0")` is a client with that balance; a text message costs 0.3, a WhatsApp message 0.1."""

    def make(balance: str, **settings: Any) -> Client:
        home = f"{{balance: {balance}, price: {{sms: 0.3, whatsapp: 0.1}}, templates: [{TEMPLATE}]}}"
        return mock(fixtures_inline=f"schema: 1\ndefault: {home}", **settings)

    return make


def test_the_balance_runs_out(purse: Callable[..., Client]) -> None:
    """Three messages of 0.3 fit into 1.0, a fourth does not: 402 with the page's text (SEND-11)."""
    client = purse("1.0")
    body = {"to": ["+14155551234"], "channel": ["sms"], "template": {"name": "a"}}

    assert [client.send(body).status_code for _ in range(3)] == [202, 202, 202]
    response = client.send(body)
    assert_failure(response, 402, "BUSINESS_003", None, "Insufficient balance to send message.")
    assert "the balance is 0.1, the send costs 0.3" in response.headers["x-mock-warning"]


def test_a_refused_send_costs_nothing(purse: Callable[..., Client]) -> None:
    """A send that is too dear, or wrong in any way, leaves the balance as it was, to the last message (SEND-11)."""
    client = purse("0.3")
    good = {"to": ["+14155551234"], "channel": ["sms"], "template": {"name": "a"}}

    assert client.send({**good, "to": ["+14155551234", "+14155555678"]}).status_code == 402
    assert client.send({**good, "to": []}).status_code == 400
    assert client.send({**good, "template": {"name": "nobody"}}).status_code == 404
    assert client.send({**good, "sandbox": True}).status_code == 202
    assert client.send(good).status_code == 202
    assert client.send(good).status_code == 402
    assert client.send({**good, "channel": ["whatsapp"]}).status_code == 402


def test_all_or_nothing(purse: Callable[..., Client]) -> None:
    """A send that the balance covers only in part is refused whole; the smaller one still fits (SEND-11)."""
    client = purse("0.4")
    both = {"to": ["+14155551234"], "channel": ["sms", "whatsapp"], "template": {"name": "a"}}

    assert client.send({**both, "to": ["+14155551234", "+14155555678"]}).status_code == 402
    assert client.send(both).status_code == 202
    assert client.send({**both, "channel": ["whatsapp"]}).status_code == 402


def test_exact_sums(purse: Callable[..., Client]) -> None:
    """Ten times 0.1 is exactly 1.0: money is not counted in floating point."""
    client = purse("1.0")
    body = {"to": ["+14155551234"] * 10, "channel": ["whatsapp"], "template": {"name": "a"}}

    assert client.send(body).status_code == 202
    assert client.send({**body, "to": ["+14155551234"]}).status_code == 402


def test_what_an_automatic_choice_costs(purse: Callable[..., Client]) -> None:
    """A message whose channel the API chooses costs what a text message costs (SEND-3)."""
    client = purse("0.3")
    body = {"to": ["+14155551234"], "template": {"name": "a"}}

    assert client.send(body).status_code == 202
    assert client.send({**body, "channel": ["whatsapp"]}).status_code == 402


def test_accounts_do_not_share_a_balance(purse: Callable[..., Client]) -> None:
    """Each key has its own balance."""
    client = purse("0.3")
    body = {"to": ["+14155551234"], "template": {"name": "a"}}

    assert client.send(body).status_code == 202
    assert client.send(body).status_code == 402
    assert client.send(body, headers={"x-api-key": "another"}).status_code == 202


def test_unlimited(purse: Callable[..., Client]) -> None:
    """An unlimited balance pays for a thousand recipients again and again."""
    client = purse("unlimited")
    body = {"to": ["+14155551234"] * 1_000, "template": {"name": "a"}}

    assert [client.send(body).status_code for _ in range(3)] == [202, 202, 202]


def test_a_refused_send_keeps_no_message_and_no_key(purse: Callable[..., Client]) -> None:
    """After a 402 the same key may be tried again, and meets the balance anew (IDEM-7)."""
    client = purse("0.1")
    body = {"to": ["+14155551234"], "channel": ["sms"], "template": {"name": "a"}}
    headers = {"idempotency-key": "k"}

    assert client.send(body, headers=headers).status_code == 402
    assert client.send({**body, "channel": ["whatsapp"]}, headers=headers).status_code == 202


def test_the_shipped_poor_account(client: Client) -> None:
    """The shipped fixtures have a key whose balance is enough for one message."""
    headers = {"x-api-key": "00000000-0000-4000-8000-000000000001"}

    assert client.send(to=["+14155551234"], channel=["sms"], headers=headers).status_code == 202
    assert client.send(to=["+14155551234"], channel=["sms"], headers=headers).status_code == 402
