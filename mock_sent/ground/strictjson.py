"""Reads a request's JSON strictly: refuses texts that JSON parsers interpret differently, with reason and offset.

Such texts have a doubled member, half a surrogate pair or a number that is too large. RFC 8259 does not say how to read
them, so the real server may read them differently than the mock; RFC 7493 (I-JSON) forbids them.
"""

import json
import re
from collections.abc import Collection
from hashlib import blake2b
from typing import Any

import orjson

DEEPEST = 64
_LARGEST = 2**63 - 1
_UNDECIDED = -(2**40)
_WITHOUT_MEMBERS = frozenset((str, bool, type(None)))

# Looks like a number with a fraction, or with more than 53 bits; it may stand in a string.
_SPECIAL_NUMBER = re.compile(rb"[0-9][.eE]|[0-9]{16}")
_TOKEN = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*")(?P<colon>[ \t\r\n]*:)?'
    r"|(?P<open>[\[{])"
    r"|(?P<close>[\]}])"
    r"|(?P<number>-?[0-9][0-9.eE+-]*)"
    r"|(?P<constant>-?Infinity|NaN)"
    r'|(?P<unfinished>".*)',  # matches the rest of the text: searching again from each quote would be quadratic
    re.DOTALL,
)
_ESCAPES = re.compile(
    r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u([dD][89a-fA-F][0-9a-fA-F]{2})|\\."
)


class Unreadable(ValueError):
    """The bytes are not JSON that the mock accepts. The text gives reason and offset, and continues "the body ...".

    `where` continues it with line and column, for half a character, which nobody can see; it may be empty.
    """

    def __init__(self, text: str, where: str = "") -> None:
        super().__init__(text)
        self.where = where


def loads(raw: bytes) -> Any:
    """The value of a JSON text in UTF-8. Raises `Unreadable`."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return _loads_strictly(raw)
    if raw.count(b"[") + raw.count(b"{") > DEEPEST:
        return _loads_strictly(raw)
    colons = raw.count(b":")
    # Written again, a text without escapes has fewer colons only if a member was doubled.
    if b"\\" not in raw and not _SPECIAL_NUMBER.search(raw) and orjson.dumps(value).count(b":") == colons:
        return value
    return value if _members(value, 0) == colons else _loads_strictly(raw)


def is_deep(value: Any) -> bool:
    """Whether a value is nested deeper than the mock reads. `orjson` reads 1024 levels, and writes 254."""
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for each in level for inner in _inside(each)]
    return any(isinstance(each, dict | list) for each in level)


def _inside(value: Any) -> Collection[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def dumps(value: Any) -> bytes:
    """A value as JSON in bytes of their own size, because the bytes that orjson returns keep a buffer of 4 KB alive."""
    return bytes(memoryview(orjson.dumps(value)))


def fingerprint(value: Any) -> bytes:
    """A hash of the value that does not depend on the order of members."""
    return blake2b(orjson.dumps(value, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


def _members(value: Any, count: int) -> int:
    """The number of members in all objects of the value; far below zero if the strict reader must decide.

    Each member in the text has one colon, so if the text has as many colons as the value has members, no member is
    doubled. Colons inside strings cause a needless call of the strict reader. orjson reads an integer of more than 64
    bits as a float, so the strict reader checks every value with a float.
    """
    if isinstance(value, dict):
        count += len(value)
        for inner in value.values():
            if inner.__class__ not in _WITHOUT_MEMBERS:
                count = _members(inner, count)
    elif isinstance(value, list):
        for inner in value:
            if inner.__class__ not in _WITHOUT_MEMBERS:
                count = _members(inner, count)
    elif isinstance(value, float) or (isinstance(value, int) and value > _LARGEST):
        return _UNDECIDED
    return count


def _loads_strictly(raw: bytes) -> Any:
    """The same as `loads`, with the exact reason and offset of an error, but twenty times slower."""
    if raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("starts with a byte order mark, at offset 0; send plain UTF-8")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as e:
        raise Unreadable(f"is not UTF-8, at offset {e.start}") from None
    if not text.strip(" \t\r\n"):
        raise Unreadable("is empty, at offset 0; send a JSON object")
    _inspect(text)
    try:
        return json.loads(text)
    except json.JSONDecodeError as e:
        raise Unreadable(f"is not JSON: {e.msg[0].lower()}{e.msg[1:]}, at offset {e.pos}") from None


def _inspect(text: str) -> None:
    """Raise `Unreadable` for texts that the standard parser would accept, or that would exhaust its stack."""
    names: list[set[str]] = []
    for token in _TOKEN.finditer(text):
        match token.lastgroup:
            case "string" | "colon":
                _inspect_string(token["string"], token.start(), text)
                if token["colon"] and names:
                    _inspect_name(token["string"], token.start(), names[-1])
            case "open":
                names.append(set())
                if len(names) > DEEPEST:
                    raise Unreadable(f"is nested more than {DEEPEST} levels deep, at offset {token.start()}")
            case "close":
                if names:
                    names.pop()
            case "number":
                _inspect_number(token["number"], token.start())
            case "constant":
                raise Unreadable(f"holds {token[0]}, which JSON does not have, at offset {token.start()}")


def _inspect_string(quoted: str, start: int, text: str) -> None:
    if "\\u" not in quoted:
        return
    for escape in _ESCAPES.finditer(quoted):
        if escape[2]:
            at = start + escape.start()
            line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
            where = f", line {line}, column {column}"
            raise Unreadable(f"has half of a surrogate pair, at offset {at}", where)


def _inspect_name(quoted: str, start: int, names: set[str]) -> None:
    try:
        name = json.loads(quoted)
    except json.JSONDecodeError:
        return  # the standard parser reports it
    if name in names:
        raise Unreadable(f"names the member {json.dumps(name)[:80]} twice, at offset {start}")
    names.add(name)


def _inspect_number(digits: str, start: int) -> None:
    if digits.lstrip("-").isdigit():
        if len(digits) > 20 or not -_LARGEST - 1 <= int(digits) <= _LARGEST:
            raise Unreadable(f"holds an integer of more than 64 bits, at offset {start}")
        return
    try:
        too_large = float(digits) in (float("inf"), float("-inf"))
    except ValueError:
        return  # the standard parser reports it
    if too_large:
        raise Unreadable(f"holds a number that is too large, at offset {start}")
