"""The time of the machine, also in a test that freezes time by freezegun or time-machine.

freezegun replaces `time.monotonic`, in every module that has imported it too: a wait that it measures never ends.
Neither library replaces a clock that is asked by its number, nor a wait that the interpreter itself measures.
"""

import subprocess
import sys
import time
from threading import Event


def elapsed() -> float:
    """Seconds since some moment in the past."""
    if sys.platform == "win32":  # without clocks that have numbers; a frozen test has no time-outs there
        return time.monotonic()
    return time.clock_gettime(time.CLOCK_MONOTONIC)


def ended_within(process: "subprocess.Popen[str]", seconds: float) -> bool:
    """Whether a process ends in this time. `Popen.wait` would ask the clock that freezegun replaces."""
    end, event, span = elapsed() + seconds, Event(), 0.0005
    while process.poll() is None:
        left = end - elapsed()
        if left <= 0:
            return False
        event.wait(min(span, left))
        span = min(2 * span, 0.01)
    return True
