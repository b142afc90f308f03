"""Reads the YAML that a user wrote: a small, safe part of the language, and every complaint with line and column.

PyYAML only cuts the text into events; the values are built here, without recursion, so that no text can run away
with the process. Words stay text (`NO`, `1:30`, `+447700900123`, `010`) unless they are plainly a number, true, false
or null.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from mock_sent.ground.complaints import Explain, Steps, complaint, short
from mock_sent.ground.errors import FileError

if TYPE_CHECKING:
    import yaml

# PyYAML goes character by character: up to here the worst text takes half a second.
MAX_BYTES = 256 << 10
MAX_DEPTH = 32
MAX_VALUES = 10_000

Place = tuple[int, int]

# Eighteen digits fit everything that counts; a longer run is rather a name than a number.
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})", re.ASCII)
_FLOAT = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,18}", re.ASCII)
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")

# What PyYAML says, and what a person needs to hear.
_PLAINLY = {
    "mapping values are not allowed here": "a ':' is not allowed here; put the text in quotes or mend the indentation",
    "found character '\\t' that cannot start any token": "a tab cannot indent YAML; use spaces",
    "found character '%' that cannot start any token": "a text that begins with % must stand in quotes",
    "found character '@' that cannot start any token": "a text that begins with @ must stand in quotes",
    "found character '`' that cannot start any token": "a text that begins with ` must stand in quotes",
    "could not find expected ':'": "a key without ':' after it; write key: value",
}


class Document:
    """A file's value, and where each part of it stands."""

    def __init__(self, value: Any, source: str, values: dict[Steps, Place], keys: dict[Steps, Place]) -> None:
        self.value, self.source = value, source
        self._values, self._keys = values, keys

    @classmethod
    def plain(cls, value: Any, source: str) -> "Document":
        """A value that came from elsewhere, such as a request: it has no lines."""
        return cls(value, source, {}, {})

    def place(self, path: Sequence[str | int], *, of_key: bool = False) -> Place:
        """Line and column, from 1, of the value (or its key) at the path, or of what stands nearest above it."""
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


def read(path: Path) -> Document:
    """The document in a file."""
    return load(read_bytes(path), str(path))


def read_bytes(path: Path) -> bytes:
    """What stands in the file, never more than the limit."""
    if not path.exists():
        raise FileError(str(path), 0, 0, "there is no such file")
    if not path.is_file():
        raise FileError(str(path), 0, 0, "this is a directory, not a file" if path.is_dir() else "this is not a file")
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise FileError(str(path), 0, 0, f"the file cannot be read: {error.strerror}") from None


def load(text: str | bytes, source: str) -> Document:
    """The document in a text; `source` is what complaints call it."""
    return _Builder(source, _decoded(text, source)).build()


def check(document: Document, schema: dict[str, Any], explain: Explain | None = None) -> None:
    """Hold the document against a JSON Schema and raise the most useful complaint.

    `explain` may give a better sentence for the value at a path; `x-hint` in the schema is the usual way.
    """
    if jsonschema_rs.is_valid(schema, document.value):
        return  # jsonschema explains better, and takes 50 ms to import: only what is wrong needs it
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


class _Open:
    """A mapping or list whose end has not come yet."""

    def __init__(self, value: Any, path: Steps) -> None:
        self.value, self.path = value, path
        self.key: str | None = None

    def next_path(self) -> Steps:
        return (*self.path, len(self.value) if self.key is None else self.key)


