"""Texts of all Unicode: what is kept can be read and written again, and half a character is refused where it stands."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from conftest import PAGE_REQUEST, Client, Live
from control_replies import ControlReplies
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from receiver import Receiver, answer
from replies import Replies

from mock_sent.accounts import AccountState
from mock_sent.ground.plain import dump, load
from mock_sent.settings import Settings

ID = "7ba7b820-9dad-11d1-80b4-00c04fd430c8"
KEY = "test-key-of-this-test"
TO = "+14155551234"
YAML = {"content-type": "application/yaml"}
# Texts of the families that break lines, columns, headers, XML, or a writer.
ODD = (
    "\x00", "\x07\x1b[31m", "\x7f\x80\x85\x9f", "a\rb", "\r\n", "\u2028\u2029", "\ufeff\ufffe\uffff", "\u202e\u2066",
    "\U0001f600\U0010ffff", "e\u0301\u200d", "{{x}}", "]]>&<\"'\\", "x" * 190,
)  # fmt: skip
# Each shows something of what an account keeps.
PLACES = (
    "/v3/webhooks", "/_mock/accounts", "/_mock/templates", "/_mock/scenario", "/_mock/scenarios", "/_mock/requests",
    "/_mock/requests/latest", "/_mock/messages", "/_mock/webhooks/deliveries", "/_mock/audit", "/_mock/audit?all=true",
)  # fmt: skip

texts = st.text(min_size=1, max_size=60)


def scenario(about: str = "a", **when: Any) -> bytes:
    """A scenario as a client's JSON library writes it, which is YAML too."""
    rule = {"when": when or {"to": "+1*"}, "then": "accept"}
    reason = {"then": {"fail_at": "sent", "reason": about}}
    return json.dumps({"schema": 1, "name": "odd", "about": about, "send": [rule], "deliver": [reason]}).encode()


def template(text: str) -> dict[str, Any]:
    parts = dict.fromkeys(("name", "body", "header", "footer"), text)
    return {"id": ID, **parts, "sendable": True, "variables": [text]}


def sent(text: str, parameters: Mapping[str, str] | None = None, **more: Any) -> dict[str, Any]:
    return {**PAGE_REQUEST, "to": [TO], "template": {"name": text, "parameters": parameters or {}}, **more}


def write_everywhere(client: Client, text: str) -> list[int]:
    """Put a text wherever a user may write one. Returns the statuses, which are never a bug's."""
    header = {"x-odd": text.encode().replace(b"\n", b" ").replace(b"\r", b" ").replace(b"\0", b" ")}
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("PUT", "/_mock/templates", {"json": [template(text)]}),
        ("PUT", "/_mock/scenario", {"content": scenario(text, template=text, header={text: text}), "headers": YAML}),
        ("PUT", "/_mock/scenario", {"json": {"name": text}}),
        ("POST", "/v3/webhooks", {"json": webhook(text)}),
        ("POST", "/v3/messages", {"json": sent(text, {text: text}), "headers": header}),
        ("POST", "/v3/messages", {"json": sent("unknown" + text, {text: text})}),
        ("POST", "/v3/messages", {"json": {**sent(text), text: text, "channel": [text]}}),
        ("POST", "/v3/messages", {"json": sent(text), "headers": {"idempotency-key": text.encode(), **header}}),
        ("POST", "/v3/messages", {"json": sent(text), "headers": {"x-mock-scenario": text.encode()}}),
        ("POST", "/v3/messages", {"json": sent(text), "headers": {"prefer": b"example=" + text.encode()}}),
        ("GET", f"/v3/messages/{quote(text, safe='')}", {}),
        ("GET", f"/_mock/requests?path={quote(text)}", {}),
        ("GET", f"/_mock/messages?text={quote(text)}&template={quote(text)}", {}),
        ("POST", "/_mock/verify", {"json": {"text": text, "template": [text], "header": {text: text}}}),
        ("GET", f"/_mock/audit?fail_on={quote(text)}", {}),
        ("POST", "/_mock/clock", {"json": {text: text}}),
    ]  # fmt: skip
    return [client.request(method, path, **options).status_code for method, path, options in calls]


def webhook(text: str) -> dict[str, Any]:
    return {"display_name": text, "endpoint_url": "http://127.0.0.1:9/x", "event_types": ["messages"]}


