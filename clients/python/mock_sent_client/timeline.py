"""What happened in an account, line by line, for the report of a failed test."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from mock_sent_client.control import Control
from mock_sent_client.errors import escaped
from mock_sent_client.forms import AUDIT, DELIVERIES, MESSAGES, READY, REQUEST, REQUESTS

# The requests that are shown, and the faults and warnings of each.
_MOST, _MOST_TEXTS = 50, 5


def timeline(control: Control) -> str:
    """Requests, answers, rules, faults, warnings, messages with their statuses, webhooks, findings, and the seed."""
    listed = control.ask("GET", f"/requests?limit={_MOST}", form=REQUESTS)
    messages = {m["id"]: m for m in control.ask("GET", "/messages?limit=10000", form=MESSAGES)["messages"]}
    deliveries: dict[str, list[Any]] = {}
    for delivery in reversed(control.ask("GET", "/webhooks/deliveries", form=DELIVERIES)["deliveries"]):
        deliveries.setdefault(delivery["message_id"], []).append(delivery)
    lines: list[str] = []
    for x in reversed(listed["requests"]):
        explained = control.ask("GET", f"/requests/{quote(x['request_id'], '')}", form=REQUEST)
        lines += _lines(explained, messages, deliveries)
    lines = lines or ["no request came"]
    if listed["count"] != len(listed["requests"]):
        lines.insert(0, f"the last {len(listed['requests'])} of {listed['count']} requests:")
    lines += [f"audit: {finding['sentence']}" for finding in control.ask("GET", "/audit", form=AUDIT)["findings"]]
    seed = control.ask("GET", "/ready", form=READY)["seed"]
    lines.append(f"MOCK_SENT_SEED={seed} repeats its ids and chances ({control.url})")
    return "\n".join(map(escaped, lines))


def _lines(x: dict[str, Any], messages: dict[str, Any], deliveries: dict[str, list[Any]]) -> Iterator[str]:
    parts = [x["at"][11:23], x["method"], x["path"], "->", str(x["status"] or "no answer,"), x["outcome"] or ""]
    parts += [f"{name} {x[name]}" for name in ("rule", "fault", "key") if x[name]]
    parts += [f"({x['key_fate']}{_original(x)})"] if x["key_fate"] else []
    yield " ".join(filter(None, parts))
    for name, word in (("contract_faults", "fault"), ("warnings", "warning")):
        texts = x["why"].get(name, ())
        yield from (f"    {word}: {text}" for text in texts[:_MOST_TEXTS])
        if len(texts) > _MOST_TEXTS:
            yield f"    and {len(texts) - _MOST_TEXTS} more"
    body = x["request"]["body"]
    if isinstance(body, dict) and body.get("sandbox") is True and x["status"] < 300 and x["key_fate"] != "replayed":
        yield "    sandbox: true, so nothing was made"
    for id in x["messages"]:
        if m := messages.get(id):
            yield f"    {m['to']} {m['channel']} {m['status']}{_failure(m)}: {m['text']}"
        for d in deliveries.get(id, ()):
            answer = d["http_status"] or d["error"] or "not yet"
            yield f"        webhook {d['event_type']} {d['status']}: {answer}, {d['attempts']} attempts"


def _failure(m: dict[str, Any]) -> str:
    """Why a message fails, also if it has not failed yet."""
    failed = next((each for each in m.get("timeline", ()) if each["reason"]), None)
    if failed is None:
        return ""
    rule, gate = m.get("deliver_rule"), m.get("gate")
    by = f", by the deliver rule {rule}" if rule else f", at the gate {gate!r}" if gate else ""
    will = "" if failed["status"] == m["status"] else f"will be {failed['status']}: "
    return f" ({will}{failed['reason']}{by})"


def _original(x: dict[str, Any]) -> str:
    """The request that first used the key, if it is another one."""
    return f", {x['original_request_id']}" if x["original_request_id"] else ""
