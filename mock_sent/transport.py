"""The mock without a socket, for clients on httpx: `httpx.Client(transport=transport, base_url="http://mock-sent")`.

The app runs on its own event loop in a thread, so that one transport serves both sync and async clients. For a fault
below HTTP, the transport raises the error that the client library raises for it; the request's class tells the library.
"""

import asyncio
import contextlib
import sys
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from typing import Any

from mock_sent.ground.clock import SECOND, ticks
from mock_sent.ground.errors import SocketNeeded
from mock_sent.serving.lifespan import Lifespan
from mock_sent.settings import Settings
from mock_sent.wire.asgi import AsgiApp
from mock_sent.wire.faults import FAULTS


@contextlib.contextmanager
def in_process(settings: Settings | None = None) -> Iterator["InProcess"]:
    """A mock in this process: `with in_process(Settings(scenario="slow")) as transport:`."""
    from mock_sent.app import create_app

    app = create_app(settings)
    loop = asyncio.new_event_loop()
    loop.time = lambda: ticks() / SECOND  # type: ignore[method-assign]
    thread = threading.Thread(target=loop.run_forever, name="mock-sent", daemon=True)
    thread.start()
    lifespan = asyncio.run_coroutine_threadsafe(_started(app), loop).result()
    try:
        yield InProcess(app, loop)
    finally:
        asyncio.run_coroutine_threadsafe(_stopped(lifespan), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class InProcess:
    """A transport for httpx.Client and httpx.AsyncClient. It stays usable after a client was closed."""

    def __init__(self, app: AsgiApp, loop: asyncio.AbstractEventLoop) -> None:
        self._app, self._loop = app, loop

    def handle_request(self, request: Any) -> Any:
        answer = self._run(self._answer(request, request.read()))
        return self._response(request, answer)

    async def handle_async_request(self, request: Any) -> Any:
        answer = self._run(self._answer(request, await request.aread()))
        await asyncio.wait({asyncio.wrap_future(answer)})
        return self._response(request, answer)

    def close(self) -> None:
        """Do nothing: `in_process` ends the mock."""

    async def aclose(self) -> None:
        """Do nothing: `in_process` ends the mock."""

    def __enter__(self) -> "InProcess":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> "InProcess":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _run(self, answer: "Coroutine[Any, Any, _AsgiCall]") -> "Future[_AsgiCall]":
        return asyncio.run_coroutine_threadsafe(answer, self._loop)

    async def _answer(self, request: Any, body: bytes) -> "_AsgiCall":
        """Call the app. After its read time-out the client leaves, which the app learns as it does on a socket."""
        answer = _AsgiCall(body)
        call = asyncio.ensure_future(self._app(_scope(request), answer.receive, answer.send))
        timeout = (request.extensions.get("timeout") or {}).get("read")
        finished, _ = await asyncio.wait({call}, timeout=timeout)
        answer.left.set()
        try:
            await call
        except SocketNeeded as e:
            answer.fault = e.fault
        if not finished:
            answer.fault = "hang"
        return answer

    def _response(self, request: Any, done: "Future[_AsgiCall]") -> Any:
        """Return the response, or raise the error, of the library that made the request."""
        library, answer = sys.modules[type(request).__module__.partition(".")[0]], done.result()
        if answer.fault:
            fault = FAULTS[answer.fault]
            raise getattr(library, fault.error)(fault.text, request=request)
        return library.Response(answer.status, headers=answer.headers, content=b"".join(answer.chunks))


class _AsgiCall:
    """The two ends of one ASGI call."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self.left = asyncio.Event()
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.chunks: list[bytes] = []
        self.fault = ""

    async def receive(self) -> dict[str, Any]:
        if self._body is None:
            await self.left.wait()
            return {"type": "http.disconnect"}
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], message["headers"]
        else:
            self.chunks.append(message.get("body", b""))


def _scope(request: Any) -> dict[str, Any]:
    from urllib.parse import unquote

    path, _, query = request.url.raw_path.partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.url.scheme,
        "path": unquote(path.decode("ascii")),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": ("127.0.0.1", 0),
        "server": (request.url.host, request.url.port or 80),
        "state": {},
        "extensions": {},
    }


async def _started(app: AsgiApp) -> Lifespan:
    lifespan = Lifespan(app)
    await lifespan.start()
    return lifespan


async def _stopped(lifespan: Lifespan) -> None:
    """Stop the app, and cancel the requests that still wait in it."""
    await lifespan.stop()
    waiting = asyncio.all_tasks() - {asyncio.current_task()}
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting, timeout=1) if waiting else None
