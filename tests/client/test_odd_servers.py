"""The client and the plugin at servers that answer oddly or not at all: one sentence, in time, without secrets."""

import copy
import json
import re
import socket
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from threading import Event
from time import perf_counter
from typing import Any

import preloaded  # noqa: F401  (for what it does)
import pytest
from conftest import PAGE_REQUEST, Live
from odd import BROKEN, GOOD, LATE, OTHERS, SLOW, Odd, answer, changed, drips, ids, odd, of_finding, says, stays

from mock_sent_client import Control, HandleError, SentMock, running
from mock_sent_client.forms import AUDIT, AUDIT_OF_ALL, DELIVERIES, HEALTH, MESSAGES, READY, REQUEST, REQUESTS, VERDICT

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.real_socket

KEY, TOKEN = "sk_live_5b7e02c9", "token-77d1f4aa"
LONGEST = float(LATE.split()[1])
SLACK = 5


# The tests of `mock-sent audit`, which asks in the same way, have all of them.
SOME = [*BROKEN[::3], *OTHERS[::4], *SLOW[::4]]


@pytest.mark.parametrize("case", SOME, ids=ids(SOME))
def test_control(case: Odd) -> None:
    """Each of them is one sentence, within the total time-out."""
    with odd(case.play) as server:
        control = Control(server.url, KEY, TOKEN, timeout=LONGEST if case in SLOW else SLACK)
        started = perf_counter()
        try:
            control.ask("GET", "/audit", form=AUDIT)
        except HandleError as e:
            said = str(e)
        else:
            assert case.name == "ok with errors"  # which nobody but the command compares
            return

    assert perf_counter() - started < SLACK + 1
    assert case.audit in said
    assert said.isprintable()
    assert len(said) <= 1000


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("400 Bad Request", json.dumps({"error": f"the key {KEY} and the token {TOKEN} are bad"})),
        ("200 OK", json.dumps({**GOOD, "result": TOKEN})),
        ("200 OK", json.dumps({**GOOD, "result": "x" * 35 + TOKEN})),
        ("200 OK", f'{{"{TOKEN}": NaN}}'),
    ],
)
def test_a_server_that_says_the_secrets_again(status: str, body: str) -> None:
    """They do not stand in the error, not in parts either."""
    with odd(says(answer(body, status))) as server, pytest.raises(HandleError) as raised:
        Control(server.url, KEY, TOKEN).ask("GET", "/audit", form=AUDIT)

    assert not any(part in str(raised.value) for part in (KEY[:8], TOKEN[:8]))


def test_a_server_that_echoes() -> None:
    """What came instead of HTTP may be the request itself, whose headers are secret."""

    def echo(connection: socket.socket, _: Event) -> None:
        connection.sendall(b"x-api-key: " + KEY.encode() + b"\r\n")

    with odd(echo) as server, pytest.raises(HandleError) as raised:
        Control(server.url, KEY).ask("GET", "/health")

    assert str(raised.value).endswith("what came is not HTTP: 'x-api-key: ****'")


@pytest.mark.parametrize("value", [KEY + "\n", KEY + "\x00", KEY + "\ud800", " " + KEY, "a\r\nb: c"])
def test_a_key_that_no_header_can_have(value: str) -> None:
    """It is refused before anything is sent, and is not in the sentence."""
    for arguments in ({"api_key": value}, {"token": value}):
        with pytest.raises(HandleError) as raised:
            SentMock("http://127.0.0.1:9", **{"api_key": "k", **arguments})

        what = "API key" if "api_key" in arguments else r"control token \(MOCK_SENT_CONTROL_TOKEN\)"
        assert re.fullmatch(rf"the {what} has (a|half) .*, which no header can have", str(raised.value))
        assert value.strip() not in str(raised.value)


