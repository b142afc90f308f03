"""What the plugin says when a test fails, and what a test may ask of `sent_mock`."""

from collections.abc import Callable

import preloaded  # noqa: F401  (for what it does)
import pytest

pytest_plugins = ["pytester", "plugin_runs"]

# Sends a body with more members.
MORE = """
def more(mock, **members):
    body = {"to": ["+14155551234"], "channel": ["sms"],
            "template": {"name": "order_confirmation", "parameters": {"name": "J", "order_id": "1"}}, **members}
    headers = {"x-api-key": mock.api_key, "content-type": "application/json"}
    request = urllib.request.Request(mock.url + "/v3/messages", json.dumps(body).encode(), headers)
    try:
        urllib.request.urlopen(request, timeout=10).close()
    except urllib.error.HTTPError as e:
        e.close()
"""


def test_the_finding_comes_first_and_once(run: Callable[..., pytest.RunResult]) -> None:
    """A failure by the audit begins with its finding, in the summary too, and the timeline does not repeat it."""
    result = run(
        """
def test_it(sent_mock):
    send(sent_mock, key="k")
    send(sent_mock, key="k", to="+447700900123")
"""
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([
        "*_ test_it _*",
        "error: key_reused_for_other_body: req_* then req_*",
        "*(No answer of the API tells of this. sent_mock.allow_audit('key_reused_for_other_body'), or *",
        "*- mock-sent -*",
    ])  # fmt: skip
    text = result.stdout.str().partition("short test summary")[0]
    assert text.count("key_reused_for_other_body:") == 1
    assert "FAILED test_inside.py::test_it - Failed: error: key_reused_for_o" in result.stdout.str()


def test_another_failure_keeps_the_findings(run: Callable[..., pytest.RunResult]) -> None:
    """Where a test fails for another reason, the timeline has the findings of the audit."""
    result = run(
        """
def test_it(sent_mock):
    send(sent_mock, key="k")
    send(sent_mock, key="k", to="+447700900123")
    assert 1 == 2
"""
    )

    result.stdout.fnmatch_lines(["E *assert 1 == 2", "audit: error: key_reused_for_other_body: *"])


def test_the_timeline_has_reasons(run: Callable[..., pytest.RunResult]) -> None:
    """Faults and warnings stand under their request, and the reason and the rule beside a message that fails."""
    result = run(
        MORE
        + """
@pytest.mark.sent_scenario("uk-is-down")
def test_it(sent_mock):
    more(sent_mock, to=["12"])
    more(sent_mock, foo=1)
    more(sent_mock, sandbox=True)
    sent_mock.freeze()
    send(sent_mock, to="+447700900123")
    sent_mock.advance("1h")
    send(sent_mock, to="+447700900124")
    assert 0
"""
    )

    result.stdout.fnmatch_lines([
        "*POST /v3/messages -> 400 *",
        "    fault: 'to[[]0[]]' must be a phone number in E.164 format",
        "*POST /v3/messages -> 202 accepted*",
        "    warning: ignored, because the contract does not know them: foo",
        "    +14155551234 sms *: Hi J, *",
        "*POST /v3/messages -> 202 accepted*",
        "    sandbox: true, so nothing was made",
        "    +447700900123 sms FAILED (ERR_ROUTE_DENIED, by the deliver rule uk-is-down/no-route): Hi J, *",
        "    +447700900124 sms ACCEPTED (will be FAILED: ERR_ROUTE_DENIED, by the deliver rule uk-is-down/no-route): *",
    ])  # fmt: skip


REASONS = [
    ('sent_mock.balance(0); send(sent_mock)', "1 send to +1* was refused: 402 insufficient_balance"),
    ('sent_mock.balance(0); send(sent_mock, name="a"); send(sent_mock, name="b")',
     "2 sends to +1* were refused: 402 insufficient_balance"),
    ('sent_mock.scenario("internal-error"); send(sent_mock)',
     "1 send to +1* was refused: 500 internal_error, by the rule internal-error/1"),
    ('more(sent_mock, template=4)', "1 send to +1* was refused: 400 invalid_request ('template' must be an object)"),
    ('more(sent_mock, sandbox=True)', "1 send to +1* had sandbox: true, which makes no message"),
    ('send(sent_mock, key="k", to="+447700900123"); send(sent_mock, key="k"); sent_mock.allow_audit()',
     "1 send to +1* came under a key that was used before, so the first answer was given again (req_*)"),
    ('sent_mock.scenario("{schema: 1, name: mine, send: [{then: {drop: reset, commit: false}}]}"); lost(sent_mock)',
     "1 send to +1* made no message: reset, by the rule mine/1"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "line"), REASONS)
@pytest.mark.parametrize("asked", ["assert_sent(to='+1*')", "wait_for_message('1ms', to='+1*')"])
def test_a_missed_message_is_explained(
    run: Callable[..., pytest.RunResult], before: str, line: str, asked: str
) -> None:
    """A send that fits and made no message is named, with the reason why it made none."""
    result = run(
        MORE
        + f"""
def lost(mock):
    with pytest.raises(OSError):
        send(mock)

def test_it(sent_mock):
    {before}
    sent_mock.{asked}
"""
    )

    result.stdout.fnmatch_lines([f"E         {line}".replace("[", "[[]")])


def test_what_is_not_missed_is_not_explained(run: Callable[..., pytest.RunResult]) -> None:
    """Refused sends are named neither where enough came, nor where too many came, nor if they do not fit."""
    run(
        """
def test_it(sent_mock):
    sent_mock.balance(0)
    send(sent_mock, name="a")
    sent_mock.balance("unlimited")
    send(sent_mock)
    assert sent_mock.verify(1, to="+1*")["near_misses"] == []
    assert sent_mock.verify(0, to="+1*")["near_misses"] == []
    assert sent_mock.verify("<1", to="+1*")["near_misses"] == []
    assert "refused" not in sent_mock.verify(1, to="+44*")["sentence"]
    (line,) = sent_mock.verify(2, to="+1*")["near_misses"]
    assert line == "1 send to +1* was refused: 402 insufficient_balance"
    assert sent_mock.verify(">1", to="+1*", text="Hi*", **{"not": {"status": "FAILED"}})["near_misses"] == [line]
    assert sent_mock.verify(1, to="+1*", channel="whatsapp")["sentence"].count("differs") == 1
    with pytest.raises(AssertionError, match="1 send was refused: 402"):
        sent_mock.wait_for_message("1ms")
        sent_mock.wait_for_message("1ms")
"""
    ).assert_outcomes(passed=1)


LIBRARIES = {
    "asyncio": "import asyncio\nin_thread, run = asyncio.to_thread, lambda test: asyncio.run(test())\n",
    "trio": "import trio\nin_thread, run = trio.to_thread.run_sync, trio.run\n",
}


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_wait_in_a_coroutine(run: Callable[..., pytest.RunResult], library: str) -> None:
    """A coroutine gets what is there; what it would have to wait for is refused at once, with the way to wait."""
    run(
        LIBRARIES[library]
        + """
from time import monotonic
from mock_sent_client import HandleError

def test_it(sent_mock):
    async def test():
        send(sent_mock)
        assert sent_mock.wait_for_message().to == "+14155551234"
        begun = monotonic()
        with pytest.raises(HandleError, match=r"would block .* `await (asyncio|trio).to_thread[.(]"):
            sent_mock.wait_for_message("20s")
        assert monotonic() - begun < 10
        send(sent_mock, name="second")
        assert (await in_thread(sent_mock.wait_for_message, "20s")).text.startswith("Hi second")

    run(test)
    send(sent_mock, name="third")
    assert sent_mock.wait_for_message().text.startswith("Hi third")
""",
        subprocess=True,
    ).assert_outcomes(passed=1)


def test_sandbox_is_asked_for(run: Callable[..., pytest.RunResult]) -> None:
    """A test that asks for no sandbox learns of the switch that was left on; one that asks for it, of nothing else."""
    run(
        MORE
        + """
def test_it(sent_mock):
    more(sent_mock, sandbox=True)
    sent_mock.balance(0)
    send(sent_mock)
    sandbox = "1 send had sandbox: true, which makes no message"
    refused = "1 send was refused: 402 insufficient_balance"
    assert sent_mock.verify(1, sandbox=False)["near_misses"] == [sandbox, refused]
    assert sent_mock.verify(1, sandbox=True)["near_misses"] == [sandbox]
"""
    ).assert_outcomes(passed=1)


def test_spans(run: Callable[..., pytest.RunResult]) -> None:
    """The clock is advanced by seconds, by a timedelta and by a text; what is no span is refused in one sentence."""
    run(
        """
from datetime import timedelta
from fractions import Fraction
from mock_sent_client import HandleError

def test_it(sent_mock):
    sent_mock.freeze("2026-01-01T00:00:00Z")
    for span in (60, 0.5, timedelta(minutes=1, seconds=1), "1h30m", "1h2m3s4ms", "0s", 0, timedelta(microseconds=1)):
        sent_mock.advance(span)
    send(sent_mock)
    assert sent_mock.messages[0].at.startswith("2026-01-01T02:34:04.505")
    assert sent_mock.wait_for_message(5, to="+1*") and sent_mock.reset() is None
    for timeout in (0.01, timedelta(milliseconds=10), "10ms"):
        with pytest.raises(AssertionError, match="no message that fits came within 10ms"):
            sent_mock.wait_for_message(timeout)

@pytest.mark.parametrize("span", [
    -1, float("nan"), float("inf"), 1e12, True, None, b"1s", Fraction(1, 2), timedelta(-1), timedelta.max,
    "30m1h", "1h 30m", "1h1h", "", "h", "1.5h", "1d", "²h",
])
def test_none(sent_mock, span):
    with pytest.raises(HandleError) as raised:
        sent_mock.advance(span)
    assert "900ms" in str(raised.value) and len(str(raised.value).splitlines()) == 1
"""
    ).assert_outcomes(passed=19)


def test_what_a_mock_says_of_itself(run: Callable[..., pytest.RunResult]) -> None:
    """`repr` has what the server shows of the account, the URL, and what there is; it is no error without an answer."""
    run(
        """
def test_it(sent_mock):
    send(sent_mock)
    key, url = sent_mock.api_key, sent_mock.url
    start = f"<SentMock test_inside.py::test_it at {url}: "
    assert repr(sent_mock) == start + "1 request, 1 message, audit ok>"
    send(sent_mock, name="b", to="12")
    assert repr(sent_mock) == start + "2 requests, 1 message, audit ok>"
    assert key not in repr(sent_mock)

def test_dropped(sent_mock):
    sent_mock.drop()
    assert repr(sent_mock).endswith(": dropped>")

def test_nobody():
    from mock_sent_client import SentMock
    assert repr(SentMock("http://127.0.0.1:9", "abc")).startswith(
        "<SentMock ****/017179 at http://127.0.0.1:9: no mock-sent server answers at ")

@pytest.mark.parametrize("key", ["a", "b", "abcdefg", "first-key-0001"])
def test_label(mock_sent_url, key):
    from mock_sent_client import Control, SentMock
    mock = SentMock(mock_sent_url, key)
    send(mock)
    shown = [each["api_key"] for each in Control(mock.url).ask("GET", "/accounts")["accounts"]]
    assert repr(mock).split(" ")[1] in shown
"""
    ).assert_outcomes(passed=7)


def test_what_was_not_to_be_sent(run: Callable[..., pytest.RunResult]) -> None:
    """The failure and the warning name the method that the test called."""
    run(
        """
def test_it(sent_mock):
    send(sent_mock)
    with pytest.raises(AssertionError, match=r"^assert_not_sent\\(to='\\+1\\*'\\): wanted 0 messages, 1 fits"):
        sent_mock.assert_not_sent(to="+1*")
    with pytest.raises(AssertionError, match=r"^assert_sent\\(\\): wanted 0 messages, 1 fits"):
        sent_mock.assert_sent(times=0)
"""
    ).assert_outcomes(passed=1)


def test_a_wait_beside_a_loop(run: Callable[..., pytest.RunResult]) -> None:
    """A test that is no coroutine waits, although its thread has a running loop, as one of Playwright's has."""
    run(
        """
import asyncio, threading

def test_it(sent_mock):
    loop = asyncio.new_event_loop()
    asyncio._set_running_loop(loop)
    try:
        later = threading.Timer(0.05, send, (sent_mock,))
        later.start()
        assert sent_mock.wait_for_message("20s").to == "+14155551234"
        later.join()
    finally:
        asyncio._set_running_loop(None)
        loop.close()
""",
        subprocess=True,
    ).assert_outcomes(passed=1)


def test_accounts_have_the_names_of_their_tests(run: Callable[..., pytest.RunResult]) -> None:
    """The server shows the test in place of the key, from the first send on, and after a reset."""
    run(
        """
import warnings

def accounts(mock):
    with urllib.request.urlopen(mock.url + "/_mock/accounts") as reply:
        return [each["api_key"] for each in json.load(reply)["accounts"]]

@pytest.mark.parametrize("word", ["größe", "a b"])
def test_ä(sent_mock, word, request):
    assert accounts(sent_mock) == [request.node.nodeid.encode("ascii", "backslashreplace").decode()]
    sent_mock.reset()
    send(sent_mock)
    (name,) = accounts(sent_mock)
    assert name.startswith("test_inside.py::test_")
    assert sent_mock.requests[0].status == 202
    headers = {"x-api-key": sent_mock.api_key}
    with urllib.request.urlopen(urllib.request.Request(sent_mock.url + "/_mock/requests/latest", None, headers)) as r:
        assert json.load(r)["account"] == name
"""
    ).assert_outcomes(passed=2)


def test_markers_that_cannot_be_obeyed(run: Callable[..., pytest.RunResult]) -> None:
    """A marker that is wrong fails its test in one sentence, and its account is dropped all the same."""
    result = run(
        """
@pytest.mark.sent_scenario()
def test_none(sent_mock): pass

@pytest.mark.sent_scenario("slow", "shaky")
def test_two(sent_mock): pass

@pytest.mark.sent_scenario("slow", audit="off")
def test_named(sent_mock): pass

@pytest.mark.sent_allow_audit(kind="missing_parameter")
def test_named_kind(sent_mock): pass

@pytest.mark.sent_scenario("slwo")
def test_misspelt(sent_mock): pass

def test_left(mock_sent_url):
    from mock_sent_client import Control
    assert Control(mock_sent_url).ask("GET", "/accounts")["accounts"] == []
"""
    )

    result.assert_outcomes(errors=5, passed=1)
    lines = result.stdout.lines
    assert lines.count("the marker sent_scenario takes one scenario: its name, YAML text, or the Path of a file") == 3
    assert lines.count("the marker sent_allow_audit takes kinds of findings, and none by name") == 1
    assert not any("pytest_plugin.py" in line for line in lines)
