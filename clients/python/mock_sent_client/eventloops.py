"""Whether the caller is a coroutine, whose event loop a call that waits would block."""

import sys
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_ITERABLE_COROUTINE
from types import FrameType
from typing import Any

_COROUTINE = CO_COROUTINE | CO_ASYNC_GENERATOR | CO_ITERABLE_COROUTINE


def blocks_a_loop() -> str:
    """What a coroutine does instead of a call that waits; empty if the caller is no coroutine of a running loop.

    Nothing is imported: a loop that runs has imported its library.
    """
    if not _in_a_coroutine():
        return ""
    asyncio: Any = sys.modules.get("asyncio")
    if asyncio is not None and asyncio._get_running_loop() is not None:
        return "write `await asyncio.to_thread(sent_mock.wait_for_message, ...)`"
    trio: Any = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_run():
        return "write `await trio.to_thread.run_sync(sent_mock.wait_for_message, ...)`"
    return ""


def _in_a_coroutine() -> bool:
    """Whether a coroutine called. A running loop alone says less: Playwright's runs beside tests that are none."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_code.co_flags & _COROUTINE:
            return True
        frame = frame.f_back
    return False
