"""/docs, /openapi.json, /openapi.yaml: readable without internet, and without a request to anywhere."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
import yaml
from conftest import Client
from replies import ROOT, contract_document

DOCUMENT = contract_document()


class Reader(HTMLParser):
    """Collects the text, and whatever a browser would load or follow."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tags: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "action", "data", "srcset")]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


def test_json_and_yaml_say_the_same(client: Client) -> None:
    """Both forms are the contract as it is served."""
    as_json, as_yaml = client.get("/openapi.json"), client.get("/openapi.yaml")

    assert as_json.headers["content-type"] == "application/json"
    assert as_yaml.headers["content-type"].startswith("application/yaml")
    assert as_json.json() == yaml.safe_load(as_yaml.text)
    assert as_json.json()["paths"] == DOCUMENT["paths"]
    assert as_json.json()["servers"] == [{"url": "/"}]


def test_docs(client: Client) -> None:
    """The page shows every operation, parameter, status, example and text of a rule that a reader needs."""
    response = client.get("/docs")

    assert response.headers["content-type"].startswith("text/html")
    text = " ".join(" ".join(read(response.text).text).split())
    for path, item in DOCUMENT["paths"].items():
        for method in item.keys() & {"get", "put", "post", "patch", "delete"}:
            assert f"{method.upper()} {path}" in text
    for word in (
        "Idempotency-Key",
        "x-profile-id",
        "template.parameters",
        "Hi John Doe, your order #12345 has been confirmed.",
        "Insufficient balance to send message.",
        "'to' must contain at least one recipient",
        "202",
        "503",
        "[inferred]",
        "[docs]",
    ):
        assert word in text


@pytest.mark.parametrize("path", ["/docs"])
def test_no_outside_request(client: Client, path: str) -> None:
    """Nothing on the page names another host, and the browser is told to load nothing at all."""
    response = client.get(path)

    reader = read(response.text)
    assert not reader.tags & {"script", "img", "link", "iframe", "object", "embed", "form", "base", "svg"}
    assert all(link.startswith(("/", "#")) and not link.startswith("//") for link in reader.links)
    assert "url(" not in response.text
    assert "@import" not in response.text
    # Addresses that are shown are text of the contract, not links.
    assert not re.findall(r"""(?:src|href|action)\s*=\s*["']?(?:https?:)?//""", response.text)
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline';")
    assert "http" not in policy
    assert "*" not in policy


def test_links_within_the_page(client: Client) -> None:
    """Each link leads to a part of the page, or to another page of ours."""
    response = client.get("/docs")

    for link in read(response.text).links:
        if link.startswith("#"):
            assert f"id='{link[1:]}'" in response.text
        else:
            assert client.get(link).status_code == 200


def test_texts_of_the_contract_are_escaped(mock: Callable[..., Client], tmp_path: object) -> None:
    """A contract of the user's cannot put a script on the page."""
    from pathlib import Path

    path = Path(str(tmp_path)) / "own.yaml"
    text = (ROOT / "openapi.yaml").read_text()
    path.write_text(text.replace("title: Sent messaging API", "title: <script>alert(1)</script>"))

    page = mock(contract=str(path)).get("/docs").text
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_root_leads_to_the_docs(client: Client) -> None:
    """A person who opens the address in a browser finds the docs."""
    response = client.get("/", follow_redirects=False)

    assert response.status_code == 307
    assert response.headers["location"] == "/docs"


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/openapi.yaml"])
def test_pages_without_a_key(mock: Callable[..., Client], path: str) -> None:
    """The pages need no key, and answer HEAD."""
    client = mock(auth="required")
    del client.headers["x-api-key"]

    assert client.get(path).status_code == 200
    assert client.head(path).status_code == 200
