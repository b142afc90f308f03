"""A server in a process of its own, and what it uses together with all that it started."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_PATIENCE = 10


@dataclass(frozen=True)
class Usage:
    """Seconds of processor time, and resident megabytes; pages that several processes share count for each."""

    cpu: float
    memory: float


@dataclass(frozen=True)
class Server:
    """A server, which may be only the starter of the process that answers."""

    process: subprocess.Popen[bytes]
    port: int

    def usage(self) -> Usage:
        """What it and its descendants have used, those that have ended and were waited for too."""
        stats = _stats()
        family = _family(self.process.pid, {pid: int(fields[1]) for pid, fields in stats.items()})
        ticks = sum(int(ticks) for pid in family for ticks in stats[pid][11:15])
        return Usage(ticks / os.sysconf("SC_CLK_TCK"), sum(map(_resident, family)))


@contextmanager
def started(command: list[str]) -> Iterator[Server]:
    """A server on a free port, `{port}` in its command; it and all that it started end with the block."""
    port = _free_port()
    environment = {**os.environ, "MOCK_SENT_LOG": "off", "MOCK_SENT_PORT": str(port), "PORT": str(port)}
    words = [word.replace("{port}", str(port)) for word in command]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(words, env=environment, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        yield Server(process, port)
    finally:
        _tell(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)
        _tell(process.pid, signal.SIGKILL)  # what ignored the first word, or outlived its starter
        process.wait()


def _tell(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, number)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _stats() -> dict[int, list[str]]:
    """One look at every process: the fields of its `stat` after the name, from the state on."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            found[int(path.parent.name)] = path.read_text(errors="replace").rpartition(")")[2].split()
    return found


def _family(first: int, parents: dict[int, int]) -> set[int]:
    """A process and its descendants, as far as they are there."""
    found, fresh = set[int](), {first} & parents.keys()
    while fresh:
        found |= fresh
        fresh = {pid for pid, parent in parents.items() if parent in fresh} - found
    return found


def _resident(pid: int) -> float:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20
    return 0.0
