"""SIGTERM and SIGINT end the process within a second, from its first line on and whatever it does."""

import _thread
import os
import signal
import sys
from types import FrameType

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)

# Seconds. An orderly stop takes less.
_LONGEST_STOP = 0.8


def end_at_signals(code: int) -> None:
    """End the process with this exit code at the first signal, until other handlers are set.

    With them too: from the first signal on the process has `_LONGEST_STOP` seconds, in which it may stop in order.
    The first process of a container needs handlers, because the kernel keeps signals without one from it.
    """

    def end(number: int, frame: FrameType | None) -> None:
        os._exit(code)

    for each in STOP_SIGNALS:
        signal.signal(each, end)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
        # Handlers of Python run between two of its instructions, and so not during a look-up that hangs.
        heard, told = os.pipe()
        os.set_blocking(told, False)
        signal.set_wakeup_fd(told, warn_on_full_buffer=False)
        _thread.start_new_thread(_end_late, (heard, code))


def end_at_next_signal() -> None:
    """Let the next signal end the process at once, as if there were no handlers."""
    for each in STOP_SIGNALS:
        signal.signal(each, _end_by_signal if os.getpid() == 1 else signal.SIG_DFL)


def end_first_process_at_sigterm() -> None:
    """Let SIGTERM end this process where the kernel would keep it from it."""
    if os.getpid() == 1:
        signal.signal(signal.SIGTERM, _end_by_signal)


def _end_by_signal(number: int, frame: FrameType | None) -> None:
    os._exit(128 + number)


def _end_late(heard: int, code: int) -> None:
    while os.read(heard, 1)[0] not in STOP_SIGNALS:
        pass
    never = _thread.allocate_lock()
    never.acquire()
    never.acquire(timeout=_LONGEST_STOP)
    os._exit(code)
