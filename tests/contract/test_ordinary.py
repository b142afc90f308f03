"""Ordinary OpenAPI in a user's contract: an operation without a handler needs no more than an example."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Client
from contracts import extended

from mock_sent.app import create_app
from mock_sent.ground.errors import FileError
from mock_sent.settings import Settings

ADDED = """
paths:
  /v3/x/{n}:
    summary: Things.
    description: What there is.
    servers: [{url: 'https://example.com'}]
    x-team: ours
    parameters:
      - {name: n, in: path, required: true, schema: {type: integer, minimum: 2}}
      - {name: lim, in: query, schema: {type: integer}}
      - {$ref: '#/components/parameters/Flag'}
    get:
      operationId: getX
      parameters:
        - {name: lim, in: query, schema: {type: integer, maximum: 10}}
        - {name: session, in: cookie, schema: {type: string}}
        - {name: any, in: query, schema: {anyOf: [{type: integer}, {enum: [all]}]}}
        - {name: code, in: query, schema: {oneOf: [{type: integer, minimum: 100}, {type: string, maxLength: 2}]}}
        - {name: size, in: query, schema: {allOf: [{$ref: '#/components/schemas/Size'}, {maximum: 9}]}}
        - {name: sizes, in: query, schema: {anyOf: [{$ref: '#/components/schemas/Sizes'}, {type: 'null'}]}}
        - {name: rank, in: query, schema: {enum: [1, 2.5]}}
        - {name: nested, in: query, content: {application/json: {schema: {type: object, required: [a]}}}}
        - {name: free, in: query, content: {text/plain: {}}}
        - {name: open, in: query, schema: true}
        - {name: X-Num, in: header, schema: {type: integer}}
        - {name: X-List, in: header, schema: {type: array, items: {type: boolean}}}
      responses:
        '200':
          description: d
          content: {application/json: {examples: {a: {$ref: '#/components/examples/A'}, b: {externalValue: 'https://x'}}}}
        '404': {description: none}
        '409': {$ref: '#/components/responses/Plain'}
        '410': {description: gone, content: {application/json: {example: {error: {code: A}}}}}
        '302': {description: elsewhere}
        4XX: {description: d}
        default: {description: d}
    post:
      operationId: postX
      requestBody: {required: true, content: {multipart/form-data: {schema: {type: object}}}}
      responses:
        '200': {description: d, content: {application/json: {example: {took: it}}}}
components:
  parameters:
    Flag: {name: flag, in: query, schema: {type: boolean}}
  examples:
    A: {summary: One, value: {q: 1}}
  responses:
    Plain: {description: d, content: {application/json: {examples: {plain: {value: {message: no envelope}}}}}}
  schemas:
    Sizes: {type: array, items: {$ref: '#/components/schemas/Size'}}
    Size: {type: integer, minimum: 1}
