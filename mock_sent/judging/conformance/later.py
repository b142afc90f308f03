"""The checks of LIFE and WEB: the lifecycle of messages, and webhooks as far as they need no receiver."""

from threading import Event
from typing import Any

from mock_sent.ground.clock import SECOND, ticks
from mock_sent.judging.conformance.answers import activities as sorted_activities
from mock_sent.judging.conformance.api import Answer, Api
from mock_sent.judging.conformance.comparing import Unknown, holds, same
from mock_sent.judging.conformance.expected import SEND

_CREATE, _LIST = "createWebhook", "listWebhooks"
# Seconds that a message may take to its final status, and between two reads of it.
_TIMEOUT, _PAUSE = 15, 0.25


def lifecycle(api: Api) -> None:
    api.demand_real_sends()
    statuses = [event["status"] for event in _final(api, api.send().accepted.ids[0])["events"]]
    reached = statuses[:-1] if statuses[-1] == api.expected.failed else statuses
    same("the statuses", reached, api.expected.way[: len(reached)])
    holds("a message fails after it was accepted, not before", bool(reached))


def late_failure(api: Api) -> None:
    api.demand_real_sends()
    sent = api.send(template={"id": api.template, "parameters": {}})
    same("status", sent.status, api.expected.success(SEND))
    message = _final(api, sent.ids[0])
    same("the last status", message["status"], api.expected.failed)
    texts = [event.get("description") or "" for event in message["events"]]
    texts.append(message.get("reason") or "")
    reason = api.expected.reason("parameters")
    holds(f"the message names {reason}", reason in " ".join(texts))


def insufficient_balance(api: Api) -> None:
    api.demand_real_sends()
    poor, expected = api.option("poor_key"), api.expected
    answer = api.send(as_=poor, to=expected.numbers, channel=expected.channels)
    ending = expected.ending("insufficient_balance")
    if ending is None:
        wanted = answer.is_failure("insufficient_balance")
        same("error.message", answer.json["error"]["message"], wanted.message)
        return
    status, code = ending
    ends = [_final(api, id, poor) for id in answer.accepted.ids]
    stopped = [(message["status"], message.get("reason_code")) for message in ends if message["status"] == status]
    same(f"the last message that is {status}", stopped[-1:], [(status, code)])


def events(api: Api) -> None:
    sorted_activities(api)
    times = [event["timestamp"] for event in _final(api, api.send().accepted.ids[0])["events"]]
    same("the order of the events", times, sorted(times))


def subscriptions(api: Api) -> None:
    hook = {**_hook(api), "sandbox": True}
    for name in ("display_name", "endpoint_url", "event_types"):
        body = {key: value for key, value in hook.items() if key != name}
        api.call(_CREATE, body).is_failure("webhook_incomplete")
    api.call(_CREATE, {**hook, "event_types": ["no_such_topic"]}).is_failure("invalid_event_type")
    for known in api.expected.topics:
        answer = api.call(_CREATE, {**hook, "event_types": [known]})
        same(f"status for {known}", answer.status, api.expected.success(_CREATE))


def pages(api: Api) -> None:
    largest = api.expected.largest_page(_LIST)
    page = _page(api, largest).accepted.data["pagination"]
    same("pagination.page_size", page["page_size"], largest)
    same("pagination.cursors", page["cursors"], None)
    _page(api, largest + 1).has_status_of("page_out_of_range")


def inactive(api: Api) -> None:
    api.demand_real_sends()
    id = api.call(_CREATE, _hook(api)).accepted.data["id"]
    try:
        _ = api.call("toggleWebhook", {"is_active": False}, id=id).accepted
        refused = api.call("testWebhook", {"event_type": api.expected.topic_of_messages}, id=id)
        refused.is_failure("webhook_inactive")
    finally:
        api.call("deleteWebhook", None, id=id)


def _hook(api: Api) -> dict[str, Any]:
    topics = [api.expected.topic_of_messages]
    return {"display_name": "conformance", "endpoint_url": "http://127.0.0.1:9/hook", "event_types": topics}


def _page(api: Api, size: int) -> Answer:
    return api.call(_LIST, None, query=f"?page=1&page_size={size}")


def _final(api: Api, id: str, as_: str | None = None) -> dict[str, Any]:
    """The message, when it has reached a final status. Raises `Unknown` if it takes too long."""
    end = ticks() + _TIMEOUT * SECOND
    while ticks() < end:
        message: dict[str, Any] = api.read(id, as_=as_).accepted.data
        holds(f"the contract has the status {message['status']!r}", message["status"] in api.expected.statuses)
        if message["status"] in api.expected.final:
            return message
        Event().wait(_PAUSE)
    raise Unknown(f"the message did not reach a final status within {_TIMEOUT} s")


CHECKS = {
    "LIFE-1": lifecycle,
    "LIFE-4": late_failure,
    "LIFE-6": events,
    "SEND-11": insufficient_balance,
    "WEB-11": inactive,
    "WEB-14": subscriptions,
    "WEB-15": pages,
}
