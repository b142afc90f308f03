"""The file that gets the port of a server. It appears whole, goes away at the end, and names a server that lives.

The server holds a lock on its file. The kernel takes the lock away when the process ends, however it ends, so a file
without a lock is left over from a server that was killed.
"""

import os
import stat
import sys
from contextlib import suppress

from mock_sent.ground.errors import StartupError

if sys.platform != "win32":
    import fcntl

# Bytes that are read of a file: no port is longer.
_MOST = 20


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
        self._demand_place()
        try:
            if not _is_of_living_server(self._path):
                with suppress(FileNotFoundError):
                    os.unlink(self._path)
            beside, descriptor = self._open_beside()
            os.close(descriptor)
            os.unlink(beside)
        except OSError as e:
            raise self._error(e) from None

    def write(self, port: int) -> None:
        """Write the file at once as a whole, in place of any other. Raises `StartupError`."""
        try:
            beside, descriptor = self._open_beside()
            try:
                os.write(descriptor, b"%d\n" % port)
                self._own = os.fstat(descriptor)
                self._keep_locked(descriptor)
                os.replace(beside, self._path)
            except OSError:
                os.unlink(beside)
                raise
        except OSError as e:
            raise self._error(e) from None

    def remove(self) -> None:
        """Remove the file, unless another server has written it since."""
        with suppress(OSError):
            if self._own and os.path.samestat(os.stat(self._path), self._own):
                os.unlink(self._path)
        self._own = None
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

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
            raise self._refused("is no regular file; name one, or a name that is free")
        if not os.path.isdir(folder):
            raise self._refused("is in a directory that does not exist; create it")

    def _open_beside(self) -> tuple[str, int]:
        """A new file in the same directory."""
        beside = os.path.join(os.path.dirname(self._path), f".mock-sent-port-{os.getpid()}")
        with suppress(FileNotFoundError):
            os.unlink(beside)  # left over from a process of the same id
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
