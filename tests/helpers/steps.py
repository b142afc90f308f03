"""What every official SDK is asked to do: the same steps for each, by name."""

from typing import Any

from conftest import PAGE_REQUEST

RETAIL, SUPPORT = "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "3f2504e0-4f89-41d3-9a0c-0305e82c3302"
HOOKS = "sdk-tests-of-webhooks"
NOBODY = "3f2504e0-4f89-41d3-9a0c-0305e82c33ff"
ENOUGH_FOR_ONE = "00000000-0000-4000-8000-000000000001"
Step = dict[str, Any]

# A failure once, then accepted: what the SDKs retry by themselves.
RETRIED = {"conflict": "+447700900109", "rate_limited": "+447700900129", "service_unavailable": "+447700900103"}
SCENARIO = "schema: 1\nname: once\nabout: each of these fails once\nsend:\n" + "".join(
    f"  - {{when: {{to: '{to}'}}, count_by: recipient, then: [{{fail: {outcome}}}, accept]}}\n"
    for outcome, to in RETRIED.items()
)

# scenario -> status, class of the Python SDK, code; an empty code is an empty body
FAILURES = {
    "validation-error": (400, "BadRequestError", "VALIDATION_004"),
    "unauthorized": (401, "AuthenticationError", ""),
    "insufficient-balance": (402, "", "BUSINESS_003"),
    "forbidden": (403, "PermissionDeniedError", ""),
    "template-not-found": (404, "NotFoundError", "RESOURCE_002"),
    "conflict": (409, "ConflictError", "CONFLICT_001"),
    "rate-limited": (429, "RateLimitError", "BUSINESS_002"),
    "internal-error": (500, "InternalServerError", "INTERNAL_001"),
    "service-unavailable": (503, "InternalServerError", "SERVICE_001"),
}


def send(name: str, *, to: list[str] | None = None, **more: Any) -> Step:
    """A send of the page's request. Each has its own recipients, so that no counter of a scenario is shared."""
    settings: Step = {key: more.pop(key) for key in ("headers", "retries", "timeout", "api_key") if key in more}
    arguments = {**PAGE_REQUEST, **more}
    arguments["to"] = to or arguments["to"]
    return {"name": name, "call": "messages.send", "arguments": arguments, **settings}


def hook(name: str, method: str, *, id_of: str = "", **arguments: Any) -> Step:
    """A call about webhooks, as an account that has no other messages."""
    step = {"name": name, "call": f"webhooks.{method}", "arguments": arguments, "api_key": HOOKS}
    return step | ({"id_of": id_of} if id_of else {})


def read(name: str, method: str, id_of: str, *, headers: dict[str, str] | None = None, **more: Any) -> Step:
    """A read of the message that another step sent."""
    step = {"name": name, "call": f"messages.{method}", "arguments": more, "headers": headers or {}}
    return step | ({"id_of": id_of} if id_of else {})


def _failing() -> list[Step]:
    template = {"name": "no_such_template"}
    return [
        *(send(scenario, headers={"X-Mock-Scenario": scenario}) for scenario in FAILURES),
        send("bad number", to=["12"]),
        send("bad key", idempotency_key="not allowed!"),
        send("unknown template", template=template),
        send("unknown profile", x_profile_id=NOBODY),
        send("no money", api_key=ENOUGH_FOR_ONE),
        read("unknown message", "retrieve_status", "", id=NOBODY),
        send("reset", headers={"X-Mock-Scenario": "connection-reset"}, to=["+447700900170"]),
        send("too slow", headers={"X-Mock-Scenario": "slow"}, to=["+447700900171"], timeout=0.3),
    ]


def phases(receiver: str) -> list[list[Step]]:
    """What stands alone, what looks at it, and a webhook's life."""
    alone = [
        hook("hook", "create", display_name="Orders", endpoint_url=receiver, event_types=["messages"]),
        hook("bad hook", "create", display_name="Orders", endpoint_url="ftp://x", event_types=["messages"]),
        send("sent"),
        send("routed", channel=None, template={"name": "welcome", "parameters": {"name": "J", "company": "A"}}),
        send("sandbox", sandbox=True),
        send("keyed", idempotency_key="order_1"),
        send("of a profile", x_profile_id=RETAIL),
        send("retried", to=["+447700900152"], retries=2, headers={"X-Mock-Scenario": "retry-then-ok"}),
        send("retried with key", to=["+447700900153"], retries=2, idempotency_key="order_2", headers=_LOST),
        *(send(f"retried {outcome}", to=[to], retries=1) for outcome, to in RETRIED.items()),
        *_failing(),
    ]
    after = [
        read("status", "retrieve_status", "sent"),
        read("activities", "retrieve_activities", "sent"),
        read("status of the sandbox", "retrieve_status", "sandbox"),
        read("status by its profile", "retrieve_status", "of a profile", x_profile_id=RETAIL),
        read("status by another profile", "retrieve_status", "of a profile", x_profile_id=SUPPORT),
        send("replayed", idempotency_key="order_1"),
        send("announced", api_key=HOOKS, to=["+447700900100"]),
        hook("hook tested", "test", id_of="hook", event_type="messages"),
        hook("hook read", "retrieve", id_of="hook"),
        hook("hooks", "list", page=1, page_size=10),
        hook("event types", "list_event_types"),
    ]
    at_the_end = [
        [hook("hook events", "list_events", id_of="hook", page=1, page_size=10)],
        [hook("hook off", "toggle_status", id_of="hook", is_active=False)],
        [hook("hook rotated", "rotate_secret", id_of="hook", body={})],
        [hook("hook deleted", "delete", id_of="hook")],
        [hook("hook gone", "retrieve", id_of="hook")],
    ]
    return [alone, after, *at_the_end]


_LOST = {"X-Mock-Scenario": "lost-ack"}
