"""SEND and SAND: what a send does, and what a sandbox send does."""

from mock_sent.judging.conformance.api import (
    CHANNELS,
    FIRST,
    LEFT_OUT,
    ORDER_CONFIRMATION,
    PARAMETERS,
    SECOND,
    UUID,
    Api,
    Unknown,
    holds,
    same,
)

TEXT = "Hi John Doe, your order #12345 has been confirmed."


def accepted(api: Api) -> None:
    answer = api.send()
    same("status", answer.status, 202)
    same("data.status", answer.data.get("status"), "accepted")
    same("success", answer.json.get("success"), True)


def broadcast(api: Api) -> None:
    answer = api.send(to=[FIRST, SECOND], channel=CHANNELS).accepted
    same("the recipients", answer.recipients, [(to, channel) for to in (FIRST, SECOND) for channel in CHANNELS])
    holds("each message has a UUID of its own", len(set(answer.ids)) == 4 and all(map(UUID.fullmatch, answer.ids)))


def routed(api: Api) -> None:
    for channel in (LEFT_OUT, None, [], ["sent"]):
        same("the recipients", api.send(channel=channel).accepted.recipients, [(FIRST, None)])


def duplicates(api: Api) -> None:
    answer = api.send(to=[FIRST, FIRST]).accepted
    same("the recipients", answer.recipients, [(FIRST, "sms"), (FIRST, "sms")])
    holds("two messages", len(set(answer.ids)) == 2)
    same("the recipients", api.send(channel=["sms", "sms"]).accepted.recipients, [(FIRST, "sms"), (FIRST, "sms")])


def rcs(api: Api) -> None:
    same("the recipients", api.send(channel=["sms", "rcs"]).accepted.recipients, [(FIRST, "sms")])
    api.send(channel=["rcs"]).is_failure(400, "VALIDATION_006")


def routed_beside(api: Api) -> None:
    same("the recipients", api.send(channel=["sms", "sent"]).accepted.recipients, [(FIRST, "sms"), (FIRST, None)])


def by_id_or_name(api: Api) -> None:
    api.real()
    by_id = api.send().accepted.data
    same("data.template_id", by_id.get("template_id"), api.target.template)
    name = by_id.get("template_name")
    same(
        "data.template_id by name", api.send(template={"name": name}).accepted.data["template_id"], by_id["template_id"]
    )
    both = api.send(template={"id": api.target.template, "name": "no_such_template"}).accepted.data
    same("data.template_name of both", both.get("template_name"), name)


def strange_members(api: Api) -> None:
    template = {"id": api.target.template, "parameters": PARAMETERS, "language": "en"}
    same("status", api.send(template=template, comment="none of yours").status, 202)


def missing_parameter(api: Api) -> None:
    api.real()
    _page_template(api)
    answer = api.send(template={"id": api.target.template, "parameters": {"name": "John Doe"}})
    same("status", answer.status, 202)
    text = answer.data.get("body")
    holds("the text keeps the placeholder", isinstance(text, str) and "John Doe" in text and "{{" in text)


def unknown_template(api: Api) -> None:
    api.real()
    for template in ({"id": api.fresh_id()}, {"name": "no_such_template"}):
        answer = api.send(template=template)
        answer.is_failure(404, "RESOURCE_002")
        same("error.message", answer.json["error"]["message"], "Template not found")


def no_money(api: Api) -> None:
    api.real()
    answer = api.send(as_=api.given("poor_key"), to=[FIRST, SECOND], channel=CHANNELS)
    answer.is_failure(402, "BUSINESS_003")
    same("error.message", answer.json["error"]["message"], "Insufficient balance to send message.")


def too_many(api: Api) -> None:
    numbers = [f"+1415555{number:04d}" for number in range(1001)]
    api.send(to=numbers).is_failure(400, "VALIDATION_005")
    same("status of 1,000 in the sandbox", api.send(to=numbers[:1000], sandbox=True).status, 202)


def text(api: Api) -> None:
    api.real()
    _page_template(api)
    parameters = {**PARAMETERS, "strange": "x"}
    answer = api.send(template={"id": api.target.template, "parameters": parameters}).accepted
    same("data.body", answer.data.get("body"), TEXT)


def sandbox(api: Api) -> None:
    answer = api.send(sandbox=True)
    same("status", answer.status, 202)
    same("X-Sandbox", answer.headers.get("x-sandbox"), "true")
    same("the recipients", answer.recipients, [(FIRST, "sms")])


def sandbox_ids(api: Api) -> None:
    api.get(f"/v3/messages/{api.send(sandbox=True).accepted.ids[0]}").is_failure(404, "RESOURCE_003")


def sandbox_template(api: Api) -> None:
    answer = api.send(sandbox=True, template={"name": "no_such_template"})
    same("status", answer.status, 202)
    same("data.body", answer.data.get("body"), None)


def sandbox_money(api: Api) -> None:
    answer = api.send(as_=api.given("poor_key"), sandbox=True, to=[FIRST, SECOND], channel=CHANNELS)
    same("status", answer.status, 202)


def sandbox_is_judged(api: Api) -> None:
    api.send(sandbox=True, to=[]).is_failure(400, "VALIDATION_004")
    api.send(sandbox=True, as_="").is_failure(401, None)


def sandbox_replay(api: Api) -> None:
    key = api.fresh_key()
    first, again = api.send(sandbox=True, key=key).accepted, api.send(sandbox=True, key=key)
    same("the body", again.content, first.content)
    same("X-Sandbox of the replay", again.headers.get("x-sandbox"), "true")


def _page_template(api: Api) -> None:
    if api.target.template != ORDER_CONFIRMATION:
        raise Unknown("is about the page's template; --template names another")


CHECKS = {
    "SEND-1": accepted,
    "SEND-2": broadcast,
    "SEND-3": routed,
    "SEND-4": duplicates,
    "SEND-5": rcs,
    "SEND-6": routed_beside,
    "SEND-7": by_id_or_name,
    "SEND-8": strange_members,
    "SEND-9": missing_parameter,
    "SEND-10": unknown_template,
    "SEND-11": no_money,
    "SEND-12": too_many,
    "SEND-13": text,
    "SAND-1": sandbox,
    "SAND-2": sandbox_ids,
    "SAND-3": sandbox_template,
    "SAND-4": sandbox_money,
    "SAND-5": sandbox_is_judged,
    "SAND-6": sandbox_replay,
}