def test_the_server_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is healthy in another way is not taken for a mock-sent server."""
    for body in ("null", "{}", '{"status": "ok"}', '{"status": "ok", "version": 1}', "<html>"):
        with odd(says(answer(body))) as server:
            monkeypatch.setenv("MOCK_SENT_URL", server.url)
            with pytest.raises(HandleError, match="is no mock-sent server"), running():
                pass


def places(form: Any, value: Any) -> Iterator[tuple[str | int, ...]]:
    """Every place in a value that its form describes."""
    if isinstance(form, dict):
        for name, inner in form.items():
            yield (name,)
            yield from ((name, *rest) for rest in places(inner, value[name]))
    elif isinstance(form, list):
        assert value, f"an empty list shows nothing of {form}"
        yield (0,)
        yield from ((0, *rest) for rest in places(form[0], value[0]))


def changed_at(value: Any, place: tuple[str | int, ...], new: Any) -> Any:
    """A copy with another value at this place; `...` takes the member away."""
    found = copy.deepcopy(value)
    inner = found
    for step in place[:-1]:
        inner = inner[step]
    if new is ...:
        del inner[place[-1]]
    else:
        inner[place[-1]] = new
    return found


def test_every_form(live: Callable[..., Live]) -> None:
    """What a mock-sent server answers fits its form, and what lacks a member, or has another type in it, does not."""
    server = live()
    hook = {"display_name": "h", "endpoint_url": "http://127.0.0.1:9/", "event_types": ["messages"]}
    server.post("/v3/webhooks", json=hook)
    for to, key in (("+14155551234", "k"), ("+447700900123", "k"), ("+447700900123", "other")):
        server.post("/v3/messages", json={**PAGE_REQUEST, "to": [to]}, headers={"idempotency-key": key})
    server.post("/_mock/clock", json={"advance": "1h"})
    request = server.get("/_mock/requests").json()["requests"][0]["request_id"]
    honest: dict[str, Any] = {
        "/health": HEALTH,
        "/ready": READY,
        "/messages": MESSAGES,
        "/requests": REQUESTS,
        f"/requests/{request}": REQUEST,
        "/webhooks/deliveries": DELIVERIES,
        "/audit": AUDIT,
        "/audit?all=true": AUDIT_OF_ALL,
    }
    answers = {path: (Control(server.url, server.api_key).ask("GET", path, form=f), f) for path, f in honest.items()}
    wanted = {"to": "+1*", "channel": "rcs", "times": 7}
    answers["/verify"] = (Control(server.url, server.api_key).ask("POST", "/verify", wanted, form=VERDICT), VERDICT)
    told = [b""]
    with odd(lambda connection, over: says(told[0])(connection, over)) as liar:
        control = Control(liar.url)
        for path, (value, form) in answers.items():
            for place in places(form, value):
                for new in news(place):
                    if not is_open(form, place, new):
                        told[0] = answer(json.dumps(changed_at(value, place, new)))
                        assert "of this version: the answer" in refusal(control, path, form), (path, place, new)


def news(place: tuple[str | int, ...]) -> list[Any]:
    """What may stand there instead: nothing, unless it is an item of a list, a list, an object."""
    return [[[]], {"a": 1}, *([...] if isinstance(place[-1], str) else [])]


def refusal(control: Control, path: str, form: Any) -> str:
    try:
        control.ask("GET", path, form=form)
    except HandleError as e:
        return str(e)
    return ""


def is_open(form: Any, place: tuple[str | int, ...], new: Any) -> bool:
    """Whether any value, or any object, may stand at this place."""
    for step in place:
        form = form[step]
    return new is not ... and ((isinstance(form, tuple) and dict in form) or (form is dict and isinstance(new, dict)))


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """`run("def test_x(sent_mock): ...", url)`: the lines of pytest's report about that file, which passes nothing."""

    def run_(source: str, url: str, **outcomes: int) -> list[str]:
        monkeypatch.setenv("MOCK_SENT_URL", url)
        pytester.makepyfile(test_inside=source)
        pytester.makeini("[pytest]\nfilterwarnings = error\naddopts = --strict-markers -p no:schemathesis")
        result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
        result.assert_outcomes(**outcomes)
        assert not any("mock_sent_client/" in line or "Traceback" in line for line in result.outlines)
        return result.outlines

    return run_


HEALTHY = answer('{"status": "ok", "version": "0.1.0"}')


