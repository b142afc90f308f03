"""Header fields by the grammar of RFC 9110: fields in several lines, lists, parameters, media types."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

# What becomes of a field that is given in several lines. Every header that the mock reads is in this table:
#
#   x-api-key, x-profile-id, Idempotency-Key, Content-Type   400; the first line counts for the account and the journal
#   another parameter of the operation that is no array      400; it has one value, as the contract says
#   a parameter that is an array                             one list
#   Prefer, X-Mock-Scenario, Accept, Content-Encoding        one list
#   Origin, Sec-Fetch-Site, x-mock-token                     one list, which fits nothing: 403, 403, 401
#   Cookie (shown in the journal)                            one list, joined with `; ` (RFC 6265)
#   any other, such as X-Forwarded-For or User-Agent, which  one list
#   `header` of a pattern can ask for
#   Host, Content-Length, Connection, Transfer-Encoding      the wire's
FIRST_LINE_COUNTS = frozenset({"x-api-key", "x-profile-id", "idempotency-key", "content-type"})
_SEPARATORS = {"cookie": "; "}

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
_QUOTED = r'"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\U0010ffff]|\\[\t \x21-\x7e\x80-\U0010ffff])*+"'
_MEDIA_TYPE = re.compile(rf"[ \t]*+({_TOKEN}/{_TOKEN})")
# One `;` of a media type, with a parameter or without one (RFC 9110, 5.6.6).
_PARAMETER = re.compile(rf"[ \t]*+;[ \t]*+(?:({_TOKEN})=({_TOKEN}|{_QUOTED}))?")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
# The parts between separators. A quoted text that does not end goes on to the end.
_PARTS = {
    separator: re.compile(rf'(?:^|{separator})((?:"(?:\\.|[^"\\])*+(?:"|\\?\Z)|[^"{separator}])*+)', re.DOTALL)
    for separator in (",", ";")
}
_ZERO = re.compile(r"q=0(\.0*)?", re.IGNORECASE)


def joined(lines: Sequence[tuple[str, str]]) -> tuple[dict[str, str], dict[str, str]]:
    """The values of header fields by name, those of several lines as one list (RFC 9110, 5.3).

    The second value has the first line of each field that has several.
    """
    values: dict[str, str] = {}
    first: dict[str, str] = {}
    for name, value in lines:
        if name not in values:
            values[name] = value
            continue
        first.setdefault(name, values[name])
        if name not in FIRST_LINE_COUNTS:
            values[name] += _SEPARATORS.get(name, ", ") + value
    return values, first


def parts_of(text: str, separator: str) -> list[str]:
    """The parts of a text between `,` or `;`, without the white space around them. A quoted separator is data."""
    parts: list[str] = _PARTS[separator].findall(text) if '"' in text else text.split(separator)
    return [part.strip(" \t") for part in parts]


def unquoted(text: str) -> str:
    """The value of a token or a quoted string."""
    is_quoted = len(text) > 1 and text[0] == text[-1] == '"'
    return _ESCAPE.sub(r"\1", text[1:-1]) if is_quoted else text


class MediaType(NamedTuple):
    """A media type, such as `application/json`, in lower case, with its parameters; their names are in lower case."""

    name: str
    parameters: Sequence[tuple[str, str]]

    @property
    def is_utf8(self) -> bool:
        """Whether each `charset`, if there is one, is UTF-8."""
        return all(value.lower() in ("utf-8", "utf8") for name, value in self.parameters if name == "charset")


def media_type_of(text: str) -> MediaType | None:
    """The media type in a `Content-Type`; None if it is malformed."""
    found = _MEDIA_TYPE.match(text)
    if found is None:
        return None
    name, parameters = found[1].lower(), []
    text = text.rstrip(" \t")
    at = found.end()
    while at < len(text):
        found = _PARAMETER.match(text, at)
        if found is None:
            return None
        if found[1]:
            parameters.append((found[1].lower(), unquoted(found[2])))
        at = found.end()
    return MediaType(name, parameters)


def names_media_type(accept: str, wanted: str) -> bool:
    """Whether an `Accept` names the media type itself, without refusing it by `q=0`."""
    for element in parts_of(accept, ","):
        name, *parameters = parts_of(element, ";")
        if name.lower() == wanted and not any(_ZERO.fullmatch(each) for each in parameters):
            return True
    return False


def is_coded(headers: Mapping[str, str]) -> bool:
    """Whether `Content-Encoding` names a coding, such as gzip. `identity` is none."""
    return any(name.lower() not in ("", "identity") for name in parts_of(headers.get("content-encoding", ""), ","))
