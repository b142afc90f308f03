"""LIFE and WEB: what becomes of a message, and what can be told of webhooks without a receiver."""

import json
from threading import Event
from typing import Any

from mock_sent.judging.conformance.answers import activities as sorted_activities
from mock_sent.judging.conformance.api import Answer, Api, Unknown, holds, same

_ORDER = ["ACCEPTED", "PROCESSED", "SENT", "DELIVERED"]
_HOOK = {"display_name": "conformance", "endpoint_url": "http://127.0.0.1:9/hook", "event_types": ["messages"]}
# Seconds that a message may take to its end, and between two looks at it.
_PATIENCE, _PAUSE = 15, 0.25


def lifecycle(api: Api) -> None:
    api.real()
    statuses = [event["status"] for event in _at_its_end(api, api.send().accepted.ids[0])["events"]]
    reached = statuses[:-1] if statuses[-1] == "FAILED" else statuses
    same("the statuses", reached, _ORDER[: len(reached)])
    holds("a message fails after it was accepted, not before", bool(reached))


def late_failure(api: Api) -> None:
    api.real()
    sent = api.send(template={"id": api.target.template, "parameters": {}})
    same("status", sent.status, 202)
    message = _at_its_end(api, sent.ids[0])
    same("the last status", message["status"], "FAILED")
    texts = [event.get("description") or "" for event in message["events"]]
    holds("the description names ERR_TEMPLATE_PARAMS_INVALID", "ERR_TEMPLATE_PARAMS_INVALID" in " ".join(texts))


def events(api: Api) -> None:
    sorted_activities(api)
    times = [event["timestamp"] for event in _at_its_end(api, api.send().accepted.ids[0])["events"]]
    same("the order of the events", times, sorted(times))


def subscriptions(api: Api) -> None:
    for name in ("display_name", "endpoint_url", "event_types"):
        body = {key: value for key, value in _HOOK.items() if key != name}
        _create(api, {**body, "sandbox": True}).is_failure(400, "VALIDATION_004")
    _create(api, {**_HOOK, "event_types": ["orders"], "sandbox": True}).is_failure(400, "VALIDATION_006")
    for known in ("messages", "templates"):
        same(f"status for {known}", _create(api, {**_HOOK, "event_types": [known], "sandbox": True}).status, 201)


def pages(api: Api) -> None:
    page = api.get("/v3/webhooks?page=1&page_size=100").accepted.data["pagination"]
    same("pagination.page_size", page["page_size"], 100)
    same("pagination.cursors", page["cursors"], None)
    same("page_size of 101", api.get("/v3/webhooks?page=1&page_size=101").status, 400)


def inactive(api: Api) -> None:
    api.real()
    id = _create(api, _HOOK).accepted.data["id"]
    path = f"/v3/webhooks/{id}"
    try:
        _ = _write(api, "PATCH", f"{path}/toggle-status", {"is_active": False}).accepted
        refused = _write(api, "POST", f"{path}/test", {"event_type": "messages"})
        same("error.code", refused.json["error"]["code"], "BUSINESS_010")
    finally:
        _write(api, "DELETE", path, None)


def _create(api: Api, body: dict[str, Any]) -> Answer:
    return _write(api, "POST", "/v3/webhooks", body)


def _write(api: Api, method: str, path: str, body: dict[str, Any] | None) -> Answer:
    content = None if body is None else json.dumps(body).encode()
    return api.ask(method, path, content, [("Content-Type", "application/json")])


def _at_its_end(api: Api, id: str) -> dict[str, Any]:
    """The message, once nothing more will become of it."""
    for _ in range(int(_PATIENCE / _PAUSE)):
        message: dict[str, Any] = api.get(f"/v3/messages/{id}").accepted.data
        if message["status"] in ("DELIVERED", "FAILED"):
            return message
        Event().wait(_PAUSE)
    raise Unknown(f"the message has not come to its end within {_PATIENCE} s")


CHECKS = {
    "LIFE-1": lifecycle,
    "LIFE-4": late_failure,
    "LIFE-6": events,
    "WEB-11": inactive,
    "WEB-14": subscriptions,
    "WEB-15": pages,
}
