"""A message that fails says who failed it: the deliver rule, or the gate, wherever the message is shown."""

from collections.abc import Callable
from typing import Any

import pytest
from conftest import Client

YAML = {"content-type": "application/yaml"}
TO = "+14155551234"
FAILS = (
    "{schema: 1, name: down, deliver: "
    "[{name: no-route, when: {to: '+1415*'}, then: {fail_at: sent, reason: ERR_ROUTE_DENIED}}]}"
)
RULE = "down/no-route"


def switch_on(client: Client, text: str = FAILS) -> None:
    assert client.put("/_mock/scenario", content=text.encode(), headers=YAML).status_code == 200


def shown(client: Client) -> Any:
    (message,) = client.get("/_mock/messages").json()["messages"]
    return message


def one(client: Client, to: str = TO, **more: Any) -> Any:
    reply = client.send(to=[to], channel=["sms"], **more)
    assert reply.status_code == 202
    return reply


def by_account(client: Client) -> str:
    switch_on(client)
    one(client)
    return RULE


def by_header(client: Client) -> str:
    one(client, headers={"x-mock-scenario": "delivery-fails"})
    return "delivery-fails/1"


def by_number(client: Client) -> str:
    one(client, "+15005550161")
    return "magic-numbers/n61"


def by_hand(client: Client) -> str:
    switch_on(client, FAILS.replace("ERR_ROUTE_DENIED", "ERR_ROUTE_DENIED, advance: manual"))
    one(client)
    for _ in range(2):
        client.post(f"/_mock/messages/{shown(client)['id']}/advance", json={})
    return RULE


@pytest.mark.parametrize("fail", [by_account, by_header, by_number, by_hand])
def test_the_rule_is_named(client: Client, fail: Callable[[Client], str]) -> None:
    """By the account's scenario, by header, by number or by hand: message, timeline and explanation name the rule."""
    rule = fail(client)
    client.post("/_mock/clock", json={"advance": "1h"})

    message = shown(client)
    assert (message["status"], message["deliver_rule"], message["gate"]) == ("FAILED", rule, None)
    assert [event.get("rule") for event in message["timeline"]] == [None] * (len(message["timeline"]) - 1) + [rule]
    why = client.get(f"/_mock/requests/{message['request_id']}").json()["why"]
    assert (why["deliver_rules"], why["gate"]) == ([rule], None)


@pytest.mark.parametrize("setting", ["scenario", "scenario_inline"])
def test_a_rule_of_the_settings_is_named(mock: Callable[..., Client], setting: str) -> None:
    """A scenario that the settings switch on is named too."""
    client = mock(**{setting: FAILS if setting == "scenario_inline" else "delivery-fails"})
    one(client)

    assert shown(client)["deliver_rule"] == (RULE if setting == "scenario_inline" else "delivery-fails/1")


def test_the_gate_is_named(client: Client) -> None:
    """A message that lacks a value fails at the gate, also under a rule that would have delivered it."""
    switch_on(client, "{schema: 1, name: fine, deliver: [{then: {reach: delivered}}]}")
    one(client, template={"name": "order_confirmation"})
    client.post("/_mock/clock", json={"advance": "1s"})

    message = shown(client)
    assert (message["status"], message["deliver_rule"], message["gate"]) == ("FAILED", None, "parameters")
    why = client.get("/_mock/requests/latest").json()["why"]
    assert (why["deliver_rules"], why["gate"]) == ([], "parameters")


def test_the_usual_course_has_no_rule(client: Client) -> None:
    """Without a rule there is none to name."""
    one(client)

    assert (shown(client)["deliver_rule"], shown(client)["gate"]) == (None, None)
    why = client.get("/_mock/requests/latest").json()["why"]
    assert (why["deliver_rules"], why["gate"]) == ([], None)


def test_several_rules_of_one_send(client: Client) -> None:
    """Each message names its own rule, and the explanation each rule once, until the messages are evicted."""
    slow = "{name: slow, when: {to: '+44*'}, then: {reach: sent}}"
    switch_on(client, FAILS.replace("deliver: [", f"deliver: [{slow}, "))
    client.send(to=["+447700900123", TO, "+447700900124", "+4915112345678"], channel=["sms"])

    found = client.get("/_mock/messages").json()["messages"]
    assert [m["deliver_rule"] for m in found] == ["down/slow", RULE, "down/slow", None]
    assert client.get("/_mock/requests/latest").json()["why"]["deliver_rules"] == ["down/slow", RULE]


def test_a_request_whose_messages_are_gone(mock: Callable[..., Client]) -> None:
    """Of evicted messages nothing is told any more."""
    client = mock(max_messages=1, scenario="delivery-fails")
    id = one(client).headers["x-request-id"]
    one(client)

    assert client.get(f"/_mock/requests/{id}").json()["why"]["deliver_rules"] == []


def verified(client: Client, **words: Any) -> Any:
    return client.post("/_mock/verify", json=words).json()


def test_verify_says_what_failed(client: Client) -> None:
    """What was counted and fails is told, with its reason and who failed it, before and after it happened."""
    switch_on(client)
    client.send(to=[TO, "+447700900123"], channel=["sms"])

    found = verified(client, times=2)
    assert (found["result"], found["failed"]) == ("ok", 1)
    assert found["failures"] == [f"{TO} sms will be FAILED ERR_ROUTE_DENIED by the deliver rule {RULE}"]
    assert found["sentence"].endswith(f"; {found['failures'][0]}")

    client.post("/_mock/clock", json={"advance": "1s"})
    assert verified(client)["failures"] == [f"{TO} sms is FAILED ERR_ROUTE_DENIED by the deliver rule {RULE}"]
    assert verified(client, to="+44*")["failed"] == 0
    assert verified(client, of="requests")["failed"] == 0
    asked = verified(client, status="FAILED", times=1)
    assert (asked["failed"], "will be" in asked["sentence"], RULE in asked["sentence"]) == (1, False, False)


def test_verify_names_five_of_many(client: Client) -> None:
    """Many are counted, and the first five are named; a gate is named as one."""
    client.send(to=[f"+1415555{i:04}" for i in range(100)], channel=["sms"], template={"name": "order_confirmation"})

    found = verified(client, times=100)

    assert (found["failed"], len(found["failures"])) == (100, 5)
    assert found["failures"][0].startswith("+14155550000 sms will be FAILED ")
    assert found["failures"][0].endswith(" at the gate 'parameters'")
