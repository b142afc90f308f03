"""What the operations on webhooks do, once a request is known to be right."""

from collections.abc import Sequence
from typing import Any

import orjson

from mock_sent.api.calls import Call
from mock_sent.api.envelope import Reply, success
from mock_sent.contract.editions import MARCH_2026, Stage
from mock_sent.ground.clock import timestamp
from mock_sent.ground.errors import ApiError
from mock_sent.webhooks.records import WebhookRecord
from mock_sent.webhooks.registry import imagined
from mock_sent.webhooks.signing import masked
from mock_sent.webhooks.state import DeliveryRecord

_SANDBOX = (b"x-sandbox", b"true")


class WebhooksApi:
    """The handlers of the contract's operations, under their operationId."""

    def __init__(self) -> None:
        self.handlers = {
            "listWebhooks": self.list,
            "createWebhook": self.create,
            "listWebhookEventTypes": self.event_types,
            "getWebhook": self.get,
            "updateWebhook": self.update,
            "deleteWebhook": self.delete,
            "toggleWebhook": self.toggle,
            "rotateWebhookSecret": self.rotate,
            "testWebhook": self.test,
            "listWebhookEvents": self.events,
        }

    async def list(self, call: Call) -> Reply:
        """GET /v3/webhooks"""
        query = call.query
        found = call.account.hooks.registry.search(call.profile, query["search"], query["is_active"])
        shown, pagination = _page(call, found)
        return _reply(call, {"webhooks": [_masked(webhook) for webhook in shown], "pagination": pagination})

    async def create(self, call: Call) -> Reply:
        """POST /v3/webhooks: the one answer, beside a rotation's, with the whole secret (WEB-5)."""
        registry, sandbox = call.account.hooks.registry, _is_sandbox(call)
        webhook = registry.draft(**_fields(call.body), profile=call.profile, sandbox=sandbox)
        await _warn_of_target(call, webhook.members["endpoint_url"])
        if not sandbox:
            registry.keep(webhook)
        return _reply(call, _described(webhook))

    async def event_types(self, call: Call) -> Reply:
        """GET /v3/webhooks/event-types: what the contract's example lists."""
        return _reply(call, _example(call))

    async def get(self, call: Call) -> Reply:
        """GET /v3/webhooks/{id}"""
        webhook = _webhook(call)
        return _reply(call, _masked(webhook))

    async def update(self, call: Call) -> Reply:
        """PUT /v3/webhooks/{id}: the whole webhook anew, apart from its secret and its state."""
        webhook = _webhook(call)
        await _warn_of_target(call, call.body["endpoint_url"])
        return _changed(call, webhook, _fields(call.body))

    async def delete(self, call: Call) -> Reply:
        """DELETE /v3/webhooks/{id}"""
        call.account.hooks.delete(_webhook(call))
        return Reply(call.operation.success, b"")

    async def toggle(self, call: Call) -> Reply:
        """PATCH /v3/webhooks/{id}/toggle-status"""
        webhook, wanted = _webhook(call), call.body["is_active"]
        changes: dict[str, Any] = {"is_active": wanted}
        if wanted and not webhook.is_active:
            changes["consecutive_failures"] = 0
        return _changed(call, webhook, changes)

    async def rotate(self, call: Call) -> Reply:
        """POST /v3/webhooks/{id}/rotate-secret"""
        webhook, registry = _webhook(call), call.account.hooks.registry
        secret = registry.new_secret(sandbox=True) if _is_sandbox(call) else registry.rotate(webhook)
        return _reply(call, {"signing_secret": secret})

    async def test(self, call: Call) -> Reply:
        """POST /v3/webhooks/{id}/test: one delivery, whose outcome stands among the events."""
        webhook = _webhook(call)
        if not webhook.is_active:
            raise ApiError("webhook_inactive", warning="PATCH .../toggle-status switches it on")
        if not _is_sandbox(call):
            wanted = call.body.get("event_type") or MARCH_2026.events[Stage.DELIVERED]
            call.account.hooks.test(webhook.id, wanted)
        return _reply(call, _example(call))

    async def events(self, call: Call) -> Reply:
        """GET /v3/webhooks/{id}/events, the newest first."""
        wanted = (call.query["search"] or "").casefold()
        found = [d for d in reversed(call.account.hooks.deliveries_of(_webhook(call).id)) if wanted in _searchable(d)]
        shown, pagination = _page(call, found)
        return _reply(call, {"events": [_told(delivery) for delivery in shown], "pagination": pagination})


