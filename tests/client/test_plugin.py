"""The pytest plugin, tried by real pytest runs: fixtures, failure texts, many workers, somebody else's server."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import preloaded  # noqa: F401  (for what it does)
import pytest
from conftest import Live
from receiver import receiving

pytest_plugins = ["pytester", "plugin_runs"]


def test_a_test_in_four_lines(run: Callable[..., pytest.RunResult]) -> None:
    """A send, and what the handle tells of it."""
    run(
        """
def test_it(sent_mock):
    assert send(sent_mock, key="order-1") == 202
    sent_mock.assert_sent(to="+1*", template="order_confirmation", times=1)
    sent_mock.assert_not_sent(channel="whatsapp")
    (message,) = sent_mock.messages
    assert (message.to, message.channel, message.template) == ("+14155551234", "sms", "order_confirmation")
    assert message.text == "Hi J, your order #1 has been confirmed."
    assert sent_mock.find_messages(to="+44*") == []
    (request,) = sent_mock.requests
    assert (request.status, request.idempotency_key, request.messages) == (202, "order-1", [message.id])
    assert request.body["to"] == ["+14155551234"] and request.reply["success"]
    assert request.headers["x-api-key"].startswith("****")
    assert sent_mock.audit.result == "ok" and sent_mock.audit.kinds == []
"""
    ).assert_outcomes(passed=1)


def test_setting_the_scene(run: Callable[..., pytest.RunResult]) -> None:
    """Scenario by name, text and file; template, balance, clock; and all of it gone after a reset."""
    run(
        """
def test_it(sent_mock, tmp_path):
    sent_mock.scenario("insufficient-balance")
    assert send(sent_mock) == 402
    sent_mock.scenario("{schema: 1, name: mine, send: [{then: {fail: internal_error}}]}")
    assert send(sent_mock) == 500
    path = tmp_path / "file.yaml"
    path.write_text("schema: 1\\nname: file\\nsend:\\n  - then: {fail: SERVICE_001}\\n")
    sent_mock.scenario(path)
    assert send(sent_mock) == 503
    sent_mock.no_scenario()
    sent_mock.balance(0)
    assert send(sent_mock) == 402
    sent_mock.balance("unlimited")
    sent_mock.template("order_confirmation", "Hello {{name}}")
    sent_mock.freeze("2026-03-11T21:50:50Z")
    assert send(sent_mock) == 202
    sent_mock.advance("24h")
    assert send(sent_mock) == 202
    assert [m.at[:10] for m in sent_mock.messages] == ["2026-03-11", "2026-03-12"]
    assert sent_mock.messages[0].text == "Hello J"
    sent_mock.resume()
    sent_mock.reset()
    assert sent_mock.messages == []
"""
    ).assert_outcomes(passed=1)


def test_wait_for_message(run: Callable[..., pytest.RunResult]) -> None:
    """Each call returns the next message by identity; one that does not come fails with the near miss."""
    result = run(
        """
import threading

def test_next(sent_mock):
    for name in "ab":
        send(sent_mock, name=name)
    later = threading.Timer(0.1, send, (sent_mock,), {"name": "c"})
    later.start()
    texts = [sent_mock.wait_for_message(to="+1*").text for _ in range(3)]
    later.join()
    assert [text[3] for text in texts] == ["a", "b", "c"]

def test_never(sent_mock):
    send(sent_mock)
    sent_mock.wait_for_message("20ms", channel="whatsapp")
"""
    )

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines([
        "E       AssertionError: no message that fits came within 20ms",
        "E         1 message differs only in channel: sms, wanted whatsapp",
    ])  # fmt: skip


def test_failure_text(run: Callable[..., pytest.RunResult]) -> None:
    """A failed expectation shows what nearly fits; the report shows the timeline and the seed."""
    result = run(
        """
@pytest.mark.sent_scenario("retry-then-ok")
def test_it(sent_mock):
    for _ in range(3):
        send(sent_mock, key="k")
    sent_mock.assert_sent(to="+1*", channel="whatsapp", times=2)
