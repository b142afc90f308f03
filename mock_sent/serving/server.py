"""Runs an ASGI app on sockets: until a signal comes, or in a thread while a test lasts."""

import asyncio
import contextlib
import errno
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from types import FrameType
from typing import TYPE_CHECKING, Any, NamedTuple

from mock_sent.ground.errors import StartupError
from mock_sent.serving.lifespan import App, Lifespan
from mock_sent.wire import line as wire

if TYPE_CHECKING:
    from uvicorn import Config
    from uvicorn.server import ServerState

    from mock_sent.settings import Settings
    from mock_sent.wire.protocol import WireProtocol

_LOOPBACK = ("127.0.0.1", "localhost")
_BACKLOG = 2048
_TRIES = 5

# The parts of a stop, in seconds; with the app's own end they stay under one.
_FINISH, _LEAVE, _CANCEL = 0.3, 0.1, 0.1


class RunningServer(NamedTuple):
    """A server that is up."""

    url: str


def bind(host: str, port: int) -> list[socket.socket]:
    """Listening sockets. A loopback name gets both families, because `localhost` may mean either to a client."""
    if not 0 <= port <= 65_535:  # getaddrinfo would take it modulo 65536
        raise StartupError(f"port {port} is not between 0 and 65535; set MOCK_SENT_PORT / --port")
    if host not in _LOOPBACK:
        return [_listen(host, port)]
    for _ in range(_TRIES if port == 0 else 1):
        first = _listen("127.0.0.1", port)
        try:
            second = _listen_on_v6(first.getsockname()[1])
        except StartupError:
            first.close()
            if port:
                raise
        else:
            return [first, second] if second else [first]
    return [_listen("127.0.0.1", port)]


def url_of(sockets: list[socket.socket]) -> str:
    """Where a client finds the first of them."""
    host, port = sockets[0].getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run(
    app: App,
    sockets: list[socket.socket],
    *,
    limits: wire.Limits,
    refusal: wire.Refusal,
    ready: Callable[[str], None],
    each_second: Callable[[int], None] | None = None,
) -> None:
    """Serve in the main thread until SIGTERM or SIGINT; a second one ends the process at once.

    `each_second` is told how many requests were answered so far.
    """
    server = _Server(app, sockets, limits, refusal)
    server.each_second = each_second
    with _stopped_by_signals(server):
        server.run(ready)


