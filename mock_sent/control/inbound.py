"""Messages that come in, as if a contact had written them."""

from typing import Any

from mock_sent.accounts import receive as take
from mock_sent.control.calls import ControlCall


async def receive(call: ControlCall) -> Any:
    """A message from a contact: keywords count before the webhooks are told, if the edition tells them anything."""
    body, edition = call.body, call.account.edition
    received = take(
        call.account,
        body["from"],
        body.get("to"),
        body.get("text"),
        body.get("channel", "sms"),
        tuple(body.get("media") or ()),
    )
    found = {"message_id": received.message_id, "keyword": received.keyword, "opted_out": received.opted_out}
    if received.message_id is None:
        found["note"] = f"the edition {edition.name} keeps no message that comes in, and tells no webhook of it"
    return found
