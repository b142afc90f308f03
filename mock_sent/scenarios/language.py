"""Compiles a scenario file. It finds every fault of the file at load, with line and column."""

import json
import re
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, cast

from mock_sent.ground.clock import HOUR, Clock, Span, duration_of
from mock_sent.ground.complaints import short
from mock_sent.ground.errors import Misuse, Steps, did_you_mean
from mock_sent.ground.userfiles import UserFile, check
from mock_sent.scenarios.counters import key_prefix
from mock_sent.scenarios.findings import fill_kinds
from mock_sent.scenarios.globs import shared_prefix
from mock_sent.scenarios.patterns import Pattern, compile_pattern
from mock_sent.scenarios.scenario import (
    AT_ONCE,
    Idempotency,
    Limit,
    MessagePlan,
    MessageRule,
    Plan,
    ReplyPlan,
    RetryAfter,
    Scenario,
    ScenarioRecord,
    ScenarioText,
    Scope,
    SendAnswer,
    SendRule,
    Webhooks,
)
from mock_sent.scenarios.vocabulary import NotInContract, OutcomeNames, StageNames
from mock_sent.scenarios.words import LEG, SEND, Kind
from mock_sent.wire.faults import FAULTS

# A status that lasts longer would run past the end of the calendar that the clock can print.
LONGEST = 87_600 * HOUR


def compile_scenario(document: UserFile, outcomes: OutcomeNames, stages: StageNames) -> Scenario:
    """The scenario that the document describes. Raises `FileError` for a faulty document."""
    check(document, schema(), lambda path, value: _instead_of_status(path, value, outcomes))
    return _Compiler(document, outcomes, stages).scenario()


def schema() -> dict[str, Any]:
    """The published JSON Schema of the language, with the kinds of the audit filled in."""
    from importlib.resources import files  # brings tempfile and shutil

    found: dict[str, Any] = json.loads(files("mock_sent.scenarios").joinpath("scenario.schema.json").read_bytes())
    fill_kinds(found)
    return found


def _instead_of_status(path: Sequence[str | int], value: Any, outcomes: OutcomeNames) -> str | None:
    """A better sentence for an answer that is a status number, or a word without its verb."""
    if path[:1] != ("send",) or not _is_answer(path):
        return None
    word = str(value)
    if re.fullmatch("[0-9]{1,9}", word):
        names = outcomes.of_status(int(word))
        instead = f"write {' or '.join(names)}" if names else "write the outcome's name"
        return f"a status number ({word}) is not an outcome; {instead}"
    if path[-1] == "fail" or not isinstance(value, str):
        return None
    if outcomes.find(word):
        return f"{short(value)} needs its verb; write {{fail: {word}}}"
    return f"{short(value)} needs its verb; write {{drop: {word}}}" if word in FAULTS else None


def _is_answer(path: Sequence[str | int]) -> bool:
    """Whether the path leads to one answer, or to its `fail`."""
    return list(path[2:3]) == ["then"] and all(isinstance(step, int) or step == "fail" for step in path[3:])


