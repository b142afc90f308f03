"""MOCK_SENT_MODE=examples: the documented example of every operation, whatever is asked."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Client
from page import RESPONSES
from replies import ROOT
from starlette.testclient import TestClient

from mock_sent.app import create_app
from mock_sent.contract import load
from mock_sent.settings import Settings

CONTRACT = load(ROOT / "openapi.yaml")
ID = "8ba7b830-9dad-11d1-80b4-00c04fd430c8"


@pytest.fixture
def examples(mock: Callable[..., Client]) -> Client:
    return mock(mode="examples")


@pytest.mark.parametrize("operation", CONTRACT.operations, ids=lambda o: o.id)
def test_every_operation_answers(examples: Client, operation: Any) -> None:
    """Each described operation gives its success, whatever the body says; the client holds it against the contract."""
    path = operation.path.replace("{id}", ID)

    response = examples.request(operation.method, path, content=b"{")

    assert response.status_code == operation.success


def test_the_page(examples: Client) -> None:
    """The send answers with the page's own answer, letter by letter."""
    assert examples.send().json() == RESPONSES["202"][1]


def test_no_state(examples: Client) -> None:
    """No body is judged, nothing is kept: a key gives no replay, and no account appears."""
    for _ in range(2):
        response = examples.send({"to": []}, headers={"Idempotency-Key": "k"})

        assert response.status_code == 202
        assert "idempotent-replayed" not in response.headers
    assert examples.get("/_mock/accounts").json()["accounts"] == []


def test_paths_and_methods_are_judged(examples: Client) -> None:
    """What the contract does not describe has no example."""
    assert examples.get("/v3/nothing").status_code == 404
    refused = examples.delete("/v3/messages")

    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")


def test_operations_without_a_handler(tmp_path: Path) -> None:
    """A contract may describe more than the mock can do: here that is no reason not to start."""
    more = "\n  /v3/me:\n    get:\n      operationId: getMe\n      responses:\n        '204': {description: nothing}\n"
    path = tmp_path / "openapi.yaml"
    path.write_text((ROOT / "openapi.yaml").read_text().replace("\npaths:", f"\npaths:{more}", 1))

    for mode in ("examples", "stateful"):
        client = TestClient(create_app(Settings(contract=str(path), mode=mode, log="off")))
        assert client.get("/v3/me").status_code == 204
