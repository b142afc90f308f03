"""Bodies that are no request, by hand and by system. The same list in every run."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from conftest import PAGE_REQUEST

PAGE = json.dumps(PAGE_REQUEST, separators=(",", ":")).encode()

BY_HAND = [
    b"",
    b" ",
    b"\n\n\n",
    b"\x00",
    b"\x00" * 1_000,
    b"null",
    b"true",
    b"0",
    b"-0.0",
    b'""',
    b"[]",
    b"[[]]",
    b"{}",
    b"{ }",
    b"{{}}",
    b"{[]}",
    b"{,}",
    b"{:}",
    b'{"to"}',
    b'{"to":}',
    b'{"to":[}',
    b'{"to":[,]}',
    b'{"to":["+14155551234",]}',
    b'{"to":["+14155551234"],}',
    b'{"to":["+14155551234"] "channel":null}',
    b'{"to"="+14155551234"}',
    b'{to:["+14155551234"]}',
    b"{'to':['+14155551234']}",
    b'{"to":[+14155551234]}',
    b'{"to":[014155551234]}',
    b'{"to":[.5]}',
    b'{"to":[5.]}',
    b'{"to":[1e]}',
    b'{"to":[0x10]}',
    b'{"to":[1_000]}',
    b'{"to":[--1]}',
    b'{"to":[NaN]}',
    b'{"to":[Infinity]}',
    b'{"to":[-Infinity]}',
    b'{"to":[True]}',
    b'{"to":[None]}',
    b'{"to":[undefined]}',
    b'{"to":["\\x41"]}',
    b'{"to":["\\u12"]}',
    b'{"to":["\\"]}',
    b'{"to":["a\nb"]}',
    b'{"to":["a\tb"]}',
    b'{"to":["a\x00b"]}',
    b'{"to":["a\x1fb"]}',
    b'{"to":["\\ud800"]}',
    b'{"to":["\\udfff\\ud800"]}',
    b'{"to":["\\ud800\\u0041"]}',
    b'{"\\ud800":1}',
    b'{"to":["\xff\xfe"]}',
    b'{"to":["\xc3"]}',
    b'{"to":["\xed\xa0\x80"]}',
    b'{"to":["\xf4\x90\x80\x80"]}',
    b"\xef\xbb\xbf" + PAGE,
    PAGE.decode().encode("utf-16"),
    PAGE.decode().encode("utf-16-le"),
    PAGE.decode().encode("utf-16-be"),
    PAGE.decode().encode("utf-32"),
    PAGE + b"x",
    PAGE + PAGE,
    PAGE + b"\x00",
    PAGE + b"\n" + PAGE,
    b"x" + PAGE,
    b")]}',\n" + PAGE,
    b"// a comment\n" + PAGE,
    PAGE + b"/* a comment */",
    b"callback(" + PAGE + b")",
    b"data: " + PAGE,
    b"[" + PAGE + b"]",
    json.dumps(PAGE.decode()).encode(),
    b"to=%2B14155551234&channel=sms",
    b'--x\r\nContent-Disposition: form-data; name="to"\r\n\r\n+14155551234\r\n--x--\r\n',
    b"<to>+14155551234</to>",
    b"to: ['+14155551234']\n",
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
    b"[" * 65,
    b"[" * 1_000,
    b"[" * 100_000,
    b"[" * 100_000 + b"]" * 100_000,
    b'{"a":' * 100_000,
    b'{"a":' * 900 + b"1" + b"}" * 900,
    b'{"to":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    b'{"to":' + b"9" * 5_000 + b"}",
    b'{"to":[' + b"-" + b"9" * 100_000 + b"]}",
    b'{"to":[1e999]}',
    b'{"to":[' + b"1" * 400 + b".0]}",
    b'{"to":1.' + b"1" * 100_000 + b"}",
    b'{"to":[' + b"0," * 100_000 + b"0]}",
    b'{"to":["' + b"1" * 500_000 + b'"]}',
    b'{"' + b"k" * 500_000 + b'":1}',
    b'{"to":"' + b"\\" * 100_001 + b'"}',
    b'"' * 100_001,
    b'{"to":{"to":{"to":{"to":{}}}}}',
    b'{"__proto__":{},"constructor":{}}',
    b'{"$ref":"#/components/schemas/Uuid"}',
    b'{"to":[],"to":["+14155551234"],' + PAGE[1:],
    PAGE[:-1] + b',"sandbox":false}',
    PAGE[:-1] + b',"\\u0073andbox":true}',
    PAGE[:-1] + b',"more":{"a":1,"a":1}}',
    PAGE[:-1] + b',"more":1e400}',
    PAGE[:-1] + b',"more":18446744073709551616}',
    PAGE[:-1] + b',"more":"\\ud800"}',
]

MEMBERS: list[tuple[str | int, ...]] = [
    ("to",),
    ("to", 0),
    ("to", 1),
    ("channel",),
    ("channel", 0),
    ("channel", 1),
    ("template",),
    ("template", "id"),
    ("template", "name"),
    ("template", "parameters"),
    ("template", "parameters", "name"),
    ("sandbox",),
]
VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    2**62,
    "",
    "x",
    "\x00",
    "é\u2028",
    [],
    [None],
    [[]],
    [{}],
    {},
    {"a": None},
    {"": [1]},
]


def bodies() -> Iterator[bytes]:
    """All of them."""
    yield from BY_HAND
    yield from cut_short()
    yield from one_byte_more()
    for body in other_values():
        yield json.dumps(body).encode()


def cut_short() -> Iterator[bytes]:
    """The page's request, ended after each third byte: no beginning of an object is an object."""
    for end in range(1, len(PAGE), 3):
        yield PAGE[:end]


def one_byte_more() -> Iterator[bytes]:
    """The page's request with a byte that may stand nowhere in JSON, at each fifth place."""
    for i, at in enumerate(range(0, len(PAGE), 5)):
        yield PAGE[:at] + bytes([i % 32 if chr(i % 32) not in "\t\n\r" else 0xFF]) + PAGE[at:]
        # A tab, or the end of a line, may stand between two tokens, but not inside a text: see BY_HAND.


def other_values() -> Iterator[dict[str, Any]]:
    """The page's request with each member replaced by each value that it may not have."""
    for path in MEMBERS:
        for value in VALUES:
            if not _may_be(path, value):
                yield _replaced(path, value)


def _may_be(path: tuple[str | int, ...], value: object) -> bool:
    match path:
        case ("channel",):
            return value is None or value == []
        case ("template", "id"):
            return value is None
        case ("template", "name"):
            return value is None or isinstance(value, str)
        case ("template", "parameters"):
            return value is None or value == {}
        case ("template", "parameters", "name"):
            return isinstance(value, str)
        case ("sandbox",):
            return value is True
    return False


def _replaced(path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    body: Any = deepcopy(PAGE_REQUEST)
    at = body
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return body  # type: ignore[no-any-return]
