"""The checks of ERR, READ and HEAD: the form of failures, reading messages, and the headers of every answer."""

import json
import re
from typing import Any

from mock_sent.ground.headers import parts_of
from mock_sent.judging.conformance.api import LEFT_OUT, UUID, Answer, Api
from mock_sent.judging.conformance.comparing import Differs, Unknown, holds, same
from mock_sent.judging.conformance.expected import ACTIVITIES, READ, SEND

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}\+00:00", re.ASCII)
_PRICE = re.compile(r"[0-9]+\.[0-9]{4}")
# Texts that JSON parsers read in different ways; {body} is replaced by the members of a valid request.
_DISPUTED = {
    "a doubled member": '{{{body}, "sandbox": true}}',
    "half a surrogate": '{{{body}, "x": "\\ud800"}}',
    "an integer over 64 bits": '{{{body}, "x": 18446744073709551616}}',
    "NaN": '{{{body}, "x": NaN}}',
    "too much depth": '{{{body}, "x": ' + "[" * 100 + "]" * 100 + "}}",
    "a byte order mark": "\ufeff{{{body}}}",
}


def envelope(api: Api) -> None:
    for answer in (api.send().accepted, api.send(to=[]), api.ask_unknown_path()):
        same("the envelope", sorted(answer.json), ["data", "error", "meta", "success"])
        holds("success says whether it is one", answer.json["success"] is (answer.status < 300))
        holds("data or error is null", None in (answer.json["data"], answer.json["error"]))


def error(api: Api) -> None:
    wanted = api.expected.refusal(api.body(to=[])), api.expected.failure("message_not_found", READ)
    for answer, failure in zip((api.send(to=[]), api.read(api.fresh_id())), wanted, strict=True):
        found = answer.json["error"]
        same("the error", sorted(found), ["code", "details", "doc_url", "message"])
        same("error.doc_url", found["doc_url"], failure.doc_url)
        holds("details are texts by member, or null", _are_details(found["details"]))


def empty_refusals(api: Api) -> None:
    answer = api.send(as_=api.fresh_id())
    if not answer.is_failure("api_key_unknown").has_body:
        same("the body", answer.content, b"")


def every_fault(api: Api) -> None:
    answer = api.send(to=[], template=LEFT_OUT)
    wanted = answer.is_failure(api.expected.refusal(api.body(to=[], template=LEFT_OUT)))
    same("error.message", answer.json["error"]["message"], wanted.message)
    same("error.details", answer.json["error"]["details"], wanted.details)


def mixed_faults(api: Api) -> None:
    changes: list[dict[str, Any]] = [{"to": ["12"], "template": LEFT_OUT}, {"to": ["12"], "channel": ["fax"]}]
    for change in changes:
        api.send(**change).is_failure(api.expected.refusal(api.body(**change)))


def too_large(api: Api) -> None:
    api.send(comment="x" * 2_000_000).is_failure("body_too_large")


def media_type(api: Api) -> None:
    content = json.dumps(api.body()).encode()
    for media_type in ("text/plain", "application/json; charset=latin-1"):
        api.post(content, ("Content-Type", media_type)).is_failure("unsupported_media_type")


def unknown_path(api: Api) -> None:
    api.ask_unknown_path().is_failure("unknown_path")
    api.ask("GET", api.expected.operation(SEND).path + "/", None, []).is_failure("unknown_path")


def unknown_method(api: Api) -> None:
    send = api.expected.operation(SEND)
    answer = api.ask("PUT", send.path, None, [])
    answer.is_failure("method_not_allowed")
    holds(f"Allow names {send.method}", send.method in parts_of(answer.headers.get("allow", ""), ","))


def disputed_json(api: Api) -> None:
    body = json.dumps(api.body())[1:-1]
    for what, form in _DISPUTED.items():
        try:
            api.post(form.format(body=body).encode()).is_failure("invalid_request")
        except Differs as e:
            raise Differs(f"{what}: {e}") from None


def doubled_header(api: Api) -> None:
    key = ("Idempotency-Key", api.fresh_key())
    api.post(json.dumps(api.body()).encode(), key, key).is_failure("invalid_request")


def wrong_types(api: Api) -> None:
    changes: list[dict[str, Any]] = [
        {"to": api.expected.numbers[0]},
        {"to": None},
        {"template": "x"},
        {"sandbox": "no"},
    ]
    for change in changes:
        api.send(**change).is_failure("invalid_request")
    template = {"id": api.template, "name": None, "parameters": None}
    answer = api.send(channel=None, template=template)
    same("status with nulls where they may be", answer.status, api.expected.success(SEND))


def wrong_forms(api: Api) -> None:
    for number in ("14155551234", "+04155551234", "+1415555123\uff14", "+1 415 555 1234"):
        api.send(to=[number]).is_failure("invalid_phone_number")
    api.send(template={"id": "7ba7b820"}).is_failure("invalid_uuid")
    api.send(channel=["fax"]).is_failure("invalid_channel")