class _Compiler:
    """Compiles one document, which fits the schema."""

    def __init__(self, document: UserFile, outcomes: OutcomeNames, stages: StageNames) -> None:
        self._document = document
        self._outcomes, self._stages = outcomes, stages
        self._name: str = document.value["name"]
        self._id = _id_of(document)

    def scenario(self) -> Scenario:
        value = self._document.value
        send = tuple(self._send_rule(i, rule) for i, rule in enumerate(value.get("send", ())))
        deliver = tuple(self._deliver_rule(i, rule) for i, rule in enumerate(value.get("deliver", ())))
        reply = tuple(self._reply_rule(i, rule) for i, rule in enumerate(value.get("reply", ())))
        for phase in ("send", "deliver", "reply"):
            self._refuse_same_names(phase, value.get(phase, ()))
        fail_on = value.get("audit", {}).get("fail_on")
        return Scenario(
            record=ScenarioRecord(self._name, self._id, None if fail_on is None else tuple(fail_on)),
            about=value.get("about", ""),
            text=ScenarioText(self._document.source, value),
            send=send,
            deliver=deliver,
            reply=reply,
            send_gate=shared_prefix([rule.prefix for rule in send]),
            deliver_gate=shared_prefix([rule.prefix for rule in deliver]),
            reply_gate=shared_prefix([rule.prefix for rule in reply]),
            idempotency=self._idempotency(value.get("idempotency")),
            webhooks=self._webhooks(value.get("webhooks")),
            seeded_clock=Clock(str(value["seed"])) if "seed" in value else None,
        )

    def _refuse_same_names(self, phase: str, rules: Sequence[Mapping[str, Any]]) -> None:
        seen: set[str] = set()
        for index, name in enumerate(rule.get("name") for rule in rules):
            if name in seen:
                raise self._document.fault((phase, index, "name"), f"two {phase} rules are named {name!r}")
            if name:
                seen.add(name)

    def _send_rule(self, index: int, rule: Mapping[str, Any]) -> SendRule:
        path: Steps = ("send", index)
        answers = self._answers(rule["then"], (*path, "then"), "limit" in rule)
        at_end = rule.get("at_end", "repeat_last")
        chance = _chance(rule)
        pattern = self._pattern(rule, SEND, path)
        return SendRule(
            label=self._label(index, rule),
            key=self._key(index, rule, "send"),
            difference=pattern.difference,
            prefix=pattern.prefix,
            answers=answers,
            chance=chance,
            limit=self._limit(rule, path),
            count_by=_scope(rule),
            at_end=at_end,
            draws=chance < 1 or not all(answer.delay.fixed for answer in answers),
            counts=len(answers) > 1 or at_end == "pass",
            for_seen=_asks_for_seen(rule.get("when", {})),
        )

    def _deliver_rule(self, index: int, rule: Mapping[str, Any]) -> MessageRule[MessagePlan]:
        then, path = rule["then"], ("deliver", index, "then")
        plan = MessagePlan(
            self._label(index, rule),
            reach=self._stage(then, "reach", path, (*self._stages.way, *self._stages.beyond)),
            fail_at=self._stage(then, "fail_at", path, self._stages.way[1:]),
            reason=then.get("reason"),
            every=self._span(then["every"], (*path, "every")) if "every" in then else None,
            advance=then.get("advance", "clock"),
            outcome=self._outcome(then["fail"], (*path, "fail")) if "fail" in then else None,
            hold=self._duration(then["hold"], (*path, "hold")) if "hold" in then else 0,
            route=tuple(then.get("route", ())),
        )
        return self._message_rule(index, rule, "deliver", plan)

    def _reply_rule(self, index: int, rule: Mapping[str, Any]) -> MessageRule[ReplyPlan]:
        then, path = rule["then"], ("reply", index, "then")
        after = self._span(then["after"], (*path, "after")) if "after" in then else AT_ONCE
        return self._message_rule(
            index, rule, "reply", ReplyPlan(self._label(index, rule), then["text"], after, then.get("channel"))
        )

    def _message_rule(self, index: int, rule: Mapping[str, Any], phase: str, plan: Plan) -> MessageRule[Plan]:
        pattern = self._pattern(rule, LEG, (phase, index))
        key = self._key(index, rule, phase)
        return MessageRule(self._label(index, rule), key, pattern.difference, pattern.prefix, plan, _chance(rule))

    def _label(self, index: int, rule: Mapping[str, Any]) -> str:
        return f"{self._name}/{rule.get('name', index + 1)}"

    def _key(self, index: int, rule: Mapping[str, Any], phase: str) -> str:
        return f"{key_prefix(self._id)}{phase}/{rule.get('name', index + 1)}"

    def _pattern(self, rule: Mapping[str, Any], kind: Kind, path: Steps) -> Pattern:
        """The `when`; without one, every send fits. The schema has checked everything except its size."""
        try:
            return compile_pattern(rule.get("when", {}), kind)
        except Misuse as error:
            raise self._document.fault((*path, "when"), str(error)) from None

    def _limit(self, rule: Mapping[str, Any], path: Steps) -> Limit | None:
        if "limit" not in rule:
            return None
        limit = rule["limit"]
        per = self._duration(limit["per"], (*path, "limit", "per"))
        if not per:
            raise self._document.fault(
                (*path, "limit", "per"), "a window of no length limits nothing; write 1s or more"
            )
        return Limit(limit["calls"], per, _scope(limit) if "count_by" in limit else _scope(rule))

    def _answers(self, then: Any, path: Steps, limited: bool) -> tuple[SendAnswer, ...]:
        if isinstance(then, list):
            return tuple(self._answer(entry, (*path, i), limited) for i, entry in enumerate(then))
        return (self._answer(then, path, limited),)

    def _answer(self, entry: Any, path: Steps, limited: bool) -> SendAnswer:
        if isinstance(entry, str):
            return SendAnswer(cast(Any, entry), commit=entry == "accept")
        kind = next((verb for verb in ("replay", "fail", "drop") if verb in entry), "accept")
        return SendAnswer(
            kind=cast(Any, kind),
            outcome=self._outcome(entry["fail"], (*path, "fail")) if kind == "fail" else None,
            fault=entry.get("drop"),
            delay=self._span(entry["delay"], (*path, "delay")) if "delay" in entry else AT_ONCE,
            drip=self._duration(entry["drip"], (*path, "drip")) if "drip" in entry else 0,
            commit=entry.get("commit", kind == "accept"),
            retry_after=self._retry_after(entry, path, limited),
        )

    def _outcome(self, word: str, path: Steps) -> str:
        found = self._outcomes.find(word)
        if found is None:
            names = list(self._outcomes.names)
            hint = did_you_mean(word, names) or f"; known are {', '.join(names)}"
            place = self._document.place(path)
            raise NotInContract(self._document.source, *place, f"the contract has no outcome {short(word)}{hint}")
        return found

    def _stage(self, then: Mapping[str, Any], member: str, path: Steps, known: Sequence[str]) -> str | None:
        """The stage of our name or of a status of the contract; it must be one of `known`."""
        if member not in then:
            return None
        word = then[member]
        found = self._stages.stage_of(word)
        if found not in known:
            own = self._stages.statuses
            statuses = list(dict.fromkeys(own[stage] for stage in known if stage in own))
            hint = did_you_mean(word, [*statuses, *known])
            reason = f"{member!r}: {short(word)} is not one of {', '.join(statuses)}{hint}"
            raise NotInContract(self._document.source, *self._document.place((*path, member)), reason, is_stage=True)
        return found

    def _retry_after(self, entry: Mapping[str, Any], path: Steps, limited: bool) -> RetryAfter:
        wait = entry.get("retry_after")
        if wait == "window" and not limited:
            raise self._document.fault((*path, "retry_after"), "'window' needs a limit in the same rule")
        if wait in (None, "window", "absent"):
            return cast(RetryAfter, wait)
        return -(-self._duration(wait, (*path, "retry_after")) // duration_of("1s"))

    def _span(self, value: Any, path: Steps) -> Span:
        if isinstance(value, str):
            return Span(*[self._duration(value, path)] * 2)
        least, most = (self._duration(value[end], (*path, end)) for end in ("min", "max"))
        if least > most:
            raise self._document.fault((*path, "max"), f"max {value['max']} is shorter than min {value['min']}")
        return Span(least, most)

    def _duration(self, text: str, path: Steps) -> int:
        span = duration_of(text)
        if span > LONGEST:
            raise self._document.fault(path, f"{text} is too long; 87600h (ten years) is the most")
        return span

    def _idempotency(self, block: Mapping[str, Any] | None) -> Idempotency | None:
        if block is None:
            return None
        window = self._duration(block.get("window", "24h"), ("idempotency", "window"))
        wait = self._duration(block["wait"], ("idempotency", "wait")) if "wait" in block else None
        return Idempotency(window, block.get("other_body", "replay_first"), block.get("store_failures", False), wait)

    def _webhooks(self, block: Mapping[str, Any] | None) -> Webhooks | None:
        if block is None:
            return None
        delay = self._span(block.get("delay", "0s"), ("webhooks", "delay"))
        return Webhooks(
            block.get("duplicate", 1), block.get("order", "natural"), delay, block.get("signature", "valid")
        )


def _id_of(document: UserFile) -> str:
    """The name, and a digest of source and values. Comments and white space do not change it."""
    text = f"{document.source}\n{json.dumps(document.value)}"
    return f"{document.value['name']}@{blake2b(text.encode('utf-8', 'surrogatepass'), digest_size=8).hexdigest()}"


def _chance(rule: Mapping[str, Any]) -> float:
    return float(rule.get("chance", "100%").strip().rstrip("%")) / 100


def _scope(rule: Mapping[str, Any]) -> Scope:
    """One account belongs to one API key, so `account` and `api_key` mean the same."""
    scope = rule.get("count_by", "account")
    return "account" if scope == "api_key" else cast(Scope, scope)


def _asks_for_seen(when: Mapping[str, Any]) -> bool:
    return when.get("idempotency_key") == "seen" or any(map(_asks_for_seen, when.get("any", ())))
