"""What was sent: requests, their reasons, messages, and whether it was what a test expects."""

from collections.abc import Callable, Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mock_sent.accounts import Account, Accounts
from mock_sent.control import showing
from mock_sent.control.deliveries import described
from mock_sent.control.replies import ControlError, answer, json_of
from mock_sent.ground.clock import SECOND, duration_of, ticks
from mock_sent.ground.errors import Misuse
from mock_sent.journal import Exchange, Journal
from mock_sent.journal.facts import facts_of
from mock_sent.judging.audit import audit, kinds_of
from mock_sent.judging.verify import Times, verify
from mock_sent.scenarios.library import Library
from mock_sent.scenarios.patterns import Pattern, compile_pattern
from mock_sent.scenarios.scenario import Scenario
from mock_sent.scenarios.words import MESSAGE, REQUEST, Kind
from mock_sent.wire.line import line_of
from mock_sent.world.messages import Message

LONGEST_WAIT = 60 * SECOND
_MOST, _USUAL = 10_000, 100
# A status changes with the clock, and nobody tells: it is looked at this often, in seconds.
_LOOK = 0.02


class Asking:
    """The endpoints."""

    def __init__(self, accounts: Accounts, library: Library, account_of: Callable[[Request], Account]) -> None:
        self._accounts, self._library, self._account_of = accounts, library, account_of

    async def requests(self, request: Request) -> Response:
        """The exchanges, the latest first, as far as they fit the filters."""
        journal = self._journal(request)
        pattern, limit = _filters(request, REQUEST, "account"), _limit(request)
        found = [x for x in reversed(list(journal)) if pattern.fits(facts_of(x))]
        return answer(
            {
                "requests": [showing.summary(x) for x in found[:limit]],
                "count": len(found) if journal.complete else "unknown",
                "evicted": journal.evicted,
            }
        )

    async def request(self, request: Request) -> Response:
        """All about one exchange: `latest`, or a request id, whosever it is."""
        id, journal = request.path_params["request_id"], self._journal(request)
        if id == "latest":
            found = next(reversed(list(journal)), None)
        else:
            others = (account.journal for account in self._accounts)
            journals = (journal, self._accounts.unowned, *others)
            found = next((x for each in journals if (x := each.find(id))), None)
        if found is None:
            gone = f"; {journal.evicted} were evicted" if journal.evicted else ""
            raise ControlError(404, f"no request {id[:100]!r} is known{gone}")
        return answer({**showing.explanation(found, self._scenario), "webhooks": self._caused(found)})

    async def messages(self, request: Request) -> Response:
        """The messages, the oldest first. `?after=<id>&wait=5s` waits for one that comes after it."""
        account = self._account_of(request)
        pattern, limit = _filters(request, MESSAGE, "account", "after", "wait"), _limit(request)
        after, wait = request.query_params.get("after"), _wait(request)
        deadline = ticks() + wait
        if line := line_of(request.scope):
            line.parked = wait > 0
        while True:
            found = _fitting(account, pattern, _newer(account, after))
            left = (deadline - ticks()) / SECOND
            if found or left <= 0 or account.journal.closed:
                break
            await account.journal.changed(min(left, _LOOK if "status" in request.query_params else left))
        return answer(
            {
                "messages": [showing.message(m, account) for m in found[:limit]],
                "count": len(found) if _all_known(account) else "unknown",
                "evicted": account.mailbox.evicted,
            }
        )

    async def verify(self, request: Request) -> Response:
        """`{"to": "+44*", "channel": "sms", "times": 1}`; `"of": "requests"` counts requests in place of messages."""
        account, wanted = self._account_of(request), await json_of(request)
        if not isinstance(wanted, dict):
            raise ControlError(400, "send an object: a pattern, and how many times it must fit")
        words = dict(wanted)
        times, of = words.pop("times", ">=1"), words.pop("of", "messages")
        if of not in ("messages", "requests"):
            raise ControlError(400, f"of must be messages or requests, not {str(of)[:50]!r}")
        try:
            verdict = self._verdict(account, words, Times(times), of)
        except Misuse as e:
            raise ControlError(400, str(e)) from None
        return answer(verdict)

    async def audit(self, request: Request) -> Response:
        """What the client does wrong; of every account with `?all=true`."""
        try:
            fail_on = request.query_params.get("fail_on")
            kinds = None if fail_on is None else kinds_of(fail_on)
        except Misuse as e:
            raise ControlError(400, str(e)) from None
        everything = request.query_params.get("all", "false")
        if everything not in ("true", "false"):
            raise ControlError(400, f"all must be true or false, not {everything[:100]!r}")
        if everything == "false":
            account = self._account_of(request)
            return answer(_audited(account.journal, kinds))
        judged = [
            {"id": account.id, "api_key": account.shown, **_audited(account.journal, kinds)}
            for account in self._accounts
        ]
        judged.append({"id": "none", "api_key": "none", **_audited(self._accounts.unowned, kinds)})
        results = {account["result"] for account in judged}
        if self._accounts.evicted and "failed" not in results:
            results.add("unknown")
        result = next((word for word in ("failed", "unknown") if word in results), "ok")
        errors, warnings = (sum(account[name] for account in judged) for name in ("errors", "warnings"))
        return answer({"result": result, "errors": errors, "warnings": warnings, "accounts": judged})

    def _verdict(self, account: Account, words: dict[str, Any], times: Times, of: str) -> dict[str, Any]:
        if of == "requests":
            record = [facts_of(x) for x in account.journal if x.operation]
            pattern, complete = compile_pattern(words, REQUEST), account.journal.complete
        else:
            requests = {x.request_id: x for x in account.journal}
            record = [showing.facts_of_message(m, account, requests) for m in account.mailbox]
            pattern, complete = compile_pattern(words, MESSAGE), _all_known(account)
        verdict = verify(pattern, times, record, complete=complete, noun=of.removesuffix("s"))
        return {
            "result": verdict.result,
            "count": "unknown" if verdict.result == "unknown" else verdict.count,
            "known": verdict.count,
            "times": times.text,
            "near_misses": list(verdict.near_misses),
            "sentence": verdict.sentence,
        }

    def _scenario(self, id: str) -> Scenario | None:
        """The compiled scenario of an id, if a file, a setting or an account still has it."""
        on = (account.scenario for account in self._accounts)
        return self._library.find(id) or next((scenario for scenario in on if scenario and scenario.id == id), None)

    def _caused(self, x: Exchange) -> list[dict[str, Any]]:
        """What webhooks were told of the messages that a request made."""
        made = set(x.made)
        accounts = [a for a in self._accounts if made and any(a.mailbox.get(id) for id in x.made)]
        found = [
            described(a.edition, webhook, delivery) for a in accounts for webhook, delivery in a.hooks.deliveries()
        ]
        return sorted((d for d in found if d["message_id"] in made), key=lambda d: str(d["created_at"]))

    def _journal(self, request: Request) -> Journal:
        """The account's, or the one of the requests that belong to no account."""
        if request.query_params.get("account") == "none":
            return self._accounts.unowned
        return self._account_of(request).journal


