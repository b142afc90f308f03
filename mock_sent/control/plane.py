"""The control plane: a guard, and behind it the routes, which are loaded at the first request."""

from collections.abc import Callable, Mapping, Sequence

from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from mock_sent.accounts import Accounts
from mock_sent.control.guard import Check, Guard
from mock_sent.journal import Log
from mock_sent.scenarios.library import Library
from mock_sent.scenarios.scenario import Scenario


def control_plane(
    accounts: Accounts, library: Library, checks: Mapping[str, Check], seed: str, always: Sequence[Scenario], log: Log
) -> Mount:
    """Everything under /_mock. `always` are the scenarios that the settings switch on."""

    def routes() -> ASGIApp:
        from mock_sent.control.routes import routes_of

        return routes_of(accounts, library, seed, always, log)

    return Mount("/_mock", Guard(_LazyApp(routes), checks))


class _LazyApp:
    """An ASGI application that is made at its first request. A server that only answers sends never makes it."""

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._make = make
        self._made: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._made is None:
            self._made = self._make()
        await self._made(scope, receive, send)
