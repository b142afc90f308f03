"""The control plane's routes: what stands behind the guard."""

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from mock_sent.accounts import Accounts
from mock_sent.control.accounts import AccountsControl, Endpoint
from mock_sent.control.asking import Asking
from mock_sent.control.deliveries import Deliveries
from mock_sent.control.described import Described
from mock_sent.control.events import Events
from mock_sent.control.files import Inbox
from mock_sent.control.replies import ControlError, refusal
from mock_sent.control.scenarios import ScenariosControl
from mock_sent.scenarios.library import Library
from mock_sent.scenarios.scenario import Scenario

Methods = Mapping[str, Endpoint]


def routes_of(accounts: Accounts, library: Library, seed: str, always: Sequence[Scenario]) -> Router:
    """Everything under /_mock. `always` are the scenarios that the settings switch on."""
    of = AccountsControl(accounts)
    scenarios = ScenariosControl(library, of.account_of, always)
    asking = Asking(accounts, library, of.account_of)
    deliveries = Deliveries(of.account_of)
    about, inbox = Described(seed, library), Inbox()
    table: dict[str, Methods] = {
        "/health": {"GET": about.health},
        "/ready": {"GET": about.ready},
        "/openapi.json": {"GET": about.openapi},
        "/accounts": {"GET": of.list},
        "/account": {"DELETE": of.drop},
        "/reset": {"POST": of.reset},
        "/templates": {"GET": of.templates, "PUT": of.put_templates},
        "/balance": {"GET": of.balance, "PUT": of.put_balance},
        "/scenario": {"GET": scenarios.get, "PUT": scenarios.put, "DELETE": scenarios.drop},
        "/scenarios": {"GET": scenarios.all},
        "/edition": {"GET": of.edition},
        "/clock": {"GET": of.clock, "POST": of.move_clock},
        "/requests": {"GET": asking.requests},
        "/requests/{request_id}": {"GET": asking.request},
        "/messages": {"GET": asking.messages},
        "/messages/{id}/advance": {"POST": deliveries.advance},
        "/webhooks/deliveries": {"GET": deliveries.list},
        "/webhooks/deliveries/{id}/resend": {"POST": deliveries.resend},
        "/verify": {"POST": asking.verify},
        "/audit": {"GET": asking.audit},
        "/events": {"GET": Events(of.account_of).stream},
        "/inbox": {"GET": inbox.page},
        "/inbox/{file}": {"GET": inbox.file},
    }
    router = Router([Route(path, _Resource(methods)) for path, methods in table.items()], redirect_slashes=False)
    router.default = _Resource({})
    return router


class _Resource:
    """One path and its methods; without any, every path that there is not. An ASGI application."""

    def __init__(self, methods: Methods) -> None:
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._respond(Request(scope, receive))
        except ControlError as e:
            response = refusal(e)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        endpoint = self._methods.get("GET" if request.method == "HEAD" else request.method)
        if endpoint:
            return await endpoint(request)
        if not self._methods:
            raise ControlError(404, f"the control plane has no {request.url.path[:200]!r}")
        response = refusal(ControlError(405, f"{request.url.path} takes {', '.join(self._methods)}"))
        response.headers["allow"] = ", ".join(self._methods)
        return response
