"""Assembly: the parts of the mock as one ASGI application."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from mock_sent.accounts import Accounts
from mock_sent.api.admission import Admission
from mock_sent.api.choosing import Choice
from mock_sent.api.envelope import bug_reply, failure, head_of
from mock_sent.api.examples import ExamplesEndpoint
from mock_sent.api.handlers import handlers_of
from mock_sent.api.hints import Hints
from mock_sent.api.nearby import Nearby
from mock_sent.api.pages import METHODS as PAGE_METHODS
from mock_sent.api.pages import contract_pages
from mock_sent.api.plane import Counter, Endpoint, Plane
from mock_sent.api.routing import PathRouter, path_of
from mock_sent.api.switches import Switches
from mock_sent.app.parts import parts_of
from mock_sent.contract import Edition
from mock_sent.contract.paths import segments_of
from mock_sent.control.guard import Check, checks_for
from mock_sent.control.plane import control_paths, control_plane
from mock_sent.ground.clock import Clock, new_seed
from mock_sent.ground.memory import ByteCount
from mock_sent.journal import Exchange, Log
from mock_sent.settings import Settings
from mock_sent.webhooks.sender import HttpSender
from mock_sent.wire.refusals import Refusal

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]

# Seconds that deliveries get when the server stops; the whole stop is to stay under one.
_LAST_DELIVERIES = 0.2

# What the wire refuses before there is a request, by its status.
_OF_THE_WIRE = {400: "malformed_http", 408: "request_timeout", 414: "head_too_large", 431: "head_too_large"}


class _Plain(Starlette):
    """Starlette without its middleware, which would cost a tenth of a send: both planes answer their own errors.

    `endpoints` are by path. A request for a path without parameters, as it is written there, needs no search.
    """

    def __init__(
        self, endpoints: Mapping[str, ASGIApp], control: ASGIApp, default: ASGIApp, lifespan: Lifespan
    ) -> None:
        super().__init__(lifespan=lifespan)
        self._endpoints, self._control, self._default = endpoints, control, default

    def build_middleware_stack(self) -> ASGIApp:
        fixed = {path.encode(): endpoint for path, endpoint in self._endpoints.items() if "{" not in path}
        router, others = self.router, PathRouter(self._endpoints, self._elsewhere)

        def dispatch(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
            counter = fixed.get(scope["raw_path"], others) if scope["type"] == "http" else router
            return counter(scope, receive, send)

        return dispatch

    def _elsewhere(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """A path of the control plane, or one that nobody has. The control plane says what is wrong with `//_mock`."""
        first = next(filter(None, segments_of(path_of(scope))), "")
        counter = self._control if first.casefold() == "_mock" else self._default
        return counter(scope, receive, send)


def create_app(
    settings: Settings | None = None, *, log: Log | None = None, checks: Mapping[str, Check] | None = None
) -> Starlette:
    """The whole mock. Raises `StartupError` for all files and settings that it cannot work with.

    `checks` are those of the control plane's guard; the tests leave some out to see that they matter.
    """
    settings = settings or Settings()
    log = log or Log(settings.log)
    seed = settings.seed or new_seed()
    editions, world, library, always, sender = parts_of(settings, log)
    edition = editions.usual

    accounts = Accounts(seed, editions, world, settings, sender, library)
    library.byte_count = ByteCount(accounts.memory)
    pages = contract_pages(edition, log)

    def nearby_in(edition: Edition) -> Nearby:
        return Nearby(edition, lambda: {**control_paths(), **{path: PAGE_METHODS for path in pages}, **edition.paths})

    nearby, hints = nearby_in(edition), Hints(editions)
    admission = Admission(accounts, world, settings)
    switches = Switches(library, always, magic=settings.magic_numbers == "on")
    endpoint, clock = ExamplesEndpoint if settings.mode == "examples" else Endpoint, Clock(seed)

    def counter(edition: Edition) -> Counter:
        plane = Plane(
            edition=edition,
            choice=choice,
            admission=admission,
            switches=switches,
            handlers=handlers_of(edition, accept_unknown=settings.unknown_templates == "accept"),
            clock=clock,
            log=log,
            journal=accounts.unowned,
            max_body=settings.max_body,
            nearby=nearby if edition is editions.usual else nearby_in(edition),
            hints=hints,
        )
        return Counter(plane, endpoint)

    choice = Choice(editions, accounts, admission.knows, counter, log, auto=settings.edition == "auto")
    usual = choice.counter(edition)
    checks = checks_for(settings) if checks is None else checks
    control = control_plane(accounts, library, checks, seed, always, log, nearby, choice, hints)
    app = _Plain({**pages, **usual.endpoints}, control, usual.elsewhere, _until_the_end(accounts, sender, log))
    app.state.seed, app.state.edition, app.state.refusal = seed, edition, _refusals(usual.plane)
    app.state.accounts, app.state.event = accounts, log.event
    app.state.served_at = sender.destinations.served_at
    return app


def _until_the_end(
    accounts: Accounts, sender: HttpSender, log: Log
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """At the stop, give due deliveries a moment, and log what is left (WEB-13)."""

    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_DELIVERIES):
                for account in accounts:
                    await account.hooks.settle()
        for account in accounts:
            left = await account.hooks.end()
            if any(left):
                log.event("stopped with webhook deliveries unmade", account=account.shown, **left._asdict())
        await sender.close()

    return asynccontextmanager(lifespan)


def _refusals(plane: Plane) -> Refusal:
    """How the wire refuses bytes that are no valid request: in the envelope, with an exchange and a line of log."""

    def refusal(status: int, reason: str) -> tuple[bytes, list[tuple[bytes, bytes]]]:
        exchange = Exchange("-", "-")
        exchange.request_id, exchange.at, exchange.status = plane.clock.request_id(), plane.clock.now(), status
        exchange.violations = [reason]
        plane.journal.keep(exchange)
        plane.log.exchange(exchange)
        if name := _OF_THE_WIRE.get(status):
            reply = failure(plane.edition.common[name], {"request": [reason]}, exchange.request_id, exchange.at)
        else:
            reply = bug_reply(reason)
        return reply.body, head_of(reply, exchange.request_id, 0, ())

    return refusal