def read_everything(client: httpx2.Client) -> dict[str, Any]:
    """What every place of the account shows; each must answer."""
    shown = {}
    for place in PLACES:
        response = client.get(place)
        assert response.status_code == 200, (place, response.text)
        shown[place] = response.json()
    return shown


def assert_plain(client: Client) -> None:
    """The account's state can be written as JSON and read again."""
    state = client.app_.state.accounts.open(KEY).state
    written = json.dumps(dump(state), ensure_ascii=False).encode()
    assert dump(load(AccountState, json.loads(written))) == json.loads(written)


@pytest.fixture(scope="module")
def kept(replies: Replies, control_replies: ControlReplies) -> Iterator[Client]:
    """A client of one mock for all examples of a property."""
    with Client(replies, Settings(seed="tests", webhook_allow=("any",)), control_replies) as client:
        yield client


@settings(max_examples=40, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts)
def test_every_text_that_is_kept_can_be_written_again(kept: Client, text: str) -> None:
    """Wherever a text of Unicode is written, the answer is no bug, and everything can be read and stored afterwards."""
    kept.post("/_mock/reset", json={})

    assert max(write_everywhere(kept, text)) < 500
    shown = read_everything(kept)
    assert_plain(kept)

    (found,) = [t for t in shown["/_mock/templates"]["templates"] if t["id"] == ID]
    assert found == {"category": found["category"], **template(text)}
    assert shown["/_mock/scenario"]["scenario"]["about"] == text
    assert text in {w["display_name"] for w in shown["/v3/webhooks"]["data"]["webhooks"]}
    assert {line.isascii() and line.isprintable() for line in kept.log.getvalue().split("\n")} == {True}


for odd in ODD:
    test_every_text_that_is_kept_can_be_written_again = example(odd)(test_every_text_that_is_kept_can_be_written_again)


def test_every_character_is_kept(client: Client) -> None:
    """All of Unicode, as value of a parameter: the answer, the message, the journal and the state have it as it was."""
    everything = [chr(n) for n in range(0x110000) if not 0xD800 <= n < 0xE000]
    client.put("/_mock/templates", json=[{"id": ID, "name": "all", "body": "{{x}}"}])
    for at in range(0, len(everything), 60_000):
        text = "".join(everything[at : at + 60_000])
        data = client.send(sent("all", {"x": text})).json()["data"]
        id = data["recipients"][0]["message_id"]

        assert data["body"] == text
        assert client.get(f"/v3/messages/{id}").json()["data"]["message_body"]["content"] == text
        assert client.get(f"/_mock/messages?id={id}").json()["messages"][0]["text"] == text
        found = client.get(
            f"/_mock/requests/{client.get('/_mock/requests?method=POST').json()['requests'][0]['request_id']}"
        ).json()
        assert found["request"]["body"]["template"]["parameters"]["x"] == text
    assert_plain(client)


@pytest.mark.parametrize("text", ODD)
def test_odd_texts_are_delivered(live: Callable[..., Live], receiver: Receiver, text: str) -> None:
    """A webhook carries the text as JSON, and what the receiver answers is shown whatever bytes it has."""
    receiver.behave = lambda _: answer(500, text.encode() + b"\xff\xed\xa0\x80")
    client = live(webhook_url=receiver.url)
    client.put("/_mock/templates", json=[{"id": ID, "name": text, "body": text}])

    client.post("/v3/messages", json=sent(text), headers={"idempotency-key": "k"})
    client.post("/_mock/clock", json={"advance": "1s"})

    shown = read_everything(client)
    assert (
        text.encode()[:20].decode("utf-8", "replace") in shown["/_mock/webhooks/deliveries"]["deliveries"][0]["answer"]
    )


