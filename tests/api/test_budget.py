"""What one send costs, counted in work instead of time, so that a regression shows on a noisy machine too."""

import asyncio
import gc
import json
import sys
from dataclasses import dataclass
from types import FrameType
from typing import Any

import pytest
from conftest import PAGE_REQUEST

from mock_sent.app import create_app
from mock_sent.journal import Log
from mock_sent.settings import Settings

# Bytecode instructions of one plain send with four messages, by Python version.
RECORDED = {(3, 11): 2446, (3, 12): 2224, (3, 13): 2212}
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


@dataclass
class Work:
    """What one send takes: the Python functions that it calls, by name, and the instructions that these run."""

    calls: list[str]
    instructions: int = 0


def work_of_a_send(settings: Settings) -> Work:
    """Counted after some sends to warm up, without garbage collection: Hypothesis has a callback for that."""
    app = create_app(settings, log=Log("off"))
    work = Work([])

    def note(frame: FrameType, event: str, _: Any) -> Any:
        if event == "call":
            work.calls.append(f"{frame.f_globals.get('__name__')}.{frame.f_code.co_name}")
            # In this order: 3.13 counts the instructions only of a frame that has a tracer.
            frame.f_trace, frame.f_trace_opcodes, frame.f_trace_lines = note, True, False
        elif event == "opcode":
            work.instructions += 1
        return note

    async def scene() -> None:
        for _ in range(3):
            await app(scope(), _receive, _send)
        before = sys.gettrace()
        for _ in range(2):  # 3.12 counts from the second time on
            wanted, work.instructions = scope(), 0
            work.calls.clear()
            gc.disable()
            sys.settrace(note)
            try:
                await app(wanted, _receive, _send)
            finally:
                sys.settrace(before)
                gc.enable()

    asyncio.run(scene())
    return work


def test_the_slow_judge_sleeps() -> None:
    """A right request never asks `jsonschema`, nor reads its JSON the slow way."""
    calls = work_of_a_send(Settings()).calls

    assert "mock_sent.api.sending.send" in calls
    slow = ("jsonschema.", "json.", "re.")
    assert not [name for name in calls if name.startswith(slow) or name.endswith("._loads_strictly")]


def test_instructions_of_a_send(capsys: pytest.CaptureFixture[str]) -> None:
    """A plain send runs at most 5 % more instructions than were recorded. Fewer are told, so that they get recorded."""
    recorded = RECORDED.get(sys.version_info[:2])
    if recorded is None:
        pytest.xfail("no figure was recorded for this Python")

    instructions = work_of_a_send(Settings()).instructions
    if instructions < recorded:
        with capsys.disabled():
            print(f"\na send runs {instructions} instructions, fewer than the {recorded} in RECORDED")
    assert instructions <= recorded * 1.05


def test_rules_that_cannot_match_cost_little() -> None:
    """A hundred rules for other numbers cost no more than a third above one."""
    one = '{when: {to: "+44*"}, then: {fail: internal_error}}'

    few, many = (
        work_of_a_send(Settings(scenario_inline=f"{{schema: 1, name: s, send: [{', '.join([one] * n)}]}}"))
        for n in (1, 100)
    )

    assert many.instructions <= few.instructions * 1.3