class _Builder:
    """Makes a document of PyYAML's events."""

    def __init__(self, source: str, text: str) -> None:
        self._source = source
        self._text = text
        self._open: list[_Open] = []
        self._root: Any = None
        self._values: dict[Steps, Place] = {}
        self._keys: dict[Steps, Place] = {}

    def build(self) -> Document:
        import yaml

        try:
            for event in self._events():
                self._take(event)
        except yaml.MarkedYAMLError as error:
            raise self._not_yaml(error) from None
        except yaml.reader.ReaderError as error:
            line, column = _place_after(self._text[: error.position])
            reason = f"the character U+{int(error.character):04X} is not allowed in YAML"
            raise FileError(self._source, line, column, reason) from None
        return Document(self._root, self._source, self._values, self._keys)

    def _events(self) -> Iterator["yaml.Event"]:
        import yaml

        loader = yaml.SafeLoader(self._text)
        while loader.check_event():
            yield loader.get_event()  # type: ignore[no-untyped-call]

    def _take(self, event: "yaml.Event") -> None:
        import yaml

        if isinstance(event, yaml.NodeEvent):
            self._refuse(event)
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin(event, {} if isinstance(event, yaml.MappingStartEvent) else [])
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
        elif isinstance(event, yaml.DocumentStartEvent) and () in self._values:
            raise self._error(event, "a second document begins here; one file holds one document")

    def _refuse(self, event: "yaml.NodeEvent") -> None:
        """What YAML can do and a plain file does not need."""
        import yaml

        if isinstance(event, yaml.AliasEvent):
            hint = f'put it in quotes if it is a text: "*{event.anchor}"'
            raise self._error(event, f"aliases (*{event.anchor}) are not allowed; {hint}")
        if event.anchor is not None:
            raise self._error(event, f"anchors (&{event.anchor}) are not allowed; write the value out where it is used")
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise self._error(event, f"tags ({tag}) are not allowed; put it in quotes if it is a text")
        if len(self._values) >= MAX_VALUES:
            raise self._error(event, f"the file holds more than {MAX_VALUES:,} values, which is the limit")

    def _scalar(self, event: "yaml.ScalarEvent") -> None:
        top = self._open[-1] if self._open else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            self._key(event, top)
        else:
            self._add(event, _resolved(event.value) if event.style is None else event.value)

    def _key(self, event: "yaml.ScalarEvent", top: _Open) -> None:
        path = (*top.path, event.value)
        if path in self._keys:
            first, _ = self._keys[path]
            raise self._error(event, f"the key {short(event.value)} stands here a second time; first in line {first}")
        self._keys[path] = self._place(event)
        top.key = event.value

    def _begin(self, event: "yaml.Event", value: Any) -> None:
        if self._open and isinstance(self._open[-1].value, dict) and self._open[-1].key is None:
            raise self._error(event, "a key must be text, not a list or mapping")
        if len(self._open) >= MAX_DEPTH:
            raise self._error(event, f"nested more than {MAX_DEPTH} deep, which is the limit")
        self._open.append(_Open(value, self._add(event, value)))

    def _add(self, event: "yaml.Event", value: Any) -> Steps:
        """Put the value where the text has it."""
        path: Steps = ()
        if not self._open:
            self._root = value
        else:
            top = self._open[-1]
            path = top.next_path()
            if top.key is None:
                top.value.append(value)
            else:
                top.value[top.key] = value
                top.key = None
        self._values[path] = self._place(event)
        return path

    def _place(self, event: "yaml.Event") -> Place:
        mark = event.start_mark
        return (mark.line + 1, mark.column + 1) if mark else (1, 1)

    def _error(self, event: "yaml.Event", reason: str) -> FileError:
        return FileError(self._source, *self._place(event), reason)

    def _not_yaml(self, error: "yaml.MarkedYAMLError") -> FileError:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        if error.context and "while scanning an alias" in error.context:
            return FileError(self._source, *place, 'a text that begins with * must stand in quotes, such as "*99"')
        problem = error.problem or "the text ends too early"
        reason = _PLAINLY.get(problem) or f"this is not YAML: {', '.join(filter(None, (error.context, problem)))}"
        return FileError(self._source, *place, reason)


def _resolved(word: str) -> Any:
    """The value of a word without quotes."""
    if word in _WORDS:
        return _WORDS[word]
    if _INTEGER.fullmatch(word):
        return int(word)
    if _FLOAT.fullmatch(word):
        return float(word)
    return word
