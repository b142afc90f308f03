"""What operations on webhooks do besides the engine of resources: secrets, state, tests, the list of events."""

from collections.abc import Mapping
from typing import Any

import orjson

from mock_sent.api.calls import Call
from mock_sent.api.envelope import Reply, success
from mock_sent.api.plane import Handler
from mock_sent.api.resources import Effect, example_data, is_sandbox, item_of, page_of, with_sandbox
from mock_sent.contract import Edition
from mock_sent.contract.resource import Resource
from mock_sent.ground.errors import ApiError
from mock_sent.webhooks.signing import masked
from mock_sent.webhooks.state import DeliveryRecord
from mock_sent.world.resources import Item


def effects() -> Mapping[str, Effect]:
    """The effects of the verbs of webhooks, by operationId."""
    return {
        "listWebhooks": Effect(shown=_masked),
        "createWebhook": Effect(before=_prepare_new),
        "getWebhook": Effect(shown=_masked),
        "updateWebhook": Effect(before=_prepare_changed, shown=_masked),
        "deleteWebhook": Effect(after=_stop_deliveries),
        "toggleWebhook": Effect(before=_start_counting_anew, shown=_masked),
    }


def handlers(edition: Edition) -> dict[str, Handler]:
    """The handlers of the operations that are no verb of the engine, by operationId."""
    resource = next((each for each in edition.resources if each.name == "webhook"), None)
    if resource is None:
        return {}
    webhooks = _WebhookHandlers(resource)
    return {
        "rotateWebhookSecret": webhooks.rotate,
        "testWebhook": webhooks.test,
        "listWebhookEvents": webhooks.events,
    }


class _WebhookHandlers:
    """The handlers of the operations that are no verb of the engine."""

    def __init__(self, resource: Resource) -> None:
        self._resource = resource

    async def rotate(self, call: Call) -> Reply:
        """Make a new secret. The old one is not used any more (WEB-5)."""
        webhook, hooks = item_of(call, self._resource), call.account.hooks
        secret = hooks.new_secret(sandbox=is_sandbox(call))
        if not is_sandbox(call):
            webhook.members.update(signing_secret=secret, updated_at=call.clock.now())
        return with_sandbox(call, success(call, {"signing_secret": secret}))

    async def test(self, call: Call) -> Reply:
        """Make one test delivery, whose result the list of events shows (WEB-11)."""
        webhook, account = item_of(call, self._resource), call.account
        if not webhook.members["is_active"]:
            raise ApiError("webhook_inactive", warning="PATCH .../toggle-status switches it on")
        if not is_sandbox(call):
            wanted = call.body.get("event_type") or account.hooks.edition_of(webhook).events.of_messages
            account.hooks.test(webhook.id, wanted, call.request_id)
        return example_data(call)

    async def events(self, call: Call) -> Reply:
        """The latest deliveries, the newest first."""
        webhook, wanted = item_of(call, self._resource), (call.query.get("search") or "").casefold()
        states = call.account.edition.delivery_states
        deliveries = reversed(call.account.hooks.deliveries_of(webhook.id))
        found = [d for d in deliveries if wanted in f"{d.event_type} {states[d.state]} {d.body}".casefold()]
        page, pagination = page_of(call, found)
        return success(call, {"events": [_known(delivery) for delivery in page], "pagination": pagination})


def _prepare_new(call: Call, webhook: Item, before: Item | None) -> None:
    """Give a new webhook its secret. Only this answer and a rotation's show the whole secret (WEB-5)."""
    account = call.account
    webhook.members["signing_secret"] = account.hooks.new_secret(sandbox=is_sandbox(call))
    webhook.members["customer_id"] = account.id
    _prepare_changed(call, webhook, before)


def _prepare_changed(call: Call, webhook: Item, before: Item | None) -> None:
    """Keep what no reply shows. Warn of a URL to which the mock will not deliver; the real API takes any URL (WEB-9).

    The webhook belongs to the edition of this request, whose names of events it has.
    """
    members, edition = webhook.members, call.account.edition
    members["edition"] = edition.name
    if name := edition.of_profiles:
        members[name] = call.body.get(name)
        if members[name] and webhook.profile:
            call.warn(f"{name} has an effect on the webhook of an organization only; this one is a profile's")
    members["event_types"] = list(dict.fromkeys(members["event_types"]))
    if refusal := call.account.hooks.sender.destinations.refusal(members["endpoint_url"]):
        call.warn(f"nothing will be delivered there: {refusal}")


def _start_counting_anew(call: Call, webhook: Item, before: Item | None) -> None:
    """Switching a webhook on sets its count of failed attempts to zero (WEB-6)."""
    if before and webhook.members["is_active"] and not before.members["is_active"]:
        webhook.members["consecutive_failures"] = 0


def _stop_deliveries(call: Call, webhook: Item) -> None:
    call.account.hooks.forget(webhook)


def _masked(call: Call, members: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**members, "signing_secret": masked(members["signing_secret"])}


def _known(delivery: DeliveryRecord) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "event_type": delivery.event_type,
        "event_data": orjson.loads(delivery.body),
        "delivery_status": delivery.state,
        "http_status_code": delivery.http_status,
        "response_body": delivery.answer,
        "delivery_attempts": delivery.attempts,
        "error_message": delivery.error,
        "created_at": delivery.created_at,
        "processing_started_at": delivery.started_at,
        "processing_completed_at": delivery.completed_at,
    }
