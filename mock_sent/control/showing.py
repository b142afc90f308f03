"""What the control plane shows of exchanges, messages and findings. All masking of secrets is in this module."""

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from mock_sent.accounts import Account
from mock_sent.api.envelope import Reply, head_of
from mock_sent.control.messagefacts import status_of
from mock_sent.ground.clock import SECOND, timestamp
from mock_sent.ground.money import UNITS
from mock_sent.journal import Exchange
from mock_sent.journal.facts import facts_of
from mock_sent.journal.record import RawHeaders, head_text, headers_of
from mock_sent.scenarios.scenario import Scenario
from mock_sent.scenarios.trail import sentences
from mock_sent.settings import masked
from mock_sent.webhooks.signing import masked as masked_signing
from mock_sent.world.lifecycle import life
from mock_sent.world.messages import AUTO, Message, Send

if TYPE_CHECKING:
    from mock_sent.judging.audit import AuditFinding

# The messages of a request that a finding of the audit names, and the deliver rules that an explanation names.
_MOST_IDS, _MOST_RULES = 100, 100
# The headers whose values are shown; any other one is masked, because proxies and gateways put credentials into headers
# of any name (`x-access-key`, `x-jwt-assertion`, `x-session`).
_SHOWN = re.compile(
    r"accept(-.*)?|age|allow|cache-control|connection|content-.*|date|etag|expect|forwarded|host|idempot.*|keep-alive|"
    r"origin|prefer(ence-applied)?|range|retry-after|sec-fetch-.*|server|te|trailer|transfer-encoding|"
    r"upgrade(-insecure-requests)?|user-agent|vary|via|"
    r"traceparent|x-(api-version|correlation-id|forwarded-(for|host|port|proto)|mock-(?!token).*|original-request-id|"
    r"profile-id|ratelimit-.*|real-ip|request-id|response-time|sandbox|stainless-.*)"
)


def summary(x: Exchange) -> dict[str, Any]:
    """An exchange in a list."""
    return {
        "request_id": x.request_id,
        "number": x.number,
        "at": timestamp(x.at),
        "method": x.method,
        "path": x.path,
        "operation": x.operation or None,
        "status": x.status,
        "milliseconds": x.milliseconds,
        "account": x.account,
        "profile": x.profile,
        "outcome": x.outcome or ("accepted" if 200 <= x.status < 300 else None),
        "key": x.key,
        "key_fate": x.key_fate or None,
        "original_request_id": x.original or None,
        "rule": x.rule or None,
        "fault": x.fault or None,
        "answer_lost": bool(x.fault) or x.lost or x.status == 0,
        "messages": list(x.made),
    }


def explanation(x: Exchange, find: Callable[[str], Scenario | None], send: Send | None) -> dict[str, Any]:
    """A whole exchange, with the reasons for its answer.

    `find` returns the compiled scenario of an id; `send` has the messages that the exchange made, if they are kept.
    """
    decision = x.decision
    asked = [find(scenario.id) or scenario for scenario in x.scenarios]
    planned = send.timetables if send else ()
    return {
        **summary(x),
        "request": {"headers": _headers(x.headers), "body": _body(x.request_body, x.body())},
        "reply": {
            "status": x.status,
            "headers": _headers(headers_of(head_text(_head(x)))),
            "body": _body(x.reply_body, _reply(x)),
        },
        "why": {
            "contract_faults": list(x.violations),
            "unknown_members": list(x.unknown),
            "scenarios": [scenario.name for scenario in x.scenarios],
            "rule": x.rule or None,
            "decision": decision.kind if decision.rule or decision.kind != "accept" else None,
            "delay_seconds": decision.delay / SECOND,
            "rules_that_did_not_fire": list(sentences(decision.trail, facts_of(x), asked)),
            "deliver_rules": list(dict.fromkeys(each.rule for each in planned if each.rule))[:_MOST_RULES],
            "gate": next((each.gate for each in planned if each.gate), None),
            "key": {"value": x.key, "fate": x.key_fate or None, "original_request_id": x.original or None},
            "other_body": x.other_body,
            "warnings": list(x.warnings),
        },
    }


def message(m: Message, account: Account) -> dict[str, Any]:
    """A message with its timeline."""
    send = m.send
    return {
        "id": m.id,
        "to": m.to,
        "channel": m.channel or AUTO,
        "template": {"id": m.template_id or "", "name": m.template_name or ""},
        "text": send.body,
        "status": status_of(m, account),
        "at": timestamp(send.at),
        "price": m.price / UNITS,
        "profile": send.profile,
        "idempotency_key": send.key,
        "request_id": send.request_id,
        "advance": "clock" if m.moves is None else "manual",
        "deliver_rule": m.timetable.rule or None,
        "gate": m.timetable.gate or None,
        "timeline": _timeline(m, account),
    }


def finding(f: "AuditFinding") -> dict[str, Any]:
    """A finding of the audit."""
    return {
        "kind": f.kind,
        "severity": "error" if f.error else "warning",
        "request": _finding_request(f.later),
        "earlier_request": _finding_request(f.earlier) if f.earlier else None,
        "earlier_request_id": f.earlier_id or None,
        "differs": f.differs,
        "in_production": f.in_production,
        "sentence": str(f),
    }


def _timeline(m: Message, account: Account) -> list[dict[str, Any]]:
    """The past statuses of a message, and the future ones that the clock decides."""
    lifecycle, rule = account.edition.lifecycle, m.timetable.rule
    shown = []
    for event in life(m):
        each = {"status": lifecycle.statuses[event.stage], "at": timestamp(event.at), "reason": event.reason}
        if rule and event.stage == lifecycle.failed:
            each["rule"] = rule
        shown.append(each)
    return shown


def _finding_request(x: Exchange) -> dict[str, Any]:
    shown = summary(x)
    names = ("request_id", "at", "status", "outcome", "key", "answer_lost")
    return {**{name: shown[name] for name in names}, "messages": shown["messages"][:_MOST_IDS]}


def _headers(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    shown: dict[str, str] = {}
    for name, value in pairs:
        text = value if _SHOWN.fullmatch(name) else masked(value)
        shown[name] = f"{shown[name]}, {text}" if name in shown else text
    return shown


def _head(x: Exchange) -> RawHeaders:
    """The headers of the reply; none if the client disconnected before there was a reply."""
    if not x.status:
        return ()
    reply = Reply(x.status, x.reply_body, list(x.reply_headers))
    if any(name == b"x-mock-bug" for name, _ in x.reply_headers):
        reply.media_type = b"text/plain; charset=utf-8"
    return head_of(reply, x.request_id, x.milliseconds, x.warnings)


def _body(raw: bytes, parsed: Any) -> Any:
    return raw.decode("utf-8", "replace") if parsed is None and raw != b"null" else parsed


def _reply(x: Exchange) -> Any:
    """The reply's JSON. A webhook's secret is masked: only the client that made the webhook gets it, once."""
    reply = x.reply()
    data = reply.get("data") if isinstance(reply, dict) else None
    if isinstance(data, dict) and isinstance(secret := data.get("signing_secret"), str):
        return {**reply, "data": {**data, "signing_secret": masked_signing(secret)}}
    return reply
