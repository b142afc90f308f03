"""The deliveries of an account's webhooks, and the resend of a delivery."""

from heapq import heappop, heappush, heappushpop
from itertools import count
from typing import Any

import orjson

from mock_sent.contract import Edition
from mock_sent.control.calls import ControlCall
from mock_sent.control.listing import Listing
from mock_sent.control.replies import ControlError
from mock_sent.ground.clock import timestamp
from mock_sent.ground.errors import Misuse
from mock_sent.settings import without_credentials
from mock_sent.webhooks.state import DeliveryRecord
from mock_sent.world.resources import Item

# The most deliveries that an answer shows: more would not fit into a listing.
_MOST = 50_000

# The instant of a delivery and its place among all, with its webhook.
_Entry = tuple[int, int, Item, DeliveryRecord]


async def found(call: ControlCall) -> Any:
    """The deliveries of the account's webhooks, the latest first; of one message with `?message=<id>`."""
    account, wanted = call.account, call.query["message"]
    hooks, latest = account.hooks, list[_Entry]()
    numbers = count(step=-1)

    def look(pair: tuple[Item, DeliveryRecord]) -> None:
        webhook, delivery = pair
        if wanted is not None and _message_of(orjson.loads(delivery.body)) != wanted.lower():
            return
        entry = delivery.created_at, next(numbers), webhook, delivery
        if len(latest) < _MOST:
            heappush(latest, entry)
        else:
            heappushpop(latest, entry)

    await call.walk(hooks.deliveries(), look)
    ordered, listing = list[_Entry](), Listing(_MOST)
    await call.walk(range(len(latest)), lambda _: ordered.append(heappop(latest)))
    await call.walk(reversed(ordered), lambda entry: listing.add(described(account.edition, *entry[2:])))
    return {"deliveries": listing, "waiting": hooks.waiting, "dropped": hooks.dropped}


async def resend(call: ControlCall) -> Any:
    """Make one more attempt of a delivery."""
    account, id = call.account, call.path["id"]
    hooks = account.hooks
    delivery = hooks.find(id)
    if delivery is None:
        raise ControlError(404, f"no webhook of this account remembers a delivery {id[:100]!r}")
    try:
        return described(account.edition, delivery[0], hooks.resend(id))
    except Misuse as e:
        raise ControlError(409, str(e)) from None


def described(edition: Edition, webhook: Item, delivery: DeliveryRecord) -> dict[str, Any]:
    payload = orjson.loads(delivery.body)
    return {
        "id": delivery.id,
        "webhook_id": webhook.id,
        "endpoint_url": without_credentials(webhook.members["endpoint_url"]),
        "message_id": _message_of(payload),
        "event_type": delivery.event_type,
        "payload": payload,
        "status": edition.delivery_states[delivery.state],
        "attempts": delivery.attempts,
        "tries": [
            {"at": timestamp(t.at), "http_status": t.http_status, "answer": t.answer, "error": t.error}
            for t in delivery.history
        ],
        "http_status": delivery.http_status,
        "answer": delivery.answer,
        "error": delivery.error,
        "created_at": timestamp(delivery.created_at),
        "completed_at": None if delivery.completed_at is None else timestamp(delivery.completed_at),
    }


def _message_of(payload: Any) -> Any:
    return payload.get("payload", {}).get("message_id")
