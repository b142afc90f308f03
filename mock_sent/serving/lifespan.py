"""Start and stop of an ASGI app, by ASGI's lifespan protocol."""

import asyncio
from typing import Any

from mock_sent.ground.errors import StartupError
from mock_sent.wire.asgi import AsgiApp, AsgiMessage

# Seconds that an app may take to end.
_PATIENCE = 0.2


class Lifespan:
    """One app, from before its first request until after its last."""

    def __init__(self, app: AsgiApp) -> None:
        self.state: dict[str, Any] = {}
        self._events: asyncio.Queue[AsgiMessage] = asyncio.Queue()
        self._answers: asyncio.Queue[AsgiMessage] = asyncio.Queue()
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        self._task = asyncio.ensure_future(app(scope, self._events.get, self._answers.put))

    async def start(self) -> None:
        """Start the app. Raises what the app raised, or StartupError with its reason."""
        answer = await self._tell("lifespan.startup")
        if answer is not None and answer["type"] == "lifespan.startup.complete":
            return
        await asyncio.wait({self._task}, timeout=_PATIENCE)
        if self._task.done():
            self._task.result()
        self._task.cancel()
        said = (answer or {}).get("message") or "the app did not start and gave no reason"
        raise StartupError(str(said))

    async def stop(self) -> None:
        """Stop the app, within a bounded time. Raises what the app raises."""
        if not self._task.done():
            await self._tell("lifespan.shutdown")
            await asyncio.wait({self._task}, timeout=_PATIENCE)
        if self._task.done():
            self._task.result()
        self._task.cancel()

    async def _tell(self, event: str) -> AsgiMessage | None:
        """The app's answer; None if it ended, or takes too long to end."""
        self._events.put_nowait({"type": event})
        answer = asyncio.ensure_future(self._answers.get())
        patience = _PATIENCE if event == "lifespan.shutdown" else None
        await asyncio.wait({answer, self._task}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        answer.cancel()
        return None
