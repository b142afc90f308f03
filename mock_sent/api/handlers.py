"""The handler of each operation: its own, a verb of the engine of resources, or the documented example."""

from collections.abc import Mapping, Sequence

from mock_sent.api import conversations, messages, resources, scheduling, webhooks
from mock_sent.api.examples import answer_by_example
from mock_sent.api.plane import Handler
from mock_sent.api.sending import Sending
from mock_sent.api.switches import SENDING
from mock_sent.contract import Edition
from mock_sent.contract.resource import BY_ID

# Failures that every contract must describe, with any operations.
_ALWAYS = ("unknown_path", "method_not_allowed", "malformed_http", "request_timeout", "head_too_large", "mock_misuse")
# Failures of the operations that have a handler of their own.
_OWN = {
    SENDING: ("template_not_found", "internal_error"),
    "getMessage": ("message_not_found",),
    "getMessageActivities": ("message_not_found",),
    "cancelMessage": ("message_not_found", "message_not_modifiable"),
    "resendMessage": ("message_not_found", "message_not_modifiable"),
    "getContactMessageSummary": ("contact_not_found",),
    "testWebhook": ("webhook_inactive",),
    "listConversations": (),
    "getConversation": (),
}


def handlers_of(edition: Edition, *, accept_unknown: bool) -> Mapping[str, Handler]:
    """A handler for each operation. `accept_unknown` lets sends name templates that do not exist."""
    own: dict[str, Handler] = {
        SENDING: Sending(edition, accept_unknown=accept_unknown).send,
        "getMessage": messages.read_message,
        "getMessageActivities": messages.read_activities,
        "cancelMessage": scheduling.cancel,
        "resendMessage": scheduling.resend,
        "listConversations": conversations.list_all,
        "getConversation": conversations.list_one,
        "getContactMessageSummary": conversations.summarize,
        **webhooks.handlers(edition),
        **resources.handlers_of(edition, webhooks.effects()),
    }
    return {operation.id: own.get(operation.id, answer_by_example) for operation in edition.operations}


def handled_by(edition: Edition) -> frozenset[str]:
    """The ids of the operations that a handler answers; every other one is answered by its example."""
    of_resources = {id for resource in edition.resources for id in resource.verbs}
    return frozenset({*_OWN, *webhooks.handlers(edition), *of_resources})


def outcomes_in_use(edition: Edition) -> Mapping[str, Sequence[str]]:
    """The failures that handlers and pipeline use, by operationId; under "" those without an operation."""
    found: dict[str, list[str]] = {"": list(_ALWAYS)}
    for operation in edition.operations:
        names = ["api_key_missing", "api_key_unknown", "not_permitted", "invalid_request", *_OWN.get(operation.id, ())]
        names += ["conflict"] if operation.takes_key else []
        names += ["body_too_large", "unsupported_media_type"] if operation.body else []
        names += ["profile_not_found"] if "x-profile-id" in operation.parameters.headers else []
        found[operation.id] = names
    for resource in edition.resources:
        for id, verb in resource.verbs.items():
            if id in found:
                found[id] += [resource.missing] if verb in BY_ID else []
                found[id] += resource.unique.values() if verb == "create" else []
    return found
