"""PyYAML's parser, with escapes read as JSON reads them: two halves of a surrogate pair are one character.

`json.dumps` writes an emoji as two escapes, and JSON is YAML too. PyYAML makes two halves of them, libyaml an error. A
half alone is refused, because no text with one can be written again as UTF-8.
"""

import re
from typing import Any, NoReturn

import yaml
from yaml.scanner import ScannerError

# In a text: a pair, or a half alone. In its source: the escape of a half; that, or another escape.
_HALF = re.compile("[\ud800-\udbff][\udc00-\udfff]|([\ud800-\udfff])")
_HALF_ESCAPED = re.compile(rb"\\(?:u|U0000)[dD][89a-fA-F]")
_ESCAPE = re.compile(r"\\(?:((?:u|U0000)[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL)


def loader_for(text: bytes) -> type[Any]:
    """The fastest of PyYAML's parsers that reads the text: libyaml's, unless the text may have escaped halves."""
    fast: type[Any] | None = getattr(yaml, "CSafeLoader", None)
    return WholeTextLoader if fast is None or _HALF_ESCAPED.search(text) else fast


class WholeTextLoader(yaml.SafeLoader):
    """Reads texts without half surrogate pairs."""

    def __init__(self, text: str | bytes) -> None:
        super().__init__(text if isinstance(text, str) else text.decode())

    def scan_flow_scalar(self, style: str) -> Any:
        """Scan a text in quotes. Raises `ScannerError` for an escape that stands for no character."""
        try:
            token = super().scan_flow_scalar(style)
        except (ValueError, OverflowError):  # of `chr`
            mark = self.get_mark()
            mark.column -= len("\\U")
            raise ScannerError(
                None, None, "an escape stands for no character; Unicode ends at U+10FFFF", mark
            ) from None
        if not token.value.isascii() and _HALF.search(token.value):
            _demand_whole(token)
            token.value = token.value.encode("utf-16", "surrogatepass").decode("utf-16")
        return token


def _demand_whole(token: Any) -> None:
    """Raise `ScannerError` for the first half that has no other half beside it."""
    halves = 0
    for found in _HALF.finditer(token.value):
        if found[1]:
            _refuse_half(token, halves)
        halves += 2


def _refuse_half(token: Any, number: int) -> NoReturn:
    """Raise `ScannerError` for the half with a number, counted from 0, in the text in quotes."""
    start, end = token.start_mark, token.end_mark
    source = (start.buffer or "")[start.pointer : start.pointer + end.index - start.index]
    escapes = [found for found in _ESCAPE.finditer(source) if found[1]]
    escape, offset = (escapes[number][0], escapes[number].start()) if number < len(escapes) else ("", 0)
    # A mark of the end of this text is the place of the escape: the line breaks of YAML are those of `splitlines`.
    *above, line = f"{source[:offset]}.".splitlines()
    column = len(line) - 1 + (0 if above else start.column)
    mark = yaml.Mark(start.name, start.index + offset, start.line + len(above), column, None, 0)
    problem = f"{escape or 'this text'} is half of a surrogate pair; write both halves, or the character itself"
    raise ScannerError(None, None, problem, mark)
