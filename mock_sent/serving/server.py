"""Runs an ASGI app on sockets: until a signal comes, or in a thread while a test lasts."""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from types import FrameType
from typing import TYPE_CHECKING, Any, NamedTuple

from mock_sent.serving.exhaustion import Exhaustion
from mock_sent.serving.lifespan import Lifespan
from mock_sent.serving.signals import STOP_SIGNALS, end_at_next_signal
from mock_sent.serving.sockets import BACKLOG, bind, url_of
from mock_sent.serving.tls import context_of, listener_options
from mock_sent.wire.asgi import AsgiApp
from mock_sent.wire.limits import Limits
from mock_sent.wire.outbox import Outbox
from mock_sent.wire.protocol import Connection
from mock_sent.wire.refusals import Refusal
from mock_sent.wire.states import ServerState

if TYPE_CHECKING:
    from mock_sent.serving.tls import TlsContext
    from mock_sent.settings import Settings

# The parts of a stop, in seconds; with the app's own end they stay under one.
_FINISH, _LEAVE, _CANCEL = 0.3, 0.1, 0.1


class RunningServer(NamedTuple):
    """A server that is up."""

    url: str


def run(
    app: AsgiApp,
    sockets: list[socket.socket],
    *,
    limits: Limits,
    refusal: Refusal,
    ready: Callable[[str], None],
    each_second: Callable[[int], None] | None = None,
    event: Callable[..., None] | None = None,
    tls: "TlsContext | None" = None,
    stopping: Callable[[], None] | None = None,
) -> None:
    """Serve in the main thread until SIGTERM or SIGINT; a second one ends the process at once.

    `each_second` is told how many requests were answered so far, `event` what an operator should know. `stopping` is
    called when the stop begins.
    """
    server = _Server(app, sockets, limits, refusal)
    server.each_second, server.event, server.tls, server.stopping = each_second, event, tls, stopping
    with _stopped_by_signals(server):
        server.run(ready)


@contextlib.contextmanager
def running(settings: "Settings | None" = None, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[RunningServer]:
    """Serve a mock from a thread for as long as the block lasts: `with running(Settings(scenario="slow")) as server:`.

    What prevents the start is raised here.
    """
    from mock_sent.app import create_app

    app = create_app(settings)
    refusal, event = app.state.refusal, app.state.event
    tls = context_of(settings) if settings else None
    with running_app(app, host=host, port=port, refusal=refusal, event=event, tls=tls) as server:
        app.state.served_at(server.url)
        yield server


@contextlib.contextmanager
def running_app(
    app: AsgiApp,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    limits: Limits | None = None,
    refusal: Refusal,
    event: Callable[..., None] | None = None,
    tls: "TlsContext | None" = None,
) -> Iterator[RunningServer]:
    """The same for any ASGI app."""
    server = _Server(app, bind(host, port), limits or Limits(), refusal)
    server.event, server.tls = event, tls
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


@contextlib.contextmanager
def _stopped_by_signals(server: "_Server") -> Iterator[None]:
    def on_signal(number: int, frame: FrameType | None) -> None:
        end_at_next_signal()
        server.stop()

    before = {each: signal.signal(each, on_signal) for each in STOP_SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


class _Server:
    """One server: its loop, its connections, its end.

    Not uvicorn.Server, which takes 28 ms to import, looks ten times a second whether it should stop, turns what goes
    wrong at the start into SystemExit(3), and waits for open streams.
    """

    each_second: Callable[[int], None] | None = None
    event: Callable[..., None] | None = None
    tls: "TlsContext | None" = None
    stopping: Callable[[], None] | None = None

    def __init__(self, app: AsgiApp, sockets: list[socket.socket], limits: Limits, refusal: Refusal) -> None:
        self._app, self._sockets, self._limits, self._refusal = app, sockets, limits, refusal
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told_to_stop = False
        self._stopping = asyncio.Event()

    def run(self, ready: Callable[[str], None]) -> None:
        """Serve until `stop`; `ready` gets the URL once requests are answered."""
        try:
            with asyncio.Runner() as runner:
                if self.event:
                    runner.get_loop().set_exception_handler(Exhaustion(self.event))
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
        loop, state, outbox = asyncio.get_running_loop(), ServerState(), Outbox()

        def connected() -> Connection:
            return Connection(self._app, state, app_state, self._limits, self._refusal, outbox)

        tls = listener_options(self.tls, self._limits.head_timeout, self.event)
        listeners = [await loop.create_server(connected, sock=each, backlog=BACKLOG, **tls) for each in self._sockets]
        try:
            ready(url_of(self._sockets, "https" if self.tls else "http"))
            await self._wait(state)
        finally:
            if self.stopping:
                self.stopping()
            for listener in listeners:
                listener.close()
            await _hang_up(state)

    async def _wait(self, state: ServerState) -> None:
        """Wait for the stop. Meanwhile write the Date header once a second, so that no request has to."""
        from email.utils import formatdate

        while not self._told_to_stop:
            state.default_headers = [(b"date", formatdate(usegmt=True).encode())]
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), 1)
            if self.each_second:
                self.each_second(state.total_requests)


async def _hang_up(state: ServerState) -> None:
    """Close idle connections at once, let requests finish for a moment, then cut them off, then cancel them."""
    for connection in list(state.connections):
        connection.shutdown()
    if await _all_left(state, _FINISH):
        return
    for connection in list(state.connections):
        connection.transport.abort()
    if await _all_left(state, _LEAVE):
        return
    for task in list(state.tasks):
        task.cancel()
    await _all_left(state, _CANCEL)


async def _all_left(state: ServerState, seconds: float) -> bool:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while state.connections or state.tasks:
        if loop.time() >= deadline:
            return False
        await asyncio.sleep(0.002)
    return True
