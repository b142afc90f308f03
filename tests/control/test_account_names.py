"""What people see of an account in place of its key: its name, or the ends of its key and its id."""

import json
from typing import Any

import pytest
from conftest import Client

KEYS = ("a", "b", "abcdefg", "xbcdefg", "first-key-0001", "other-key-0001")


def shown(client: Client) -> list[str]:
    return [each["api_key"] for each in client.get("/_mock/accounts").json()["accounts"]][::-1]


def everywhere(client: Client, key: str) -> list[Any]:
    """The label of an account in the explanation of its request, the list of requests, and the audit of all."""
    headers = {"x-api-key": key}
    listed = client.get("/_mock/requests", headers=headers).json()["requests"]
    return [
        client.get("/_mock/requests/latest", headers=headers).json()["account"],
        listed[0]["account"],
        next(a["api_key"] for a in client.get("/_mock/audit?all=true").json()["accounts"] if a["api_key"] != "none"),
    ]


def test_short_keys_can_be_told_apart(client: Client) -> None:
    """Each account has a label of its own, and no label has more of a key than its last four, or any of a short one."""
    for key in KEYS:
        client.send(headers={"x-api-key": key})

    labels = shown(client)
    assert len(set(labels)) == len(KEYS)
    ids = [each["id"] for each in client.get("/_mock/accounts").json()["accounts"]][::-1]
    ends = ["", "", "", "", "0001", "0001"]
    assert labels == [f"****{end}/{id[:6]}" for end, id in zip(ends, ids, strict=True)]
    assert all(f"account={label} " in client.log.getvalue() for label in labels)


@pytest.mark.parametrize("plane", ["/v3/messages", "/_mock/messages"])
def test_a_name(client: Client, plane: str) -> None:
    """`X-Mock-Name` names the account in every place, whichever plane it came by."""
    if plane == "/_mock/messages":
        client.get(plane, headers={"x-api-key": "abc", "x-mock-name": "orders/test_it[1]"})
        client.send(headers={"x-api-key": "abc"})
    else:
        client.send(headers={"x-api-key": "abc", "x-mock-name": "orders/test_it[1]"})

    assert shown(client) == ["orders/test_it[1]"]
    assert everywhere(client, "abc") == ["orders/test_it[1]"] * 3
    assert "account=orders/test_it[1] " in client.log.getvalue()


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("größe".encode(), "gr\\u00f6\\u00dfe"),
        (b"x" * 300, "x" * 97 + "..."),
        (b"", "****/017179"),
        (b" \t ", "****/017179"),
        ("‮\u2028".encode(), "\\u202e\\u2028"),
    ],
)
def test_odd_names(client: Client, name: bytes, label: str) -> None:
    """A name is one line of a hundred characters that a terminal prints; an empty one is none."""
    headers: Any = {b"x-api-key": b"abc", b"x-mock-name": name, b"content-type": b"application/json"}
    client.post("/v3/messages", content=json.dumps({"to": ["+14155551234"]}).encode(), headers=headers)

    (found,) = shown(client)
    assert found == label


def test_the_name_of_nobody(client: Client) -> None:
    """The account of all who give no key keeps its name, because they share it."""
    del client.headers["x-api-key"]

    client.send(headers={"x-mock-name": "mine"})

    assert shown(client) == ["anonymous"]
