"""Statement by statement: holds, differs or unknown, and why."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from mock_sent.ground.errors import StartupError
from mock_sent.judging.conformance import answers, keys, later, sends
from mock_sent.judging.conformance.api import Api, Differs, Target, Unknown

Check = Callable[[Api], None]

CHECKS: Mapping[str, Check] = {**sends.CHECKS, **keys.CHECKS, **answers.CHECKS, **later.CHECKS}
# Statements that no request of a minute can settle.
_BEYOND = {
    "IDEM-9": "takes 24 hours",
    "IDEM-12": "needs a template or balance that changes between two requests",
    "HEAD-5": "depends on the limits that are in force there",
    **dict.fromkeys(
        ("AUTH-3", "AUTH-4", "READ-9", "LIFE-2", "LIFE-3", "WEB-10", "WEB-12", "WEB-13"),
        "is about the mock, not about the API",
    ),
    **dict.fromkeys(
        ("WEB-1", "WEB-2", "WEB-3", "WEB-4", "WEB-5", "WEB-6", "WEB-7", "WEB-8", "WEB-9"),
        "needs a receiver that the server can reach",
    ),
}


class Verdict(NamedTuple):
    """`is_` is holds, differs or unknown; `why` is empty for what holds."""

    id: str
    says: str
    is_: str
    why: str


def judge(target: Target, statements: Iterable[Mapping[str, Any]]) -> Iterator[Verdict]:
    """A verdict for each statement, as it comes. Raises `StartupError` if nobody is there to be judged."""
    api = Api(target)
    try:
        api.get("/v3/nothing")
    except Unknown as e:
        raise StartupError(f"{target.base_url} cannot be judged: {e}") from None
    for statement in statements:
        yield Verdict(statement["id"], statement["says"], *_verdict(api, statement["id"]))


def _verdict(api: Api, id: str) -> tuple[str, str]:
    check = CHECKS.get(id)
    if check is None:
        return "unknown", _BEYOND.get(id, "no check can tell yet")
    try:
        check(api)
    except Differs as e:
        return "differs", str(e)
    except Unknown as e:
        return "unknown", str(e)
    except (LookupError, TypeError, AttributeError, ValueError) as e:
        return "differs", f"an answer has not the documented form: {type(e).__name__} {e}"
    return "holds", ""