"""
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([
        "E       AssertionError: assert_sent(to='+1*', channel='whatsapp'): wanted 2 messages, 0 fit",
        "E         1 message differs only in channel: sms, wanted whatsapp",
        "*- mock-sent -*",
        "*POST /v3/messages -> 500 internal_error rule retry-then-ok/1#1 key k (fresh)",
        "*POST /v3/messages -> 500 internal_error rule retry-then-ok/1#2 key k (fresh)",
        "*POST /v3/messages -> 202 accepted rule retry-then-ok/1#3 key k (fresh)",
        "    +14155551234 sms *: Hi J, your order #1 has been confirmed.",
        "MOCK_SENT_SEED=* repeats its ids and chances (http://127.0.0.1:*)",
    ])  # fmt: skip
    assert "mock_sent_client/" not in result.stdout.str()


def test_the_text_is_the_servers(run: Callable[..., pytest.RunResult]) -> None:
    """Whatever was expected, the text has what the server's own sentence says, part by part."""
    run(
        """
@pytest.fixture(scope="session")
def mock_sent_options():
    return {"max_messages": "3"}

EXPECTED = [
    {"to": "+44*", "times": 1}, {"to": "+44*", "times": ">=2"}, {"channel": "whatsapp", "to": "+44*"},
    {"of": "requests", "status": "5*", "times": 1}, {"times": 0}, {"times": "<1"}, {"sandbox": True},
]

def texts_of(mock, expected):
    with pytest.raises(AssertionError) as raised:
        mock.assert_sent(**expected)
    sentence = mock.verify(**{"times": 1, **expected})["sentence"]
    return str(raised.value).partition("): ")[2].replace("\\n  ", "; "), sentence

@pytest.mark.parametrize("expected", EXPECTED)
@pytest.mark.parametrize("sent", [1, 2, 4])
def test_it(sent_mock, expected, sent):
    for n in range(sent):
        send(sent_mock, key=str(n), name=str(n), to="+1415555123%d" % n)
    text, sentence = texts_of(sent_mock, expected)
    assert text == sentence
    if sent == 4 and "to" in expected:
        assert "older ones were evicted" in text

def test_nothing_was_sent(sent_mock):
    text, sentence = texts_of(sent_mock, {"to": "+1*"})
    assert text == sentence == "wanted 1 message, 0 fit; there is no message at all"
"""
    ).assert_outcomes(passed=22)


def test_webhooks(run: Callable[..., pytest.RunResult]) -> None:
    """Deliveries are told by the handle and in the timeline of a failed test, each under its message."""
    with receiving() as receiver:
        result = run(
            f"""
def test_it(sent_mock):
    hook = {{"display_name": "h", "endpoint_url": {receiver.url!r}, "event_types": ["messages"]}}
    headers = {{"x-api-key": sent_mock.api_key, "content-type": "application/json"}}
    request = urllib.request.Request(sent_mock.url + "/v3/webhooks", json.dumps(hook).encode(), headers)
    urllib.request.urlopen(request).close()
    sent_mock.freeze()
    send(sent_mock, key="k")
    sent_mock.advance("5s")
    assert sent_mock.wait_for_message(status="DELIVERED").status == "DELIVERED"
    assert {{d["status"] for d in sent_mock.webhooks}} == {{"DELIVERED"}}
    assert False
"""
        )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([
        "    +14155551234 sms DELIVERED: Hi J, your order #1 has been confirmed.",
        "        webhook message.* DELIVERED: 200, 1 attempts",
    ])  # fmt: skip


def test_the_audit_fails_a_test(run: Callable[..., pytest.RunResult]) -> None:
    """A test that is green otherwise fails for an error of the audit, and the text says how to allow it."""
    result = run(
        """
def test_bad(sent_mock):
    send(sent_mock, key="k")
    send(sent_mock, key="k", to="+447700900123")

@pytest.mark.sent_allow_audit("key_reused_for_other_body")
def test_allowed_by_marker(sent_mock):
    test_bad(sent_mock)

@pytest.mark.sent_allow_audit
def test_all_allowed(sent_mock):
    test_bad(sent_mock)

def test_allowed_by_method(sent_mock):
    sent_mock.allow_audit("key_reused_for_other_body")
    test_bad(sent_mock)

@pytest.mark.sent_allow_audit("new_key_on_retry")
def test_other_allowed(sent_mock):
    test_bad(sent_mock)

def test_misspelt(sent_mock):
    sent_mock.allow_audit("new_key_on_retries")

def test_warning(sent_mock):
    send(sent_mock)
    send(sent_mock)
    assert sent_mock.audit.kinds == ["duplicate_message"]
"""
    )

    result.assert_outcomes(passed=4, failed=3)
    result.stdout.fnmatch_lines([
        "error: key_reused_for_other_body: req_* then req_*: the key k came with another body: to differs; in production the API gives the first answer again, and the second message is never sent",  # noqa: E501
        "(No answer of the API tells of this. sent_mock.allow_audit('key_reused_for_other_body'), or @pytest.mark.sent_allow_audit('key_reused_for_other_body'), lets it pass.)",  # noqa: E501
    ])  # fmt: skip
    result.stdout.fnmatch_lines(["*HandleError: the audit has no finding 'new_key_on_retries' (did you mean*"])


