"""The checks of SEND and SAND: sends, and sandbox sends."""

from mock_sent.judging.conformance.api import LEFT_OUT, UUID, Api, text_in
from mock_sent.judging.conformance.comparing import Unknown, holds, same
from mock_sent.judging.conformance.expected import SEND


def accepted(api: Api) -> None:
    answer = api.send()
    same("status", answer.status, api.expected.success(SEND))
    same("data.status", answer.data.get("status"), api.expected.example(SEND).get("status"))
    same("success", answer.json.get("success"), True)


def broadcast(api: Api) -> None:
    numbers, channels = api.expected.numbers, api.expected.channels
    answer = api.send(to=numbers, channel=channels).accepted
    pairs = [(to, channel) for to in numbers for channel in channels]
    same("the recipients", answer.recipients, pairs)
    holds(
        "each message has a UUID of its own",
        len(set(answer.ids)) == len(pairs) and all(map(UUID.fullmatch, answer.ids)),
    )


def routed(api: Api) -> None:
    first = api.expected.numbers[0]
    for channel in (LEFT_OUT, None, [], ["sent"]):
        same("the recipients", api.send(channel=channel).accepted.recipients, [(first, None)])


def duplicates(api: Api) -> None:
    first = api.expected.numbers[0]
    answer = api.send(to=[first, first]).accepted
    same("the recipients", answer.recipients, [(first, "sms"), (first, "sms")])
    holds("two messages", len(set(answer.ids)) == 2)
    same("the recipients", api.send(channel=["sms", "sms"]).accepted.recipients, [(first, "sms"), (first, "sms")])


def rcs(api: Api) -> None:
    first = api.expected.numbers[0]
    same("the recipients", api.send(channel=["sms", "rcs"]).accepted.recipients, [(first, "sms")])
    api.send(channel=["rcs"]).is_failure("invalid_channel")


def routed_beside(api: Api) -> None:
    first = api.expected.numbers[0]
    same("the recipients", api.send(channel=["sms", "sent"]).accepted.recipients, [(first, "sms"), (first, None)])


def by_id_or_name(api: Api) -> None:
    api.demand_real_sends()
    by_id = api.send().accepted.data
    same("data.template_id", by_id.get("template_id"), api.template)
    name = by_id.get("template_name")
    same(
        "data.template_id by name", api.send(template={"name": name}).accepted.data["template_id"], by_id["template_id"]
    )
    both = api.send(template={"id": api.template, "name": "no_such_template"}).accepted.data
    same("data.template_name of both", both.get("template_name"), name)


def undescribed_members(api: Api) -> None:
    template = {"id": api.template, "parameters": api.expected.parameters, "language": "en"}
    same("status", api.send(template=template, comment="none of yours").status, api.expected.success(SEND))


def missing_parameter(api: Api) -> None:
    api.demand_real_sends()
    _demand_contract_template(api)
    name, value = next(iter(api.expected.parameters.items()))
    answer = api.send(template={"id": api.template, "parameters": {name: value}})
    same("status", answer.status, api.expected.success(SEND))
    text = answer.text
    holds("the text keeps the placeholder", isinstance(text, str) and value in text and "{{" in text)


def unknown_template(api: Api) -> None:
    api.demand_real_sends()
    for template in ({"id": api.fresh_id()}, {"name": "no_such_template"}):
        answer = api.send(template=template)
        wanted = answer.is_failure("template_not_found")
        same("error.message", answer.json["error"]["message"], wanted.message)


def too_many(api: Api) -> None:
    most = api.expected.most_recipients
    numbers = [f"+1415555{number:04d}" for number in range(most + 1)]
    api.send(to=numbers).is_failure("out_of_range")
    answer = api.send(to=numbers[:most], sandbox=True)
    same(f"status of {most:,} in the sandbox", answer.status, api.expected.success(SEND))


def too_many_channels(api: Api) -> None:
    channels = [api.expected.channels[0]] * 17
    api.send(channel=channels).is_failure(api.expected.refusal(api.body(channel=channels)))


def text(api: Api) -> None:
    api.demand_real_sends()
    _demand_contract_template(api)
    parameters = {**api.expected.parameters, "strange": "x"}
    answer = api.send(template={"id": api.template, "parameters": parameters}).accepted
    wanted = text_in(api.expected.example(SEND))
    holds("the contract's example has a text", isinstance(wanted, str))
    same("the text", answer.text, wanted)


def sandbox(api: Api) -> None:
    answer = api.send(sandbox=True)
    same("status", answer.status, api.expected.success(SEND))
    same("X-Sandbox", answer.headers.get("x-sandbox"), "true")
    same("the recipients", answer.recipients, [(api.expected.numbers[0], "sms")])


def sandbox_ids(api: Api) -> None:
    api.read(api.send(sandbox=True).accepted.ids[0]).is_failure("message_not_found")


def sandbox_template(api: Api) -> None:
    answer = api.send(sandbox=True, template={"name": "no_such_template"})
    same("status", answer.status, api.expected.success(SEND))
    same("the text", answer.text, None)


def sandbox_is_free(api: Api) -> None:
    numbers, channels = api.expected.numbers, api.expected.channels
    answer = api.send(as_=api.option("poor_key"), sandbox=True, to=numbers, channel=channels)
    same("status", answer.status, api.expected.success(SEND))


def sandbox_is_validated(api: Api) -> None:
    api.send(sandbox=True, to=[]).is_failure(api.expected.refusal(api.body(sandbox=True, to=[])))
    api.send(sandbox=True, as_="").has_status_of("unauthorized")


def sandbox_replay(api: Api) -> None:
    key = api.fresh_key()
    first, again = api.send(sandbox=True, key=key).accepted, api.send(sandbox=True, key=key)
    same("the body", again.content, first.content)
    same("X-Sandbox of the replay", again.headers.get("x-sandbox"), "true")


def _demand_contract_template(api: Api) -> None:
    if api.template != api.expected.template:
        raise Unknown("is about the contract's template; --template names another")


CHECKS = {
    "SEND-1": accepted,
    "SEND-2": broadcast,
    "SEND-3": routed,
    "SEND-4": duplicates,
    "SEND-5": rcs,
    "SEND-6": routed_beside,
    "SEND-7": by_id_or_name,
    "SEND-8": undescribed_members,
    "SEND-9": missing_parameter,
    "SEND-10": unknown_template,
    "SEND-12": too_many,
    "SEND-13": text,
    "SEND-14": too_many_channels,
    "SAND-1": sandbox,
    "SAND-2": sandbox_ids,
    "SAND-3": sandbox_template,
    "SAND-4": sandbox_is_free,
    "SAND-5": sandbox_is_validated,
    "SAND-6": sandbox_replay,
}
