"""Notices the end of the process that a server shall not outlive."""

import asyncio
import errno
import os
import select
import sys
from collections.abc import Callable

from mock_sent.ground.errors import StartupError

# Errors that are not about the process: no such call in this kernel, or not allowed in this container.
_UNSUPPORTED = (errno.ENOSYS, errno.EPERM, errno.EACCES, errno.EMFILE, errno.ENFILE)


class WatchedProcess:
    """A process of another program: the parent (`on`), or the one of an id.

    Linux tells of its end at once, by a descriptor that belongs to this process and to no later one of the same id.
    Elsewhere, and in a Python without the call for it, `is_gone` must be asked now and then.

    Raises `StartupError` if there is no such process.
    """

    def __init__(self, chosen: str) -> None:
        self._is_parent = chosen == "on"
        self._id = os.getppid() if self._is_parent else int(chosen)
        if not self._id:
            raise StartupError(
                "MOCK_SENT_EXIT_WITH_PARENT is on, but the parent of this process is outside its container; "
                "leave the setting out: a container ends with its first process"
            )
        if self._id == os.getpid():
            raise StartupError(f"MOCK_SENT_EXIT_WITH_PARENT names {self._id}, which is the server itself")
        try:
            self._descriptor = _descriptor_of(self._id)
        except OSError:
            raise self._missing() from None
        if self.is_gone():
            raise self._missing()

    @property
    def must_be_asked(self) -> bool:
        return self._descriptor is None

    def is_gone(self) -> bool:
        if self._is_parent and os.getppid() != self._id:
            return True  # another process has adopted this one
        if self._descriptor is None:
            return not _lives(self._id)
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        return bool(poll.poll(0))

    def watch(self, ended: Callable[[], None]) -> None:
        """Let the running loop call this once when the process ends."""
        loop, descriptor = asyncio.get_running_loop(), self._descriptor
        if descriptor is None:
            return

        def on_end() -> None:
            loop.remove_reader(descriptor)
            ended()

        loop.add_reader(descriptor, on_end)

    def _missing(self) -> StartupError:
        if self._is_parent:
            return StartupError("MOCK_SENT_EXIT_WITH_PARENT is on, and the parent of this process has ended already")
        return StartupError(f"MOCK_SENT_EXIT_WITH_PARENT names process {self._id}, and there is no such process")


def _descriptor_of(id: int) -> int | None:
    """A descriptor that can be read once the process has ended; None where there is no such thing.

    Raises `OSError` if there is no such process.
    """
    # Not every Python on Linux has the call: those that uv and conda bring are built for older systems.
    if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
        return None
    try:
        return os.pidfd_open(id)
    except OverflowError:
        raise ProcessLookupError from None
    except OSError as e:
        if e.errno in _UNSUPPORTED:
            return None
        raise


def _lives(id: int) -> bool:
    if sys.platform == "win32":
        return _lives_on_windows(id)
    try:
        os.kill(id, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return not _is_zombie(id)


def _is_zombie(id: int) -> bool:
    """Whether Linux keeps the process only because nobody has asked for its exit code."""
    try:
        with open(f"/proc/{id}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[:1] == [b"Z"]
    except OSError:
        return False


def _lives_on_windows(id: int) -> bool:
    """`os.kill` would end the process there."""
    import ctypes

    synchronize, timed_out = 0x00100000, 0x102
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 (other systems' ctypes has no such member)
    handle = kernel.OpenProcess(synchronize, False, id)
    if not handle:
        return False
    try:
        return bool(kernel.WaitForSingleObject(handle, 0) == timed_out)
    finally:
        kernel.CloseHandle(handle)
