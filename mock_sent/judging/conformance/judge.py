"""Runs the check of each statement. The result is holds, differs, by_design or unknown, with the reason."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from mock_sent.contract import Edition
from mock_sent.ground.errors import StartupError, one_line
from mock_sent.judging.conformance import answers, keys, later, sends, texts
from mock_sent.judging.conformance.api import Answer, Api, Target
from mock_sent.judging.conformance.comparing import Differs, Unanswered, Unknown
from mock_sent.judging.conformance.deviations import ALL
from mock_sent.judging.conformance.expected import Expected
from mock_sent_client.errors import HandleError, without_secrets

Check = Callable[[Api], None]

CHECKS: Mapping[str, Check] = {**sends.CHECKS, **keys.CHECKS, **answers.CHECKS, **later.CHECKS, **texts.CHECKS}
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


# After this many statements in a row without an answer, the others are not asked about.
_MOST_UNANSWERED = 3
# The characters of a reason, which may quote the server.
_LONGEST = 500


class Judgement(NamedTuple):
    """The result for one statement. `is_` is holds, differs, by_design or unknown; `why` is empty for holds.

    `by_design` is a difference that a mock declares, because its settings make it so.
    `unanswered` is an unknown for which the server is the reason.
    """

    id: str
    says: str
    is_: str
    why: str
    unanswered: bool = False


def judge(
    target: Target, edition: Edition, statements: Iterable[Mapping[str, Any]], first: Answer | None = None
) -> Iterator[Judgement]:
    """Check a server against each statement and the contract. Raises `StartupError` if no server answers.

    `first` is the server's answer to an unknown path, if it was asked for one already.
    """
    try:
        api = Api(target, Expected(edition))
        declared = api.declared_deviations(first)
    except HandleError as e:
        raise StartupError(_shown(e, target)) from None
    except (Differs, Unknown) as e:
        raise StartupError(_shown(f"{api.url} cannot be judged: {e}", target)) from None
    in_a_row = 0
    for statement in statements:
        id, says = statement["id"], one_line(statement["says"], 2 * _LONGEST)
        if id not in CHECKS:
            yield Judgement(id, says, "unknown", _NOT_CHECKED.get(id, "there is no check for it yet"))
        elif in_a_row >= _MOST_UNANSWERED:
            why = f"was not checked, because the server did not answer for {_MOST_UNANSWERED} statements in a row"
            yield Judgement(id, says, "unknown", why, unanswered=True)
        else:
            is_, why, unanswered = _judged(api, CHECKS[id])
            if is_ == "differs" and (reason := declared.get(id) or declared.get(ALL)):
                is_, why = "by_design", f"{reason}: {why}"
            in_a_row = in_a_row + 1 if unanswered else 0
            yield Judgement(id, says, is_, _shown(why, target), unanswered)


def _judged(api: Api, check: Check) -> tuple[str, str, bool]:
    try:
        check(api)
    except Differs as e:
        return "differs", str(e), False
    except Unknown as e:
        return "unknown", str(e), isinstance(e, Unanswered)
    except HandleError as e:
        return "unknown", f"the request cannot be written: {e}", False
    except (LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, ValueError) as e:
        return "differs", f"an answer does not have the documented form: {type(e).__name__} {e}", False
    return "holds", "", False


def _shown(text: object, target: Target) -> str:
    """One line without keys. It is cut last, because a part of a key is secret too."""
    return one_line(without_secrets(str(text), target.secrets), _LONGEST)
