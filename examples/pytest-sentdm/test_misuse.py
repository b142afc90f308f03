"""The SDK used badly in ten ways, and what the audit says; used well, it says nothing, whatever the server does."""

import json
import urllib.request
from contextlib import suppress

import pytest
import sent_dm

VALUES = {"name": "Ada", "order_id": "4711"}
ORDER = {"to": ["+14155551234"], "channel": ["sms"], "template": {"name": "order_confirmation", "parameters": VALUES}}


def send(client, key=None, **changes):
    """One send; what the API refuses is not the matter here."""
    keyed = {"idempotency_key": key} if key else {}
    with suppress(sent_dm.APIError):
        client.messages.send(**{**ORDER, **changes}, **keyed)


@pytest.fixture
def client(sent_env):
    with sent_dm.Sent(max_retries=0) as client:
        yield client


@pytest.mark.sent_allow_audit
@pytest.mark.sent_scenario("{schema: 1, name: once, send: [{then: [{fail: internal_error, commit: true}, accept]}]}")
def test_retry_without_key(sent_env):
    with sent_dm.Sent(max_retries=1) as client:
        send(client)  # the SDK's own retries have no key either

    assert [(f.kind, f.severity) for f in sent_env.audit.findings] == [("retry_without_key", "error")]


@pytest.mark.sent_allow_audit("new_key_on_retry")
@pytest.mark.sent_scenario("retry-then-ok")
def test_new_key_on_retry(sent_env, client):
    for key in ("one", "two"):
        send(client, key)

    assert sent_env.audit.kinds == ["new_key_on_retry"]


@pytest.mark.sent_allow_audit("key_reused_for_other_body")
def test_key_reused_for_other_body(sent_env, client):
    send(client, "key")
    send(client, "key", to=["+447700900123"])

    assert sent_env.audit.kinds == ["key_reused_for_other_body"]
    sent_env.assert_not_sent(to="+447700900123")


@pytest.mark.sent_scenario("rate-limited")
def test_retry_too_soon(sent_env, client):
    for _ in range(2):
        send(client, "key")

    assert sent_env.audit.kinds == ["retry_too_soon"]


@pytest.mark.sent_scenario("template-not-found")
def test_retry_of_final_error(sent_env, client):
    for _ in range(2):
        send(client, "key")

    assert sent_env.audit.kinds == ["retry_of_final_error"]


def test_duplicate_message(sent_env, client):
    for key in ("one", "two"):
        send(client, key)

    assert sent_env.audit.kinds == ["duplicate_message"]


def test_unknown_member(sent_env, client):
    send(client, "key", extra_body={"chanel": ["sms"]})

    assert sent_env.audit.kinds == ["unknown_member"]


@pytest.mark.sent_allow_audit("missing_parameter")
def test_missing_parameter(sent_env, client):
    send(client, "key", template={"name": "order_confirmation", "parameters": {"name": "Ada", "orderId": "4711"}})

    (finding,) = sent_env.audit.errors
    assert finding.kind == "missing_parameter"
    assert "'orderId' was given: did you mean 'order_id'?" in finding.sentence


def test_extra_parameter(sent_env, client):
    send(client, "key", template={"name": "order_confirmation", "parameters": {**VALUES, "colour": "red"}})

    assert sent_env.audit.kinds == ["extra_parameter"]


def test_missing_api_key(sent_env, monkeypatch):
    monkeypatch.setenv("SENT_DM_API_KEY", "")
    with sent_dm.Sent(max_retries=0) as client, pytest.raises(sent_dm.AuthenticationError):
        client.messages.send(**ORDER, idempotency_key="key")

    with urllib.request.urlopen(f"{sent_env.url}/_mock/audit?all=true") as reply:
        stranger = json.load(reply)["accounts"][-1]
    assert "missing_api_key" in [finding["kind"] for finding in stranger["findings"]]


def shipped(url):
    with urllib.request.urlopen(f"{url}/_mock/scenarios") as reply:
        return [scenario["name"] for scenario in json.load(reply)["scenarios"]]


def test_good_use_is_clean(sent_env):
    """One key for one message, the SDK's own retries: no error in any shipped scenario."""
    for name in shipped(sent_env.url):
        sent_env.reset()
        sent_env.scenario(name)
        patient = name != "rate-limited"  # where the SDK would wait the 30 s that it is asked to
        with sent_dm.Sent(max_retries=1 if patient else 0, timeout=5) as client:
            send(client, "order-4711")

        assert sent_env.audit.errors == [], name
