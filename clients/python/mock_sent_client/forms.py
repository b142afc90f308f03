"""Reading a server's JSON: strictly, and in the form that the caller needs."""

import json
import re
from typing import Any

# A type, a pattern of a text, a range of whole numbers, a tuple of alternatives, a list of one form for all its
# items, or an object of forms, which may have further members.
Form = Any

_TEXT_OR_NULL = (str, type(None))
_MOST_DIGITS = 1_000
_COUNT = range(2**53)
_RESULT = re.compile("ok|failed|unknown")
_NAMES: dict[Any, str] = {
    str: "a text",
    int: "a number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "an object",
    type(None): "null",
}

ANYTHING: Form = (str, float, bool, list, dict, type(None))
HEALTH: Form = {"status": str, "version": str}
READY: Form = {"seed": str}
VERDICT: Form = {
    "result": _RESULT,
    "known": _COUNT,
    "times": re.compile("[<>=]{0,2}[0-9]{1,12}"),
    "near_misses": [str],
    "sentence": str,
}
_FINDINGS: Form = [{"kind": str, "severity": re.compile("error|warning|note"), "sentence": str}]
_SUMS: Form = {"result": _RESULT, "errors": _COUNT, "warnings": _COUNT}
AUDIT: Form = {**_SUMS, "findings": _FINDINGS}
AUDIT_OF_ALL: Form = {**_SUMS, "accounts": [{"api_key": str, "findings": _FINDINGS}]}
_JUDGED: Form = {
    **dict.fromkeys(("request_id", "method", "path", "edition", "verdict"), str),
    "was": {"status": range(1000)},
    "now": ({"status": range(1000)}, type(None)),
    "differences": [str],
    "because": _TEXT_OR_NULL,
}
REPLAY: Form = {"result": _RESULT, "breaks": _COUNT, "sentence": str, "judged": [_JUDGED], "left_off": _COUNT}
MESSAGES: Form = {
    "messages": [
        {
            **dict.fromkeys(("id", "to", "channel", "text", "status", "request_id", "at"), str),
            "template": {"id": str, "name": str},
            "price": float,
            "profile": _TEXT_OR_NULL,
            "idempotency_key": _TEXT_OR_NULL,
        }
    ]
}
_REQUEST: Form = {
    **dict.fromkeys(("request_id", "at", "method", "path"), str),
    **dict.fromkeys(("outcome", "rule", "fault", "key", "key_fate", "original_request_id"), _TEXT_OR_NULL),
    "status": range(1000),
    "messages": [str],
}
REQUESTS: Form = {"count": _COUNT, "requests": [_REQUEST]}
REQUEST: Form = {**_REQUEST, "request": {"headers": dict, "body": ANYTHING}, "reply": {"body": ANYTHING}, "why": dict}
DELIVERIES: Form = {
    "deliveries": [
        {
            **dict.fromkeys(("event_type", "status"), str),
            **dict.fromkeys(("message_id", "error"), _TEXT_OR_NULL),
            "http_status": (range(1000), type(None)),
            "attempts": _COUNT,
        }
    ]
}


def read_json(content: bytes) -> Any:
    """The value of a JSON text in UTF-8. Raises `ValueError` for any other, for a doubled member, and for NaN."""
    try:
        text = content.decode("utf-8")
        return json.loads(text, parse_constant=_refuse_constant, parse_int=_integer, object_pairs_hook=_object)
    except UnicodeDecodeError as e:
        raise ValueError(f"it is not UTF-8, at offset {e.start}") from None
    except json.JSONDecodeError as e:
        raise ValueError(f"{e.msg}, at offset {e.pos}") from None
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def misfit(value: Any, form: Form, where: str = "the answer") -> str:
    """Where a value differs from a form, for people; empty if it does not."""
    if isinstance(form, dict):
        if not isinstance(value, dict):
            return f"{where} is {_name(value)}, not an object"
        for name, inner in form.items():
            if name not in value:
                return f"{where} has no member {name!r}"
            if found := misfit(value[name], inner, f"{where}.{name}"):
                return found
        return ""
    if isinstance(form, list):
        if not isinstance(value, list):
            return f"{where} is {_name(value)}, not a list"
        return next(filter(None, (misfit(v, form[0], f"{where}[{i}]") for i, v in enumerate(value))), "")
    if isinstance(form, tuple):
        faults = [misfit(value, each, where) for each in form]
        return "" if "" in faults else faults[0]
    return "" if _fits(value, form) else f"{where} is {_name(value)}, not {_wanted(form)}"


def _fits(value: Any, form: Form) -> bool:
    if isinstance(form, re.Pattern):
        return isinstance(value, str) and form.fullmatch(value) is not None
    if isinstance(form, range):
        return type(value) is int and value in form
    if form is float:
        return type(value) in (int, float)
    return isinstance(value, form)


def _wanted(form: Form) -> str:
    if isinstance(form, re.Pattern):
        return f"a text of the form {form.pattern}"
    return f"a whole number below {form.stop}" if isinstance(form, range) else _NAMES[form]


def _name(value: Any) -> str:
    return repr(value[:40]) if isinstance(value, str) else _NAMES[type(value)]


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"it has a number of {len(digits)} digits")
    return int(digits)


def _refuse_constant(word: str) -> Any:
    raise ValueError(f"it has {word}, which JSON does not have")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("it has an object with a doubled member")
    return found
