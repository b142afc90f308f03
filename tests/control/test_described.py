"""The control plane's own description, and schemathesis against it; every other test's replies are held to it too."""

import re
from typing import Any

import pytest
import schemathesis
from conftest import Client
from control_replies import ControlReplies
from hypothesis import HealthCheck, settings
from march import EDITION
from openapi_spec_validator import validate
from schemathesis import checks
from schemathesis.config import SchemathesisConfig

from mock_sent.app import create_app
from mock_sent.contract import RuleBook, Schemas, operations_of
from mock_sent.control.described import load
from mock_sent.control.handlers import HANDLERS
from mock_sent.scenarios.words import MESSAGE, REQUEST
from mock_sent.settings import Settings
from mock_sent.world.fixtures import BALANCE_SCHEMA, template_schema

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


def test_every_route_is_described(client: Client, control_replies: ControlReplies) -> None:
    """Paths and methods of the description are those of the server, and each operation has a handler."""
    described = control_replies.document["paths"]

    for path, item in described.items():
        refused = client.options(f"/_mock{path}")
        methods = [name for name in refused.headers["allow"].lower().split(", ") if name != "head"]
        assert (refused.status_code, methods) == (405, list(item))
        assert ("GET, HEAD" in refused.headers["allow"]) == ("get" in item)
    assert HANDLERS.keys() == {operation["operationId"] for item in described.values() for operation in item.values()}


def test_the_filters_are_the_words_of_patterns(control_replies: ControlReplies) -> None:
    """Each text that a pattern can ask of a message or a request is a filter, and so is the idempotency key."""
    for path, kind in (("/messages", MESSAGE), ("/requests", REQUEST)):
        parameters = control_replies.document["paths"][path]["get"]["parameters"]
        filters = {each["name"] for each in parameters if each.get("schema") == {"$ref": "#/components/schemas/Filter"}}
        assert filters == {*kind.texts, "key"}


def test_verify_knows_the_words_of_patterns(control_replies: ControlReplies) -> None:
    """Its body is described with the words that a pattern has for messages and for requests."""
    schemas = control_replies.document["components"]["schemas"]

    assert [*schemas["WantedMessages"]["properties"]] == [*MESSAGE.words, "times", "of"]
    assert [*schemas["WantedRequests"]["properties"]] == [*REQUEST.words, "times", "of"]


def test_templates_and_balance_are_those_of_the_fixtures(control_replies: ControlReplies) -> None:
    """What a test may set is described as the fixtures' file is."""
    schemas = control_replies.document["components"]["schemas"]
    ours, fixtures = _rules(schemas["NewTemplate"]), _rules(template_schema(EDITION.categories))

    # Which categories there are is a matter of the edition, so that the description does not name them.
    assert (ours["properties"].pop("category"), fixtures["properties"].pop("category").keys()) == (
        {"type": "string"},
        {"enum"},
    )
    assert ours == fixtures
    assert _rules(schemas["NewBalance"]["properties"]["balance"]) == _rules(BALANCE_SCHEMA)


def _rules(schema: Any) -> Any:
    """A schema without what is only said about it."""
    if isinstance(schema, list):
        return [_rules(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    about = {"title", "description", "x-hint", "x-faults"}
    return {key: _rules(value) for key, value in schema.items() if key not in about}


def test_every_rule_has_its_text() -> None:
    """Every operation can be compiled: what a request can break is told in a sentence of the description."""
    for item in operations_of(RuleBook(Schemas(load()))).values():
        for operation in item.values():
            assert operation.parameters.path.keys() == set(re.findall(r"{(\w+)}", operation.path))
            assert (operation.body is None) is ("requestBody" not in operation.content)


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


@pytest.mark.parametrize(
    "path", ["/_mock/requests/%ED%A0%80", "/_mock/requests/%00", "/_mock/messages?to=%ff", "/_mock/requests?key=%00"]
)
def test_odd_bytes(client: Client, path: str) -> None:
    """What is no text in a path or a query is looked for and not found."""
    assert client.get(path).status_code in (200, 404)
