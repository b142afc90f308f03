"""What the mock does not do, and how it says so: operations without a handler, paths that this edition lacks."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Client
from replies import ROOT

ME = """
  /v3/me:
    get:
      operationId: getMe
      responses:
        '200':
          description: Who is asking.
          content: {application/json: {examples: {me: {value: {success: true, data: {name: Example}}}}}}
"""


@pytest.fixture
def with_me(mock: Callable[..., Client], tmp_path: Path) -> Client:
    """A client of a mock whose contract has an operation that nothing handles."""
    path = tmp_path / "own.yaml"
    path.write_text((ROOT / "openapi.yaml").read_text().replace("\npaths:", f"\npaths:{ME}", 1))
    return mock(contract=str(path))


def test_an_operation_without_a_handler_is_answered_by_its_example(with_me: Client) -> None:
    """It does not stop the start: the documented example is answered, with a warning and a line in the journal."""
    reply = with_me.unchecked("GET", "/v3/me")

    assert (reply.status_code, reply.json()) == (200, {"success": True, "data": {"name": "Example"}})
    assert "getMe is answered by its documented example" in reply.headers["x-mock-warning"]
    (request,) = with_me.get("/_mock/requests").json()["requests"]
    assert (request["operation"], request["status"]) == ("getMe", 200)


@pytest.mark.parametrize(
    ("media", "body"),
    [
        ("{example: {name: Example}}", b'{"name":"Example"}'),
        ("{schema: {type: object, example: {name: Example}}}", b'{"name":"Example"}'),
        ("{schema: {type: object, examples: [{name: Example}]}}", b'{"name":"Example"}'),
        ("{schema: {type: object}}", b""),
    ],
)
def test_where_an_example_may_stand(mock: Callable[..., Client], tmp_path: Path, media: str, body: bytes) -> None:
    """An example may stand alone, or in the schema; without one the body is empty, and the warning says so."""
    path = tmp_path / "own.yaml"
    own = ME.replace("{examples: {me: {value: {success: true, data: {name: Example}}}}}", media)
    path.write_text((ROOT / "openapi.yaml").read_text().replace("\npaths:", f"\npaths:{own}", 1))

    reply = mock(contract=str(path)).unchecked("GET", "/v3/me")

    assert (reply.status_code, reply.content) == (200, body)
    assert ("it has no example" in reply.headers["x-mock-warning"]) == (not body)


def test_an_answer_by_example_is_a_finding_of_the_audit(with_me: Client) -> None:
    """`answered_by_example` warns, and fails a test only where a scenario says so."""
    with_me.unchecked("GET", "/v3/me")

    audit = with_me.get("/_mock/audit").json()
    assert (audit["result"], audit["warnings"]) == ("ok", 1)
    assert audit["findings"][0]["kind"] == "answered_by_example"
    assert with_me.get("/_mock/audit?fail_on=answered_by_example").json()["result"] == "failed"


def test_an_operation_without_a_handler_asks_for_the_key(mock: Callable[..., Client], tmp_path: Path) -> None:
    """Who is calling is judged as for any other operation, although this one describes no 401."""
    path = tmp_path / "own.yaml"
    path.write_text((ROOT / "openapi.yaml").read_text().replace("\npaths:", f"\npaths:{ME}", 1))

    reply = mock(contract=str(path), auth="required").unchecked("GET", "/v3/me", headers={"x-api-key": ""})

    assert (reply.status_code, reply.content) == (401, b"")


@pytest.mark.parametrize(
    ("method", "path", "known"),
    [
        ("GET", "/v3/me", "GET /v3/me (Python SDK 0.8.0 and later)"),
        ("PATCH", "/v3/contacts/7ba7b820-9dad-11d1-80b4-00c04fd430c8", "PATCH /v3/contacts/{id}"),
        ("POST", "/v3/voice/tokens", "POST /v3/voice/tokens (Python SDK 0.46.0 and later)"),
    ],
)
def test_a_path_of_the_vendor_that_is_not_served(client: Client, method: str, path: str, known: str) -> None:
    """It is the 404 of any path, with a warning that names what is missing, in the journal of the caller's account."""
    reply = client.request(method, path)

    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "RESOURCE_013")
    assert known in reply.headers["x-mock-warning"]
    assert "2026-03" in reply.headers["x-mock-warning"]
    explained = client.get("/_mock/requests/latest").json()
    assert explained["path"] == path
    assert known in explained["why"]["warnings"][0]


@pytest.mark.parametrize("path", ["/v3/nothing", "/v3/mes", "/v3/contacts/x/y", "/v3", "/v4/me"])
def test_a_path_that_nobody_has(client: Client, path: str) -> None:
    """A path that the vendor's API does not have is a plain 404, and no account's journal has it."""
    reply = client.get(path)

    assert reply.status_code == 404
    assert "x-mock-warning" not in reply.headers
    assert client.get("/_mock/requests").json()["requests"] == []


def test_an_unserved_path_without_a_valid_key(mock: Callable[..., Client]) -> None:
    """A key that is not known has no account: its 404 stays among the requests of no account."""
    client = mock(api_keys=("another-key",))

    assert client.get("/v3/me").status_code == 404
    (request,) = client.get("/_mock/requests?account=none").json()["requests"]
    assert request["path"] == "/v3/me"


def test_a_read_with_a_body_that_is_too_large(mock: Callable[..., Client]) -> None:
    """A read describes no 413; it is refused with that of the other operations, and is no bug."""
    reply = mock(max_body=10).unchecked("GET", "/v3/webhooks", content=b"x" * 11)

    assert (reply.status_code, reply.json()["error"]["code"]) == (413, "VALIDATION_005")
