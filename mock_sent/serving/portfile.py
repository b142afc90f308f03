"""The file that gets the port of a server. It appears whole, goes away at the end, and names a server that lives.

The server holds a lock on its file. The kernel takes the lock away when the process ends, however it ends, so a file
without a lock is left over from a server that was killed. A device or pipe is written to, and never removed.
"""

import os
import re
import stat
import sys
from contextlib import suppress
from threading import Thread

from mock_sent.ground.clock import new_seed
from mock_sent.ground.errors import StartupError

if sys.platform != "win32":
    import fcntl

# Bytes that are read of a file: no port is longer.
_MOST = 20
# Links that are followed, as many as Linux follows.
_MOST_LINKS = 40
# A directory whose entries stand for the open files of a process.
_DESCRIPTORS = re.compile(r"/proc/([0-9]+)(?:/task/[0-9]+)?/fd|/dev/fd")


class PortFile:
    """The file of one server that starts. Removes what an earlier server has left there.

    Raises `StartupError` if no file can be written there, with one sentence that says why.
    """

    def __init__(self, path: str) -> None:
        self._named = path
        # A link stays, and the file that it points to is written.
        self._path = os.path.realpath(path)
        self._descriptor: int | None = None
        self._own: os.stat_result | None = None
        self._writable = _writable_of(path)
        if self._writable is not None:
            return
        self._demand_place()
        try:
            self._remove_old()
        except OSError as e:
            raise self._error(e) from None

    def write(self, port: int) -> None:
        """Write the file at once as a whole, in place of any other. Raises `StartupError`."""
        line = b"%d\n" % port
        try:
            if self._writable is None:
                self._replace(line)
            else:
                self._writable.write(line)
        except OSError as e:
            raise self._error(e) from None

    def _replace(self, line: bytes) -> None:
        beside, descriptor = self._open_beside()
        try:
            os.write(descriptor, line)
            self._own = os.fstat(descriptor)
            self._keep_locked(descriptor)
            os.replace(beside, self._path)
        except OSError:
            os.unlink(beside)
            raise

    def remove(self) -> None:
        """Remove the file, unless another server has written it since."""
        with suppress(OSError):
            if self._own and os.path.samestat(os.stat(self._path), self._own):
                os.unlink(self._path)
        self._own = None
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _remove_old(self) -> None:
        """Remove what an earlier server has left, and see that a new file can be written."""
        if not _is_of_living_server(self._path):
            with suppress(FileNotFoundError):
                os.unlink(self._path)
        beside, descriptor = self._open_beside()
        os.close(descriptor)
        os.unlink(beside)

    def _demand_place(self) -> None:
        folder, name = os.path.split(self._path)
        try:
            mode = os.stat(self._path).st_mode if name else stat.S_IFDIR
        except FileNotFoundError:
            mode = stat.S_IFDIR if self._named.endswith(("/", os.sep)) else stat.S_IFREG
        except OSError as e:
            raise self._error(e) from None
        if stat.S_ISDIR(mode):
            raise self._refused("is a directory; name a file in it")
        if not stat.S_ISREG(mode):
            raise self._refused("is neither a regular file nor a pipe; name one, or a name that is free")
        if not os.path.isdir(folder):
            raise self._refused("is in a directory that does not exist; create it")

    def _open_beside(self) -> tuple[str, int]:
        """A new file in the same directory. The name is random, because each container has a process 1."""
        beside = os.path.join(os.path.dirname(self._path), f".mock-sent-port-{new_seed()}")
        return beside, os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)

    def _keep_locked(self, descriptor: int) -> None:
        """Lock the file until the process ends. A file system without locks leaves its files in doubt."""
        if sys.platform == "win32":
            os.close(descriptor)  # an open file could be neither renamed nor removed
            return
        self._descriptor = descriptor
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _error(self, error: OSError) -> StartupError:
        return self._refused(f"cannot be written: {error.strerror}")

    def _refused(self, why: str) -> StartupError:
        return StartupError(f"MOCK_SENT_PORT_FILE names {self._named!r}, which {why}")


def port_in(path: str) -> str:
    """The port in a file of a server that lives. Raises `ValueError` with the reason if there is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        raise ValueError("does not exist: no server has started with it, or it has ended") from None
    except OSError as e:
        raise ValueError(f"cannot be read: {e.strerror}") from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("is no regular file")
        text = os.read(descriptor, _MOST).decode("latin-1")
        if not text.endswith("\n") or not text[:-1].isascii() or not text[:-1].isdigit() or int(text) > 65_535:
            raise ValueError("has no port in it")
        if _can_lock(descriptor):
            raise ValueError("is left over from a server that was killed")
        return text[:-1]
    except OSError as e:
        raise ValueError(f"cannot be read: {e.strerror}") from None
    finally:
        os.close(descriptor)


class _Writable:
    """A pipe, a device, or an open file of a process: it is written to, and stays.

    `descriptor` is that of an open file of this process, which must not be opened anew: what else is printed there
    would come to the same place.
    """

    def __init__(self, path: str, descriptor: int | None = None, *, is_pipe: bool = False) -> None:
        self._path, self._descriptor, self._is_pipe = path, descriptor, is_pipe

    def write(self, line: bytes) -> None:
        if self._descriptor is not None:
            os.write(self._descriptor, line)
        elif self._is_pipe:  # to open it takes until somebody reads
            Thread(target=self._write_to_pipe, args=(line,), name="mock-sent port file", daemon=True).start()
        else:
            self._open_and_write(line)

    def _write_to_pipe(self, line: bytes) -> None:
        with suppress(OSError):  # the reader has left
            self._open_and_write(line)

    def _open_and_write(self, line: bytes) -> None:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_NOCTTY", 0))
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)


def _writable_of(path: str) -> _Writable | None:
    """What is written to and not replaced; None for a file, a directory, and a name that is free."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return None
    if owner := _owner_of(path):
        process, number = owner
        return _Writable(path, number if process == os.getpid() else None)
    if stat.S_ISFIFO(mode) or stat.S_ISCHR(mode):
        return _Writable(path, is_pipe=stat.S_ISFIFO(mode))
    return None


def _owner_of(path: str) -> tuple[int, int] | None:
    """The process, and the number of its open file, that a path such as /dev/stdout stands for."""
    for _ in range(_MOST_LINKS):
        folder, name = os.path.split(path)
        folder = os.path.realpath(folder)
        found = _DESCRIPTORS.fullmatch(folder)
        if found and name.isascii() and name.isdigit():
            return int(found[1] or os.getpid()), int(name)
        try:
            path = os.path.join(folder, os.readlink(os.path.join(folder, name)))
        except OSError:
            return None
    return None


def _is_of_living_server(path: str) -> bool:
    try:
        port_in(path)
    except ValueError:
        return False
    return sys.platform != "win32"


def _can_lock(descriptor: int) -> bool:
    """Whether no process holds the lock. In doubt, one does."""
    if sys.platform == "win32":
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