def _audited(journal: Journal, kinds: frozenset[str] | None) -> dict[str, Any]:
    report = audit(journal, kinds)
    return {
        "result": report.result,
        "errors": len(report.errors),
        "warnings": len(report.findings) - len(report.errors),
        "evicted": journal.evicted,
        "findings": [showing.finding(finding) for finding in report.findings],
    }


def _all_known(account: Account) -> bool:
    return not account.mailbox.evicted and not account.journal.had_another_life


def _newer(account: Account, after: str | None) -> Iterable[Message]:
    """The messages that came after one, by identity."""
    if after is None:
        return account.mailbox
    if account.mailbox.get(after.lower()) is None:
        gone = f"; {account.mailbox.evicted} were evicted" if account.mailbox.evicted else ""
        raise ControlError(404, f"there is no message {after[:100]!r}{gone}")
    messages = list(account.mailbox)
    return messages[next(i for i, m in enumerate(messages) if m.id == after.lower()) + 1 :]


def _fitting(account: Account, pattern: Pattern, messages: Iterable[Message]) -> list[Message]:
    nothing: dict[str, Exchange] = {}
    return [m for m in messages if pattern.fits(showing.facts_of_message(m, account, nothing))]


def _filters(request: Request, kind: Kind, *others: str) -> Pattern:
    """The query as a pattern; a word that stands twice may be either."""
    query = request.query_params
    wanted: dict[str, Any] = {}
    for name in set(query):
        if name in kind.texts or name == "key":
            # A plus sign that a query does not escape arrives as a space, and no number begins with one.
            values = ["+" + v[1:] if name == "to" and v.startswith(" ") else v for v in query.getlist(name)]
            wanted["idempotency_key" if name == "key" else name] = values
        elif name not in (*others, "limit"):
            known = ", ".join((*kind.texts, "key", "limit", *others))
            raise ControlError(400, f"there is no filter {name[:50]!r}; there are {known}")
    return compile_pattern(wanted, kind)


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", str(_USUAL))
    if not (text.isascii() and text.isdigit() and 0 < int(text[:6]) <= _MOST):
        raise ControlError(400, f"limit must be a number from 1 to {_MOST}, not {text[:50]!r}")
    return int(text)


def _wait(request: Request) -> int:
    text = request.query_params.get("wait", "0s")
    try:
        wait = duration_of(text[:50])
    except ValueError as e:
        raise ControlError(400, f"wait: {e}") from None
    if wait > LONGEST_WAIT:
        raise ControlError(400, "wait can be 60s at most")
    return wait
