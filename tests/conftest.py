"""What the tests share: a client for an app in this process that holds every reply against the contract."""

import os
import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import httpx2
import pytest
from control_replies import ControlReplies
from receiver import Receiver, receiving
from replies import Replies, replies_of
from sends import PAGE_REQUEST as PAGE_REQUEST
from starlette.applications import Starlette
from starlette.testclient import TestClient

from mock_sent import contract
from mock_sent.app import create_app
from mock_sent.journal import Log
from mock_sent.serving.server import running_app
from mock_sent.settings import Settings, shipped
from mock_sent.world import fixtures


def _log(settings: Settings, stream: StringIO) -> Log:
    return Log("text" if settings.log == "auto" else settings.log, stream)


class Client(TestClient):
    """A client with an API key. No reply to it goes unchecked."""

    def __init__(self, replies: Replies, settings: Settings, control_replies: ControlReplies | None = None) -> None:
        self.log = StringIO()
        self.settings = settings
        self.app_: Starlette = create_app(settings, log=_log(settings, self.log))
        self._replies, self._control_replies = replies, control_replies or ControlReplies()
        super().__init__(self.app_, headers={"x-api-key": "test-key-of-this-test"}, raise_server_exceptions=True)

    def request(self, method: str, url: Any, **options: Any) -> httpx2.Response:
        response = super().request(method, url, **options)
        if response.request.url.path.startswith("/v3"):
            edition = response.headers.get("x-mock-edition")
            (replies_of(edition) if edition else self._replies).check(response)
        elif response.request.url.path.startswith("/_mock"):
            self._control_replies.check(response)
        return response

    def unchecked(self, method: str, url: str, **options: Any) -> httpx2.Response:
        """A request whose reply the contract need not describe: a bug of ours."""
        return super().request(method, url, **options)

    def send(self, body: Any = None, **changes: Any) -> httpx2.Response:  # type: ignore[override]
        """The page's request, with changes to its members; `headers` are headers. `send(request)` is httpx's own."""
        if isinstance(body, httpx2.Request):
            return super().send(body, **changes)
        headers = changes.pop("headers", {})
        content = {**PAGE_REQUEST, **changes} if body is None else body
        return self.post("/v3/messages", json=content, headers=headers)

    @property
    def last_line(self) -> str:
        """The last line of the log."""
        return self.log.getvalue().splitlines()[-1]


class Live(httpx2.Client):
    """A client of a mock on a real port, with an API key. `log` is what the server writes."""

    api_key = "test-key-of-this-test"

    def __init__(self, url: str, log: StringIO) -> None:
        super().__init__(base_url=url, headers={"x-api-key": self.api_key}, timeout=10)
        self.url, self.log = url, log
        self.port = int(url.rpartition(":")[2])


@pytest.fixture(scope="session", autouse=True)
def read_once() -> Iterator[None]:
    """What every app reads is compiled once, not for each of two thousand apps: the shipped contract and fixtures."""

    def shared(read: Callable[..., Any], name: str) -> Callable[..., Any]:
        known = cache(read)
        return lambda path, *more, **options: (known if path == shipped(name) else read)(path, *more, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mock_sent.app.parts.load_contract", shared(contract.load, "openapi.yaml"))
        patch.setattr("mock_sent.world.fixtures.read", shared(fixtures.read, "fixtures.yaml"))
        yield


@contextmanager
def fast_clock(url: str, api_key: str) -> Iterator[None]:
    """During the block an account's clock runs far quicker than the machine's: nobody waits for the mock's time."""
    over = threading.Event()

    def run() -> None:
        with httpx2.Client(base_url=url, headers={"x-api-key": api_key}) as client:
            while not over.wait(0.005):
                client.post("/_mock/clock", json={"advance": "100ms"})

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of webhooks on a real port."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def live() -> Iterator[Callable[..., Live]]:
    """`live(scenario="slow")` serves a mock with those settings from a thread, on a free port."""
    with ExitStack() as stack:

        def start(**settings: Any) -> Live:
            log = StringIO()
            chosen = Settings(**{"seed": "tests", **settings})
            app = create_app(chosen, log=_log(chosen, log))
            server = stack.enter_context(running_app(app, refusal=app.state.refusal))
            return stack.enter_context(Live(server.url, log))

        yield start


@pytest.fixture(scope="session")
def replies() -> Replies:
    return Replies()


@pytest.fixture(scope="session")
def control_replies() -> ControlReplies:
    return ControlReplies()


@pytest.fixture
def mock(replies: Replies, control_replies: ControlReplies) -> Iterator[Callable[..., Client]]:
    """`mock(auth="required")` is a client of a mock with those settings."""
    with ExitStack() as stack:

        def start(**settings: Any) -> Client:
            return stack.enter_context(Client(replies, Settings(**{"seed": "tests", **settings}), control_replies))

        yield start


@pytest.fixture
def client(mock: Callable[..., Client]) -> Client:
    """A client of a mock with default settings."""
    return mock()


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the developer has set must not reach a test."""
    for name in list(os.environ):
        if (name.startswith("MOCK_SENT_") and not name.startswith("MOCK_SENT_TEST_")) or name == "PORT":
            monkeypatch.delenv(name)


# A file is run by one worker (scripts/test), so the files that take longest begin: none is left for the end.
LONGEST = (
    "inbox/test_inbox.py", "client/test_distributions.py", "house/test_recipes.py", "house/test_wheel.py", "sdk",
    "contract", "wire", "image", "client", "control", "api",
)  # fmt: skip

# Fixtures that open a port or start a process.
SOCKETS = {"live", "receiver", "pytester"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test with a fixture of `SOCKETS` needs no mark; under xdist the files of `LONGEST` come first, in its order.

    Schemathesis gives all operations one id, and xdist runs one test for each id, so that the operation is added to it.
    """
    item: Any
    for item in items:
        label = getattr(item, "operation_label", None)
        if label and label not in item.nodeid:
            item._id = replace(item._id, params=label)
        if SOCKETS & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.real_socket)
    ids = Counter(item.nodeid for item in items)
    if doubled := [id for id, times in ids.items() if times > 1]:
        raise pytest.UsageError(f"several tests have one id, and xdist would run one of them: {', '.join(doubled)}")
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    here = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        path = item.path.relative_to(here)
        return next((n for n, name in enumerate(LONGEST) if path.is_relative_to(name)), len(LONGEST))

    items.sort(key=place)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI nothing may be skipped: what is missing there must be installed, not overlooked."""
    report = yield
    if report.skipped and os.environ.get("MOCK_SENT_TEST_NO_SKIPS") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which MOCK_SENT_TEST_NO_SKIPS forbids: {report.longrepr}"
    return report
