"""Whether the caller is a coroutine, whose event loop a call that waits would block."""

import sys
from typing import Any


def blocks_a_loop() -> str:
    """What a coroutine does instead of a call that waits; empty if no event loop runs in this thread.

    Nothing is imported: a loop that runs has imported its library.
    """
    asyncio: Any = sys.modules.get("asyncio")
    if asyncio is not None and asyncio._get_running_loop() is not None:
        return "write `await asyncio.to_thread(sent_mock.wait_for_message, ...)`"
    trio: Any = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_run():
        return "write `await trio.to_thread.run_sync(sent_mock.wait_for_message, ...)`"
    return ""
