"""What a shop does with Sent: the code under test."""

from sent_dm import Sent


def confirm(order_id: str, name: str, phone: str) -> str:
    """Tell the customer that the order is confirmed; return the message's id.

    The key is the order's, so that a retry, this process's or the next one's, can never send twice.
    """
    with Sent(max_retries=3) as client:  # the key and the URL come from SENT_DM_API_KEY and SENT_BASE_URL
        reply = client.messages.send(
            to=[phone],
            channel=["sms"],
            template={"name": "order_confirmation", "parameters": {"name": name, "order_id": order_id}},
            idempotency_key=f"order-{order_id}",
        )
    return reply.data.recipients[0].message_id
