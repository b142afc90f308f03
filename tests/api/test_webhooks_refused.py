"""The operations on webhooks refuse what breaks the contract."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Client
from hookapi import BODY, NOWHERE, create, fault
from replies import ROOT


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("PUT", "", BODY),
        ("DELETE", "", None),
        ("PATCH", "/toggle-status", {"is_active": True}),
        ("POST", "/rotate-secret", {}),
        ("POST", "/test", {}),
        ("GET", "/events", None),
    ],
)
def test_unknown_ids(client: Client, method: str, path: str, body: Any) -> None:
    """An unknown id is 404, one that is no UUID 400, in every operation."""
    options = {"json": body} if body is not None else {}

    unknown = client.request(method, f"/v3/webhooks/{NOWHERE}{path}", **options)
    malformed = client.request(method, f"/v3/webhooks/nonsense{path}", **options)

    assert fault(unknown)[:2] == (404, "RESOURCE_008")
    assert fault(malformed) == (400, "VALIDATION_003", {"id": ["'id' must be a UUID"]})


BAD_TIMEOUT = {"timeout_seconds": ["'timeout_seconds' must be between 5 and 120"]}
BAD_URL = {"endpoint_url": ["Endpoint URL must be a valid HTTP or HTTPS URL"]}


@pytest.mark.parametrize(
    ("changes", "code", "details"),
    [
        ({"endpoint_url": "ftp://example.com"}, "VALIDATION_001", BAD_URL),
        ({"endpoint_url": "example.com/hook"}, "VALIDATION_001", BAD_URL),
        ({"endpoint_url": "http://"}, "VALIDATION_001", BAD_URL),
        ({"endpoint_url": "http://a b/"}, "VALIDATION_001", BAD_URL),
        ({"endpoint_url": "http://a:65536/"}, "VALIDATION_001", BAD_URL),
        ({"endpoint_url": "http://a:0/"}, "VALIDATION_001", BAD_URL),
        ({"endpoint_url": "http://a/\n"}, "VALIDATION_001", BAD_URL),
        ({"endpoint_url": "http://é/"}, "VALIDATION_001", BAD_URL),
        ({"endpoint_url": ""}, "VALIDATION_001", BAD_URL),
        ({"endpoint_url": "http://a/" + "x" * 2040}, "VALIDATION_001", BAD_URL),
        ({"endpoint_url": 1}, "VALIDATION_001", {"endpoint_url": ["'endpoint_url' must be a string"]}),
        ({"retry_count": 0}, "VALIDATION_005", {"retry_count": ["'retry_count' must be between 1 and 5"]}),
        ({"retry_count": 6}, "VALIDATION_005", {"retry_count": ["'retry_count' must be between 1 and 5"]}),
        ({"retry_count": True}, "VALIDATION_001", {"retry_count": ["'retry_count' must be an integer"]}),
        (
            {"timeout_seconds": 4},
            "VALIDATION_005",
            {"timeout_seconds": ["'timeout_seconds' must be between 5 and 120"]},
        ),
        (
            {"timeout_seconds": 121},
            "VALIDATION_005",
            {"timeout_seconds": ["'timeout_seconds' must be between 5 and 120"]},
        ),
        (
            {"event_types": []},
            "VALIDATION_004",
            {"event_types": ["'event_types' must contain at least one event type"]},
        ),
        (
            {"event_types": ["message"]},
            "VALIDATION_006",
            {"event_types[0]": ["'event_types[0]' must be one of messages, templates"]},
        ),
        ({"display_name": ""}, "VALIDATION_001", {"display_name": ["'display_name' must have 1 to 255 characters"]}),
    ],
)
def test_bad_webhooks(client: Client, changes: dict[str, Any], code: str, details: dict[str, list[str]]) -> None:
    """What a webhook cannot be is refused as the catalogue says, when it is made and when it is changed."""
    url = f"/v3/webhooks/{create(client)['id']}"

    assert fault(client.post("/v3/webhooks", json={**BODY, **changes})) == (400, code, details)
    assert fault(client.put(url, json={**BODY, **changes})) == (400, code, details)


def test_required_members(client: Client) -> None:
    """Name, URL and event types are required; all that lack are named at once."""
    status, code, details = fault(client.post("/v3/webhooks", json={}))

    assert (status, code) == (400, "VALIDATION_004")
    assert sorted(details) == ["display_name", "endpoint_url", "event_types"]


@pytest.mark.parametrize(
    "url",
    [
        "http://receiver:8080/x?y#z",
        "HTTPS://example.com",
        "http://[::1]:80/",
        "http://u:p@h/",
        "http://127.1",
        "http://a_b/",
    ],
)
def test_good_urls(client: Client, url: str) -> None:
    """Any http or https URL can be registered, as at the real API."""
    assert create(client, endpoint_url=url)["endpoint_url"] == url


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://hooks.example.com/", "MOCK_SENT_WEBHOOK_ALLOW must name it"),
        ("http://8.8.8.8/", "MOCK_SENT_WEBHOOK_ALLOW can name it"),
        ("http://169.254.169.254/", "is never delivered to"),
        ("http://u:p@localhost/", "credentials"),
    ],
)
def test_warning_of_undeliverable_urls(client: Client, url: str, says: str) -> None:
    """A URL that the mock will not deliver to is accepted, and a header says what will not happen (WEB-9)."""
    response = client.post("/v3/webhooks", json={**BODY, "endpoint_url": url})

    assert response.status_code == 201
    assert says in response.headers["x-mock-warning"]


RANGE = "'page_size' must be between 1 and 100"


@pytest.mark.parametrize(
    ("query", "code", "details"),
    [
        ("page_size=101", "VALIDATION_005", {"page_size": [RANGE]}),
        ("page_size=0", "VALIDATION_005", {"page_size": [RANGE]}),
        ("page=0", "VALIDATION_005", {"page": ["'page' must be between 1 and 1000000000"]}),
        ("page=-1", "VALIDATION_005", {"page": ["'page' must be between 1 and 1000000000"]}),
        ("page=x", "VALIDATION_001", {"page": ["'page' must be an integer"]}),
        ("page=", "VALIDATION_001", {"page": ["'page' must be an integer"]}),
        ("page=1.0", "VALIDATION_001", {"page": ["'page' must be an integer"]}),
        ("page=%D9%A1", "VALIDATION_001", {"page": ["'page' must be an integer"]}),
        ("page=" + "9" * 5000, "VALIDATION_001", {"page": ["'page' must be an integer"]}),
        ("is_active=yes", "VALIDATION_001", {"is_active": ["'is_active' must be a boolean"]}),
        ("page=1&page=2", "VALIDATION_001", {"page": ["'page' must be given once"]}),
        (
            "page=x&page_size=0",
            "VALIDATION_001",
            {"page": ["'page' must be an integer"], "page_size": [RANGE]},
        ),
    ],
)
def test_bad_queries(client: Client, query: str, code: str, details: dict[str, list[str]]) -> None:
    """A parameter of the query that breaks the contract is refused with every fault."""
    assert fault(client.get(f"/v3/webhooks?{query}")) == (400, code, details)


def test_unknown_parameters(client: Client) -> None:
    """A parameter that nobody knows is ignored, and a person is told."""
    response = client.get("/v3/webhooks?limit=5&%FF=%FF&page=1")

    assert response.status_code == 200
    assert "limit" in response.headers["x-mock-warning"]


def test_required_parameters(mock: Callable[..., Client], tmp_path: Path) -> None:
    """A contract that requires a parameter of the query is kept to, with its text."""
    text = (ROOT / "openapi.yaml").read_text()
    page = "      name: page\n      in: query\n      required: "
    (tmp_path / "contract.yaml").write_text(text.replace(page + "false", page + "true"))
    client = mock(contract=str(tmp_path / "contract.yaml"))

    assert fault(client.get("/v3/webhooks")) == (400, "VALIDATION_004", {"page": ["'page' is required"]})
    assert fault(client.get("/v3/webhooks?page_size=2"))[2] == {"page": ["'page' is required"]}
    assert client.get("/v3/webhooks?page=1").status_code == 200


def test_optional_body(client: Client) -> None:
    """Where the body is optional an empty one needs no media type; one that is there is checked."""
    url = f"/v3/webhooks/{create(client)['id']}/rotate-secret"

    assert client.post(url).status_code == 200
    assert client.post(url, content=b"{}").status_code == 415
    assert fault(client.post(url, json={"sandbox": 1}))[:2] == (400, "VALIDATION_001")
    assert fault(client.patch(url.replace("rotate-secret", "toggle-status")))[0] == 415
