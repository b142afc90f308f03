"""Messages that come in, as if a contact had written them."""

from typing import Any

from mock_sent.control.calls import ControlCall


async def receive(call: ControlCall) -> Any:
    """A message from a contact: keywords count before the webhooks are told. Raises `Misuse` in an edition without."""
    body = call.body
    received = call.account.receive(
        body["from"], body.get("to"), body.get("text"), body.get("channel", "sms"), tuple(body.get("media") or ())
    )
    return {"message_id": received.message_id, "keyword": received.keyword, "opted_out": received.opted_out}