"""


@pytest.fixture
def client(mock: Callable[..., Client], tmp_path: Path) -> Client:
    return mock(contract=extended(tmp_path / "own.yaml", ADDED))


def test_it_starts_and_answers(client: Client) -> None:
    """The example by reference is answered, and the page of the contract shows the operation."""
    reply = client.unchecked("GET", "/v3/x/5")

    assert (reply.status_code, reply.json()) == (200, {"q": 1})
    page = client.get("/docs")
    assert page.status_code == 200
    assert "<code>flag</code> (query)" in page.text


def test_a_body_of_any_media_type(client: Client) -> None:
    """Without a schema for JSON, whatever body is taken."""
    for content, media_type in ((b"--x--", "multipart/form-data; boundary=x"), (b"{", "application/json"), (b"", "")):
        reply = client.unchecked("POST", "/v3/x/5", content=content, headers={"content-type": media_type})
        assert (reply.status_code, reply.json()) == (200, {"took": "it"})


@pytest.mark.parametrize("status", ["404", "409", "410", "302", "4XX"])
def test_a_failure_without_an_envelope_is_not_offered(client: Client, status: str) -> None:
    """`Prefer` says so, and names what there is."""
    reply = client.unchecked("GET", "/v3/x/5", headers={"prefer": f"code={status}"})

    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "MOCK_001")
    assert "getX has 200" in reply.json()["error"]["message"]


@pytest.mark.parametrize(
    ("path", "headers", "at"),
    [
        ("/v3/x/5", {}, None),
        ("/v3/x/one", {}, "n"),
        ("/v3/x/1", {}, "n"),
        ("/v3/x/5?lim=10&flag=true", {}, None),
        ("/v3/x/5?lim=11", {}, "lim"),
        ("/v3/x/5?flag=yes", {}, "flag"),
        ("/v3/x/5?any=5", {}, None),
        ("/v3/x/5?any=all", {}, None),
        ("/v3/x/5?any=some", {}, "any"),
        ("/v3/x/5?code=100", {}, None),
        ("/v3/x/5?code=10", {}, None),
        ("/v3/x/5?size=9", {}, None),
        ("/v3/x/5?size=10", {}, "size"),
        ("/v3/x/5?sizes=1&sizes=2", {}, None),
        ("/v3/x/5?sizes=0", {}, "sizes"),
        ("/v3/x/5?rank=1", {}, None),
        ("/v3/x/5?rank=2.5", {}, None),
        ("/v3/x/5?rank=2", {}, "rank"),
        ("/v3/x/5?nested=%7B%22a%22%3A1%7D", {}, None),
        ("/v3/x/5?nested=%7B%7D", {}, "nested.a"),
        ("/v3/x/5?nested=%7B", {}, "nested"),
        ("/v3/x/5?free=x&open=y", {}, None),
        ("/v3/x/5", {"x-num": "7"}, None),
        ("/v3/x/5", {"x-num": "seven"}, "x-num"),
        ("/v3/x/5", {"x-list": "true,false"}, None),
        ("/v3/x/5", {"x-list": "true,maybe"}, "x-list[1]"),
        ("/v3/x/5", {"cookie": "session=1"}, None),
    ],
)
def test_a_text_is_read_as_the_type_that_its_schema_allows(
    client: Client, path: str, headers: dict[str, str], at: str | None
) -> None:
    """In paths, headers and queries alike; the parameters of a path count unless the operation has its own."""
    reply = client.unchecked("GET", path, headers=headers)

    assert (reply.status_code, reply.headers.get("x-mock-bug")) == (200 if at is None else 400, None), reply.text
    if at is not None:
        assert list(reply.json()["error"]["details"]) == [at]
    else:
        assert "ignored" not in reply.headers["x-mock-warning"]


@pytest.mark.parametrize(
    ("parameter", "reason"),
    [
        (
            "{name: a, in: query, style: pipeDelimited, schema: {type: array}}",
            "the style 'pipeDelimited' is not supported",
        ),
        ("{name: a, in: query, style: deepObject, schema: {type: object}}", "the style 'deepObject' is not supported"),
        ("{name: a, in: header, style: form, schema: {type: array}}", "use 'simple'"),
    ],
)
def test_a_style_that_is_not_supported(tmp_path: Path, parameter: str, reason: str) -> None:
    """It stops the start at its line, for every request would be misread."""
    operation = f"{{operationId: y, parameters: [{parameter}], responses: {{'200': {{description: d}}}}}}"
    added = f"paths: {{/v3/y: {{get: {operation}}}}}"
    path = extended(tmp_path / "own.yaml", added)

    with pytest.raises(FileError, match=reason) as caught:
        create_app(Settings(contract=path, log="off"))
    assert "        style: " in Path(path).read_text().splitlines()[caught.value.line - 1]


def test_many_alternatives_that_share_schemas(mock: Callable[..., Client], tmp_path: Path) -> None:
    """Each alternative is looked into once, however many ways lead to it: here there are billions."""
    most = 60
    refs = [f"{{$ref: '#/components/schemas/T{i}'}}" for i in range(most)]
    schemas = [f"T{i}: {{anyOf: [{', '.join(refs[i + 1 :])}]}}" for i in range(most - 1)] + [
        f"T{most - 1}: {{type: integer}}"
    ]
    operation = "operationId: getY, responses: {'200': {description: d, content: {application/json: {example: 1}}}}"
    parameter = f"{{name: n, in: path, required: true, schema: {refs[0]}}}"
    added = (
        f"paths: {{'/v3/y/{{n}}': {{get: {{{operation}, parameters: [{parameter}]}}}}}}\n"
        f"components: {{schemas: {{{', '.join(schemas)}}}}}"
    )

    client = mock(contract=extended(tmp_path / "own.yaml", added))

    assert client.unchecked("GET", "/v3/y/5").status_code == 200
