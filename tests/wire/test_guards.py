"""The guards switched off: each attack then succeeds, so the tests of the guards can see."""

from collections.abc import Iterator

import pytest
from hostile import CASES, MANY, Case
from wiring import Answer, get, head, say, serving

from mock_sent.ground.clock import SECOND
from mock_sent.wire.limits import Limits

pytestmark = pytest.mark.real_socket


@pytest.fixture(scope="module")
def unguarded() -> Iterator[int]:
    huge = 1 << 40
    limits = Limits(
        check_heads=False, head_bytes=huge, head_count=huge, head_timeout=600 * SECOND, body_timeout=600 * SECOND
    )
    with serving(limits) as port:
        yield port


@pytest.mark.parametrize("case", [case for case in CASES if case.check], ids=lambda case: case.name)
def test_without_the_checks_of_heads(case: Case, unguarded: int) -> None:
    """The parser itself lets these through to the app, so the checks are needed."""
    assert say(unguarded, case.data, patience=1).statuses[:1] in ([200], [404])


@pytest.mark.parametrize(
    "data",
    [get("/echo", "X: " + "a" * 1_000_000), get("/echo", *MANY), get("/echo", "a" * 1_000_000 + ": b")],
    ids=["1 MB", "10,000 headers", "name of 1 MB"],
)
def test_without_the_limits_of_heads(data: bytes, unguarded: int) -> None:
    """A megabyte of head is taken when nothing counts it."""
    assert say(unguarded, data).statuses == [200]


@pytest.mark.parametrize("data", [b"", get("/echo")[:20], head("POST /echo HTTP/1.1", "Host: a", "Content-Length: 9")])
def test_without_the_time_outs(data: bytes, unguarded: int) -> None:
    """A client that stops talking is waited for."""
    assert say(unguarded, data, patience=0.8) == Answer(b"", "open")
