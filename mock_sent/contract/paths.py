"""Paths by RFC 3986: split into segments first, and decoded afterwards, so that encoded data is no structure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar
from urllib.parse import unquote_to_bytes

_Found = TypeVar("_Found")
_PARAMETER = re.compile(r"\{([^{}]*)\}")


def segments_of(path: bytes) -> list[str]:
    """The decoded segments of a path: `/v3/messages/a%2Fb` has `v3`, `messages` and `a/b`.

    An escape that is none, such as `%zz`, stays as it is. Bytes that are not UTF-8 become U+FFFD.
    """
    return [unquote_to_bytes(segment).decode("utf-8", "replace") for segment in path.split(b"/")[1:]]


class PathTemplate:
    """A path of a document, such as `/v3/messages/{id}`. A parameter is a segment, or a part of one: `{id}.json`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._segments = [_Segment(each) for each in text.split("/")[1:]]

    @property
    def rank(self) -> tuple[bool, ...]:
        """Orders templates that fit the same path: what is written out comes before a parameter."""
        return tuple(bool(each.names) for each in self._segments)

    def values(
        self, segments: Sequence[str], *, any_case: bool = False, allow_empty: bool = False
    ) -> dict[str, str] | None:
        """The values of the parameters in the segments of a path; None if the path does not fit.

        `any_case` ignores upper and lower case; with `allow_empty` a segment that is a parameter may be empty.
        """
        if len(segments) != len(self._segments):
            return None
        found: dict[str, str] = {}
        for wanted, given in zip(self._segments, segments, strict=True):
            values = wanted.values(given, any_case, allow_empty)
            if values is None:
                return None
            found.update(values)
        return found


class _Segment:
    """One segment of a template, with the names of the parameters in it."""

    def __init__(self, text: str) -> None:
        literals = _PARAMETER.split(text)[::2]
        self.names: list[str] = _PARAMETER.findall(text)
        self._text = text
        self._pattern = re.compile("(.+)".join(map(re.escape, literals)), re.DOTALL)

    def values(self, given: str, any_case: bool, allow_empty: bool) -> Mapping[str, str] | None:
        if not self.names:
            is_same = given == self._text or (any_case and given.casefold() == self._text.casefold())
            return {} if is_same else None
        if not given and allow_empty:
            return dict.fromkeys(self.names, "")
        found = self._pattern.fullmatch(given)
        return dict(zip(self.names, found.groups(), strict=True)) if found else None


class Paths(Generic[_Found]):
    """Things by the template of their path."""

    def __init__(self, by_template: Mapping[str, _Found]) -> None:
        self._by_length: dict[int, list[tuple[PathTemplate, _Found]]] = {}
        templates = [(PathTemplate(text), thing) for text, thing in by_template.items()]
        for template, thing in sorted(templates, key=lambda pair: pair[0].rank):
            self._by_length.setdefault(len(template.rank), []).append((template, thing))

    def find(self, segments: Sequence[str]) -> tuple[_Found, Mapping[str, str]] | None:
        """The thing whose template fits the segments of a path, and the values of the template's parameters."""
        for template, thing in self._by_length.get(len(segments), ()):
            values = template.values(segments)
            if values is not None:
                return thing, values
        return None


def of_method(by_method: Mapping[str, Any], method: str) -> Any:
    """What there is for a method: HEAD is answered as GET, without the body. None if there is nothing."""
    return by_method.get(method) or (by_method.get("GET") if method == "HEAD" else None)
