"""The shop's tests: no network, no account, no money. Run `pytest` in this directory."""

import pytest
from orders import confirm


def test_confirmation_goes_out(sent_env):
    id = confirm("4711", "John", "+14155551234")

    assert [m.id for m in sent_env.messages] == [id]
    sent_env.assert_sent(to="+14155551234", channel="sms", text="Hi John, your order #4711*")


@pytest.mark.sent_scenario("retry-then-ok")
def test_server_errors_are_survived(sent_env):
    confirm("4711", "John", "+14155551234")

    assert [r.status for r in sent_env.requests] == [500, 500, 202]
    sent_env.assert_sent(times=1)


@pytest.mark.sent_scenario("lost-ack")
def test_a_lost_answer_does_not_send_twice(sent_env):
    confirm("4711", "John", "+14155551234")

    sent_env.assert_sent(times=1)


@pytest.mark.sent_scenario("insufficient-balance")
def test_no_balance_is_told(sent_env):
    confirm("4711", "John", "+14155551234")  # today's API accepts the send, and the message ends
    sent_env.advance("1s")

    assert sent_env.messages[0].status == "BLOCKED"


def test_the_same_order_twice_is_one_message(sent_env):
    first = confirm("4711", "John", "+14155551234")
    sent_env.advance("23h")

    assert confirm("4711", "John", "+14155551234") == first
    sent_env.assert_sent(times=1)


def test_own_template(sent_env):
    sent_env.template("order_confirmation", "{{name}}: {{order_id}}")

    confirm("4711", "John", "+14155551234")

    assert sent_env.wait_for_message(to="+1*").text == "John: 4711"