def test_no_leak(run: Callable[..., pytest.RunResult]) -> None:
    """A test finds nothing of another's: no message, no scenario, no clock; at the end the server has no account."""
    run(
        """
@pytest.mark.parametrize("n", range(3))
def test_it(sent_mock, n):
    assert sent_mock.messages == [] and sent_mock.requests == []
    assert send(sent_mock, key="k") == 202
    sent_mock.advance("48h")
    sent_mock.balance(0)
    sent_mock.scenario("internal-error")

def test_end(mock_sent_url):
    with urllib.request.urlopen(mock_sent_url + "/_mock/accounts") as reply:
        shown = json.load(reply)
    assert (shown["accounts"], shown["evicted"], shown["memory"]["bytes"]) == ([], 0, 0)
"""
    ).assert_outcomes(passed=4)


def test_environment(run: Callable[..., pytest.RunResult]) -> None:
    """`sent_env` sets what the official SDKs read, for this test alone."""
    run(
        """
NAMES = ("SENT_BASE_URL", "SENT_DM_BASE_URL", "SENT_DM_API_KEY", "SENT_API_KEY")

def test_it(sent_env):
    url, key = sent_env.url, sent_env.api_key
    assert [os.environ[name] for name in NAMES] == [url, url, key, key]

def test_after():
    assert not [name for name in NAMES if name in os.environ]
"""
    ).assert_outcomes(passed=2)


def test_a_key_is_demanded(run: Callable[..., pytest.RunResult]) -> None:
    """As at the real API, a client that forgets its key meets a 401; `mock_sent_options` can say otherwise."""
    source = """
def test_it(sent_mock):
    assert send(sent_mock, **{"x-api-key": ""}) == %d
"""
    run(source % 401).assert_outcomes(passed=1)
    options = "\n@pytest.fixture(scope='session')\ndef mock_sent_options():\n    return {'auth': 'optional'}\n"
    run(options + source % 202).assert_outcomes(passed=1)


def test_many_workers(run: Callable[..., pytest.RunResult]) -> None:
    """Under xdist each worker has its server and each test its account."""
    result = run(
        """
@pytest.mark.parametrize("n", range(20))
def test_it(sent_mock, n):
    assert sent_mock.messages == []
    assert send(sent_mock, name=str(n), key="k") == 202
    sent_mock.assert_sent(text=f"Hi {n},*")
""",
        "-n4",
        subprocess=True,
    )

    result.assert_outcomes(passed=20)


def test_somebody_elses_server(
    run: Callable[..., pytest.RunResult], live: Callable[..., Live], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With MOCK_SENT_URL the same tests use that server, start none, and leave nothing behind."""
    server = live()
    monkeypatch.setenv("MOCK_SENT_URL", server.url)
    run(
        f"""
def test_it(sent_mock):
    assert sent_mock.url == {server.url!r}
    assert send(sent_mock) == 202
    sent_mock.assert_sent(to="+1*")
"""
    ).assert_outcomes(passed=1)

    assert server.get("/_mock/accounts").json()["accounts"] == []


def test_nobody_there(run: Callable[..., pytest.RunResult], monkeypatch: pytest.MonkeyPatch) -> None:
    """A MOCK_SENT_URL where nobody answers is one clear error."""
    monkeypatch.setenv("MOCK_SENT_URL", "http://127.0.0.1:9")

    result = run("def test_it(sent_mock):\n    pass\n")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["no mock-sent server answers at http://127.0.0.1:9: *"])


def test_a_server_that_does_not_start(run: Callable[..., pytest.RunResult]) -> None:
    """Whatever prevents the start of the server is one sentence for each test, without a traceback."""
    result = run(
        """
@pytest.fixture(scope="session")
def mock_sent_options():
    return {"scenario_inline": "{schema: 1, name: mine, send: [{then: [{fial: internal_error}]}]}"}

def test_one(sent_mock):
    pass

def test_two(sent_env):
    pass
"""
    )

    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines([
        "* ERROR at setup of test_one *",
        "the mock-sent server did not start: MOCK_SENT_SCENARIO_INLINE*fial*did you mean 'fail'*",
        "* ERROR at setup of test_two *",
    ], consecutive=True)  # fmt: skip


def test_no_server_at_all(run: Callable[..., pytest.RunResult], monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that cannot be started is one sentence as well."""
    monkeypatch.setenv("MOCK_SENT_COMMAND", "/no/such/mock-sent")

    result = run("def test_it(sent_mock):\n    pass\n")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["'/no/such/mock-sent' cannot be started: No such file or directory"])


