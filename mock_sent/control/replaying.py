"""`editions replay`: the recorded requests of an account, made again under another edition, and compared."""

import asyncio
from collections.abc import Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mock_sent.accounts import Account
from mock_sent.api.scratch import Scratch
from mock_sent.contract import Edition
from mock_sent.contract.edition import FIRST
from mock_sent.control.calls import ControlCall
from mock_sent.control.listing import Listing
from mock_sent.ground.clock import timestamp
from mock_sent.ground.errors import Misuse, did_you_mean
from mock_sent.journal import Exchange
from mock_sent.scenarios.scenario import Scenario

if TYPE_CHECKING:
    from mock_sent.judging.upgrade import Answered

# The statuses of refusals that come before a body is read, so that the journal lacks it and it does not matter.
_BEFORE_THE_BODY = (401, 403, 404, 405, 413)


async def replay(call: ControlCall) -> Any:
    """What the client would get differently under the edition `?to=`, request by request."""
    account, editions = call.account, call.account.editions
    name = call.query["to"] or editions.names[-1]
    if name not in editions.names:
        known = ", ".join(editions.names)
        raise Misuse(f"there is no edition {name[:50]!r}{did_you_mean(name, editions.names)}; there are {known}")
    async with call.plane.replaying:  # one at a time, because each keeps as much as its account
        replay = _Replay(call, account, await editions.prepare(name))
        try:
            await asyncio.get_running_loop().run_in_executor(None, replay.prepare)
            await call.walk(replay.steps(), lambda _: None)
        finally:
            replay.close()
    listing = Listing(call.query["limit"])
    await call.walk(replay.judged, listing.add)
    return {**replay.summary(), "judged": listing, "left_off": len(replay.judged) - len(listing.items)}


