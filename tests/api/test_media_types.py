"""Which bodies are read: media types by RFC 9110, 8.3.1, and no coded ones."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from answers import assert_failure
from conftest import PAGE_REQUEST, Client
from replies import ROOT

BODY = json.dumps(PAGE_REQUEST).encode()
JSON = ("content-type", "application/json")
AT = {"content-type": ["'Content-Type' must be application/json"]}
CODED = {"content-encoding": ["'Content-Encoding' must be left out; send the body as it is"]}


def sent(client: Client, *headers: tuple[str, str], body: bytes = BODY) -> httpx2.Response:
    return client.post("/v3/messages", content=body, headers=list(headers))


GOOD = [
    "application/json;",
    "application/json;;; ;",
    "APPLICATION/JSON ; Charset=UTF-8",
    'application/json; charset="utf-8"; profile=x;',
    'application/json; charset="u\\tf-8"',
    'application/json; note="a; charset=latin-1, b"; charset=utf-8',
    'application/json;note="\\"; charset=latin-1"',
    "application/json; charset=utf-8; charset=utf-8",
    "application/json\t;\tcharset=utf-8 ",
    "application/json; odata.metadata=minimal; IEEE754Compatible=true",
]


@pytest.mark.parametrize("media_type", GOOD)
def test_parameters(client: Client, media_type: str) -> None:
    """Several, quoted and empty parameters make no other media type (ERR-7)."""
    assert sent(client, ("content-type", media_type)).status_code == 202
    put = client.put("/_mock/balance", content=b'{"balance": 1}', headers={"content-type": media_type})
    assert put.status_code == 200


BAD = [
    "application/json; charset=utf-8; charset=latin-1",
    "application/json; profile=x; charset=latin-1",
    'application/json; charset="latin-1"',
    'application/json; charset="utf-8',
    "application/json; charset=",
    "application/json; charset = utf-8",
    "application/json; charset='utf-8'",
    "application/json; =x",
    "application/json; charset",
    "application/json charset=utf-8",
    "application/json, application/json",
    "application/json, text/plain",
    "application /json",
    "application/json/x",
    "application/problem+json",
    "application/*",
    ";",
    "application/json; a=" + "x" * 3_000 + "é",
]


@pytest.mark.parametrize("media_type", BAD)
def test_what_is_no_json_in_utf_8(client: Client, media_type: str) -> None:
    """Another charset anywhere, or a malformed media type, is 415 on both planes (ERR-7)."""
    headers = {"content-type": media_type.encode()}
    response = client.post("/v3/messages", content=BODY, headers=headers)  # type: ignore[arg-type]
    put = client.put("/_mock/balance", content=b'{"balance": 1}', headers=headers)  # type: ignore[arg-type]

    assert_failure(response, 415, "VALIDATION_001", AT)
    assert (put.status_code, put.json()) == (415, {"error": "send it with Content-Type: application/json"})


@pytest.mark.parametrize("charset", ["utf-8", "latin-1"])
def test_charset_of_a_scenario(client: Client, charset: str) -> None:
    """YAML is UTF-8 too."""
    headers = {"content-type": f"application/yaml; charset={charset}"}
    text = b"{schema: 1, name: mine, send: [{then: accept}]}"

    status = client.put("/_mock/scenario", content=text, headers=headers).status_code

    assert status == (200 if charset == "utf-8" else 415)


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "x-gzip", "zstd", "gzip, identity", "identity, gzip", "é"])
def test_a_coded_body(client: Client, coding: str) -> None:
    """A coded body is 415, and the answer names Content-Encoding and what is taken (ERR-7)."""
    headers = {"content-type": "application/json", "content-encoding": coding.encode()}
    response = client.post("/v3/messages", content=gzip.compress(BODY), headers=headers)  # type: ignore[arg-type]
    put = client.put("/_mock/balance", content=b"{}", headers=headers)  # type: ignore[arg-type]

    assert_failure(response, 415, "VALIDATION_001", CODED)
    assert response.headers["accept-encoding"] == "identity"
    assert (put.status_code, put.json()) == (415, {"error": "send the body as it is, without Content-Encoding"})
    assert put.headers["accept-encoding"] == "identity"


def test_coded_in_two_lines_and_no_json(client: Client) -> None:
    """The codings of all lines count, and what else is wrong with the body's form is told too."""
    response = sent(
        client, ("content-encoding", "identity"), ("content-encoding", "gzip"), ("content-type", "text/plain")
    )

    assert_failure(response, 415, "VALIDATION_001", {**CODED, **AT})


@pytest.mark.parametrize("coding", ["identity", "Identity", "", " , ", "identity,identity"])
def test_no_coding(client: Client, coding: str) -> None:
    """`identity` and an empty list name no coding."""
    assert sent(client, JSON, ("content-encoding", coding)).status_code == 202


def test_a_request_without_a_body(client: Client) -> None:
    """Where no body is read, its coding is nobody's business."""
    headers = {"content-encoding": "gzip", "content-type": "application/json"}

    assert client.get("/v3/webhooks", headers=headers).status_code == 200
    assert client.post("/_mock/reset", headers=headers).status_code == 200


def test_a_contract_from_before_this_rule(mock: Callable[..., Client], tmp_path: Path) -> None:
    """A contract of the user's that has no text for a coded body gets the shipped one."""
    lines = (ROOT / "openapi.yaml").read_text().splitlines(keepends=True)
    path = tmp_path / "own.yaml"
    path.write_text("".join(line for line in lines if not line.startswith("  content_coding:")))

    response = sent(mock(contract=str(path)), JSON, ("content-encoding", "gzip"))

    assert_failure(response, 415, "VALIDATION_001", CODED)
