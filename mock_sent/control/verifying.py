"""Verify and the audit: did the account send what a test expects, and did it use the API well?"""

import sys
from collections.abc import Collection, Iterator
from typing import Any

import orjson

from mock_sent.accounts import Account
from mock_sent.contract import Edition
from mock_sent.control import showing
from mock_sent.control.calls import ControlCall
from mock_sent.control.listing import MOST_BYTES, Listing
from mock_sent.control.messagefacts import FactsOfMessages
from mock_sent.control.messages import all_known
from mock_sent.control.unsent import UnsentSends
from mock_sent.ground.errors import Lack
from mock_sent.journal import Journal
from mock_sent.journal.facts import facts_of
from mock_sent.judging.verify import Tally, Times, Verdict, needs_request
from mock_sent.scenarios.patterns import compile_pattern
from mock_sent.scenarios.words import MESSAGE, REQUEST
from mock_sent.world.lifecycle import Event, life
from mock_sent.world.messages import AUTO, Message

# The messages that were counted although they fail, which a verdict names.
_MOST_FAILURES = 5


async def verify_sent(call: ControlCall) -> Any:
    """The verdict on `{"to": "+44*", "channel": "sms", "times": 1}`; with `"of": "requests"` it counts requests."""
    words = dict(call.body)
    times, of = Times(words.pop("times", ">=1")), words.pop("of", "messages")
    if of == "requests":
        verdict, failures = await _of_requests(call, words, times), _Failures(call.account)
    else:
        verdict, failures = await _of_messages(call, words, times)
    told = failures.shown if "status" not in words else []
    if verdict.result != "ok" and of == "messages" and (about := await _about_status(call, words.get("status"))):
        told = [about]
    failed = "; ".join(told)
    return {
        "result": verdict.result,
        "count": "unknown" if verdict.result == "unknown" else verdict.count,
        "known": verdict.count,
        "times": times.text,
        "near_misses": list(verdict.near_misses),
        "failed": failures.count,
        "failures": failures.shown,
        "sentence": f"{verdict.sentence}; {failed}" if failed else verdict.sentence,
    }


async def _about_status(call: ControlCall, status: Any) -> str | None:
    """A sentence about a status that no message of the account can have, because only another edition has it."""
    account = call.account
    if not isinstance(status, str) or status in account.edition.lifecycle.words:
        return None
    about = await call.plane.hints.about(account.edition, Lack("status", status))
    return f"the edition {account.edition.name} has no such status; {about}" if about else None


async def audit_sent(call: ControlCall) -> Any:
    """The findings of the account's audit, or of every account with `?all=true`."""
    from mock_sent.judging.audit import kinds_of  # its import takes a fifth of the control plane's first request

    fail_on, accounts = call.query["fail_on"], call.plane.accounts
    kinds, audited = None if fail_on is None else kinds_of(fail_on), _Audited()
    if not call.query["all"]:
        await call.walk(audited.steps(call.account.journal, call.account.edition, kinds), lambda _: None)
        return audited.latest
    owners = [(each.id, each.shown, each.journal, each.edition) for each in accounts]
    owners.append(("none", "none", accounts.unowned, call.account.edition))
    listing = Listing(len(owners), sys.maxsize)

    def steps() -> Iterator[None]:
        for id, shown, journal, edition in owners:
            yield from audited.steps(journal, edition, kinds)
            found = {**audited.latest, "findings": list(map(orjson.Fragment, audited.latest["findings"].items))}
            listing.add({"id": id, "api_key": shown, **found})
            yield

    await call.walk(steps(), lambda _: None)
    if accounts.evicted and "failed" not in audited.results:
        audited.results.add("unknown")
    result = next((word for word in ("failed", "unknown") if word in audited.results), "ok")
    return {"result": result, "errors": audited.errors, "warnings": audited.warnings, "accounts": listing}


class _Audited:
    """What the audits of some journals found, of which all findings together are not longer than an answer may be."""

    def __init__(self) -> None:
        self.latest: dict[str, Any] = {}
        self.results: set[str] = set()
        self.errors = self.warnings = 0
        self._room = MOST_BYTES

    def steps(self, journal: Journal, edition: Edition, kinds: Collection[str] | None) -> Iterator[None]:
        """Audit a journal step by step; then it is the latest."""
        from mock_sent.judging.audit import Report, audit

        report = Report(complete=journal.complete)
        yield from audit(journal, report, edition.not_executed, kinds)
        listing = Listing(len(report.findings) if self._room > 0 else 0, self._room)
        for finding in report.findings:
            listing.add(showing.finding(finding))
            yield
        self._room -= sum(map(len, listing.items))
        self.results.add(report.result)
        self.errors += report.errors
        self.warnings += report.warnings
        self.latest = {
            "result": report.result,
            "errors": report.errors,
            "warnings": report.warnings,
            "evicted": journal.evicted,
            "findings": listing,
            "left_off": report.errors + report.warnings - len(listing.items),
        }


async def _of_requests(call: ControlCall, words: dict[str, Any], times: Times) -> Verdict:
    journal = call.account.journal
    pattern = compile_pattern(words, REQUEST)
    tally = Tally(pattern, times, complete=journal.complete, noun="request")
    await call.walk((facts_of(x) for x in journal if x.operation), tally.add)
    await call.walk(tally.nearest(), tally.describe)
    return tally.verdict()


async def _of_messages(call: ControlCall, words: dict[str, Any], times: Times) -> tuple[Verdict, "_Failures"]:
    account = call.account
    pattern = compile_pattern(words, MESSAGE)
    requests = {x.request_id: x for x in account.journal} if needs_request(pattern) else {}
    facts, failures = FactsOfMessages(account, pattern, requests), _Failures(account)
    tally = Tally(pattern, times, complete=all_known(account), noun="message")

    def look(m: Message) -> None:
        if tally.add(facts.of(m)):
            failures.look(m)

    await call.walk(account.mailbox, look)
    await call.walk(tally.nearest(), tally.describe)
    if tally.misses:
        unsent = UnsentSends(words)
        await call.walk(unsent.of(account.journal), unsent.look)
        tally.explain(unsent.lines())
    return tally.verdict(), failures


class _Failures:
    """Which of the messages that were counted have failed or will fail: how many, and a sentence about the first ones.

    They were sent, as far as their client was told, but nobody gets them.
    """

    def __init__(self, account: Account) -> None:
        self._account, self.count = account, 0
        self.shown: list[str] = []

    def look(self, m: Message) -> None:
        """Count a message if it fails."""
        failed = self._account.edition.lifecycle.failed
        event = next((event for event in life(m) if event.stage == failed), None)
        if event is None:
            return
        self.count += 1
        if len(self.shown) < _MOST_FAILURES:
            self.shown.append(self._sentence(m, event))

    def _sentence(self, m: Message, event: Event) -> str:
        account, timetable = self._account, m.timetable
        status = account.edition.lifecycle.statuses[event.stage]
        when = "is" if event.at <= account.clock.now() else "will be"
        by = f"by the deliver rule {timetable.rule}" if timetable.rule else ""
        at = f"at the gate {timetable.gate!r}" if timetable.gate else ""
        return " ".join(filter(None, (m.to, m.channel or AUTO, when, status, event.reason, by or at)))
