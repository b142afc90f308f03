"""What the tests of /v3/webhooks share: a webhook made, the clock moved, a fault read."""

from typing import Any

import httpx2
from conftest import Client

KEY = "test-key-of-this-test"
BODY = {"display_name": "Orders", "endpoint_url": "http://127.0.0.1:9/hook", "event_types": ["messages"]}
NOWHERE = "00000000-0000-4000-8000-000000000000"


def create(client: Client, **changes: Any) -> dict[str, Any]:
    response = client.post("/v3/webhooks", json={**BODY, **changes})
    assert response.status_code == 201
    data: dict[str, Any] = response.json()["data"]
    return data


def hooks(client: Client) -> Any:
    return client.app_.state.accounts.open(KEY).hooks


def members(client: Client, id: str) -> dict[str, Any]:
    """What is kept of a webhook, its secret too."""
    kept: dict[str, Any] = hooks(client).webhooks[id].members
    return kept


def settle(client: Client, span: int = 0) -> None:
    """Advance the account's clock and wait for what is due."""
    assert client.portal
    client.portal.call(client.app_.state.accounts.open(KEY).clock.advance, span)
    client.portal.call(hooks(client).settle)


def fault(response: httpx2.Response) -> tuple[int, str, dict[str, list[str]]]:
    error = response.json()["error"]
    return response.status_code, error["code"], error["details"]
