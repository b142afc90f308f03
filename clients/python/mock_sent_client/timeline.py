"""What happened in an account, line by line, for the report of a failed test."""

from collections.abc import Iterator
from typing import Any

from mock_sent_client.control import Control
from mock_sent_client.errors import escaped
from mock_sent_client.forms import AUDIT, DELIVERIES, MESSAGES, READY, REQUESTS

_MOST = 50


def timeline(control: Control) -> str:
    """Requests, answers, rules, messages with their statuses, webhooks, findings, and the seed."""
    listed = control.ask("GET", f"/requests?limit={_MOST}", form=REQUESTS)
    messages = {m["id"]: m for m in control.ask("GET", "/messages?limit=10000", form=MESSAGES)["messages"]}
    deliveries: dict[str, list[Any]] = {}
    for delivery in reversed(control.ask("GET", "/webhooks/deliveries", form=DELIVERIES)["deliveries"]):
        deliveries.setdefault(delivery["message_id"], []).append(delivery)
    lines = [line for x in reversed(listed["requests"]) for line in _lines(x, messages, deliveries)] or [
        "no request came"
    ]
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
    for id in x["messages"]:
        if m := messages.get(id):
            yield f"    {m['to']} {m['channel']} {m['status']}: {m['text']}"
        for d in deliveries.get(id, ()):
            answer = d["http_status"] or d["error"] or "not yet"
            yield f"        webhook {d['event_type']} {d['status']}: {answer}, {d['attempts']} attempts"


def _original(x: dict[str, Any]) -> str:
    """The request that first used the key, if it is another one."""
    return f", {x['original_request_id']}" if x["original_request_id"] else ""
