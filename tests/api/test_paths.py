"""Paths as RFC 3986 has them, what is said about one that is nearly right, and the methods of each."""

import json
import re
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import httpx2
import pytest
from answers import assert_failure
from conftest import PAGE_REQUEST, Client, Live
from contracts import extended
from replies import contract_document

PATHS: dict[str, list[str]] = {
    path: [name.upper() for name in item if name in ("get", "put", "post", "patch", "delete")]
    for path, item in contract_document()["paths"].items()
}
PAGES = ("/", "/docs", "/openapi.json", "/openapi.yaml")
ID = "8ba7b830-9dad-11d1-80b4-00c04fd430c8"
SERVER = "http://testserver"


def filled(path: str) -> str:
    return re.sub(r"\{\w+\}", ID, path)


def warning(response: httpx2.Response) -> str:
    assert response.status_code == 404, response.text
    return str(response.headers["x-mock-warning"])


# Encoded


@pytest.mark.parametrize("path", ["/v3/%6Dessages", "/%763/messages", "/v3/%6d%65%73%73%61%67%65%73"])
def test_an_encoded_letter_is_the_letter(client: Client, path: str) -> None:
    """What needs no encoding means the same with it (RFC 3986, 2.3)."""
    assert client.unchecked("POST", f"{SERVER}{path}", json=PAGE_REQUEST).status_code == 202


@pytest.mark.parametrize("path", ["/v3%2Fmessages", "/v3%2fmessages", "%2Fv3/messages", "/v3/messages%2F"])
def test_an_encoded_slash_separates_nothing(client: Client, path: str) -> None:
    """Encoded data is no structure, and the warning says so (ERR-8)."""
    response = client.unchecked("POST", f"{SERVER}{path if path.startswith('/') else '/' + path}", json=PAGE_REQUEST)

    assert "did you mean POST /v3/messages?" in warning(response)
    assert "an encoded slash is data" in warning(response)


ODD = ["a%2Fb", "a%252Fb", "%00", "%ff", "%c0%af", "%ed%a0%80", "%zz", "%", "%2", "a;b=c", "a+b", "..", "%2e%2e", "%20"]


@pytest.mark.parametrize("tail", ["", "/activities"])
def test_an_odd_id_is_an_id(live: Callable[..., Live], tail: str) -> None:
    """Whatever stands in the place of the id is judged as an id, and is no other path."""
    connection = HTTPConnection("127.0.0.1", live().port)  # it sends the path as it is
    for id in ODD:
        connection.request("GET", f"/v3/messages/{id}{tail}")
        response = connection.getresponse()
        error = json.loads(response.read())["error"]
        assert (response.status, error["details"]) == (400, {"id": ["'id' must be a UUID"]}), id
    connection.close()


LABELS = """
paths:
  /v3/labels/{name}.json:
    get:
      operationId: nameOfLabel
      parameters: [{name: name, in: path, required: true, schema: {type: string, pattern: '^a/b$'}}]
      responses: {'200': {description: d, content: {application/json: {example: {by: name}}}}, '400': {description: d}}
  /v3/labels/{odd-name}:
    get:
      operationId: oddLabel
      parameters: [{name: odd-name, in: path, required: true, schema: {type: string, pattern: '^a/b$'}}]
      responses: {'200': {description: d, content: {application/json: {example: {by: id}}}}, '400': {description: d}}
  /v3/labels/all:
    get:
      operationId: allLabels
      responses: {'200': {description: d, content: {application/json: {example: {by: all}}}}, '400': {description: d}}
"""


@pytest.fixture
def labelled(mock: Callable[..., Client], tmp_path: Path) -> Client:
    """A client of a mock whose contract has ids of any kind."""
    return mock(contract=extended(tmp_path / "own.yaml", LABELS))


@pytest.mark.parametrize(
    ("path", "by"),
    [
        ("/v3/labels/a%2Fb", "id"),
        ("/v3/labels/a%2fb", "id"),
        ("/v3/labels/a%2Fb.json", "name"),
        ("/v3/labels/all", "all"),
        ("/v3/labels/%61ll", "all"),
    ],
)
def test_a_parameter_is_decoded_after_the_path_was_split(labelled: Client, path: str, by: str) -> None:
    """A slash in a parameter reaches the operation; what is written out in the contract comes before a parameter."""
    response = labelled.unchecked("GET", f"{SERVER}{path}")

    assert (response.status_code, response.json()) == (200, {"by": by})


@pytest.mark.parametrize(
    ("query", "names"),
    [("a%26b=1", "a&b"), ("a%3Db=1", "a=b"), ("a%23b=1", "a#b"), ("a;b=1", "a;b"), ("a+b=1", "a b"), ("%zz=1", "%zz")],
)
def test_encoded_separators_of_a_query(client: Client, query: str, names: str) -> None:
    """What is encoded in a query separates nothing there either."""
    assert client.get(f"/v3/webhooks?{query}").headers["x-mock-warning"].endswith(f": {names}")


# Nearly right


