"""Runs the check of each statement. The result is holds, differs or unknown, with the reason."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from mock_sent.contract import Edition
from mock_sent.ground.errors import StartupError
from mock_sent.judging.conformance import answers, keys, later, sends
from mock_sent.judging.conformance.api import Api, Target
from mock_sent.judging.conformance.comparing import Differs, Unknown
from mock_sent.judging.conformance.expected import Expected

Check = Callable[[Api], None]

CHECKS: Mapping[str, Check] = {**sends.CHECKS, **keys.CHECKS, **answers.CHECKS, **later.CHECKS}
# The reasons why these statements have no check.
_NOT_CHECKED = {
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


class Judgement(NamedTuple):
    """The result for one statement. `is_` is holds, differs or unknown; `why` is empty for holds."""

    id: str
    says: str
    is_: str
    why: str


def judge(target: Target, edition: Edition, statements: Iterable[Mapping[str, Any]]) -> Iterator[Judgement]:
    """Check a server against each statement and the contract. Raises `StartupError` if no server answers."""
    api = Api(target, Expected(edition))
    try:
        api.ask_unknown_path()
    except Unknown as e:
        raise StartupError(f"{target.base_url} cannot be judged: {e}") from None
    for statement in statements:
        yield Judgement(statement["id"], statement["says"], *_judged(api, statement["id"]))


def _judged(api: Api, id: str) -> tuple[str, str]:
    check = CHECKS.get(id)
    if check is None:
        return "unknown", _NOT_CHECKED.get(id, "there is no check for it yet")
    try:
        check(api)
    except Differs as e:
        return "differs", str(e)
    except Unknown as e:
        return "unknown", str(e)
    except (LookupError, TypeError, AttributeError, ValueError) as e:
        return "differs", f"an answer does not have the documented form: {type(e).__name__} {e}"
    return "holds", ""