@contextlib.contextmanager
def running(settings: "Settings | None" = None, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[RunningServer]:
    """Serve a mock from a thread for as long as the block lasts: `with running(Settings(scenario="slow")) as server:`.

    What prevents the start is raised here.
    """
    from mock_sent.app import create_app

    app = create_app(settings)
    with running_app(app, host=host, port=port, refusal=app.state.refusal) as server:
        app.state.served_at(server.url)
        yield server


@contextlib.contextmanager
def running_app(
    app: App,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    limits: wire.Limits | None = None,
    refusal: wire.Refusal,
) -> Iterator[RunningServer]:
    """The same for any ASGI app."""
    server = _Server(app, bind(host, port), limits or wire.Limits(), refusal)
    started: Future[str] = Future()
    thread = threading.Thread(target=_serve, args=(server, started), name="mock-sent", daemon=True)
    thread.start()
    try:
        yield RunningServer(started.result())
    finally:
        server.stop()
        thread.join()


def _serve(server: "_Server", started: Future[str]) -> None:
    try:
        server.run(started.set_result)
    except BaseException as error:
        if started.done():
            raise
        started.set_exception(error)


def _listen_on_v6(port: int) -> socket.socket | None:
    """None where the machine has no IPv6 loopback, as in many containers."""
    if not socket.has_ipv6:
        return None
    try:
        return _open(socket.AF_INET6, ("::1", port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise _cannot_listen(error, "::1", port) from None
        return None


def _listen(host: str, port: int) -> socket.socket:
    try:
        # A text would be encoded as an international name, whose tables take 2 ms to import.
        name = host.encode() if host.isascii() else host
        family, _, _, _, address = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return _open(socket.AddressFamily(family), address)
    except (OSError, UnicodeError) as error:
        raise _cannot_listen(error, host, port) from None


def _open(family: socket.AddressFamily, address: Any) -> socket.socket:
    """Listen at once: two sockets that are only bound can share a port, and the clash would show too late."""
    dualstack = family == socket.AF_INET6 and address[0] == "::" and socket.has_dualstack_ipv6()
    return socket.create_server(address, family=family, backlog=_BACKLOG, dualstack_ipv6=dualstack)


def _cannot_listen(error: Exception, host: str, port: int) -> StartupError:
    why = error.errno if isinstance(error, OSError) and not isinstance(error, socket.gaierror) else None
    if why == errno.EADDRINUSE:
        return StartupError(f"port {port} on {host} is in use; stop the other server or set MOCK_SENT_PORT / --port")
    if why in (errno.EACCES, errno.EPERM):
        return StartupError(
            f"port {port} on {host} may not be opened by this user; set MOCK_SENT_PORT / --port to 1024 or more"
        )
    if why == errno.EADDRNOTAVAIL:
        return StartupError(f"{host} is not an address of this machine; set MOCK_SENT_HOST / --host")
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return StartupError(f"host {host!r} cannot be resolved; set MOCK_SENT_HOST / --host")
    return StartupError(f"cannot listen on {host} port {port} ({error}); set MOCK_SENT_HOST and MOCK_SENT_PORT")


@contextlib.contextmanager
def _stopped_by_signals(server: "_Server") -> Iterator[None]:
    signals = (signal.SIGINT, signal.SIGTERM)

    def on_signal(number: int, frame: FrameType | None) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_DFL)
        server.stop()

    before = {each: signal.signal(each, on_signal) for each in signals}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


class _Server:
    """One server: its loop, its connections, its end.

    Not uvicorn.Server, which looks ten times a second whether it should stop, turns what goes wrong at the start into
    SystemExit(3), and waits for open streams.
    """

    each_second: Callable[[int], None] | None = None

    def __init__(self, app: App, sockets: list[socket.socket], limits: wire.Limits, refusal: wire.Refusal) -> None:
        self._app, self._sockets, self._limits, self._refusal = app, sockets, limits, refusal
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told_to_stop = False
        self._stopping = asyncio.Event()

    def run(self, ready: Callable[[str], None]) -> None:
        """Serve until `stop`; `ready` gets the URL once requests are answered."""
        try:
            with asyncio.Runner() as runner:
                runner.run(self._serve(ready))
        finally:
            for each in self._sockets:
                each.close()

    def stop(self) -> None:
        """Ask for the stop. Safe from any thread, from a signal handler, before the start and after the end."""
        self._told_to_stop = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stopping.set)

    async def _serve(self, ready: Callable[[str], None]) -> None:
        self._loop = asyncio.get_running_loop()
        lifespan = Lifespan(self._app)
        await lifespan.start()
        try:
            await self._accept(ready, lifespan.state)
        finally:
            await lifespan.stop()

    async def _accept(self, ready: Callable[[str], None], app_state: dict[str, Any]) -> None:
        from uvicorn.server import ServerState

        loop, state = asyncio.get_running_loop(), ServerState()
        config, protocol = self._config()

        def connected() -> "WireProtocol":
            return protocol(config, state, app_state, loop)

        listeners = [await loop.create_server(connected, sock=each, backlog=_BACKLOG) for each in self._sockets]
        try:
            ready(url_of(self._sockets))
            await self._wait(state)
        finally:
            for listener in listeners:
                listener.close()
            await _hang_up(state)

    def _config(self) -> "tuple[Config, type[WireProtocol]]":
        from uvicorn import Config

        from mock_sent.wire.protocol import (
            protocol_class,
        )  # imports uvicorn, which takes 50 ms that `--help` does not need

        protocol = protocol_class(self._limits, self._refusal)
        config = Config(
            self._app,
            http=protocol,
            ws="none",
            interface="asgi3",
            workers=1,
            # Config(access_log=False) would silence the log of every uvicorn in this process; the protocol does it.
            log_config=None,
            proxy_headers=False,
            server_header=False,
        )
        config.load()
        return config, protocol

    async def _wait(self, state: "ServerState") -> None:
        """Wait for the stop. Meanwhile write the Date header once a second, so that no request has to."""
        from email.utils import formatdate

        while not self._told_to_stop:
            state.default_headers = [(b"date", formatdate(usegmt=True).encode())]
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), 1)
            if self.each_second:
                self.each_second(state.total_requests)


async def _hang_up(state: "ServerState") -> None:
    """Close idle connections at once, let requests finish for a moment, then cut them off, then cancel them."""
    for connection in list(state.connections):
        connection.shutdown()
    if await _nobody_left(state, _FINISH):
        return
    for connection in list(state.connections):
        connection.transport.abort()
    if await _nobody_left(state, _LEAVE):
        return
    for task in list(state.tasks):
        task.cancel()
    await _nobody_left(state, _CANCEL)


async def _nobody_left(state: "ServerState", seconds: float) -> bool:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while state.connections or state.tasks:
        if loop.time() >= deadline:
            return False
        await asyncio.sleep(0.002)
    return True