def slips(path: str) -> Iterator[tuple[str, str]]:
    """The path with one mistake, and what the warning says of it."""
    first, _, rest = path[1:].partition("/")
    yield f"/{path}", "so that a base URL must not end with one"
    yield f"/{first}//{rest}", "a part of the path is empty"
    yield f"{path}/", "does not end with a slash"
    yield f"/{first.upper()}/{rest}", "upper and lower case differ"
    yield f"/{rest}", f"the path begins with /{first}"
    yield f"/{first}{path}", f"the path begins with /{first}, not with /{first}/{first}"
    yield f"/api{path}", f"the path begins with /{first}, not with /api/{first}"
    yield f"/{first}%2F{rest}", "an encoded slash is data"


@pytest.mark.parametrize("path", PATHS)
def test_a_slip_is_told(client: Client, path: str) -> None:
    """Each path of the edition with a slash too many, another case, or a first part too few or too many."""
    for wrong, says in slips(filled(path)):
        response = client.unchecked(PATHS[path][0], f"{SERVER}{wrong}")
        assert says in warning(response), wrong
        assert f" {path}?" in warning(response), wrong
        assert response.json()["error"]["code"] == "RESOURCE_013"


def test_an_empty_id_is_told(client: Client) -> None:
    """A client that has no id asks for a path that ends too early, or has an empty part."""
    one, two = client.get("/v3/messages/"), client.get("/v3/messages//activities")

    assert warning(one).startswith("{id} in GET /v3/messages/{id} is empty; or did you mean POST /v3/messages?")
    assert warning(two) == "{id} in GET /v3/messages/{id}/activities is empty"


def test_a_slip_in_a_path_of_the_vendors(client: Client) -> None:
    """A path that only the vendor's API has is recognised with a slip too."""
    says = warning(client.get(f"{SERVER}//v3/contacts"))

    assert says.startswith("did you mean GET, POST /v3/contacts? the path begins with one slash")
    assert "the vendor's API has GET /v3/contacts (Python SDK 0.8.0 and later)" in says


OURS = {
    "/docs/": "/docs",
    "/Docs": "/docs",
    "/v3/openapi.json": "/openapi.json",
    "/health": "/_mock/health",
    "/v3/_mock/health": "/_mock/health",
    "/v3/audit": "/_mock/audit",
    "/_mock%2Fhealth": "/_mock/health",
}


@pytest.mark.parametrize(("path", "meant"), OURS.items())
def test_a_slip_in_a_path_of_ours(client: Client, path: str, meant: str) -> None:
    """Pages and the control plane are among what may have been meant."""
    assert warning(client.unchecked("GET", f"{SERVER}{path}")).startswith(f"did you mean GET {meant}?")


def test_a_slip_is_in_the_accounts_journal(client: Client) -> None:
    """Who debugs finds the warning beside the account's other requests, and the account's ids do not change."""
    client.get("/V3/webhooks")

    explained = client.get("/_mock/requests/latest").json()
    assert (explained["path"], explained["status"]) == ("/V3/webhooks", 404)
    assert "upper and lower case differ" in explained["why"]["warnings"][0]


@pytest.mark.parametrize(
    "path", ["//", "/x", "/v3", "/v3/", "/v3//", "/v9/messages", "/v3/messages/a/b/c", "/%2F", "/v3/messages%20"]
)
def test_no_guess_without_reason(client: Client, path: str) -> None:
    """A path that resembles none gets no advice."""
    response = client.unchecked("DELETE", f"{SERVER}{path}")

    assert response.status_code == 404
    assert "x-mock-warning" not in response.headers


# Methods


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "get", "FROB")


def asked(client: Client, method: str, path: str) -> httpx2.Response:
    """httpx writes a method in capitals; the wire need not."""
    request = client.build_request("GET", path)
    request.method = method
    return client.send(request, follow_redirects=False)


@pytest.mark.parametrize("path", PATHS)
def test_methods_of_the_api(client: Client, path: str) -> None:
    """A method that a path lacks is 405 in the envelope with `Allow`; HEAD is there where GET is (ERR-9)."""
    served = PATHS[path]
    allowed = ", ".join(name for each in served for name in ((each, "HEAD") if each == "GET" else (each,)))
    for method in METHODS:
        response = asked(client, method, filled(path))
        if method in allowed.split(", "):
            assert response.status_code != 405, method
            continue
        assert (response.status_code, response.headers["allow"]) == (405, allowed), method
        if method != "HEAD":
            assert_failure(response, 405, "VALIDATION_001", None, "Method not allowed")


@pytest.mark.parametrize("path", PAGES)
def test_methods_of_the_pages(client: Client, path: str) -> None:
    """A page has GET and HEAD; any other method is a plain 405 with `Allow`."""
    for method in METHODS:
        response = asked(client, method, path)
        if method in ("GET", "HEAD"):
            assert response.status_code in (200, 307)
            assert bool(response.content) == (method == "GET" and path != "/")
            continue
        assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD"), method
        assert response.text == f"{method} is no method of this page; it has GET, HEAD\n"
        assert response.headers["content-type"] == "text/plain; charset=utf-8"


def test_a_head_reads_as_a_get(client: Client) -> None:
    """HEAD has status and headers of the GET, its length too, and is in the journal as itself."""
    id = client.send().json()["data"]["recipients"][0]["message_id"]

    read, head = client.get(f"/v3/messages/{id}"), client.head(f"/v3/messages/{id}")

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == read.headers["content-length"]
    latest = client.get("/_mock/requests/latest").json()
    assert (latest["method"], latest["operation"]) == ("HEAD", "getMessage")
