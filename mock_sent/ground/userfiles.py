"""Reads a user's YAML file: a small, safe part of the language; every error has a line and a column.

PyYAML's own parser turns the text into events, because libyaml crashes on 50,000 brackets. A word without quotes is
text (`NO`, `1:30`, `+447700900123`, `010`), unless it is a decimal number, true, false or null.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from mock_sent.ground.complaints import Explain, complaint, short
from mock_sent.ground.errors import FileError, Place, Steps

if TYPE_CHECKING:
    import yaml

    from mock_sent.ground.yamlevents import Places

# PyYAML parses character by character: at this limit, the worst text takes half a second.
MAX_BYTES = 256 << 10
MAX_DEPTH = 32
MAX_VALUES = 10_000

# A number has at most eighteen digits. More digits are probably a name, so they stay text.
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})", re.ASCII)
_FLOAT = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,18}", re.ASCII)
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")

# PyYAML's error text -> a text that says how to fix it.
_ADVICE = {
    "mapping values are not allowed here": "a ':' is not allowed here; put the text in quotes or mend the indentation",
    "found character '\\t' that cannot start any token": "a tab cannot indent YAML; use spaces",
    "found character '%' that cannot start any token": "a text that begins with % must stand in quotes",
    "found character '@' that cannot start any token": "a text that begins with @ must stand in quotes",
    "found character '`' that cannot start any token": "a text that begins with ` must stand in quotes",
    "could not find expected ':'": "a key without ':' after it; write key: value",
}


# The parts of YAML that a user's file must not have, and the limits.
_REFUSED = {
    "alias": 'aliases (*{anchor}) are not allowed; put it in quotes if it is a text: "*{anchor}"',
    "anchor": "anchors (&{anchor}) are not allowed; write the value out where it is used",
    "tag": "tags ({tag}) are not allowed; put it in quotes if it is a text",
    "key": "a key must be text, not a list or mapping",
    "value": f"the file holds more than {MAX_VALUES:,} values, which is the limit",
    "level": f"nested more than {MAX_DEPTH} deep, which is the limit",
    "document": "a second document begins here; one file holds one document",
}


class UserFile:
    """A file's value, and the place of each part of it in the file."""

    def __init__(self, value: Any, source: str, values: Mapping[Steps, Place], keys: Mapping[Steps, Place]) -> None:
        self.value, self.source = value, source
        self._values, self._keys = values, keys

    @classmethod
    def plain(cls, value: Any, source: str) -> "UserFile":
        """A value that is from no file but, for example, from a request. It has no lines."""
        return cls(value, source, {}, {})

    def place(self, path: Sequence[str | int], *, of_key: bool = False) -> Place:
        """Line and column, from 1, of the value (or its key) at the path; if it has none, of its nearest parent."""
        steps = tuple(path)
        if of_key and steps in self._keys:
            return self._keys[steps]
        while steps and steps not in self._values:
            steps = steps[:-1]
        return self._values.get(steps, (1, 1))

    def fault(self, path: Sequence[str | int], reason: str, *, of_key: bool = False) -> FileError:
        """The error to raise about the value (or its key) at the path."""
        line, column = self.place(path, of_key=of_key)
        return FileError(self.source, line, column, reason)


def read(path: Path) -> UserFile:
    """The document in a file. Raises `FileError`."""
    return load(read_bytes(path), str(path))


def read_bytes(path: Path) -> bytes:
    """The content of a file; of one that is too large, one byte more than the limit. Raises `FileError`."""
    if not path.exists():
        raise FileError(str(path), 0, 0, "there is no such file")
    if not path.is_file():
        raise FileError(str(path), 0, 0, "this is a directory, not a file" if path.is_dir() else "this is not a file")
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise FileError(str(path), 0, 0, f"the file cannot be read: {error.strerror}") from None


def load(text: str | bytes, source: str) -> UserFile:
    """The document in a text. Errors name it by `source`. Raises `FileError`."""
    import yaml

    from mock_sent.ground.yamlevents import Places, place_of, value_of
    from mock_sent.ground.yamlloader import WholeTextLoader

    decoded, places = _decoded(text, source), Places()
    try:
        value = value_of(WholeTextLoader(decoded).get_event, _SafeDialect(source, places, place_of), places)
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(source, error) from None
    except yaml.reader.ReaderError as error:
        reason = f"the character U+{int(error.character):04X} is not allowed in YAML"
        raise FileError(source, *_place_after(decoded[: error.position]), reason) from None
    return UserFile(value, source, places.values, places.keys)


def check(document: UserFile, schema: dict[str, Any], explain: Explain | None = None) -> None:
    """Validate the document against a JSON Schema. Raises `FileError` with the most useful of its errors.

    The schema's `x-hint` is the usual way to give an error a better sentence; `explain` may give one for a path.
    """
    if jsonschema_rs.is_valid(schema, document.value):
        return  # jsonschema gives better errors but takes 50 ms to import, so only an invalid document imports it
    found = complaint(document, schema, explain)
    if found:
        raise document.fault(found.path, found.reason, of_key=found.of_key)


def _decoded(text: str | bytes, source: str) -> str:
    if len(text) > MAX_BYTES:
        raise FileError(source, 0, 0, f"the file is larger than {MAX_BYTES:,} bytes (256 KiB), which is the limit")
    if isinstance(text, str):
        return text
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _place_after(text[: error.start].decode("utf-8", "replace"))
        raise FileError(source, line, column, "this is not UTF-8 text") from None


def _place_after(text: str) -> Place:
    breaks = list(_BREAK.finditer(text))
    return len(breaks) + 1, len(text) - (breaks[-1].end() if breaks else 0) + 1


def _not_yaml(source: str, error: "yaml.MarkedYAMLError") -> FileError:
    mark = error.problem_mark or error.context_mark
    place = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    if error.context and "while scanning an alias" in error.context:
        return FileError(source, *place, 'a text that begins with * must stand in quotes, such as "*99"')
    problem = error.problem or "the text ends too early"
    reason = _ADVICE.get(problem) or f"this is not YAML: {', '.join(filter(None, (error.context, problem)))}"
    return FileError(source, *place, reason)


class _SafeDialect:
    """The rules for a user's file: no anchors, no tags, keys are unique texts, and size and depth are limited."""

    most_values, most_depth = MAX_VALUES, MAX_DEPTH

    def __init__(self, source: str, places: "Places", place_of: "Callable[[yaml.Event], Place]") -> None:
        self._source, self._places, self._place = source, places, place_of
        self.word: Callable[[str], Any] = _resolved

    def key(self, event: Any, path: Steps) -> str:
        key: str = event.value
        at = (*path, key)
        if at in self._places.keys:
            first, _ = self._places.keys[at]
            raise self._error(event, f"the key {short(key)} stands here a second time; first in line {first}")
        self._places.keys[at] = self._place(event)
        return key

    def name(self, anchor: str, value: Any, path: Steps) -> None:
        """Never called: anchors are refused, and so are aliases."""

    def alias(self, event: Any, path: Steps) -> None:
        """Never called."""

    def demand_allowed(self, event: Any, what: str) -> None:
        words = {name: getattr(event, name, "") for name in ("anchor", "tag")}
        raise self._error(event, _REFUSED[what].format(**words))

    def _error(self, event: Any, reason: str) -> FileError:
        return FileError(self._source, *self._place(event), reason)


def _resolved(word: str) -> Any:
    """The value of a word without quotes."""
    if word in _WORDS:
        return _WORDS[word]
    if _INTEGER.fullmatch(word):
        return int(word)
    if _FLOAT.fullmatch(word):
        return float(word)
    return word
