"""Verify and the audit: did the account send what a test expects, and did it use the API well?"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from mock_sent.control import showing
from mock_sent.control.calls import ControlCall
from mock_sent.control.messagefacts import FactsOfMessages
from mock_sent.control.messages import all_known
from mock_sent.journal import Journal
from mock_sent.journal.facts import facts_of
from mock_sent.judging.verify import Tally, Times, Verdict, needs_request
from mock_sent.scenarios.patterns import compile_pattern
from mock_sent.scenarios.words import MESSAGE, REQUEST, Facts

if TYPE_CHECKING:
    from mock_sent.judging.audit import Report


async def verify_sent(call: ControlCall) -> Any:
    """The verdict on `{"to": "+44*", "channel": "sms", "times": 1}`; with `"of": "requests"` it counts requests."""
    words = dict(call.body)
    times, of = Times(words.pop("times", ">=1")), words.pop("of", "messages")
    verdict = await (_of_requests if of == "requests" else _of_messages)(call, words, times)
    return {
        "result": verdict.result,
        "count": "unknown" if verdict.result == "unknown" else verdict.count,
        "known": verdict.count,
        "times": times.text,
        "near_misses": list(verdict.near_misses),
        "sentence": verdict.sentence,
    }


async def audit_sent(call: ControlCall) -> Any:
    """The findings of the account's audit, or of every account with `?all=true`."""
    from mock_sent.judging.audit import audit, kinds_of  # its import takes a fifth of the control plane's first request

    fail_on, accounts = call.query["fail_on"], call.plane.accounts
    kinds = None if fail_on is None else kinds_of(fail_on)
    if not call.query["all"]:
        journal = call.account.journal
        return _audited(journal, audit(journal, kinds))
    journals = [(each.id, each.shown, each.journal) for each in accounts] + [("none", "none", accounts.unowned)]
    judged = [{"id": id, "api_key": shown, **_audited(each, audit(each, kinds))} for id, shown, each in journals]
    results = {account["result"] for account in judged}
    if accounts.evicted and "failed" not in results:
        results.add("unknown")
    result = next((word for word in ("failed", "unknown") if word in results), "ok")
    errors, warnings = (sum(account[name] for account in judged) for name in ("errors", "warnings"))
    return {"result": result, "errors": errors, "warnings": warnings, "accounts": judged}


async def _of_requests(call: ControlCall, words: dict[str, Any], times: Times) -> Verdict:
    journal = call.account.journal
    pattern = compile_pattern(words, REQUEST)
    tally = Tally(pattern, times, complete=journal.complete, noun="request")
    return await _counted(call, tally, (facts_of(x) for x in journal if x.operation))


async def _of_messages(call: ControlCall, words: dict[str, Any], times: Times) -> Verdict:
    account = call.account
    pattern = compile_pattern(words, MESSAGE)
    requests = {x.request_id: x for x in account.journal} if needs_request(pattern) else {}
    facts = FactsOfMessages(account, pattern, requests)
    tally = Tally(pattern, times, complete=all_known(account), noun="message")
    return await _counted(call, tally, (facts.of(m) for m in account.mailbox))


async def _counted(call: ControlCall, tally: Tally, record: Iterable[Facts]) -> Verdict:
    await call.walk(record, tally.add)
    await call.walk(tally.nearest(), tally.describe)
    return tally.verdict()


def _audited(journal: Journal, report: "Report") -> dict[str, Any]:
    return {
        "result": report.result,
        "errors": len(report.errors),
        "warnings": len(report.findings) - len(report.errors),
        "evicted": journal.evicted,
        "findings": [showing.finding(finding) for finding in report.findings],
    }
