"""Work counted in bytecode instructions, which is the same on a busy machine."""

import asyncio
import gc
import json
import sys
from collections.abc import Callable, Coroutine
from itertools import pairwise
from types import FrameType
from typing import Any

import pytest

from mock_sent.app import create_app
from mock_sent.journal import Log
from mock_sent.settings import Settings

# How much more work twice as much may take.
MOST_GROWTH = 2.3


class Asked:
    """A mock without a socket, asked in the loop in which the work is counted."""

    def __init__(self, **settings: Any) -> None:
        self.app = create_app(Settings(**{"seed": "costs", "log": "off", **settings}), log=Log("off"))

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str = "costs",
        kind: str = "application/json",
        **more: str,
    ) -> Any:
        """The JSON of an answer; the test fails at a bug of ours."""
        path, _, query = path.partition("?")
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        headers = {"host": "localhost", "content-type": kind, "x-api-key": key, **more}
        sent: list[Any] = []
        left = asyncio.Event()
        parts = iter([{"type": "http.request", "body": raw, "more_body": False}])

        async def receive() -> Any:
            for part in parts:
                return part
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path,
            "raw_path": path.encode(), "query_string": query.encode(), "root_path": "", "scheme": "http",
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
        }  # fmt: skip
        await self.app(scope, receive, send)
        assert sent[0]["status"] != 500, sent
        content = b"".join(message.get("body", b"") for message in sent[1:])
        return json.loads(content) if content[:1] == b"{" else None


async def counted(call: Callable[[], Coroutine[Any, Any, Any]]) -> int:
    """The instructions of a call, after a first one that pays for what is made once."""
    work = 0

    def note(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal work
        if event == "call":
            frame.f_trace, frame.f_trace_opcodes, frame.f_trace_lines = note, True, False
        elif event == "opcode":
            work += 1
        return note

    before = sys.gettrace()
    gc.disable()
    sys.settrace(note)
    try:
        await call()
    finally:
        sys.settrace(before)
        gc.enable()
    return work


def demand_growth(work: list[int]) -> None:
    """Fail if twice as much takes more than 2.3 times the work."""
    growth = [round(more / less, 2) for less, more in pairwise(work)]
    if max(growth) > MOST_GROWTH:
        pytest.fail(f"work grows {growth}-fold: {work}")
