"""The checks of later editions: free texts, pictures and schedules, and the tree of event types."""

from mock_sent.judging.conformance.api import LEFT_OUT, Api
from mock_sent.judging.conformance.comparing import holds, same
from mock_sent.judging.conformance.expected import SEND

_TEXT = "Hello from conformance"
_TYPES = "listWebhookEventTypes"


def either(api: Api) -> None:
    for changes in ({"text": _TEXT}, {"template": LEFT_OUT}, {"template": LEFT_OUT, "text": " "}):
        api.send(**changes).is_failure(api.expected.refusal(api.body(**changes)))


def without_pictures(api: Api) -> None:
    api.send(template=LEFT_OUT, text=_TEXT, channel=["mms"]).is_failure("mms_without_media")


def schedule(api: Api) -> None:
    api.send(scheduled_at="2099-01-01T09:00:00").is_failure("invalid_schedule")
    api.send(scheduled_at="2099-01-01T09:00:00Z").is_failure("schedule_out_of_range")


def text_alone(api: Api) -> None:
    answer = api.send(template=LEFT_OUT, text=_TEXT)
    same("status", answer.status, api.expected.success(SEND))
    same("the text", answer.text, _TEXT)
    for name in ("template_id", "template_name"):
        holds(f"data has no {name}", name not in answer.data)


def tree(api: Api) -> None:
    found = api.call(_TYPES, None).accepted.data["event_types"]
    same("the families", [each["name"] for each in found], list(api.expected.topics))
    events = {inner["name"] for each in found for inner in each["sub_types"] or ()}
    missing = sorted(set(api.expected.events) - events - set(api.expected.topics))
    holds(f"the tree has {', '.join(missing[:3])}", not missing)


CHECKS = {
    "SEND-15": either,
    "SEND-16": without_pictures,
    "SEND-17": schedule,
    "SEND-19": text_alone,
    "WEB-17": tree,
}