@pytest.mark.parametrize(
    ("play", "sentence"),
    [
        (stays(b"SSH-2.0-x\r\n"), "no mock-sent server answers at *: what came is not HTTP: 'SSH-2.0-x'"),
        (says(answer("[" * 100_000)), "* is no mock-sent server: its answer is no JSON, because it is nested too deep"),
        (
            says(answer("", "302 Found", "Location: http://x/")),
            "* answers 302 and points elsewhere*(is it http://x/[?])",
        ),
    ],
)
def test_the_plugin_at_an_odd_server(
    run: Callable[..., list[str]], play: Callable[[Any, Any], None], sentence: str
) -> None:
    """The error of a test that cannot begin is the sentence alone."""
    with odd(play) as server:
        lines = run("def test_it(sent_mock):\n    pass\n", server.url, errors=1)

    (start,) = (number for number, line in enumerate(lines) if "ERROR at setup of test_it" in line)
    assert fnmatchcase(lines[start + 1], sentence)
    assert "short test summary info" in lines[start + 2]


def test_a_server_that_turns_odd(run: Callable[..., list[str]]) -> None:
    """A test that asks it fails at its own line, a test that does not at its end; each with the sentence alone."""
    source = "def test_asks(sent_mock):\n    sent_mock.messages\n\ndef test_asks_nothing(sent_mock):\n    pass\n"
    with odd(says(HEALTHY)) as server:
        lines = run(source, server.url, failed=2)

    sentence = f"{server.url} is no mock-sent server of this version: the answer has no member "
    assert ">       sent_mock.messages" in lines
    assert f"E       mock_sent_client.errors.HandleError: {sentence}'messages'" in lines
    assert f"{sentence}'result'" in lines


def test_a_token_with_a_line_break(run: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names the variable, and nothing shows the token."""
    monkeypatch.setenv("MOCK_SENT_CONTROL_TOKEN", TOKEN + "\n")
    lines = run("def test_it(sent_mock):\n    pass\n", "http://127.0.0.1:9", errors=1)

    assert "the control token (MOCK_SENT_CONTROL_TOKEN) has a line break at its end, which no header can have" in lines
    assert TOKEN not in "\n".join(lines)


def test_what_a_report_shows() -> None:
    """Texts of the server are lines without control characters in a failure."""
    with odd(of_finding(sentence="a\nb\x1b[2J\u202e")) as server, pytest.raises(AssertionError) as raised:
        SentMock(server.url, KEY).assert_good_client()

    assert "a\\nb\\x1b[2J\\u202e\n" in str(raised.value)
    verdict = {"result": "failed", "known": 0, "times": "1", "near_misses": ["x\ny\x1b"], "sentence": "s"}
    with odd(says(answer(json.dumps(verdict)))) as server, pytest.raises(AssertionError) as raised:
        SentMock(server.url, KEY).assert_sent()

    assert str(raised.value).endswith("\n  x\\ny\\x1b")


def test_a_wait_has_its_time(live: Callable[..., Live]) -> None:
    """The time-out of a wait for a message begins after the wait."""
    account = SentMock(live().url, KEY)
    account._control._timeout = 0.5
    with pytest.raises(AssertionError, match="no message that fits came within 1s"):
        account.wait_for_message("1s")


def test_a_proxy_is_not_asked(live: Callable[..., Live], monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxies of the environment are for other servers."""
    monkeypatch.setenv("http_proxy", f"http://user:{KEY}@127.0.0.1:9")

    assert Control(live().url).ask("GET", "/health")["status"] == "ok"


def test_changed_is_what_it_says() -> None:
    """The good audit of these tests is good: nothing else is odd about the changed ones."""
    with odd(changed()) as server:
        assert Control(server.url).ask("GET", "/audit", form=AUDIT) == GOOD


def test_a_drip_ends_in_time() -> None:
    """One byte at a time for ever is too slow, however short each wait is."""
    with odd(drips(answer("[" * 1000))) as server:
        started = perf_counter()
        with pytest.raises(HandleError, match=r"the answer was not complete within 0\.5 seconds"):
            Control(server.url, timeout=0.5).ask("GET", "/health")

    assert perf_counter() - started < SLACK
