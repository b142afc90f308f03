"""What a client would get differently under another edition: two answers to one request, compared.

Ids, times, numbers and texts for people may differ. What counts is what a client is written against: the status, the
code, the members and their types, words such as a status, headers, and the events that a webhook gets.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import orjson

from mock_sent.journal import Exchange

# The items of a list that are looked at, and the lines and words that are told.
_MOST_ITEMS, _MOST_LINES, _MOST_WORDS = 50, 40, 6
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[_.-][A-Za-z0-9]+)*", re.ASCII)
# What looks like a word, and is drawn anew each time.
_DRAWN = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|req_.*|whsec_.*", re.ASCII)
_LONGEST_WORD = 40
# The parts of an answer that are compared by status and code, or never.
_APART = ("meta", "error")
_OF_EVERY_ANSWER = ("x-mock-", "x-request-id", "x-response-time", "content-", "x-original-request-id")
_UNKNOWN_PATH = "unknown_path"

SAME, DIFFERS, BREAKS, UNKNOWN = "same", "differs", "breaks", "unknown"


class Seen(NamedTuple):
    """What is seen of a member at one place: its types, and the words that it had."""

    types: frozenset[str]
    words: frozenset[str]


class Heard(Protocol):
    """An event of a webhook. `stage` is equal in all editions, `name` is that of one, `body` the JSON text."""

    @property
    def stage(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def body(self) -> str: ...


class Answered(NamedTuple):
    """An answer, as far as it is compared. `reply` is its JSON; `code` is empty if it is no failure."""

    status: int
    fault: str
    outcome: str
    code: str
    reply: Any
    headers: frozenset[str]

    @property
    def is_success(self) -> bool:
        return not self.fault and 200 <= self.status < 300


class Compared(NamedTuple):
    """The verdict on a request, and a line for each difference."""

    verdict: str
    lines: Sequence[str]


def answered(x: Exchange) -> Answered:
    """The answer of an exchange."""
    reply = x.reply()
    error = reply.get("error") if isinstance(reply, dict) else None
    code = str(error.get("code") or "") if isinstance(error, dict) else ""
    names = {name.decode("latin-1").lower() for name, _ in x.reply_headers}
    headers = frozenset(name for name in names if not name.startswith(_OF_EVERY_ANSWER))
    return Answered(x.status, x.fault, x.outcome, code, reply, headers)


def compare(was: Answered, now: Answered) -> Compared:
    """Compare the answers of two editions to one request."""
    lines: list[str] = []
    if was.fault or now.fault:
        if was.fault != now.fault:
            lines.append(f"connection: was {was.fault or 'kept'}, is {now.fault or 'kept'}")
    elif was.status != now.status:
        lines.append(f"status: was {was.status}, is {now.status}")
    if was.code != now.code:
        lines.append(f"error.code: was {was.code or 'none'}, is {now.code or 'none'}")
    if was.is_success != now.is_success or was.code != now.code:
        lines += _told(now)
    else:
        lines += _members(seen_in(_shown(was)), seen_in(_shown(now)))
    lines += _headers(was, now)
    if not lines:
        return Compared(SAME, ())
    broken = was.is_success and not now.is_success
    gone = now.outcome == _UNKNOWN_PATH != was.outcome
    return Compared(BREAKS if broken or gone else DIFFERS, lines[:_MOST_LINES])


def compare_events(was: Sequence[Heard], now: Sequence[Heard]) -> list[str]:
    """The differences between the events that webhooks get of one request."""
    before, after = (list(dict.fromkeys(each.name for each in heard)) for heard in (was, now))
    lines = []
    if before != after:
        lines.append(f"webhook events: were {', '.join(before) or 'none'}; are {', '.join(after) or 'none'}")
    for stage in dict.fromkeys(each.stage for each in was):
        old, new = (next((each for each in heard if each.stage == stage), None) for heard in (was, now))
        if old and new:
            parts = (seen_in(orjson.loads(each.body)) for each in (old, new))
            lines += [f"event {new.name}: {line}" for line in _members(*parts)]
    return list(dict.fromkeys(lines))[:_MOST_LINES]


def unlike(recorded: Answered, played: Answered) -> str:
    """In what a request, made again under its own edition, was answered otherwise than then; empty if in nothing."""
    if recorded.fault != played.fault:
        return f"connection: it was {recorded.fault or 'kept'}, and is {played.fault or 'kept'} now"
    if recorded.status != played.status:
        return f"status: it was {recorded.status}, and is {played.status} now"
    before, after = seen_in(_shown(recorded)), seen_in(_shown(played))
    for place, old in before.items():
        new = after.get(place)
        if new and old.words and new.words and old.words != new.words:
            return f"{place}: it was {_list(old.words)}, and is {_list(new.words)} now"
    return ""


def seen_in(value: Any) -> dict[str, Seen]:
    """The members of a JSON value by place, with their types and words: `data.recipients[].channel`."""
    types: dict[str, set[str]] = {}
    words: dict[str, set[str]] = {}
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        place, node = waiting.pop()
        types.setdefault(place, set()).add(_type(node))
        if isinstance(node, dict):
            waiting += [(f"{place}.{name}" if place else name, inner) for name, inner in node.items()]
        elif isinstance(node, list):
            waiting += [(f"{place}[]", inner) for inner in node[:_MOST_ITEMS]]
        elif isinstance(node, str) and _is_word(node):
            words.setdefault(place, set()).add(node)
    return {place: Seen(frozenset(types[place]), frozenset(words.get(place, ()))) for place in sorted(types)}


def _members(before: Mapping[str, Seen], after: Mapping[str, Seen]) -> Iterator[str]:
    for place, old in before.items():
        new = after.get(place)
        if new is None:
            if _stands_in(place, after):
                yield f"{place}: gone"
        elif old.types != new.types:
            yield f"{place}: was {_list(old.types)}, is {_list(new.types)}"
        elif old.words != new.words and old.words and new.words:
            yield f"{place}: was {_list(old.words)}, is {_list(new.words)}"
    yield from (f"{place}: added" for place in after if place not in before and _stands_in(place, before))


def _stands_in(place: str, seen: Mapping[str, Seen]) -> bool:
    """Whether the part that has the member is there: of a part that is gone or empty, its members are not told too."""
    if place.endswith("[]"):
        return False
    above = seen.get(place.rpartition(".")[0])
    return above is not None and "object" in above.types


def _told(x: Answered) -> Iterator[str]:
    """What the client is told by a refusal."""
    error = x.reply.get("error") if isinstance(x.reply, dict) else None
    details = error.get("details") if isinstance(error, dict) else None
    if isinstance(details, dict):
        yield from (f"error.details.{place}: {'; '.join(map(str, texts))}" for place, texts in details.items())
    elif isinstance(error, dict):
        yield f"error.message: {error.get('message')}"


def _headers(was: Answered, now: Answered) -> Iterator[str]:
    yield from (f"header {name}: gone" for name in sorted(was.headers - now.headers))
    yield from (f"header {name}: added" for name in sorted(now.headers - was.headers))


def _shown(x: Answered) -> Any:
    """The reply without the parts that are compared in another way."""
    reply = x.reply
    return {name: part for name, part in reply.items() if name not in _APART} if isinstance(reply, dict) else reply


def _is_word(text: str) -> bool:
    if len(text) > _LONGEST_WORD or _DRAWN.fullmatch(text):
        return False
    return _WORD.fullmatch(text) is not None


def _type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    names = {dict: "object", list: "array", str: "string", int: "number", float: "number", type(None): "null"}
    return names[type(value)]


def _list(words: frozenset[str]) -> str:
    shown = sorted(words)
    more = f" and {len(shown) - _MOST_WORDS} more" if len(shown) > _MOST_WORDS else ""
    return f"{', '.join(shown[:_MOST_WORDS])}{more}"
