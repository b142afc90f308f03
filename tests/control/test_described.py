"""The control plane's own description, and schemathesis against it; every other test's replies are held to it too."""

from typing import Any

import pytest
import schemathesis
from conftest import Client
from control_replies import ControlReplies
from hypothesis import HealthCheck, settings
from openapi_spec_validator import validate
from schemathesis import checks
from schemathesis.config import SchemathesisConfig
from starlette.routing import Mount, Route

from mock_sent.app import create_app
from mock_sent.settings import Settings

app = create_app(Settings(seed="schemathesis", log="off"))
schema = schemathesis.openapi.from_asgi(
    "/_mock/openapi.json", app, config=SchemathesisConfig.from_dict({"seed": 1, "cache": {"enabled": False}})
)
CHECKS = [
    checks.not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
    checks.response_schema_conformance,
]  # fmt: skip


def test_it_is_openapi(control_replies: ControlReplies) -> None:
    """The description is valid OpenAPI 3.1, and its servers say where the control plane is."""
    validate(control_replies.document)
    assert control_replies.document["servers"] == [{"url": "/_mock"}]


def test_it_is_served(client: Client, control_replies: ControlReplies) -> None:
    """The file in the package is what the server shows."""
    assert client.get("/_mock/openapi.json").json() == control_replies.document
    assert client.get("/_mock/openapi.json").json() == control_replies.document


def test_every_route_is_described(control_replies: ControlReplies) -> None:
    """Paths and methods of the description are those of the server."""
    (mount,) = [route for route in app.routes if isinstance(route, Mount) and route.path == "/_mock"]
    routes: Any = mount.app
    resources: dict[str, Any] = {r.path: r.app for r in routes._app._make().routes if isinstance(r, Route)}
    served = {path: {method.lower() for method in resource._methods} for path, resource in resources.items()}

    described = {path: set(item) for path, item in control_replies.document["paths"].items()}
    assert served == described


def test_health_and_ready(client: Client) -> None:
    """Health says that the process answers; ready names the seed that repeats its ids."""
    assert client.get("/_mock/health").json()["status"] == "ok"
    assert client.get("/_mock/ready").json()["seed"] == "tests"


@pytest.mark.slow
@schema.exclude(path="/events").parametrize()
@settings(max_examples=25, deadline=None, database=None, derandomize=True, suppress_health_check=[*HealthCheck])
def test_operation(case: schemathesis.Case[Any]) -> None:
    """Whatever is sent to the control plane, its answer is one that the description has."""
    if case.query and "wait" in case.query:
        case.query["wait"] = "1ms"  # a wait is meant to take its time
    case.call_and_validate(checks=CHECKS)


@pytest.mark.parametrize("path", ["/_mock/requests/%ED%A0%80", "/_mock/messages?to=%ff", "/_mock/requests?key=%00"])
def test_odd_bytes(client: Client, path: str) -> None:
    """What is no text in a path or a query is looked for and not found."""
    assert client.get(path).status_code in (200, 404)
