"""Looks names up with the system's resolver, without making anybody wait for it: neither the loop nor a stop."""

import socket
import threading
from asyncio import AbstractEventLoop, Future, get_running_loop, shield
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

# Look-ups in flight. Each is a thread, and a thread whose resolver hangs ends only with the resolver. The deliveries in
# flight bound them already, so that nobody's look-up waits for another account's.
MOST = 1_000

# Names that this machine knows without a network; compose and Docker write `extra_hosts` into it.
HOSTS = Path("/etc/hosts")
_LONGEST_HOSTS = 64 * 1024

_Found = Future[Sequence[str]]


def addresses_in(hosts: Path, name: str) -> list[str]:
    """The addresses of a name in a hosts file, as far as its first 64 KiB go; none if there is no such file."""
    try:
        with hosts.open("rb") as file:
            lines = file.read(_LONGEST_HOSTS).decode("latin-1").splitlines()
    except OSError:
        return []
    entries = [line.partition("#")[0].split() for line in lines]
    return [entry[0].partition("%")[0] for entry in entries if name.lower() in map(str.lower, entry[1:])]


class Lookups:
    """Finds the addresses of names. Those who ask for one name at the same time share the look-up.

    The threads are daemons. Python waits at the exit for those of asyncio's default executor.
    """

    def __init__(self) -> None:
        self._asked: dict[tuple[str, int], _Found] = {}

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """The addresses of a name. Raises `OSError` or `UnicodeError`."""
        found = self._asked.get((host, port))
        if found is None:
            if len(self._asked) >= MOST:
                raise OSError(f"the resolver has not answered {MOST} earlier look-ups yet")
            found = self._ask(host, port)
        return await shield(found)

    def _ask(self, host: str, port: int) -> _Found:
        loop = get_running_loop()
        found = self._asked[host, port] = loop.create_future()
        found.add_done_callback(lambda _: self._asked.pop((host, port)))
        # Somebody whose time was out does not ask for the error any more.
        found.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            threading.Thread(target=_look_up, args=(host, port, loop, found), name="look-up", daemon=True).start()
        except RuntimeError as error:
            found.set_exception(OSError(str(error)))
        return found


def _look_up(host: str, port: int, loop: AbstractEventLoop, found: _Found) -> None:
    with suppress(RuntimeError):  # the loop is closed, and nobody waits any more
        try:
            addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except Exception as error:
            loop.call_soon_threadsafe(_settle, found, None, error)
        else:
            names = list(dict.fromkeys(str(address[0]) for *_, address in addresses))
            loop.call_soon_threadsafe(_settle, found, names, None)


def _settle(found: _Found, addresses: Sequence[str] | None, error: Exception | None) -> None:
    if found.done():
        return
    if error is not None:
        found.set_exception(error)
    else:
        found.set_result(addresses or ())