@pytest.mark.parametrize("path", ["/v3", "/docs"])
def test_no_mock_there(
    run: Callable[..., pytest.RunResult], live: Callable[..., Live], monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """A MOCK_SENT_URL where something else answers says what it answered."""
    monkeypatch.setenv("MOCK_SENT_URL", live().url + path)

    result = run("def test_it(sent_mock):\n    pass\n")

    result.stdout.fnmatch_lines([f"http://*{path}/_mock/health answers 404, which is no control plane*"])


def test_a_long_timeline(run: Callable[..., pytest.RunResult]) -> None:
    """A timeline has the last fifty requests, and says how many there were."""
    result = run(
        "def test_it(sent_mock):\n    for n in range(51):\n        send(sent_mock, name=str(n))\n    assert 0\n"
    )

    result.stdout.fnmatch_lines(["the last 50 of 51 requests:", "*sms *: Hi 1, *", "*sms *: Hi 50, *"])


def test_a_token(
    run: Callable[..., pytest.RunResult], live: Callable[..., Live], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server with a control token is used with the token of the environment."""
    server = live(control_token="secret-0001")
    monkeypatch.setenv("MOCK_SENT_URL", server.url)
    monkeypatch.setenv("MOCK_SENT_CONTROL_TOKEN", "secret-0001")

    run("def test_it(sent_mock):\n    assert send(sent_mock) == 202\n").assert_outcomes(passed=1)


def test_a_token_of_our_own_server(run: Callable[..., pytest.RunResult]) -> None:
    """A control token in `mock_sent_options` is the server's, and the fixture sends it."""
    token = "{'control_token': 'secret-0002'}"
    fixture = f"@pytest.fixture(scope='session')\ndef mock_sent_options():\n    return {token}\n"

    run(fixture + "def test_it(sent_mock):\n    assert send(sent_mock) == 202\n").assert_outcomes(passed=1)


def test_same_seed_same_ids(run: Callable[..., pytest.RunResult], monkeypatch: pytest.MonkeyPatch) -> None:
    """With a seed, a test meets the same ids in every run."""
    monkeypatch.setenv("MOCK_SENT_SEED", "7")
    source = "def test_it(sent_mock):\n    send(sent_mock)\n    print('ids', [m.id for m in sent_mock.messages])\n"

    ids: list[Any] = [[line for line in run(source, "-s").outlines if "ids" in line] for _ in range(2)]

    assert ids[0] == ids[1] != []


def test_a_lost_server_does_not_hide_a_failure(run: Callable[..., pytest.RunResult]) -> None:
    """Where the timeline cannot be had, the report says so beside the failure itself."""
    result = run(
        """
def test_it(sent_mock, monkeypatch):
    sent_mock._control = type(sent_mock._control)("http://127.0.0.1:9")
    try:
        assert 1 == 2
    finally:
        sent_mock.drop = lambda: None
"""
    )

    result.stdout.fnmatch_lines(["E *assert 1 == 2", "no timeline: no mock-sent server answers at *"])


def test_import_cost(tmp_path: Path) -> None:
    """At import the plugin loads pytest alone: no run of anybody's tests pays for a mock that it does not use."""
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import pytest; import mock_sent_client.pytest_plugin"],
        capture_output=True, text=True, cwd=tmp_path, check=True,
    )  # fmt: skip
    loaded = {line.rpartition("|")[2].strip() for line in ran.stderr.splitlines() if line.startswith("import time:")}

    ours = {name for name in loaded if name.startswith("mock_sent")}
    assert ours == {"mock_sent_client", "mock_sent_client.pytest_plugin"}
    assert not loaded & {"starlette", "uvicorn", "yaml", "jsonschema", "asyncio", "urllib.request"}
