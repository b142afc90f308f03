"""The control plane: a guard, and behind it the routes, which are loaded at the first request."""

from collections.abc import Callable, Collection, Mapping, Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from mock_sent.accounts import Accounts
from mock_sent.api.choosing import Choice
from mock_sent.api.hints import Hints
from mock_sent.api.nearby import Nearby
from mock_sent.api.plane import Counter
from mock_sent.control.guard import MEDIA_TYPE, Check, Guard
from mock_sent.journal import Log
from mock_sent.scenarios.library import Library
from mock_sent.scenarios.scenario import Scenario


def control_plane(
    accounts: Accounts,
    library: Library,
    checks: Mapping[str, Check],
    seed: str,
    always: Sequence[Scenario],
    log: Log,
    nearby: Nearby,
    choice: Choice[Counter],
    hints: Hints,
) -> ASGIApp:
    """Everything under /_mock. `always` are the scenarios that the settings switch on."""

    def routes() -> ASGIApp:
        from mock_sent.control.routes import routes_of

        return routes_of(accounts, library, seed, always, log, nearby, choice, hints, checks.get(MEDIA_TYPE))

    return Guard(_LazyApp(routes), checks)


def control_paths() -> Mapping[str, Collection[str]]:
    """The paths of the control plane, with the methods of each."""
    from mock_sent.control.described import load
    from mock_sent.control.routes import paths_of

    return {path: tuple(operations) for path, operations in paths_of(load()).items()}


class _LazyApp:
    """An ASGI application that is made at its first request. A server that only answers sends never makes it."""

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._make = make
        self._made: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._made is None:
            self._made = self._make()
        await self._made(scope, receive, send)
