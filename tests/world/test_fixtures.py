"""The fixtures: what they say, and one clear error for what is wrong with them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Client
from replies import ROOT

from mock_sent.app import create_app
from mock_sent.ground.errors import FileError, StartupError
from mock_sent.settings import Settings

TEMPLATE_ID = "7ba7b820-9dad-11d1-80b4-00c04fd430c8"
T = "{id: 7ba7b820-9dad-11d1-80b4-00c04fd430c8, name: a, body: b}"
P = "{id: 3f2504e0-4f89-41d3-9a0c-0305e82c3301, name: Retail}"


def default(content: str) -> str:
    return f"schema: 1\ndefault:\n  {content}\n"


WRONG = {
    "empty file": ("", "f.yaml:1:1: nothing is not a mapping (key: value)"),
    "a list": ("- 1\n", "f.yaml:1:1: [1] is not a mapping (key: value)"),
    "no schema": ("default: {}\n", "f.yaml:1:1: the fixtures needs the key 'schema'"),
    "another schema": ("schema: 2\n", "f.yaml:1:9: 'schema': 2 is not 1"),
    "unknown key": (
        "schema: 1\ndefalt: {}\n",
        "f.yaml:2:1: unknown key 'defalt' in the fixtures (did you mean 'default'?)",
    ),
    "unknown key inside": (
        default("blance: 5"),
        "f.yaml:3:3: unknown key 'blance' in default (did you mean 'balance'?)",
    ),
    "balance": (
        default("balance: lots"),
        "f.yaml:3:12: 'balance': 'lots' is not an amount, such as 12.5, or `unlimited`",
    ),
    "negative balance": (
        default("balance: -1"),
        "f.yaml:3:12: 'balance': -1 is too small; 0 is the least",
    ),
    "negative price": (default("price: {sms: -0.1}"), "f.yaml:3:16: 'sms': -0.1 is too small; 0 is the least"),
    "unknown channel": (
        default("price: {smss: 1}"),
        "f.yaml:3:11: unknown key 'smss' in price (did you mean 'sms'?)",
    ),
    "templates no list": (default("templates: {}"), "f.yaml:3:14: 'templates': {} is not a list"),
    "template without a name": (
        default("templates: [{id: 7ba7b820-9dad-11d1-80b4-00c04fd430c8, body: x}]"),
        "f.yaml:3:15: a template needs the key 'name'",
    ),
    "template id": (
        default("templates: [{id: 12, name: a, body: b}]"),
        "f.yaml:3:20: 'id': 12 is not a UUID, such as 7ba7b820-9dad-11d1-80b4-00c04fd430c8",
    ),
    "empty name": (
        default("templates: [{id: 7ba7b820-9dad-11d1-80b4-00c04fd430c8, name: '', body: b}]"),
        "f.yaml:3:64: 'name': '' is too short; it needs 1 character",
    ),
    "a number for a text": (
        default("templates: [{id: 7ba7b820-9dad-11d1-80b4-00c04fd430c8, name: a, body: 5}]"),
        "f.yaml:3:73: 'body': 5 is not text; put it in quotes",
    ),
    "category": (
        default("templates: [{id: 7ba7b820-9dad-11d1-80b4-00c04fd430c8, name: a, body: b, category: UTILTY}]"),
        "f.yaml:3:86: 'category': 'UTILTY' is not one of MARKETING, UTILITY, AUTHENTICATION (did you mean 'UTILITY'?)",
    ),
    "variable twice": (
        default("templates: [{id: 7ba7b820-9dad-11d1-80b4-00c04fd430c8, name: a, body: b, variables: [x, x]}]"),
        "f.yaml:3:87: 'variables': ['x', 'x'] holds something twice",
    ),
    "template id twice": (
        default(f"templates: [{T}, {T}]"),
        "the template id '7ba7b820-9dad-11d1-80b4-00c04fd430c8' stands here a second time; each may be used once",
    ),
    "template name twice": (
        default(f"templates: [{T}, {T.replace('c8', 'c9')}]"),
        "the template name 'a' stands here a second time; each may be used once",
    ),
    "profile id twice": (
        default(f"profiles: [{P}, {P.replace('-4f89', '-4F89')}]"),
        "the profile id '3f2504e0-4f89-41d3-9a0c-0305e82c3301' stands here a second time; each may be used once",
    ),
    "account twice": (
        "schema: 1\naccounts:\n  - {api_key: k}\n  - {api_key: k}\n",
        "f.yaml:4:15: the API key 'k' stands here a second time; each may be used once",
    ),
    "profile key is an account": (
        f"schema: 1\naccounts:\n  - api_key: k\n    profiles: [{P[:-1]}, api_key: k}}]\n",
        "f.yaml:4:82: the API key 'k' stands here a second time; each may be used once",
    ),
    "account is a profile's key": (
        f"schema: 1\naccounts:\n  - api_key: k\n    profiles: [{P[:-1]}, api_key: j}}]\n  - api_key: j\n",
        "f.yaml:5:14: the API key 'j' stands here a second time; each may be used once",
    ),
    "profile's key without an organization": (
        default(f"profiles: [{P[:-1]}, api_key: k}}]"),
        "f.yaml:3:80: a profile's key belongs to one organization; name the profile under its account",
    ),
    "account without a key": ("schema: 1\naccounts: [{}]\n", "f.yaml:2:12: an account needs the key 'api_key'"),
    "key is a number": (
        "schema: 1\naccounts: [{api_key: 5}]\n",
        "f.yaml:2:22: 'api_key': 5 is not text; put it in quotes",
    ),
    "key twice": (
        "schema: 1\nschema: 1\n",
        "f.yaml:2:1: the key 'schema' stands here a second time; first in line 1",
    ),
    "alias": (
        "schema: 1\ndefault: *x\n",
        'f.yaml:2:10: aliases (*x) are not allowed; put it in quotes if it is a text: "*x"',
    ),
    "anchor": (
        "schema: 1\ndefault: &x {}\n",
        "f.yaml:2:10: anchors (&x) are not allowed; write the value out where it is used",
    ),
    "tag": (
        "schema: 1\ndefault: !!python/object:os.system {}\n",
        "f.yaml:2:10: tags (tag:yaml.org,2002:python/object:os.system) are not allowed; put it in quotes if it is",
    ),
    "two documents": (
        "schema: 1\n---\nschema: 1\n",
        "f.yaml:2:1: a second document begins here; one file holds one document",
    ),
    "tab": ("schema: 1\ndefault:\n\tbalance: 1\n", "f.yaml:3:1: a tab cannot indent YAML; use spaces"),
    "open quote": ("schema: 1\ndefault: 'x\n", "f.yaml:3:1: this is not YAML: "),
    "deep": ("schema: 1\ndefault: " + "[" * 40, "f.yaml:2:41: nested more than 32 deep, which is the limit"),
}


@pytest.mark.parametrize(("text", "complaint"), WRONG.values(), ids=WRONG.keys())
def test_wrong_fixtures(tmp_path: Path, text: str, complaint: str) -> None:
    """A wrong file stops the start with one line: file, line, column, what is wrong."""
    path = tmp_path / "f.yaml"
    path.write_text(text)

    with pytest.raises(FileError) as caught:
        create_app(Settings(fixtures=str(path)))

    said = str(caught.value)
    assert complaint in said.replace(str(path), "f.yaml")
    assert said.startswith(str(path))
    assert "\n" not in said


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    """Bytes that are no text are told with their place."""
    path = tmp_path / "f.yaml"
    path.write_bytes(b"schema: 1\n# \xff\n")

    with pytest.raises(FileError, match=r"f\.yaml:2:3: this is not UTF-8 text"):
        create_app(Settings(fixtures=str(path)))


@pytest.mark.parametrize(
    "entry",
    [
        '"name": "{}", "body": "b"',
        '"name": "b", "body": "{}"',
        '"name": "b", "body": "b", "variables": ["{}"]',
        '"{}": ""',
    ],
)
def test_half_a_character(tmp_path: Path, entry: str) -> None:
    """Half a surrogate pair stops the start with line and column, in a name, a body, a variable or a key."""
    half = "\\udead"
    second = f'{{"id": "{TEMPLATE_ID}", {entry.replace("{}", half)}}}]}}}}'
    path = tmp_path / "f.yaml"
    path.write_text(f'{{"schema": 1, "default": {{"templates": [\n{second}')
    reason = rf":2:{second.index(half) + 1}: this is not YAML: \\udead is half of a surrogate pair"

    with pytest.raises(FileError, match=reason):
        create_app(Settings(fixtures=str(path)))
    with pytest.raises(FileError, match=reason):
        create_app(Settings(fixtures_inline=path.read_text()))


def test_an_escaped_emoji(mock: Callable[..., Client], tmp_path: Path) -> None:
    """Fixtures that `json.dumps` wrote have the characters that it escaped."""
    name = "\U0001f600 \U0010ffff"
    path = tmp_path / "f.json"
    path.write_text(
        json.dumps({"schema": 1, "default": {"templates": [{"id": TEMPLATE_ID, "name": name, "body": name}]}})
    )

    assert mock(fixtures=str(path)).send(template={"name": name}).json()["data"]["body"] == name


def test_files_that_are_none(tmp_path: Path) -> None:
    """A file that is not there or too large, and a directory, are told as that, with the name of the setting."""
    (large := tmp_path / "large.yaml").write_text("schema: 1\n#" + "x" * 300_000)
    with pytest.raises(StartupError, match=r"^MOCK_SENT_FIXTURES names '.*': the file is larger than 262,144 bytes"):
        create_app(Settings(fixtures=str(large)))
    with pytest.raises(StartupError, match="there is no such file"):
        create_app(Settings(fixtures=str(tmp_path / "none.yaml")))
    with pytest.raises(StartupError, match="this is a directory, not a file"):
        create_app(Settings(fixtures=str(tmp_path)))


def test_wrong_inline_fixtures() -> None:
    """A text in a variable is complained about under the variable's name."""
    with pytest.raises(FileError, match=r"^MOCK_SENT_FIXTURES_INLINE:1:9: 'schema': 3 is not 1"):
        create_app(Settings(fixtures_inline="schema: 3"))


