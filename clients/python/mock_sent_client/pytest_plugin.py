"""The pytest plugin: `sent_mock` gives each test its own account on one mock server per process.

Every pytest run imports this module if it is installed, so its top imports only pytest.
"""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mock_sent_client.account import SentMock

_MARKERS = (
    "sent_scenario(name_or_yaml): the scenario of the test's sent_mock account",
    "sent_allow_audit(*kinds): findings of the audit that do not fail the test; without a kind, none does",
)
# The variables of the official SDKs for the server and the key.
_URLS = ("SENT_BASE_URL", "SENT_DM_BASE_URL")
_KEYS = ("SENT_API_KEY", "SENT_DM_API_KEY")


class _Used:
    """The account of a running test, which the hooks read."""

    def __init__(self) -> None:
        self.mock: SentMock | None = None


_USED = pytest.StashKey[_Used]()


def pytest_configure(config: pytest.Config) -> None:
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)


@pytest.fixture(scope="session")
def mock_sent_options() -> Mapping[str, str]:
    """Settings of the server, by name: override it in a conftest.py, `return {"auth": "optional"}`."""
    return {}


@pytest.fixture(scope="session")
def mock_sent_url(mock_sent_options: Mapping[str, str]) -> Iterator[str]:
    """The server's URL: MOCK_SENT_URL, or that of a server process, which the first test that needs it starts."""
    from contextlib import ExitStack

    from mock_sent_client.server import running

    with ExitStack() as stack:
        with _one_sentence():
            server = stack.enter_context(running(**mock_sent_options))
        yield server.url


@pytest.fixture
def sent_mock(
    request: pytest.FixtureRequest, mock_sent_url: str, mock_sent_options: Mapping[str, str]
) -> Iterator["SentMock"]:
    """An account for this test alone: `.url`, `.api_key`, `.scenario(...)`, `.messages`, `.assert_sent(...)`, ..."""
    from mock_sent_client.account import SentMock

    with _one_sentence():
        test = request.node.nodeid
        mock = SentMock(mock_sent_url, _key_for(test), _token(mock_sent_options), name=test)
        mock.resume()  # so that the server knows the name before the first send
    used = request.node.stash.setdefault(_USED, _Used())
    try:
        with _one_sentence():
            _obey_markers(mock, request.node)
        used.mock = mock
        yield mock
    finally:
        used.mock = None
        with _one_sentence():
            mock.drop()


@pytest.fixture
def sent_env(sent_mock: "SentMock", monkeypatch: pytest.MonkeyPatch) -> "SentMock":
    """The same account, with the variables of the official SDKs set to its URL and key."""
    for names, value in ((_URLS, sent_mock.url), (_KEYS, sent_mock.api_key)):
        for name in names:
            monkeypatch.setenv(name, value)
    return sent_mock


@pytest.hookimpl(trylast=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """Fail a test that passed if the audit has an error that was not allowed. This comes after the test itself."""
    if mock := _mock_of(item):
        with _one_sentence():
            mock.assert_good_client()


# Not `wrapper=True`, which pluggy knows from 1.2 on: pytest 7 runs with older ones.
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Add the account's timeline to the report of a failed test, without what the failure says already."""
    outcome = yield
    mock = _mock_of(item)
    if not mock or outcome.excinfo:
        return
    report = outcome.get_result()
    if report.when == "call" and report.failed:
        said = report.longreprtext
        try:
            lines = mock.timeline().split("\n")
            text = "\n".join(line for line in lines if line.removeprefix("audit: ") not in said)
        except Exception as e:  # an error here must not hide the failure of the test
            text = f"no timeline: {e}"
        report.sections.append(("mock-sent", text))


@contextmanager
def _one_sentence() -> Iterator[None]:
    """Fail the test with the text alone if the server cannot be asked, or the audit has found an error."""
    from mock_sent_client.errors import HandleError

    try:
        yield
    except (HandleError, AssertionError) as e:
        raise pytest.fail.Exception(str(e), pytrace=False) from None


def _obey_markers(mock: "SentMock", test: pytest.Item) -> None:
    from mock_sent_client.errors import HandleError

    for marker in reversed(list(test.iter_markers("sent_scenario"))):
        if len(marker.args) != 1 or marker.kwargs:
            raise HandleError("the marker sent_scenario takes one scenario: its name, YAML text, or the Path of a file")
        mock.scenario(marker.args[0])
    for marker in test.iter_markers("sent_allow_audit"):
        if marker.kwargs:
            raise HandleError("the marker sent_allow_audit takes kinds of findings, and none by name")
        mock.allow_audit(*marker.args)


def _mock_of(item: pytest.Item) -> "SentMock | None":
    used = item.stash.get(_USED, None)
    return used.mock if used else None


def _token(options: Mapping[str, str]) -> str:
    import os

    return options.get("control_token") or os.environ.get("MOCK_SENT_CONTROL_TOKEN", "")


def _key_for(nodeid: str) -> str:
    """The key of this test. On a server of our own it is the same in each run, so that a seed repeats the ids.

    Several runs can share the server of MOCK_SENT_URL, so there a part of the key is random in each run.
    """
    import os

    from mock_sent_client.ids import new_id, uuid_for

    run = new_id() if os.environ.get("MOCK_SENT_URL") else ""
    return f"sent-test-{uuid_for('test', nodeid, run)}"
