"""What one send costs, counted in work instead of time, so that a regression shows on a noisy machine too."""

import asyncio
import json
import sys
from typing import Any

import pytest
from conftest import PAGE_REQUEST

from mock_sent.app import create_app
from mock_sent.journal import Log
from mock_sent.settings import Settings

# Calls of Python functions in one plain send with four messages, by Python version: later ones inline some.
RECORDED = {(3, 11): 97}
BODY = json.dumps(PAGE_REQUEST).encode()


async def _receive() -> dict[str, Any]:
    return {"type": "http.request", "body": BODY, "more_body": False}


async def _send(message: Any) -> None:
    pass


def scope() -> dict[str, Any]:
    headers = {"host": "localhost", "content-type": "application/json", "x-api-key": "budget"}
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": "/v3/messages",
        "raw_path": b"/v3/messages",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }


def calls_of_a_send(settings: Settings) -> list[str]:
    """The names of the Python functions that one send calls, after some to warm up."""
    app = create_app(settings, log=Log("off"))
    called: list[str] = []

    def note(frame: Any, event: str, argument: Any) -> None:
        if event == "call":
            called.append(f"{frame.f_globals.get('__name__')}.{frame.f_code.co_name}")

    async def scene() -> None:
        for _ in range(3):
            await app(scope(), _receive, _send)
        sys.setprofile(note)
        try:
            await app(scope(), _receive, _send)
        finally:
            sys.setprofile(None)

    asyncio.run(scene())
    return called


def test_the_slow_judge_sleeps() -> None:
    """A right request never asks `jsonschema`, nor reads its JSON the slow way."""
    called = calls_of_a_send(Settings())

    assert called
    slow = ("jsonschema.", "json.", "re.")
    assert not [name for name in called if name.startswith(slow) or name.endswith("._slowly")]


def test_calls_of_a_send() -> None:
    """A plain send calls as many functions as was recorded, give or take a tenth."""
    recorded = RECORDED.get(sys.version_info[:2])
    if recorded is None:
        pytest.xfail("no figure was recorded for this Python")

    assert abs(len(calls_of_a_send(Settings())) - recorded) <= recorded / 10


def test_rules_that_cannot_match_cost_little() -> None:
    """A hundred rules for other numbers cost no more calls than one."""
    one = '{when: {to: "+44*"}, then: {fail: internal_error}}'

    few, many = (
        len(calls_of_a_send(Settings(scenario_inline=f"{{schema: 1, name: s, send: [{', '.join([one] * n)}]}}")))
        for n in (1, 100)
    )

    assert many <= few * 1.3
