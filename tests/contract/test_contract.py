"""`openapi.yaml`: valid, the page's own, obeyed at run time, and refused at start when it is broken."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import page
import pytest
import yaml
from conftest import PAGE_REQUEST, Client
from openapi_spec_validator import OpenAPIV31SpecValidator
from replies import ROOT
from starlette.testclient import TestClient

from mock_sent.app import create_app
from mock_sent.contract.tree import tree_of
from mock_sent.ground.errors import FileError, StartupError
from mock_sent.settings import Settings

TEXT = (ROOT / "openapi.yaml").read_text()
DOCUMENT: dict[str, Any] = yaml.safe_load(TEXT)
SEND: dict[str, Any] = DOCUMENT["paths"]["/v3/messages"]["post"]


def examples(response: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in response:
        response = DOCUMENT["components"]["responses"][response["$ref"].rpartition("/")[2]]
    found: dict[str, Any] = response.get("content", {}).get("application/json", {}).get("examples", {})
    return {**found, response["x-outcome"]: {"value": None}} if "x-outcome" in response else found


# What stands in it


def test_valid_openapi() -> None:
    """The file is OpenAPI 3.1 by the public validator."""
    OpenAPIV31SpecValidator(DOCUMENT).validate()


@pytest.mark.parametrize("auth", ["optional", "required"])
@pytest.mark.parametrize("auth_errors", ["empty", "envelope"])
def test_valid_as_served(mock: Callable[..., Client], auth: str, auth_errors: str) -> None:
    """What the server shows is valid under every setting that changes it."""
    served = mock(auth=auth, auth_errors=auth_errors).get("/openapi.json").json()

    OpenAPIV31SpecValidator(served).validate()
    assert ({} in served["security"]) == (auth == "optional")
    assert ("content" in served["components"]["responses"]["Unauthorized"]) == (auth_errors == "envelope")


@pytest.mark.parametrize("status", page.RESPONSES)
def test_the_pages_examples(status: str) -> None:
    """The page's seven responses stand under their status with the page's values, each as the first example."""
    name, value = page.RESPONSES[status]

    found = examples(SEND["responses"][status])
    assert next(iter(found)) == name
    assert found[name]["value"] == value
    assert "x-source" not in found[name]


def test_the_pages_request() -> None:
    """The page's request is the example of the request, and the one that the tests send."""
    media = SEND["requestBody"]["content"]["application/json"]

    assert next(iter(media["examples"].values()))["value"] == page.REQUEST == PAGE_REQUEST


@pytest.mark.parametrize("status", ["409", "413", "415", "429", "503"])
def test_what_the_page_lacks_is_marked(status: str) -> None:
    """A response that the page does not show says where it comes from."""
    response = DOCUMENT["components"]["responses"][SEND["responses"][status]["$ref"].rpartition("/")[2]]

    assert response["x-source"] in ("docs", "sdk", "inferred")
    for example in examples(response).values():
        assert example["x-source"] in ("docs", "sdk", "inferred")


def test_links() -> None:
    """A send leads to both reads by the id of its first message."""
    links = SEND["responses"]["202"]["links"].values()

    assert {link["operationId"] for link in links} == {"getMessage", "getMessageActivities"}
    assert all(link["parameters"] == {"id": "$response.body#/data/recipients/0/message_id"} for link in links)


def test_every_reply_has_the_three_headers() -> None:
    """Each response of each operation describes the headers that every reply has."""
    operations = [op for item in DOCUMENT["paths"].values() for key, op in item.items() if key != "x-resource"]
    responses = [r for op in operations for r in op["responses"].values()]
    responses += DOCUMENT["components"]["responses"].values()

    for response in responses:
        assert "$ref" in response or {"X-Request-Id", "X-API-Version", "X-Response-Time"} <= response["headers"].keys()


# It is obeyed


