"""Every hostile request gets its one right answer, and the server lives on."""

import json
import logging
from collections.abc import Iterator

import pytest
from hostile import CASES, Case
from wiring import get, noise, say, serving

from mock_sent.ground.clock import SECOND
from mock_sent.wire.limits import Limits

pytestmark = pytest.mark.real_socket

QUICK = Limits(head_timeout=SECOND // 2, body_timeout=SECOND // 2)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(QUICK) as port:
        yield port


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_answer(case: Case, port: int, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    """The table's status in JSON, or a closed connection; nothing in the log; the next client is served."""
    caplog.set_level(logging.DEBUG)
    answer = say(port, case.data, half_close=case.half_close)

    assert answer.end == "fin"
    assert case.answer == (answer.status or "closed")
    if answer.raw:
        assert len(answer.statuses) == 1
        assert b"content-type: application/json" in answer.head
        assert b"connection: close" in answer.head
        assert case.says in json.dumps(answer.body)
    if case.answer not in (200, "closed"):
        assert {"success", "data", "error", "meta"} == set(answer.body)
    assert say(port, get("/echo")).status == 200
    assert noise(caplog) == []
    assert capfd.readouterr() == ("", "")