def test_the_inline_text_wins(mock: Callable[..., Client], tmp_path: Path) -> None:
    """With both, the text is used and the file not even opened."""
    client = mock(fixtures=str(tmp_path / "none.yaml"), fixtures_inline=default(f"templates: [{T}]"))

    assert client.send(template={"name": "a"}).json()["data"]["body"] == "b"


def test_own_file(mock: Callable[..., Client], tmp_path: Path) -> None:
    """A file of the user's takes the place of the shipped one."""
    path = tmp_path / "own.yaml"
    path.write_text(default(f"templates: [{T}]"))
    client = mock(fixtures=str(path))

    assert client.send(template={"name": "a"}).status_code == 202
    assert client.send(template={"name": "welcome"}).status_code == 404


def test_accounts_take_the_rest_from_the_default(mock: Callable[..., Client]) -> None:
    """An account differs from the default only in what it names."""
    client = mock(fixtures_inline=default(f"templates: [{T}]") + "accounts: [{api_key: poor, balance: 0}]\n")
    asked = {"name": "a"}

    assert client.send(template=asked, headers={"x-api-key": "poor"}).json()["data"]["body"] == "b"


def test_no_fixtures_cost_nothing(mock: Callable[..., Client]) -> None:
    """Without a price a message is free, and without a balance it never runs out."""
    client = mock(fixtures_inline=default(f"balance: 0\n  templates: [{T}]"))

    assert client.send(template={"name": "a"}).status_code == 202


def test_words_stay_text(mock: Callable[..., Client]) -> None:
    """`NO`, `on` and `010` are texts and not false, true and 8."""
    text = "schema: 1\ndefault:\n  templates:\n    - {id: 7ba7b820-9dad-11d1-80b4-00c04fd430c8, name: NO, body: on}\n"
    client = mock(fixtures_inline=text)

    assert client.send(template={"name": "NO"}).json()["data"]["body"] == "on"


def test_the_shipped_file_is_served(client: Client) -> None:
    """The shipped templates are those of the file at the top of the repository."""
    text = (ROOT / "fixtures.yaml").read_text()

    for name in ("order_confirmation", "welcome", "verification_code"):
        assert f"name: {name}" in text
        assert client.send(template={"name": name}).status_code == 202
