"""Reading a request's JSON: what JSON parsers quietly let through is refused here, with the reason and the place.

A reader that accepts a doubled member, half a surrogate pair or a number that it cannot hold has decided something in
the client's place; the real server might decide otherwise. RFC 8259 leaves these open; RFC 7493 (I-JSON) forbids them.
"""

import json
import re
from hashlib import blake2b
from typing import Any

import orjson

DEEPEST = 64
_LARGEST = 2**63 - 1
_CANNOT_TELL = -(2**40)
_WITHOUT_MEMBERS = frozenset((str, bool, type(None)))

_TOKEN = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*")(?P<colon>[ \t\r\n]*:)?'
    r"|(?P<open>[\[{])"
    r"|(?P<close>[\]}])"
    r"|(?P<number>-?[0-9][0-9.eE+-]*)"
    r"|(?P<constant>-?Infinity|NaN)"
    r'|(?P<unfinished>".*)',  # swallowed whole: to look for the end again from each quote would be quadratic
    re.DOTALL,
)
_ESCAPES = re.compile(
    r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u([dD][89a-fA-F][0-9a-fA-F]{2})|\\."
)


class Unreadable(ValueError):
    """The bytes are not JSON that we take. The text goes on after "the body ...": why, and at which character."""


def loads(raw: bytes) -> Any:
    """The value of a JSON text in UTF-8. Raises `Unreadable`."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return _slowly(raw)
    if raw.count(b"[") + raw.count(b"{") > DEEPEST or _members(value, 0) != raw.count(b":"):
        return _slowly(raw)
    return value


def dumps(value: Any) -> bytes:
    """A value as JSON, to be kept: orjson's own bytes hold on to its buffer of four kilobytes."""
    return bytes(memoryview(orjson.dumps(value)))


def fingerprint(value: Any) -> bytes:
    """Equal for equal values, whatever the order of members."""
    return blake2b(orjson.dumps(value, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


def _members(value: Any, count: int) -> int:
    """How many members all objects of the value have; far below zero where only the slow reader can tell.

    Every member of the text has one colon of its own, so a text with as many colons as the value has members hides
    no doubled member. Colons inside strings only send us to the slow reader for nothing. orjson turns an integer that
    it cannot hold into a float: every float goes the slow way.
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
        return _CANNOT_TELL
    return count


def _slowly(raw: bytes) -> Any:
    """The same, exact about what is wrong and where, at a twentieth of the speed."""
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
    """Raise `Unreadable` for what the standard parser would take, or would die of."""
    names: list[set[str]] = []
    for token in _TOKEN.finditer(text):
        match token.lastgroup:
            case "string" | "colon":
                _inspect_string(token["string"], token.start())
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


def _inspect_string(quoted: str, start: int) -> None:
    if "\\u" not in quoted:
        return
    for escape in _ESCAPES.finditer(quoted):
        if escape[2]:
            raise Unreadable(f"has half of a surrogate pair, at offset {start + escape.start()}")


def _inspect_name(quoted: str, start: int, names: set[str]) -> None:
    try:
        name = json.loads(quoted)
    except json.JSONDecodeError:
        return  # the parser will say so
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
        return  # the parser will say so
    if too_large:
        raise Unreadable(f"holds a number that is too large, at offset {start}")
