"""The deliveries of an account's webhooks, and what a test does by hand: a resend, the next status of a message."""

from collections.abc import Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from mock_sent.accounts import Account
from mock_sent.contract import Edition
from mock_sent.control import showing
from mock_sent.control.replies import ControlError, answer, json_of
from mock_sent.ground.clock import timestamp
from mock_sent.ground.errors import Misuse
from mock_sent.settings import without_credentials
from mock_sent.webhooks.state import DeliveryRecord
from mock_sent.world.resources import Item


class Deliveries:
    """The endpoints."""

    def __init__(self, account_of: Callable[[Request], Account]) -> None:
        self._account_of = account_of

    async def list(self, request: Request) -> Response:
        """The deliveries of the account's webhooks, the latest first; of one message with `?message=<id>`."""
        account = self._account_of(request)
        hooks = account.hooks
        wanted = request.query_params.get("message")
        found = [described(account.edition, webhook, delivery) for webhook, delivery in hooks.deliveries()]
        if wanted is not None:
            found = [delivery for delivery in found if delivery["message_id"] == wanted.lower()]
        found.sort(key=lambda delivery: str(delivery["created_at"]), reverse=True)
        return answer({"deliveries": found, "waiting": hooks.waiting, "dropped": hooks.dropped})

    async def resend(self, request: Request) -> Response:
        """One more attempt of a delivery."""
        account, id = self._account_of(request), request.path_params["id"]
        hooks = account.hooks
        found = hooks.find(id)
        if found is None:
            raise ControlError(404, f"no webhook of this account remembers a delivery {id[:100]!r}")
        try:
            return answer(described(account.edition, found[0], hooks.resend(id)), 202)
        except Misuse as e:
            raise ControlError(409, str(e)) from None

    async def advance(self, request: Request) -> Response:
        """Move a message of a manual timetable: on to its next status, or `{"to": "FAILED", "reason": "..."}`."""
        account, id = self._account_of(request), request.path_params["id"]
        wanted = await json_of(request)
        if not isinstance(wanted, dict) or wanted.keys() - {"to", "reason"} or not all(map(_is_text, wanted.values())):
            raise ControlError(400, 'send an object such as {} or {"to": "FAILED", "reason": "ERR_ROUTE_DENIED"}')
        message = account.mailbox.get(id.lower())
        if message is None:
            raise ControlError(404, f"there is no message {id[:100]!r}")
        try:
            account.move(message, wanted.get("to"), wanted.get("reason"))
        except Misuse as e:
            raise ControlError(409, str(e)) from None
        return answer(showing.message(message, account))


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def described(edition: Edition, webhook: Item, delivery: DeliveryRecord) -> dict[str, Any]:
    payload = orjson.loads(delivery.body)
    return {
        "id": delivery.id,
        "webhook_id": webhook.id,
        "endpoint_url": without_credentials(webhook.members["endpoint_url"]),
        "message_id": payload.get("payload", {}).get("message_id"),
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
