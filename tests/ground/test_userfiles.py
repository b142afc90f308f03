"""What a user writes is read as written, and what is wrong with it is told with line and column."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_sent.ground.errors import FileError
from mock_sent.ground.userfiles import UserFile, check, load, read

SCHEMA: dict[str, Any] = {
    "title": "the pet",
    "type": "object",
    "additionalProperties": False,
    "patternProperties": {"^x-": True},
    "dependentRequired": {"tail": ["legs"]},
    "properties": {
        "legs": {"oneOf": [{"type": "integer", "minimum": 2}, {"type": "object", "required": ["front"]}]},
        "tail": {"type": ["string", "null"], "minLength": 2, "maxLength": 4},
        "food": {"type": "array", "items": {"type": "string"}, "maxItems": 2, "uniqueItems": True},
        "age": {"type": "number", "exclusiveMinimum": 0, "maximum": 30, "multipleOf": 0.5},
        "kind": {"anyOf": [{"const": "cat"}, {"enum": ["dog", "duck"]}]},
        "home": {
            "type": "object",
            "maxProperties": 1,
            "minProperties": 1,
            "additionalProperties": {"pattern": "^[a-z]+$"},
        },
        "wild": {"not": {"const": True}, "type": "boolean"},
    },
}


def said(text: str) -> str:
    with pytest.raises(FileError) as caught:
        check(load(text, "f"), SCHEMA)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("+447700900123", "+447700900123"),
        ("NO", "NO"),
        ("on", "on"),
        ("yes", "yes"),
        ("True", "True"),
        ("1:30", "1:30"),
        ("010", "010"),
        ("0x1f", "0x1f"),
        ("1_000", "1_000"),
        ("1e3", "1e3"),
        (".5", ".5"),
        (".inf", ".inf"),
        ("2026-03-11", "2026-03-11"),
        ("1234567890123456789", "1234567890123456789"),
        ("\u0661", "\u0661"),
        ("'5'", "5"),
        ("'true'", "true"),
        ("|\n  a\n  b\n", "a\nb\n"),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-7", -7),
        ("1.5", 1.5),
        ("-0.25", -0.25),
        ("[a, 1]", ["a", 1]),
        ("{1: a, true: b, null: c, <<: d}", {"1": "a", "true": "b", "null": "c", "<<": "d"}),
    ],
)
def test_values(text: str, value: Any) -> None:
    """Words are text unless they are plainly a number, true, false or null; keys are always text."""
    got = load(f"key: {text}", "f").value["key"]

    assert (got, type(got)) == (value, type(value))


@given(st.text(st.characters(codec="utf-8"), max_size=200) | st.text("{}[]:,-#&*!|>'\"%@` \n\tab", max_size=60))
def test_any_text(text: str) -> None:
    """A text is a document or a FileError, and nothing else."""
    try:
        got: UserFile | FileError = load(text, "f")
    except FileError as error:
        got = error

    assert got.source == "f"


def test_place() -> None:
    """Places are those of values, of keys if asked, and of what stands above where there is nothing."""
    document = load("a:\n  b: [1, {c: 2}]\n", "f")

    assert document.place(["a", "b", 1, "c"]) == (2, 14)
    assert document.place(["a", "b"], of_key=True) == (2, 3)
    assert document.place(["a", "b", 7, "x"]) == (2, 6)
    assert document.place(["a", "x"], of_key=True) == (2, 3)
    assert str(document.fault(["a", "b"], "no")) == "f:2:6: no"
    assert UserFile(None, "f", {}, {}).place(["a"]) == (1, 1)


def test_read(tmp_path: Path) -> None:
    """A file is read as UTF-8, with or without the mark that Windows puts before it."""
    path = tmp_path / "a.yaml"
    path.write_bytes("\ufeffname: Zoë\r\n".encode())

    assert read(path).value == {"name": "Zoë"}


def test_unreadable(tmp_path: Path) -> None:
    """What cannot be read is told: no file, a directory, something else, too large, no UTF-8."""
    path = tmp_path / "big.yaml"
    path.write_bytes(b"a" * 300_000)
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"a: b\nc: \xe9\n")

    for where, reason in (
        (tmp_path / "none.yaml", ": there is no such file"),
        (tmp_path, ": this is a directory, not a file"),
        (Path("/dev/null"), ": this is not a file"),
        (path, ": the file is larger than 262,144 bytes (256 KiB), which is the limit"),
        (latin, ":2:4: this is not UTF-8 text"),
        (tmp_path / "a\0b", ": there is no such file"),
    ):
        with pytest.raises(FileError) as caught:
            read(where)
        assert str(caught.value) == f"{where}{reason}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("lges: 4", "f:1:1: unknown key 'lges' in the pet (did you mean 'legs'?)"),
        (
            "x-any: 4\nzz: 1",
            "f:2:1: unknown key 'zz' in the pet; known are legs, tail, food, age, kind, home, wild",
        ),
        ("legs: 1", "f:1:7: 'legs': 1 is too small; 2 is the least"),
        ("legs: {back: 2}", "f:1:7: this mapping needs the key 'front'"),
        ("legs: four", "f:1:7: 'legs': 'four' is not a whole number"),
        ("tail: long", "f:1:1: 'tail' goes with 'legs' only"),
        ("{legs: 4, tail: a}", "f:1:17: 'tail': 'a' is too short; it needs 2 characters"),
        ("{legs: 4, tail: abcde}", "f:1:17: 'tail': 'abcde' is too long; at most 4 characters"),
        ("{legs: 4, tail: 5}", "f:1:17: 'tail': 5 is not text or empty; put it in quotes"),
        ("food: [a, b, c]", "f:1:7: 'food': the list has 3 items; 2 is the most"),
        ("food: [a, a]", "f:1:7: 'food': ['a', 'a'] holds something twice"),
        ("food: [a, 5]", "f:1:11: 'food': 5 is not text; put it in quotes"),
        ("age: 0", "f:1:6: 'age': 0 is too small; it must be more than 0"),
        ("age: 31", "f:1:6: 'age': 31 is too large; 30 is the most"),
        ("age: 1.2", "f:1:6: 'age': 1.2 is not a multiple of 0.5"),
        ("kind: cow", "f:1:7: 'kind': 'cow' is not one of dog, duck"),
        ("home: {a: b, c: d}", "f:1:7: 'home': the mapping has 2 keys; 1 is the most"),
        ("home: {}", "f:1:7: 'home': the mapping needs 1 key"),
        ("home: {a: B}", "f:1:11: 'a': 'B' is not written as it must be (^[a-z]+$)"),
        ("wild: true", "f:1:7: 'wild': true is not allowed here"),
        ("[{a: 1}: 2]", "f:1:2: a key must be text, not a list or mapping"),
        ("a: *", 'f:1:5: a text that begins with * must stand in quotes, such as "*99"'),
        ("- a", "f:1:1: ['a'] is not a mapping (key: value)"),
    ],
)
def test_check(text: str, reason: str) -> None:
    """What a schema refuses is told in a sentence of the house, and alternatives by the one that was meant."""
    assert said(text) == reason


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that the system keeps from us is told with the system's reason."""

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "a.yaml"
    path.touch()
    monkeypatch.setattr(Path, "open", refuse)

    with pytest.raises(FileError, match="the file cannot be read: Permission denied"):
        read(path)


def test_explain() -> None:
    """The caller can say it better for a place that it knows."""
    with pytest.raises(FileError, match="f:1:7: cats have four"):
        check(load("legs: 1", "f"), SCHEMA, lambda path, value: "cats have four" if path == ("legs",) else None)


def test_fitting() -> None:
    """A document that fits is left alone."""
    check(load("{legs: 4, tail: long, kind: dog}", "f"), SCHEMA)


def test_every_character() -> None:
    """Whatever a JSON library writes, with escapes or without, is read as it was."""
    plane = [chr(n) for n in range(0x10000) if not 0xD800 <= n < 0xE000]
    others = [chr(n) for n in range(0x10000, 0x110000, 0x101)]
    for at in range(0, len(characters := plane + others), 20_000):
        text = "".join(characters[at : at + 20_000])
        assert load(json.dumps({"a": text}), "f").value == {"a": text}
        printable = "".join(filter(str.isprintable, text))  # YAML forbids some others unless they are escaped
        assert load(json.dumps([printable], ensure_ascii=False), "f").value == [printable]