class _Replay:
    """One replay: the journal in two accounts apart, of which one speaks as the client was answered."""

    def __init__(self, call: ControlCall, account: Account, edition: Edition) -> None:
        self._plane, self._account, self._edition = call.plane, account, edition
        self._journal = account.journal
        self._requests = sorted(self._journal, key=lambda x: x.arrival)
        self._evicted, self._complete = self._journal.evicted, self._journal.complete
        choice, accounts = call.plane.choice, call.plane.accounts
        self._apart, self._other = self._scratches = [Scratch(account, accounts, choice) for _ in range(2)]
        self._own: Scenario | None = None
        self.judged: list[dict[str, Any]] = []
        self._counts = dict.fromkeys(("same", "differs", "breaks", "unknown"), 0)

    def prepare(self) -> None:
        """Compile what the requests need. It may run in another thread."""
        from mock_sent.judging import upgrade  # noqa: F401

        operations = {x.operation for x in self._requests if x.operation}
        for name in {self._spoken(x) for x in self._requests}:
            self._apart.prepare(self._account.editions.get(name), operations)
        self._other.prepare(self._edition, operations)

    def close(self) -> None:
        """Drop the accounts apart."""
        for scratch in self._scratches:
            scratch.close()

    def steps(self) -> Iterator[None]:
        """Judge a request a step."""
        late: list[tuple[int, tuple[str, str]]] = []
        spoken = self._account.edition.name
        incoming = [send for send in self._account.mailbox.sends() if send.extra.inbound and not send.extra.by_rule]
        for x in self._requests:
            while incoming and incoming[0].at <= x.arrived:
                send = incoming.pop(0)
                for scratch in self._scratches:
                    scratch.receive(send)
            spoken = spoken if x.fault else self._spoken(x)
            if ids := (yield from self._judge(x, spoken)):
                late.append((len(self.judged) - 1, ids))
        for index, ids in late:
            self._add_events(self.judged[index], ids, "later ")
            yield
        for each in self.judged:
            self._counts[each["verdict"]] += 1

    def summary(self) -> dict[str, Any]:
        """The counts of the verdicts, and a sentence about them."""
        counts, name = self._counts, self._edition.name
        unknown = counts["unknown"] or not self._complete
        gone = f"; {self._evicted} earlier requests were evicted" if self._evicted else ""
        sentence = (
            f"{len(self.judged)} requests, made again under the edition {name}: {counts['breaks']} break, "
            f"{counts['differs']} get another answer, {counts['same']} the same, {counts['unknown']} unknown{gone}"
        )
        return {
            "to": name,
            "result": "failed" if counts["breaks"] else "unknown" if unknown else "ok",
            "requests": len(self.judged),
            **counts,
            "evicted": self._evicted,
            "sentence": sentence,
        }

    def _judge(self, x: Exchange, spoken: str) -> Generator[None, None, tuple[str, str] | None]:
        """Judge one request. Returns its ids in the accounts apart, because its messages may cause events later."""
        from mock_sent.judging import upgrade

        recorded = upgrade.answered(x)
        entry: dict[str, Any] = {
            "request_id": x.request_id,
            "number": x.number,
            "at": timestamp(x.arrived),
            "method": x.method,
            "path": x.path,
            "operation": x.operation or None,
            "edition": spoken,
            "verdict": "unknown",
            "was": _shown(recorded),
            "now": None,
            "differences": [],
            "because": None,
        }
        self.judged.append(entry)
        scenario = self._scenario_of(x)
        lacking = _lacking_of_body(x)
        if (lacking and x.request_body) or not (x.status or x.fault):
            entry["because"] = lacking or "the client left before its request was complete"
            return None
        apart, other = self._apart, self._other
        if x.balance != apart.balance:
            apart.balance = other.balance = x.balance  # a test had set it
        before = apart.play(x, self._account.editions.get(spoken), scenario)
        yield
        after = other.play(x, self._edition, scenario)
        yield
        if before is None or after is None:
            entry["because"] = "it waits for something that a replay does not have"
            return None
        was, now = upgrade.answered(before), upgrade.answered(after)
        apart.learn(x, recorded.reply, was.reply)
        gone = other.unmade(x)
        other.learn(x, recorded.reply, now.reply)
        entry["now"] = _shown(now)
        if lacking and now.status not in _BEFORE_THE_BODY:
            entry["because"] = lacking
            return None
        found, differs = upgrade.compare(was, now), upgrade.unlike(recorded, was)
        if differs and (found.verdict != upgrade.BREAKS or recorded.status != was.status):
            entry["because"] = (
                f"made again under its own edition {spoken} it is answered otherwise ({differs}); "
                "a control call, another request at the same time, or a setting made the difference"
            )
            return None
        entry["verdict"], entry["differences"] = found.verdict, list(found.lines)
        if found.verdict != upgrade.SAME:
            refused = f"{gone[0]} was made by {gone[1]}, which is refused now" if gone else ""
            new = [warning for warning in after.warnings if warning not in before.warnings]
            entry["because"] = refused or "; ".join(new) or None
        ids = before.request_id, after.request_id
        self._add_events(entry, ids)
        return ids

    def _add_events(self, entry: dict[str, Any], ids: tuple[str, str], when: str = "") -> None:
        """Compare the events of a request that were not compared yet."""
        from mock_sent.judging import upgrade

        before, after = (scratch.events(id) for scratch, id in zip(self._scratches, ids, strict=True))
        if lines := upgrade.compare_events(before, after):
            entry["differences"] += [f"{when}{line}" for line in lines]
            if entry["verdict"] == upgrade.SAME:
                entry["verdict"] = upgrade.DIFFERS

    def _spoken(self, x: Exchange) -> str:
        """The edition in which a request was answered."""
        name = x.reply_header("x-mock-edition") or FIRST
        return name if name in self._account.editions.names else self._account.edition.name

    def _scenario_of(self, x: Exchange) -> Scenario | None:
        """The account's own scenario at the time of a request; a request that was refused before tells of none."""
        kept = self._account.state.scenarios
        if x.scenarios or x.made:
            id = next((scenario.id for scenario in x.scenarios if scenario.id in kept), "")
            self._own = self._plane.library.find(id) if id else None
        return self._own


def _shown(answered: "Answered") -> Mapping[str, Any]:
    return {"status": answered.status, "code": answered.code or None, "fault": answered.fault or None}


def _lacking_of_body(x: Exchange) -> str:
    """What the journal does not have of a request's body; empty if it has all."""
    length = x.header("content-length") or ""
    if length.isascii() and length.isdigit() and int(length[:20]) != len(x.request_body):
        return f"the journal has {len(x.request_body)} of the {length} bytes of its body"
    return ""