def with_changes(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    text = TEXT
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    path = tmp_path / "own.yaml"
    path.write_text(text)
    return path


def start(path: Path, **settings: Any) -> TestClient:
    return TestClient(create_app(Settings(contract=str(path), log="off", seed="tests", **settings)))


def test_changed_texts_change_the_answers(tmp_path: Path) -> None:
    """A text of a rule, and message and code of a failure, come from the file."""
    path = with_changes(
        tmp_path,
        ("'to' must contain at least one recipient", "who is to get it?"),
        ("Template not found", "No idea"),
        ("code: RESOURCE_002", "code: RESOURCE_902"),
        ("errors/RESOURCE_002", "errors/RESOURCE_902"),
    )
    client = start(path)

    error = client.post("/v3/messages", json={**PAGE_REQUEST, "to": []}).json()["error"]
    assert error["details"] == {"to": ["who is to get it?"]}
    error = client.post("/v3/messages", json={**PAGE_REQUEST, "template": {"name": "x"}}).json()["error"]
    assert error == {
        "code": "RESOURCE_902",
        "message": "No idea",
        "details": None,
        "doc_url": "https://docs.sent.dm/errors/RESOURCE_902",
    }


def test_changed_rules_change_the_judgement(tmp_path: Path) -> None:
    """A limit, an enumeration and a pattern come from the file."""
    path = with_changes(
        tmp_path, ("maxItems: 1000", "maxItems: 1"), ("[sms, whatsapp, rcs, sent]", "[sms, fax]"), ("{6,14}", "{2,3}")
    )
    client = start(path)

    def status(**changes: Any) -> int:
        body = {**PAGE_REQUEST, "to": ["+123"], "channel": ["sms"], **changes}
        return client.post("/v3/messages", json=body).status_code

    # `+123` is shorter than minLength allows, so the pattern alone does not let it in.
    assert status() == 400
    path.write_text(path.read_text().replace("minLength: 8", "minLength: 3"))
    client = start(path)
    assert status() == 202
    assert status(to=["+123", "+124"]) == status(channel=["whatsapp"]) == status(to=["+14155551234"]) == 400


def test_a_send_without_messages(tmp_path: Path) -> None:
    """A file that lets a send through which reaches nobody does not spoil what comes after it."""
    path = with_changes(tmp_path, ("          not: {minItems: 1, items: {const: rcs}, type: array}\n", ""))
    client = start(path, max_messages=2)

    answers = [client.post("/v3/messages", json={**PAGE_REQUEST, "channel": [c]}) for c in ("rcs", "sms", "sms", "sms")]
    assert [answer.status_code for answer in answers] == [202] * 4
    assert [len(answer.json()["data"]["recipients"]) for answer in answers] == [0, 2, 2, 2]


def test_changed_paths_and_statuses_change_the_routes(tmp_path: Path) -> None:
    """Path, method and status of a success come from the file."""
    path = with_changes(
        tmp_path,
        ("  /v3/messages:\n    post:", "  /v4/letters:\n    put:"),
        ("'202':", "'201':"),
    )
    client = start(path)

    assert client.put("/v4/letters", json=PAGE_REQUEST).status_code == 201
    assert client.post("/v4/letters", json=PAGE_REQUEST).headers["allow"] == "PUT"
    assert client.post("/v3/messages", json=PAGE_REQUEST).status_code == 404


# It is refused


def changed(*changes: tuple[str, str]) -> str:
    text = TEXT
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


# the kind -> (the broken text, what stands in the line that is named, the reason)
BROKEN: dict[str, tuple[str, str, str]] = {
    "no YAML": (changed(("openapi: 3.1.0", "openapi: [")), "  title:", "not YAML: "),
    "tab": (changed(("info:\n  title", "info:\n\ttitle")), "\ttitle", "not YAML: found character that cannot start"),
    "a list": ("- 1\n", "- 1", "not an OpenAPI document: it must be a mapping"),
    "empty": ("", "", "not an OpenAPI document: it must be a mapping"),
    "another OpenAPI": (changed(("openapi: 3.1.0", "openapi: 3.0.3")), "openapi: 3.0.3", "must be OpenAPI 3.1"),
    "no paths": (changed(("\npaths:", "\npath:")), "openapi: 3.1.0", "the contract has no paths"),
    "paths no mapping": ("openapi: 3.1.0\npaths: 5\n", "paths: 5", '5 is not of type "object"'),
    "path without a slash": (changed(("  /v3/messages:", "  v3/messages:")), "paths:", '"v3/messages" does not match'),
    "unquoted status": (changed(("'202':", "202:")), "202:", "the key 202 is no text; put it in quotes"),
    "unquoted time": (
        changed(("timestamp: '2026-03-11T21:50:50.1796606+00:00'", "timestamp: 2026-03-11T21:50:50Z")),
        "timestamp: 2026-03-11T21:50:50Z",
        "a datetime is not a value of JSON; put it in quotes if it is a text",
    ),
    "contains itself": (
        changed(("tags:\n  - {name: messages}", "tags: &t\n  - *t")),
        "tags: &t",
        "nested more than 64 levels deep",
    ),
    "no operationId": (
        changed(("      operationId: sendMessage\n", "")),
        "    post:",
        "an operation needs an operationId",
    ),
    "no responses": (changed(("      responses:\n", "      answers:\n")), "    post:", "an operation needs responses"),
    "no 2xx": (
        changed(("        '204': {", "        '304': {")),
        "      responses:",
        "an operation needs a response of the 2xx",
    ),
    "default response": (
        changed(("        '409':", "        default:")),
        "default:",
        "a response is named by its status, not by 'default'",
    ),
    "ref to nothing": (
        changed(("headers/X-Request-Id'}", "headers/X-Requested-Id'}")),
        "X-Requested-Id",
        "$ref '#/components/headers/X-Requested-Id' points at nothing",
    ),
    "ref outside": (
        changed(("'#/components/schemas/SendMessageRequest'", "'other.yaml'")),
        "other.yaml",
        "$ref 'other.yaml' must start with '#/'",
    ),
    "ref to itself": (
        changed(
            (
                "    Uuid:\n      type: string",
                "    Uuid: {$ref: '#/components/schemas/Uuid'}\n    Other:\n      type: string",
            )
        ),
        "    Uuid: {",
        "$ref '#/components/schemas/Uuid' points back at itself",
    ),
    "rule without a text": (
        changed(
            (
                "          minItems: 1\n          maxItems: 1000",
                "          uniqueItems: true\n          maxItems: 1000",
            ),
            ("  '*': {code: VALIDATION_001, text: \"'{at}' is not valid\"}\n", ""),
        ),
        "uniqueItems: true",
        "the rule 'uniqueItems' has no text; give it one in x-faults beside it",
    ),
    "text with an unknown word": (
        changed(("text: \"'{at}' must be a UUID\"", "text: \"'{where}' must be a UUID\"")),
        "maxLength: 36",
        "may name {at} and {kind} and {place} and {given} and {wanted} and {near} and no other thing",
    ),
    "text with half a brace": (
        changed(("at most {limit} bytes", "at most {limit bytes")),
        "too_large:",
        "may name {limit}",
    ),
    "fault without a code": (
        changed(("given_once: {code: VALIDATION_001, ", "given_once: {")),
        "given_once:",
        "required",
    ),
    "fault missing": (changed(("  given_once:", "  given_thrice:")), "x-faults:", "x-faults needs 'given_once'"),
    "no JSON Schema": (changed(("          type: boolean", "          type: bool")), "schema:", "not a JSON Schema"),
    "pattern": (
        changed(("pattern: '^[a-zA-Z0-9_-]+$'", "pattern: '^[a-z'")),
        "pattern: '^[a-z'",
        "the pattern '^[a-z'",
    ),
    "cookie parameter": (
        changed(("in: header\n      required", "in: cookie\n      required")),
        "IdempotencyKey'",
        "a parameter in 'cookie' is not supported",
    ),
    "path parameter of no path": (
        changed(("  /v3/messages/{id}:", "  /v3/messages/{message}:")),
        "MessageId'",
        "the path '/v3/messages/{message}' has no {id}",
    ),
    "body that is no JSON": (
        changed(
            (
                "          application/json:\n            schema: {$ref: '#/components/schemas/SendM",
                "          text/plain:\n            schema: {$ref: '#/components/schemas/SendM",
            )
        ),
        "requestBody:",
        "a request body needs a schema for application/json",
    ),
    "failure without a name": (
        changed(("      x-outcome: unauthorized\n", "")),
        "'401'",
        "a failure needs a named example, or x-outcome where it has no body",
    ),
    "example without a code": (
        changed(("                      code: BUSINESS_003\n", "")),
        "error:",
        '"code" is a required property',
    ),
    "example without an error": (
        changed(
            (
                "                    error:\n                      code: BUSINESS_003",
                "                    eror:\n                      code: BUSINESS_003",
            )
        ),
        "value:",
        '"error" is a required property',
    ),
    "no stage": (
        changed(("next: [routed, failed]", "next: [routd, failed]")),
        "accepted:",
        "there is no stage 'routd'",
    ),
    "stage of an event": (changed(("x-stage: sent", "x-stage: sold")), "x-stage: sold", "there is no stage 'sold'"),
    "stage without its event": (
        changed(("event: message.sent,", "event: message.sold,")),
        "sent: {status",
        "no webhook is described for the event 'message.sold' of this stage",
    ),
    "gate without its outcome": (
        changed(("whole: insufficient_balance", "whole: insufficient_balances")),
        "whole: insufficient_balances",
        "the contract does not describe 'insufficient_balances' (did you mean 'insufficient_balance'?)",
    ),
    "ending of no stage": (changed(("instead_of: routed", "instead_of: nowhere")), "instead_of", "'nowhere'"),
    "no verb": (changed(("getWebhook: read", "getWebhook: look")), "getWebhook: look", "has no verb 'look'"),
    "no format": (changed(("x-as: amount", "x-as: amounts")), "x-as: amounts", "there is no format 'amounts'"),
    "failure that is needed": (
        changed(("                template_not_found:", "                templat_not_found:")),
        "      responses:",
        "no response has an example named 'template_not_found'",
    ),
}


@pytest.mark.parametrize(("text", "marker", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_stops_the_start(tmp_path: Path, text: str, marker: str, reason: str) -> None:
    """File, line and reason, in one line of text."""
    path = tmp_path / "own.yaml"
    path.write_text(text)

    with pytest.raises(StartupError) as caught:
        create_app(Settings(contract=str(path)))

    said = str(caught.value)
    assert reason in said
    assert "\n" not in said
    if marker:
        assert isinstance(caught.value, FileError)
        assert said.startswith("own.yaml:")
        assert marker in text.splitlines()[caught.value.line - 1], said


@pytest.mark.parametrize(
    "text",
    [
        (ROOT / "openapi.yaml").read_text(),
        "a: [yes, No, ~, null, '', \"1\", 1, 0o7, 017, 0x1f, 1_000, 1.5, .inf, 1:30, 2026-03-11, =, on the way]",
        "yes: 1\n2: 2\n2026-03-11: 3\na: 4\na: 5\n",
        "a: &x {b: [1]}\nc: *x\nd: [*x, *x]\n",
        "&k a: 1\n*k : 2\n",
        "a: &x {b: 1}\nc: {<<: *x, d: 2}\n",
        "a: !!str 5\nb: ! 5\nc: !!set {x, y}\n",
        "? [1, 2]\n: 3\n",
        "a: &x [1, *x]\n",
        "a: |\n  b\n  c\nd: >-\n  e\n  f\n",
        "",
        "a: *x\n",
        "a: &x 1\nb: &x 2\n",
        "a: 1\n---\nb: 2\n",
        "a: [1\n",
        "a: !odd 1\n",
        "[" * 2_000 + "]" * 2_000,
    ],
    ids=lambda text: repr(text[:30]),
)
def test_a_contract_is_read_as_yaml(text: str) -> None:
    """The reader of the contract makes of any text what `yaml.load` makes of it, and fails as it fails."""
    assert _outcome(tree_of, text) == _outcome(partial(yaml.load, Loader=yaml.CSafeLoader), text)


def _outcome(read: Callable[[bytes], Any], text: str) -> str:
    try:
        return repr(read(text.encode()))
    except (yaml.YAMLError, TypeError, ValueError, RecursionError) as e:
        return repr((type(e), str(e)))


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    """A file that is not UTF-8 is refused with its name."""
    path = tmp_path / "own.yaml"
    path.write_bytes(b"openapi: '\xff'\n")

    with pytest.raises(FileError, match=r"^own\.yaml: not YAML"):
        create_app(Settings(contract=str(path)))


def test_escaped_characters(tmp_path: Path) -> None:
    """A contract that `json.dumps` wrote has the characters that it escaped; half of one has its line and column."""
    document = yaml.load((ROOT / "openapi.yaml").read_bytes(), Loader=yaml.CSafeLoader)
    document["info"]["description"] = "all \U0001f600"
    path = tmp_path / "own.json"
    path.write_text(json.dumps(document, default=str, indent=1))
    assert (
        create_app(Settings(contract=str(path))).state.accounts.open("a").edition.document["info"] == document["info"]
    )

    broken = path.read_text().replace("\\ude00", "")
    path.write_text(broken)
    line = next(i for i, text in enumerate(broken.splitlines(), 1) if "\\ud83d" in text)
    column = broken.splitlines()[line - 1].index("\\ud83d") + 1
    with pytest.raises(FileError, match=rf"^own\.json:{line}:{column}: not YAML: \\ud83d is half of a surrogate pair"):
        create_app(Settings(contract=str(path)))


def test_a_fault_beside_escaped_characters(tmp_path: Path) -> None:
    """The place of another fault is found in a text with escaped characters too."""
    path = tmp_path / "own.json"
    info = '"info": {"title": "\\ud83d\\ude00", "description": "d", "version": "v3"}'
    path.write_text(f'{{"openapi": "3.1.0", {info},\n "paths": {{"/a": 5}}}}')

    with pytest.raises(FileError, match=r"^own\.json:2:12: "):
        create_app(Settings(contract=str(path)))


@pytest.mark.parametrize(("name", "reason"), [("none.yaml", "No such file"), ("", "Is a directory")])
def test_no_file(tmp_path: Path, name: str, reason: str) -> None:
    """A file that cannot be read is refused with its path."""
    with pytest.raises(StartupError, match=f"MOCK_SENT_CONTRACT names '.*', which cannot be read: {reason}"):
        create_app(Settings(contract=str(tmp_path / name)))


def test_any_part_may_be_wrong() -> None:
    """Whatever part is replaced by nonsense: the file is either still a contract, or refused with a line."""
    from copy import deepcopy

    from mock_sent.contract.document import Document
    from mock_sent.contract.edition import edition_of
    from mock_sent.contract.shape import demand_shape

    document = Document(ROOT / "openapi.yaml")
    whole = json.loads(json.dumps(document.raw))
    refused = 0
    for i, path in enumerate(_paths(whole)):
        if i % 29:
            continue
        document.raw = deepcopy(whole)
        at: Any = document.raw
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = [5, [], {}, None, "x"][i // 29 % 5]
        document._place = lambda path: (1, 1)  # type: ignore[method-assign]
        try:
            demand_shape(document)
            edition_of(document).demand()
        except StartupError:
            refused += 1
    assert refused > 10


def _paths(node: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    found = [at] if at else []
    for key, value in inner:
        found += _paths(value, (*at, key))
    return found