def _reply(call: Call, data: Any) -> Reply:
    reply = success(call.operation.success, data, call.request_id, call.clock.now())
    if _is_sandbox(call):
        reply.headers.append(_SANDBOX)
    return reply


def _is_sandbox(call: Call) -> bool:
    return bool(call.body and call.body.get("sandbox", False))


def _webhook(call: Call) -> WebhookRecord:
    """The webhook of the path. Raises `ApiError` unless it is the account's, and the profile's if there is one."""
    webhook = call.account.hooks.registry.get(call.path["id"].lower())
    if webhook is None or (call.profile and webhook.profile != call.profile):
        raise ApiError("webhook_not_found")
    return webhook


def _changed(call: Call, webhook: WebhookRecord, changes: dict[str, Any]) -> Reply:
    if _is_sandbox(call):
        webhook = imagined(webhook, **changes, updated_at=call.clock.now())
    else:
        call.account.hooks.registry.update(webhook, **changes)
    return _reply(call, _masked(webhook))


async def _warn_of_target(call: Call, url: str) -> None:
    """The real API takes any URL; the mock will not deliver to all of them, and had better say so at once."""
    if refusal := call.account.hooks.sender.destinations.refusal(url):
        call.warn(f"nothing will be delivered there: {refusal}")


def _fields(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "display_name": body["display_name"],
        "endpoint_url": body["endpoint_url"],
        "event_types": list(dict.fromkeys(body["event_types"])),
        "retry_count": int(body.get("retry_count", 3)),
        "timeout_seconds": int(body.get("timeout_seconds", 30)),
    }


def _page(call: Call, found: Sequence[Any]) -> tuple[Sequence[Any], dict[str, Any]]:
    page, size = call.query["page"], call.query["page_size"]
    pages = -(-len(found) // size)
    pagination = {
        "page": page,
        "page_size": size,
        "total_count": len(found),
        "total_pages": pages,
        "has_more": page < pages,
        "cursors": None,
    }
    return found[(page - 1) * size : page * size], pagination


def _example(call: Call) -> Any:
    """The data of the contract's only example: what never changes stands there and nowhere else."""
    operation = call.operation
    media = operation.content["responses"][str(operation.success)]["content"]["application/json"]
    return next(iter(media["examples"].values()))["value"]["data"]


def _described(webhook: WebhookRecord) -> dict[str, Any]:
    times = ("last_delivery_attempt_at", "last_successful_delivery_at", "created_at", "updated_at")
    return {**webhook.members, **{name: _time(webhook.members[name]) for name in times}}


def _masked(webhook: WebhookRecord) -> dict[str, Any]:
    described = _described(webhook)
    return {**described, "signing_secret": masked(described["signing_secret"])}


def _told(delivery: DeliveryRecord) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "event_type": delivery.event_type,
        "event_data": orjson.loads(delivery.body),
        "delivery_status": MARCH_2026.delivery_states[delivery.state],
        "http_status_code": delivery.http_status,
        "response_body": delivery.answer,
        "delivery_attempts": delivery.attempts,
        "error_message": delivery.error,
        "created_at": timestamp(delivery.created_at),
        "processing_started_at": _time(delivery.started_at),
        "processing_completed_at": _time(delivery.completed_at),
    }


def _searchable(delivery: DeliveryRecord) -> str:
    return f"{delivery.event_type} {MARCH_2026.delivery_states[delivery.state]} {delivery.body}".casefold()


def _time(instant: int | None) -> str | None:
    return None if instant is None else timestamp(instant)