def read(api: Api) -> None:
    api.demand_real_sends()
    sent = api.send(channel=["sms", "whatsapp"]).accepted
    for id, (to, channel) in zip(sent.ids, sent.recipients, strict=True):
        message = api.read(id).accepted.data
        found = {name: message.get(name) for name in ("id", "phone", "channel", "template_id")}
        wanted = {"id": id, "phone": to, "channel": channel, "template_id": sent.data["template_id"]}
        same("the message", found, wanted)
        holds("it has events", bool(message.get("events")))


def activities(api: Api) -> None:
    api.demand_real_sends()
    id = api.send().accepted.ids[0]
    found = api.call(ACTIVITIES, None, id=id).accepted.data.get("activities")
    holds("there are activities", bool(found))
    times = [activity["timestamp"] for activity in found]
    same("their order", times, sorted(times, reverse=True))
    for activity in found:
        price = activity.get("price")
        holds(
            f"the price {price!r} is a text of four decimals", isinstance(price, str) and bool(_PRICE.fullmatch(price))
        )
    price = api.read(id).accepted.data.get("price")
    holds(f"a message's price {price!r} is a number", isinstance(price, int | float))


def auto(api: Api) -> None:
    api.demand_real_sends()
    message = api.read(api.send(channel=["sent"]).accepted.ids[0]).accepted.data
    if message.get("channel") in ("sms", "whatsapp"):
        raise Unknown("the message was routed before it could be read")
    same("channel", message.get("channel"), "auto")


def contact(api: Api) -> None:
    api.demand_real_sends()
    sends = [api.send().accepted.ids[0] for _ in range(2)]
    first, second = (api.read(id).accepted.data for id in sends)
    for name in ("customer_id", "contact_id"):
        holds(f"{name} is a UUID", bool(UUID.fullmatch(str(first.get(name)))))
        same(name, second.get(name), first.get(name))
    documented = api.expected.example(READ)
    if documented.get("phone") == api.expected.numbers[0]:
        for name in ("phone_international", "region_code"):
            same(name, first.get(name), documented.get(name))


def unknown_id(api: Api) -> None:
    api.read(api.fresh_id()).is_failure("message_not_found")


def malformed_id(api: Api) -> None:
    api.read("no-uuid").is_failure("invalid_uuid")


def message_of_another_account(api: Api) -> None:
    api.demand_real_sends()
    other = api.option("other_key")
    api.read(api.send().accepted.ids[0], as_=other).is_failure("message_not_found")


def message_of_a_profile(api: Api) -> None:
    api.demand_real_sends()
    profile = api.option("profile")
    own, organizations = api.send(profile=profile).accepted.ids[0], api.send().accepted.ids[0]
    header = ("x-profile-id", profile)
    success = api.expected.success(READ)
    same("status of its own", api.read(own, header).status, success)
    same("status of its own for the organization", api.read(own).status, success)
    api.read(organizations, header).is_failure("message_not_found")


def request_id(api: Api) -> None:
    for answer in _some(api):
        same("X-Request-Id", answer.headers.get("x-request-id"), answer.json["meta"]["request_id"])


def version(api: Api) -> None:
    for answer in [*_some(api), api.send(as_="")]:
        same("X-API-Version", answer.headers.get("x-api-version"), api.expected.version)


def response_time(api: Api) -> None:
    for answer in _some(api):
        holds("X-Response-Time is there", "x-response-time" in answer.headers)


def meta(api: Api) -> None:
    for answer in _some(api):
        found = answer.json["meta"]
        holds(
            f"the form of request_id {found['request_id']!r}",
            bool(api.expected.request_id.fullmatch(found["request_id"])),
        )
        holds(f"the form of timestamp {found['timestamp']!r}", bool(_TIMESTAMP.fullmatch(found["timestamp"])))
        same("meta.version", found["version"], api.expected.version)


def _some(api: Api) -> list[Answer]:
    """The answers to a valid send, an invalid send and a read of an unknown message."""
    return [api.send().accepted, api.send(to=[]), api.read(api.fresh_id())]


def _are_details(details: Any) -> bool:
    return details is None or (
        isinstance(details, dict)
        and all(isinstance(texts, list) and all(isinstance(t, str) for t in texts) for texts in details.values())
    )


CHECKS = {
    "ERR-1": envelope,
    "ERR-2": error,
    "ERR-3": empty_refusals,
    "ERR-4": every_fault,
    "ERR-5": mixed_faults,
    "ERR-6": too_large,
    "ERR-7": media_type,
    "ERR-8": unknown_path,
    "ERR-9": unknown_method,
    "ERR-10": disputed_json,
    "ERR-11": doubled_header,
    "ERR-12": wrong_types,
    "ERR-13": wrong_forms,
    "READ-1": read,
    "READ-2": activities,
    "READ-3": auto,
    "READ-4": contact,
    "READ-5": unknown_id,
    "READ-6": malformed_id,
    "READ-7": message_of_another_account,
    "READ-8": message_of_a_profile,
    "HEAD-1": request_id,
    "HEAD-2": version,
    "HEAD-3": response_time,
    "HEAD-4": meta,
}
