"""Says whether a rule's `when` fits a send, fast, and why not, slowly.

A test is made once, when the scenario is compiled. `*` is the only wildcard and no pattern becomes a regular
expression, so that no scenario can slow the server down.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import eq, ge, gt, le, lt
from types import MappingProxyType
from typing import Any, NamedTuple

Glob = Callable[[str], bool]

_COMPARE: dict[str, Callable[[int, int], bool]] = {"=": eq, ">": gt, "<": lt, ">=": ge, "<=": le}


class Send(NamedTuple):
    """One send as the rules see it. Header names are in lower case; `channels` are as requested."""

    to: Sequence[str]
    channels: Sequence[str] = ("sent",)
    template_id: str | None = None
    template_name: str | None = None
    sandbox: bool = False
    headers: Mapping[str, str] = MappingProxyType({})
    idempotency_key: str | None = None
    key_seen: bool = False


class Condition(NamedTuple):
    """Whether a send fits, and what to say if it does not. `prefix` is what one recipient must begin with."""

    fits: Callable[[Send], bool]
    difference: Callable[[Send], str]
    prefix: str = ""


def compile_when(when: Mapping[str, Any] | None) -> Condition:
    """The test of a checked `when`; without one, every send fits."""
    parts = [_PARTS[key](wanted) for key, wanted in (when or {}).items()]
    if len(parts) == 1:
        return parts[0]
    prefix = max((part.prefix for part in parts), key=len, default="")
    return Condition(_both([part.fits for part in parts]), lambda send: _first_difference(parts, send), prefix)


def common_prefix(tests: Sequence[Condition]) -> str:
    """What a recipient must begin with for any of the tests to fit; empty if that says nothing."""
    return _shared([test.prefix for test in tests])


def compile_glob(patterns: str | Sequence[str]) -> Glob:
    """Whether a text fits one of the patterns."""
    each = [patterns] if isinstance(patterns, str) else list(patterns)
    exact = frozenset(pattern for pattern in each if "*" not in pattern)
    globs = [_one_glob(pattern) for pattern in each if "*" in pattern]
    if not globs:
        return exact.__contains__
    if len(each) == 1:
        return globs[0]
    return lambda text: text in exact or any(glob(text) for glob in globs)


def _one_glob(pattern: str) -> Glob:
    first, *middle, last = pattern.split("*")
    middle = [part for part in middle if part]
    if not middle and not last:
        return lambda text: text.startswith(first)
    if not middle and not first:
        return lambda text: text.endswith(last)
    return lambda text: _walk(text, first, middle, last)


def _walk(text: str, first: str, middle: list[str], last: str) -> bool:
    end = len(text) - len(last)
    if end < len(first) or not text.startswith(first) or not text.endswith(last):
        return False
    at = len(first)
    for part in middle:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _shared(texts: Sequence[str]) -> str:
    """The longest beginning that all the texts have."""
    least, most = min(texts, default=""), max(texts, default="")
    return next((least[:at] for at, letter in enumerate(least) if not most.startswith(letter, at)), least)


def _both(checks: list[Callable[[Send], bool]]) -> Callable[[Send], bool]:
    if len(checks) == 2:
        first, second = checks
        return lambda send: first(send) and second(send)
    return lambda send: all(check(send) for check in checks)


def _first_difference(parts: Sequence[Condition], send: Send) -> str:
    return next((part.difference(send) for part in parts if not part.fits(send)), "")


def _shown(patterns: str | Sequence[str]) -> str:
    return patterns if isinstance(patterns, str) else " or ".join(patterns)


def _some(values: Sequence[str]) -> str:
    return ", ".join(values[:3]) + (f" and {len(values) - 3} more" if len(values) > 3 else "")


def _to(wanted: str | Sequence[str]) -> Condition:
    glob = compile_glob(wanted)
    each = [wanted] if isinstance(wanted, str) else wanted
    return Condition(
        lambda send: any(map(glob, send.to)),
        lambda send: f"to differs ({_some(send.to)}, wanted {_shown(wanted)})",
        _shared([pattern.split("*")[0] for pattern in each]),
    )


def _channel(wanted: str | Sequence[str]) -> Condition:
    glob = compile_glob(wanted)
    return Condition(
        lambda send: any(map(glob, send.channels)),
        lambda send: f"channel differs ({_some(send.channels)}, wanted {_shown(wanted)})",
    )


def _template(wanted: str | Sequence[str]) -> Condition:
    glob = compile_glob(wanted)
    return Condition(
        lambda send: any(glob(word) for word in (send.template_name, send.template_id) if word is not None),
        lambda send: f"template differs ({send.template_name or send.template_id or 'none'}, wanted {_shown(wanted)})",
    )


def _header(wanted: Mapping[str, str | Sequence[str]]) -> Condition:
    return _all_of([_one_header(name.lower(), patterns) for name, patterns in wanted.items()])


def _all_of(parts: list[Condition]) -> Condition:
    return Condition(_both([part.fits for part in parts]), lambda send: _first_difference(parts, send))


def _one_header(name: str, wanted: str | Sequence[str]) -> Condition:
    glob = compile_glob(wanted)

    def difference(send: Send) -> str:
        has = f"{send.headers[name]!r}" if name in send.headers else "absent"
        return f"header {name} differs ({has}, wanted {_shown(wanted)})"

    return Condition(lambda send: name in send.headers and glob(send.headers[name]), difference)


def _recipients(wanted: str | int) -> Condition:
    text = str(wanted)
    sign = text.rstrip("0123456789")
    compare, count = _COMPARE[sign or "="], int(text[len(sign) :])
    return Condition(
        lambda send: compare(len(send.to), count),
        lambda send: f"recipients differ ({len(send.to)}, wanted {text})",
    )


def _sandbox(wanted: bool) -> Condition:
    word = "true" if wanted else "false"
    return Condition(lambda send: send.sandbox is wanted, lambda send: f"sandbox differs (wanted {word})")


_KEY_STATES: dict[str, Callable[[Send], bool]] = {
    "present": lambda send: send.idempotency_key is not None,
    "absent": lambda send: send.idempotency_key is None,
    "fresh": lambda send: send.idempotency_key is not None and not send.key_seen,
    "seen": lambda send: send.idempotency_key is not None and send.key_seen,
}


def _idempotency_key(wanted: str) -> Condition:
    def difference(send: Send) -> str:
        state = "absent" if send.idempotency_key is None else "seen" if send.key_seen else "fresh"
        return f"idempotency_key differs ({state}, wanted {wanted})"

    return Condition(_KEY_STATES[wanted], difference)


def _not(when: Mapping[str, Any]) -> Condition:
    inner = compile_when(when)
    keys = ", ".join(when)
    return Condition(lambda send: not inner.fits(send), lambda send: f"not: its {keys} fits")


def _any(whens: Sequence[Mapping[str, Any]]) -> Condition:
    tests = [compile_when(when) for when in whens]
    return Condition(
        lambda send: any(test.fits(send) for test in tests),
        lambda send: "any: " + "; ".join(test.difference(send) for test in tests),
        common_prefix(tests),
    )


_PARTS: dict[str, Callable[[Any], Condition]] = {
    "to": _to,
    "channel": _channel,
    "template": _template,
    "header": _header,
    "recipients": _recipients,
    "sandbox": _sandbox,
    "idempotency_key": _idempotency_key,
    "not": _not,
    "any": _any,
}
