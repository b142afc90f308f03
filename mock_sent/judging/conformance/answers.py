"""ERR, READ and HEAD: how failures look, how messages are read, what is on every answer."""

import json
import re
from typing import Any

from mock_sent.judging.conformance.api import FIRST, LEFT_OUT, UUID, Answer, Api, Differs, Unknown, holds, same

_REQUEST_ID = re.compile(r"req_[A-Za-z0-9]{10}")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}\+00:00", re.ASCII)
_PRICE = re.compile(r"[0-9]+\.[0-9]{4}")
# Texts that readers of JSON disagree about; {body} stands for the members of a right request.
_DISPUTED = {
    "a doubled member": '{{{body}, "sandbox": true}}',
    "half a surrogate": '{{{body}, "x": "\\ud800"}}',
    "an integer over 64 bits": '{{{body}, "x": 18446744073709551616}}',
    "NaN": '{{{body}, "x": NaN}}',
    "too much depth": '{{{body}, "x": ' + "[" * 100 + "]" * 100 + "}}",
    "a byte order mark": "\ufeff{{{body}}}",
}


def envelope(api: Api) -> None:
    for answer in (api.send().accepted, api.send(to=[]), api.get("/v3/nothing")):
        same("the envelope", sorted(answer.json), ["data", "error", "meta", "success"])
        holds("success says whether it is one", answer.json["success"] is (answer.status < 300))
        holds("data or error is null", None in (answer.json["data"], answer.json["error"]))


def error(api: Api) -> None:
    for answer in (api.send(to=[]), api.get(f"/v3/messages/{api.fresh_id()}")):
        found = answer.json["error"]
        same("the error", sorted(found), ["code", "details", "doc_url", "message"])
        same("error.doc_url", found["doc_url"], f"https://docs.sent.dm/errors/{found['code']}")
        holds("details are texts by member, or null", _are_details(found["details"]))


def empty_refusals(api: Api) -> None:
    answer = api.send(as_=api.fresh_id())
    same("status", answer.status, 401)
    same("the body", answer.content, b"")


def every_fault(api: Api) -> None:
    answer = api.send(to=[], template=LEFT_OUT)
    answer.is_failure(400, "VALIDATION_004")
    same("error.message", answer.json["error"]["message"], "Request validation failed")
    wanted = {"to": ["'to' must contain at least one recipient"], "template": ["'template' is required"]}
    same("error.details", answer.json["error"]["details"], wanted)


def mixed_faults(api: Api) -> None:
    api.send(to=["12"], template=LEFT_OUT).is_failure(400, "VALIDATION_004")
    api.send(to=["12"], channel=["fax"]).is_failure(400, "VALIDATION_001")


def too_large(api: Api) -> None:
    api.send(comment="x" * 2_000_000).is_failure(413, "VALIDATION_005")


def media_type(api: Api) -> None:
    content = json.dumps(api.body()).encode()
    for media_type in ("text/plain", "application/json; charset=latin-1"):
        answer = api.ask("POST", "/v3/messages", content, [("Content-Type", media_type)])
        answer.is_failure(415, "VALIDATION_001")


def unknown_path(api: Api) -> None:
    for path in ("/v3/nothing", "/v3/messages/"):
        api.get(path).is_failure(404, "RESOURCE_013")


def unknown_method(api: Api) -> None:
    answer = api.ask("PUT", "/v3/messages", None, [])
    answer.is_failure(405, "VALIDATION_001")
    holds("Allow names POST", "POST" in answer.headers.get("allow", ""))


def disputed_json(api: Api) -> None:
    body = json.dumps(api.body())[1:-1]
    for what, form in _DISPUTED.items():
        try:
            api.post(form.format(body=body).encode()).is_failure(400, "VALIDATION_001")
        except Differs as e:
            raise Differs(f"{what}: {e}") from None


def doubled_header(api: Api) -> None:
    key = ("Idempotency-Key", api.fresh_key())
    api.post(json.dumps(api.body()).encode(), key, key).is_failure(400, "VALIDATION_001")


def wrong_types(api: Api) -> None:
    changes: list[dict[str, Any]] = [{"to": FIRST}, {"to": None}, {"template": "x"}, {"sandbox": "no"}]
    for change in changes:
        api.send(**change).is_failure(400, "VALIDATION_001")
    template = {"id": api.target.template, "name": None, "parameters": None}
    same("status with nulls where they may be", api.send(channel=None, template=template).status, 202)


