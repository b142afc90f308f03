"""Tests that freeze or shift time, by freezegun or time-machine: the server runs on, waits end, nothing is left."""

from collections.abc import Callable

import preloaded  # noqa: F401  (for what it does)
import pytest

pytest_plugins = ["pytester", "plugin_runs"]
pytestmark = pytest.mark.real_socket

# Two ways to stop the time of a test, and one to shift it.
WAYS = {
    "freezegun": "import freezegun\ndef stopped(): return freezegun.freeze_time('2020-01-01')\n",
    "freezegun-ticking": "import freezegun\ndef stopped(): return freezegun.freeze_time('2031-01-01', tick=True)\n",
    "time-machine": "import time_machine\ndef stopped(): return time_machine.travel(0, tick=False)\n",
    "time-machine-ticking": "import time_machine\ndef stopped(): return time_machine.travel(2e9)\n",
}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    """The source of `stopped`, which holds the time of a test."""
    return "import threading, time, datetime\n" + WAYS[request.param]


def test_a_test_with_its_time_stopped(run: Callable[..., pytest.RunResult], way: str) -> None:
    """The server answers by the machine's time, and a wait for a message that does not come ends."""
    run(
        way
        + """
def test_it(sent_mock):
    before = time.clock_gettime(time.CLOCK_REALTIME)
    with stopped():
        assert send(sent_mock, key="k") == 202
        sent_mock.wait_for_message()
        with pytest.raises(AssertionError, match="no message that fits came within 50ms"):
            sent_mock.wait_for_message("50ms", to="+44*")
    (message,) = sent_mock.messages
    at = datetime.datetime.fromisoformat(message.at).timestamp()
    assert before - 1 < at < before + 30

def test_after(sent_mock):
    assert abs(time.time() - time.clock_gettime(time.CLOCK_REALTIME)) < 1
    later = threading.Timer(0.05, send, (sent_mock,))
    later.start()
    assert sent_mock.wait_for_message("5s").to == "+14155551234"
    later.join()
""",
        subprocess=True,
    ).assert_outcomes(passed=2)


def test_time_stopped_before_the_server_starts(run: Callable[..., pytest.RunResult], way: str) -> None:
    """A fixture that stops time for the whole run holds up neither the start of the server nor its end."""
    result = run(
        way
        + """
@pytest.fixture(scope="session", autouse=True)
def always():
    with stopped():
        yield

def test_it(sent_mock):
    assert send(sent_mock) == 202
    sent_mock.assert_sent()

def test_its_own_server():
    from mock_sent_client import running
    with running() as mock:
        assert send(mock.account()) == 202
""",
        subprocess=True,
    )

    result.assert_outcomes(passed=2)


def test_a_server_that_never_answers_has_an_end(run: Callable[..., pytest.RunResult], way: str) -> None:
    """The time that an answer may take is the machine's, whatever the server sends in the meantime."""
    run(
        way
        + """
import itertools, socket
from mock_sent_client.address import address_of
from mock_sent_client.connection import ask_server
from mock_sent_client.errors import NoAnswer

def drip(listener):
    peer, _ = listener.accept()
    with peer:
        try:
            for n in range(200):
                peer.sendall(b"HTTP/1.1 200 OK\\r\\n" if n == 0 else b"a: b\\r\\n" if n % 20 == 0 else b"x")
                threading.Event().wait(0.05)
        except OSError:
            pass

def test_it():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        address = address_of(f"http://127.0.0.1:{listener.getsockname()[1]}")
        with stopped():
            before = time.clock_gettime(time.CLOCK_MONOTONIC)
            with pytest.raises(NoAnswer, match="not complete within 0.3 seconds"):
                ask_server(address, "GET", "/", timeout=0.3)
            assert time.clock_gettime(time.CLOCK_MONOTONIC) - before < 5
        thread.join()
""",
        subprocess=True,
    ).assert_outcomes(passed=1)


def test_stopped_time_loads_nothing(run: Callable[..., pytest.RunResult], way: str) -> None:
    """A run that stops time and does not use the mock does not load it: freezegun looks at every loaded module."""
    run(
        way
        + """
import sys

def test_it():
    with stopped():
        pass
    ours = {name for name in sys.modules if name.startswith("mock_sent")}
    assert ours <= {"mock_sent_client", "mock_sent_client.pytest_plugin"}
""",
        subprocess=True,
    ).assert_outcomes(passed=1)


@pytest.mark.parametrize("way", ["freezegun", "freezegun-ticking", "time-machine-ticking"], indirect=True)
def test_the_mock_without_a_socket(run: Callable[..., pytest.RunResult], way: str) -> None:
    """A mock within the process of a test whose time is stopped answers late ones too, and its waits end."""
    run(
        way
        + """
import httpx2
from mock_sent.settings import Settings
from mock_sent.transport import in_process
SLOW = "{schema: 1, name: mine, send: [{then: {accept: true, delay: 50ms}}]}"
BODY = {"to": ["+14155551234"], "channel": ["sms"], "template": {"name": "order_confirmation"}}
KEY = {"x-api-key": "k"}

def test_it():
    with (
        stopped(),
        in_process(Settings(scenario_inline=SLOW, log="off")) as transport,
        httpx2.Client(transport=transport, base_url="http://mock-sent") as client,
    ):
        assert client.post("/v3/messages", json=BODY, headers=KEY).status_code == 202
        listed = client.get("/_mock/messages", params={"to": "+44*", "wait": "50ms"}, headers=KEY)
        assert listed.json()["messages"] == []
""",
        subprocess=True,
    ).assert_outcomes(passed=1)
