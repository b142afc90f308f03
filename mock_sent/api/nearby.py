"""What a path that does not exist may have been meant to be: a served path, or one that only the vendor's API has."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from mock_sent.contract import Edition
from mock_sent.contract.paths import PathTemplate, segments_of

# By template, the methods of a path.
Served = Mapping[str, Collection[str]]


class _Known(NamedTuple):
    template: PathTemplate
    methods: Collection[str]


class Nearby:
    """Finds paths that differ from a given one by slashes, case, or the first segment.

    `served` returns the paths of this server; it is called when the first unknown path comes.
    """

    def __init__(self, edition: Edition, served: Callable[[], Served]) -> None:
        self._edition, self._served = edition, served

    def about(self, method: str, path: bytes) -> str | None:
        """A sentence about the path that may have been meant; None if there is none."""
        segments = segments_of(path)
        if absent := self._edition.about_path(method, segments):
            return absent
        empty, other = self._about_empty(method, segments), self._about_other(method, segments)
        if empty and other and "" not in segments[:-1]:
            return f"{empty}; or {other}"
        return empty or other

    @cached_property
    def _known(self) -> list[_Known]:
        absent = self._edition.known_paths
        return [_Known(PathTemplate(text), methods) for text, methods in {**absent, **self._served()}.items()]

    @cached_property
    def _first_segments(self) -> list[str]:
        """The segments with which the known paths begin, those of the edition first."""
        texts = [*self._edition.paths, *(known.template.text for known in self._known)]
        return list(dict.fromkeys(text.split("/")[1] for text in texts if text.count("/") > 1))

    def _about_empty(self, method: str, segments: Sequence[str]) -> str | None:
        """About a path whose parameter is empty, because the client has no id."""
        for template, methods in self._known:
            values = template.values(segments, allow_empty=True) or {}
            empty = [name for name, value in values.items() if not value]
            if empty and method in methods:
                return f"{{{empty[0]}}} in {method} {template.text} is empty"
        return None

    def _about_other(self, method: str, segments: Sequence[str]) -> str | None:
        for meant, of_start in self._meant(segments):
            fitting = [known for known in self._known if known.template.values(meant, any_case=True) is not None]
            if fitting:
                template, methods = min(fitting, key=lambda known: (method not in known.methods, known.template.rank))
                reasons = [*of_start, *_reasons(segments, meant, template)]
                absent = self._edition.about_path(method, segments_of(template.text.encode()))
                also = f"; {absent}" if absent else ""
                return f"did you mean {', '.join(methods)} {template.text}? {'; '.join(reasons)}{also}"
        return None

    def _meant(self, segments: Sequence[str]) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
        """Segments that may have been meant, each with what is wrong with the start of the given ones."""
        whole = [part for segment in segments for part in segment.split("/") if part]
        if not whole:
            return
        yield whole, ()
        start, rest, firsts = whole[0], whole[1:], self._first_segments
        known = {first.casefold() for first in firsts}
        for first in firsts:
            yield [first, *whole], [f"the path begins with /{first}"]
        if rest and not {start.casefold(), rest[0].casefold()}.isdisjoint(known):
            yield rest, [f"the path begins with /{rest[0][:50]}, not with /{start[:50]}/{rest[0][:50]}"]
        if start.casefold() in known:
            for first in firsts:
                yield [first, *rest], [f"the path begins with /{first}, not with /{start[:50]}"]


def _reasons(segments: Sequence[str], meant: Sequence[str], template: PathTemplate) -> Iterator[str]:
    """In what the segments differ from those that were meant, as sentences."""
    if not segments[0]:
        yield "the path begins with one slash, so that a base URL must not end with one"
    if "" in segments[1:-1]:
        yield "a part of the path is empty"
    if not segments[-1]:
        yield "the path does not end with a slash"
    if any("/" in segment for segment in segments):
        yield "an encoded slash is data and separates nothing"
    if template.values(meant) is None:
        yield "upper and lower case differ"