def wrong_forms(api: Api) -> None:
    for number in ("14155551234", "+04155551234", "+1415555123\uff14", "+1 415 555 1234"):
        api.send(to=[number]).is_failure(400, "VALIDATION_002")
    api.send(template={"id": "7ba7b820"}).is_failure(400, "VALIDATION_003")
    api.send(channel=["fax"]).is_failure(400, "VALIDATION_006")


def read(api: Api) -> None:
    api.real()
    sent = api.send(channel=["sms", "whatsapp"]).accepted
    for id, (to, channel) in zip(sent.ids, sent.recipients, strict=True):
        message = api.get(f"/v3/messages/{id}").accepted.data
        found = {name: message.get(name) for name in ("id", "phone", "channel", "template_id")}
        wanted = {"id": id, "phone": to, "channel": channel, "template_id": sent.data["template_id"]}
        same("the message", found, wanted)
        holds("it has events", bool(message.get("events")))


def activities(api: Api) -> None:
    api.real()
    id = api.send().accepted.ids[0]
    found = api.get(f"/v3/messages/{id}/activities").accepted.data.get("activities")
    holds("there are activities", bool(found))
    times = [activity["timestamp"] for activity in found]
    same("their order", times, sorted(times, reverse=True))
    for activity in found:
        price = activity.get("price")
        holds(
            f"the price {price!r} is a text of four decimals", isinstance(price, str) and bool(_PRICE.fullmatch(price))
        )
    price = api.get(f"/v3/messages/{id}").accepted.data.get("price")
    holds(f"a message's price {price!r} is a number", isinstance(price, int | float))


def auto(api: Api) -> None:
    api.real()
    message = api.get(f"/v3/messages/{api.send(channel=['sent']).accepted.ids[0]}").accepted.data
    if message.get("channel") in ("sms", "whatsapp"):
        raise Unknown("the message was routed before it could be read")
    same("channel", message.get("channel"), "auto")


def contact(api: Api) -> None:
    api.real()
    sends = [api.send().accepted.ids[0] for _ in range(2)]
    first, second = (api.get(f"/v3/messages/{id}").accepted.data for id in sends)
    for name in ("customer_id", "contact_id"):
        holds(f"{name} is a UUID", bool(UUID.fullmatch(str(first.get(name)))))
        same(name, second.get(name), first.get(name))
    same("phone_international", first.get("phone_international"), "+1 415-555-1234")
    same("region_code", first.get("region_code"), "US")


def unknown_id(api: Api) -> None:
    api.get(f"/v3/messages/{api.fresh_id()}").is_failure(404, "RESOURCE_003")


def malformed_id(api: Api) -> None:
    api.get("/v3/messages/no-uuid").is_failure(400, "VALIDATION_003")


def strangers_message(api: Api) -> None:
    api.real()
    other = api.given("other_key")
    api.get(f"/v3/messages/{api.send().accepted.ids[0]}", as_=other).is_failure(404, "RESOURCE_003")


def profiles_message(api: Api) -> None:
    api.real()
    profile = api.given("profile")
    own, organizations = api.send(profile=profile).accepted.ids[0], api.send().accepted.ids[0]
    header = ("x-profile-id", profile)
    same("status of its own", api.get(f"/v3/messages/{own}", header).status, 200)
    same("status of its own for the organization", api.get(f"/v3/messages/{own}").status, 200)
    api.get(f"/v3/messages/{organizations}", header).is_failure(404, "RESOURCE_003")


def request_id(api: Api) -> None:
    for answer in _some(api):
        same("X-Request-Id", answer.headers.get("x-request-id"), answer.json["meta"]["request_id"])


def version(api: Api) -> None:
    for answer in [*_some(api), api.send(as_="")]:
        same("X-API-Version", answer.headers.get("x-api-version"), "v3")


def response_time(api: Api) -> None:
    for answer in _some(api):
        holds("X-Response-Time is there", "x-response-time" in answer.headers)


def meta(api: Api) -> None:
    for answer in _some(api):
        found = answer.json["meta"]
        holds(f"the form of request_id {found['request_id']!r}", bool(_REQUEST_ID.fullmatch(found["request_id"])))
        holds(f"the form of timestamp {found['timestamp']!r}", bool(_TIMESTAMP.fullmatch(found["timestamp"])))
        same("meta.version", found["version"], "v3")


def _some(api: Api) -> list[Answer]:
    """A success, a fault, something that is not there."""
    return [api.send().accepted, api.send(to=[]), api.get(f"/v3/messages/{api.fresh_id()}")]


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
    "READ-7": strangers_message,
    "READ-8": profiles_message,
    "HEAD-1": request_id,
    "HEAD-2": version,
    "HEAD-3": response_time,
    "HEAD-4": meta,
}