HALVES = ("\\ud800", "\\udfff", "x\\uD83D", "\\ude00\\ud83d", "\\ud83d \\ude00", "\\ud83d\\ud83d\\ude00")
# Where a user writes YAML: {} is the text with a half, in quotes.
IN_YAML = (
    '{{"schema": 1, "name": "a",\n "about": "{}"}}',
    '{{"schema": 1, "name": "a",\n "{}": 1}}',
    'schema: 1\nname: "{}"\n',
    'schema: 1\nsend: [{{when: {{header: {{"{}": "*"}}}}, then: accept}}]\n',
    'schema: 1\nsend:\n  - when: {{template: ["a", "{}"]}}\n    then: accept\n',
    'schema: 1\ndeliver: [{{then: {{fail_at: SENT, reason: "{}"}}}}]\n',
)
# Where a user writes JSON: method, path, body.
IN_JSON = (
    ("PUT", "/_mock/templates", '[{{"id": "' + ID + '",\n "name": "{}", "body": "b"}}]'),
    ("PUT", "/_mock/templates", '[{{"id": "' + ID + '", "name": "b",\n\n "body": "{}"}}]'),
    ("PUT", "/_mock/templates", '[{{"id": "' + ID + '", "name": "b", "body": "b",\n"variables": ["{}"]}}]'),
    ("PUT", "/_mock/balance", '{{"balance":\n "{}"}}'),
    ("PUT", "/_mock/scenario", '{{"name":\n "{}"}}'),
    ("POST", "/_mock/verify", '{{"of": "messages",\n "{}": 1}}'),
    ("POST", "/_mock/clock", '{{\n"advance": "{}"}}'),
    ("POST", "/v3/webhooks", '{{"display_name":\n "{}"}}'),
    ("POST", "/v3/messages", '{{"to": ["+14155551234"],\n "template": {{"name": "{}"}}}}'),
    ("POST", "/v3/messages", '{{"to": ["+14155551234"],\n "{}": "x"}}'),
)


def place_in(text: str, half: str) -> tuple[int, int]:
    """Line and column of the first half that stands alone."""
    lonely = {"x\\uD83D": 1, "\\ud83d\\ud83d\\ude00": 0}.get(half, 0)
    at = text.index(half) + lonely
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("form", IN_YAML, ids=range(len(IN_YAML)))
def test_half_a_character_in_yaml(client: Client, form: str, half: str) -> None:
    """It is refused with line and column, nothing is kept, and whatever is asked afterwards is answered."""
    text = form.format(half)
    line, column = place_in(text, half)

    response = client.put("/_mock/scenario", content=text.encode(), headers=YAML)

    assert response.status_code == 400
    assert response.json()["error"].startswith(f"the scenario:{line}:{column}: this is not YAML: \\u")
    assert "is half of a surrogate pair; write both halves, or the character itself" in response.json()["error"]
    assert read_everything(client)["/_mock/scenario"]["scenario"] is None


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize(("method", "path", "form"), IN_JSON, ids=range(len(IN_JSON)))
def test_half_a_character_in_json(client: Client, method: str, path: str, form: str, half: str) -> None:
    """It is refused with its place, and whatever is asked afterwards is answered; the API's own body has an offset."""
    text = form.format(half)
    line, column = place_in(text, half)

    response = client.request(method, path, content=text.encode(), headers={"content-type": "application/json"})

    assert response.status_code == 400
    assert f"has half of a surrogate pair, at offset {text.index(half) + half.startswith('x')}" in response.text
    assert (f", line {line}, column {column}" in response.text) == path.startswith("/_mock")
    read_everything(client)


@pytest.mark.parametrize("text", ["\U0001f600", "\U0010ffff \U00010000", "\\U0001f600", "\\ud83d"])
@pytest.mark.parametrize("ascii", [True, False])
def test_json_is_yaml(client: Client, text: str, ascii: bool) -> None:
    """A scenario that `json.dumps` wrote means the same, with the escapes of an emoji, or the characters of one."""
    content = json.dumps({"schema": 1, "name": "a", "about": text}, ensure_ascii=ascii)

    response = client.put("/_mock/scenario", content=content.encode(), headers=YAML)

    assert response.json()["scenario"]["about"] == text


def test_escapes_that_are_no_half(client: Client) -> None:
    """Without quotes, in single quotes, or after a backslash, an escape is text."""
    templates = "[\\ud800, '\\ud800', \"\\\\ud800\"]"
    text = f"schema: 1\nname: a\nabout: \\ud800 '\\udfff' \"\nsend: [{{when: {{template: {templates}}}, then: accept}}]"

    assert client.put("/_mock/scenario", content=text.encode(), headers=YAML).status_code == 200


@pytest.mark.parametrize("escape", ["\\U00110000", "\\UFFFFFFFF"])
def test_an_escape_beyond_unicode(client: Client, escape: str) -> None:
    """An escape that stands for no character is refused where it stands."""
    text = f'schema: 1\nname: a\nabout: "x{escape}"'

    response = client.put("/_mock/scenario", content=text.encode(), headers=YAML)

    assert response.json()["error"].startswith("the scenario:3:10: this is not YAML: an escape stands for no character")
