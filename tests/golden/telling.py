"""Chapters about webhooks: the ten operations, and what a receiver gets."""

from typing import Any

from exchanges import Chapter, Talk
from receiver import RESET, Receiver, answer, receiving
from sends import PAGE_REQUEST

HOOK: dict[str, Any] = {
    "display_name": "Orders",
    "endpoint_url": "http://127.0.0.1:9/hook",
    "event_types": ["messages"],
}
NOWHERE = "00000000-0000-4000-8000-000000000000"
RETAIL = "x-profile-id: 3f2504e0-4f89-41d3-9a0c-0305e82c3301"
SUPPORT = "x-profile-id: 3f2504e0-4f89-41d3-9a0c-0305e82c3302"
STEP = "300ms"


def api(t: Talk) -> None:
    t.use("hooks")
    t.ask("none yet", "GET /v3/webhooks")
    t.ask("the event types", "GET /v3/webhooks/event-types")
    first = _id(t, "a webhook", {})
    _id(t, "with everything", {"event_types": ["messages", "templates"], "retry_count": 5, "timeout_seconds": 120})
    _id(t, "a sandbox one", {"sandbox": True})
    with_key = {**HOOK, "display_name": "Keyed"}
    t.ask("with a key", "POST /v3/webhooks", with_key, "Idempotency-Key: hook")
    t.ask("with that key again", "POST /v3/webhooks", with_key, "Idempotency-Key: hook")
    t.ask("another body under it", "POST /v3/webhooks", HOOK, "Idempotency-Key: hook")
    t.send("a send under it is another thing", "Idempotency-Key: hook", sandbox=True)  # several hooks would race
    profiled = t.ask("a profile's", "POST /v3/webhooks", {**HOOK, "display_name": "Retail"}, RETAIL).json()["data"][
        "id"
    ]
    t.ask("of an unknown profile", "POST /v3/webhooks", HOOK, f"x-profile-id: {NOWHERE}")
    for url in (
        "http://203.0.113.9/",
        "http://169.254.169.254/",
        "https://u:p@hooks.example.com/x",
        "http://container/",
    ):
        _id(t, f"at {url}", {"endpoint_url": url, "sandbox": True})
    t.ask("at the mock itself", "POST /v3/webhooks", {**HOOK, "endpoint_url": f"http://127.0.0.1:{t.port}/"})
    t.part("what is no webhook")
    t.ask("nothing", "POST /v3/webhooks", {})
    bad: list[dict[str, Any]] = [
        *(
            {"endpoint_url": url}
            for url in ("ftp://a", "a.com/x", "http://", "http://a b/", "http://a:0/", "http://é/", "")
        ),
        *({"endpoint_url": url} for url in (1, None)),
        *({"retry_count": n} for n in (0, 6, True, 1.5, "3", None)),
        *({"timeout_seconds": n} for n in (4, 121, 5.0)),
        *(
            {"event_types": types}
            for types in ([], ["message"], "messages", [1], ["messages", "messages"], ["messages"] * 51)
        ),
        *({"display_name": name} for name in ("", "x" * 256, 1, None)),
        {"sandbox": "yes"},
        {"more": 1},
    ]
    for changes in bad:
        t.ask(f"{str(changes)[:60]}", "POST /v3/webhooks", {**HOOK, **changes})
    t.ask("no JSON", "POST /v3/webhooks", b"{")
    t.ask("no media type", "POST /v3/webhooks", HOOK, "content-type: text/plain")
    t.part("lists")
    for query in (
        "", "?page=1&page_size=2", "?page=2&page_size=2", "?page=9", "?search=orders", "?search=RETAIL", "?search=%ff",
        "?search=nothing", "?is_active=true", "?is_active=false", "?is_active=yes", "?page=0", "?page=x", "?page=1.0",
        "?page=", "?page_size=101", "?page_size=0", "?page=1&page=2", "?page=1000000001", "?more=1", "?search=",
    ):  # fmt: skip
        t.ask(f"list {query}", f"GET /v3/webhooks{query}")
    t.ask("the profile's list", "GET /v3/webhooks", None, RETAIL)
    t.ask("another profile's list", "GET /v3/webhooks", None, SUPPORT)
    t.ask("another key's list", "GET /v3/webhooks", None, "x-api-key: other-hooks")
    t.part("one")
    path = f"/v3/webhooks/{first}"
    body: Any
    t.ask("read", f"GET {path}")
    t.ask("the profile's, by another", f"GET /v3/webhooks/{profiled}", None, SUPPORT)
    t.ask("the profile's, by the organization", f"GET /v3/webhooks/{profiled}")
    t.ask("the organization's, by a profile", f"GET {path}", None, RETAIL)
    t.quietly("POST /_mock/clock", {"advance": "1m"})
    t.ask("replaced", f"PUT {path}", {**HOOK, "display_name": "Parcels", "retry_count": 1})
    t.ask("replaced in a sandbox", f"PUT {path}", {**HOOK, "display_name": "Nothing", "sandbox": True})
    t.ask("replaced by nothing", f"PUT {path}", {})
    t.ask("replaced with a key", f"PUT {path}", HOOK, "Idempotency-Key: put")
    t.ask("replaced with that key again", f"PUT {path}", HOOK, "Idempotency-Key: put")
    for body in (
        {"is_active": False},
        {"is_active": False, "sandbox": True},
        {},
        {"is_active": "no"},
        {"is_active": None},
    ):
        t.ask(f"toggled: {body}", f"PATCH {path}/toggle-status", body)
    t.ask("a test of one that is off", f"POST {path}/test", {})
    t.ask("toggled on in a sandbox", f"PATCH {path}/toggle-status", {"is_active": True, "sandbox": True})
    t.ask("toggled on", f"PATCH {path}/toggle-status", {"is_active": True})
    t.ask("a new secret", f"POST {path}/rotate-secret", {})
    t.ask("a new secret, without a body", f"POST {path}/rotate-secret")
    t.ask("a new secret in a sandbox", f"POST {path}/rotate-secret", {"sandbox": True})
    t.ask("a new secret with a key", f"POST {path}/rotate-secret", {}, "Idempotency-Key: rotate")
    t.ask("a new secret with that key", f"POST {path}/rotate-secret", {}, "Idempotency-Key: rotate")
    t.ask("a new secret, wrongly", f"POST {path}/rotate-secret", {"sandbox": 1})
    for body in (None, {"event_type": "message.sent"}, {"event_type": "nothing"}, {"event_type": 1}, {"sandbox": True}):
        t.ask(f"a test: {body}", f"POST {path}/test", body)
        t.settle()
    t.ask("its events", f"GET {path}/events")
    t.ask("a page of its events", f"GET {path}/events?page=2&page_size=1")
    t.ask("its events, searched", f"GET {path}/events?search=SENT")
    t.ask("its events, wrongly", f"GET {path}/events?page_size=1000")
    t.ask("after all that", f"GET {path}")
    t.ask("deleted", f"DELETE {path}")
    t.ask("deleted twice", f"DELETE {path}")
    t.ask("deleted by another profile", f"DELETE /v3/webhooks/{profiled}", None, SUPPORT)
    for line, body in (
        ("GET %s", None), ("PUT %s", HOOK), ("DELETE %s", None), ("PATCH %s/toggle-status", {"is_active": True}),
        ("POST %s/rotate-secret", {}), ("POST %s/test", {}), ("GET %s/events", None),
    ):  # fmt: skip
        t.ask("an unknown id", line % f"/v3/webhooks/{NOWHERE}", body)
        t.ask("no id", line % "/v3/webhooks/x", body)


def deliveries(t: Talk) -> None:
    """One webhook an account, and a clock that stops at each instant at which something is due."""
    with receiving() as receiver:
        t.hide_port(receiver.port)
        _told(t, receiver)
        _retried(t, receiver)
        _given_up(t, receiver)
        _wronged(t, receiver)


def _told(t: Talk, receiver: Receiver) -> None:
    t.part("a message's way")
    hook = _hook(t, receiver, "told")
    made = t.send("a send").json()["data"]["recipients"][0]["message_id"]
    t.received("ACCEPTED", receiver)
    for title in ("PROCESSED", "SENT", "DELIVERED"):
        t.ask(f"{STEP} later", "POST /_mock/clock", {"advance": STEP})
        t.received(title, receiver)
    t.send("an automatic choice of the channel", channel=["sent"])
    t.received("its first event", receiver)
    t.quietly("POST /_mock/clock", {"advance": STEP})
    t.received("its second", receiver)
    t.send("a sandbox send", sandbox=True)
    t.send("a send that fails", template={"name": "nobody_knows"})
    t.received("nothing of these", receiver)
    t.ask(
        "a send of four, with a parameter missing",
        "POST /v3/messages",
        {**PAGE_REQUEST, "template": {"name": "welcome"}},
    )
    t.received("their beginning", receiver)
    t.quietly("POST /_mock/clock", {"advance": STEP})
    t.received("their failure", receiver)
    t.ask("what was told", f"GET /_mock/webhooks/deliveries?message={made}")
    t.ask("what was told of nobody", f"GET /_mock/webhooks/deliveries?message={NOWHERE}")
    events = t.ask("its events", f"GET /v3/webhooks/{hook}/events?page_size=3").json()["data"]["events"]
    t.ask("the request and its webhooks", f"GET /_mock/messages?id={made}")
    t.ask("once more", f"POST /_mock/webhooks/deliveries/{events[0]['id']}/resend", {})
    t.received("it came again", receiver)
    t.ask("unknown", f"POST /_mock/webhooks/deliveries/{NOWHERE}/resend", {})
    for kind in ("message.failed", "templates", "message.read"):
        t.ask(f"a test of {kind}", f"POST /v3/webhooks/{hook}/test", {"event_type": kind})
        t.received(f"a test of {kind}", receiver)
    t.ask("a new secret", f"POST /v3/webhooks/{hook}/rotate-secret", {})
    t.ask("a test", f"POST /v3/webhooks/{hook}/test", {})
    t.received("signed with the new secret", receiver)
    t.ask("switched off", f"PATCH /v3/webhooks/{hook}/toggle-status", {"is_active": False})
    t.ask("once more, to one that is off", f"POST /_mock/webhooks/deliveries/{events[0]['id']}/resend", {})
    t.send("a send that nobody hears of")
    t.received("nothing", receiver)


def _retried(t: Talk, receiver: Receiver) -> None:
    t.part("retries")
    hook = _hook(t, receiver, "retried", retry_count=5)
    replies = {1: answer(500, b"broken"), 2: RESET, 3: answer(302, b"", "location: /x"), 4: answer(404, b"\xff\x00")}
    receiver.behave = lambda n: again.pop(0) if again else answer(204)
    again = list(replies.values())
    t.ask("a test, which is not tried again", f"POST /v3/webhooks/{hook}/test", {})
    t.received("a test", receiver)
    again[:] = replies.values()
    t.quietly("PUT /_mock/scenario", "schema: 1\nname: stays\ndeliver: [{then: {reach: ACCEPTED}}]")
    t.send("a send")
    t.received("the first attempt", receiver)
    for wait in ("59s", "1s", "2m", "4m", "8m", "16m"):
        t.ask(f"{wait} later", "POST /_mock/clock", {"advance": wait})
        t.received(f"after {wait}", receiver)
        t.ask("how it stands", "GET /_mock/webhooks/deliveries")
    t.ask("the webhook", f"GET /v3/webhooks/{hook}")
    t.ask("its events", f"GET /v3/webhooks/{hook}/events")


def _given_up(t: Talk, receiver: Receiver) -> None:
    t.part("switched off after ten failures")
    hook = _hook(t, receiver, "given-up", retry_count=1)
    receiver.behave = lambda n: answer(503)
    for n in range(1, 11):
        t.quietly("POST /v3/messages", {**PAGE_REQUEST, "to": ["+14155551234"], "channel": ["sms"]})
        t.settle()
        if n in (9, 10):
            t.ask(f"after {n}", f"GET /v3/webhooks/{hook}")
    t.ask("a minute later", "POST /_mock/clock", {"advance": "1m"})
    receiver.received.clear()
    t.ask("switched on", f"PATCH /v3/webhooks/{hook}/toggle-status", {"is_active": True})
    t.ask("its last events", f"GET /v3/webhooks/{hook}/events?page_size=2")
    receiver.behave = lambda n: answer(200, b"x" * 3000)
    t.ask("a test", f"POST /v3/webhooks/{hook}/test", {})
    t.received("a test", receiver)
    t.ask("a long answer", f"GET /v3/webhooks/{hook}/events?page_size=1")
    t.part("places where nothing is delivered")
    t.use("nowhere")
    places = {"nobody listens": "http://127.0.0.1:1/", "far away": "http://203.0.113.9/"}
    for title, url in {**places, "the mock itself": f"http://127.0.0.1:{t.port}/"}.items():
        made = t.quietly("POST /v3/webhooks", {**HOOK, "endpoint_url": url}).json()["data"]["id"]
        t.ask(f"a test: {title}", f"POST /v3/webhooks/{made}/test", {})
        t.settle()
        t.ask("what came of it", f"GET /v3/webhooks/{made}/events")


def _wronged(t: Talk, receiver: Receiver) -> None:
    t.part("webhooks that misbehave")
    receiver.behave = lambda n: answer(200)
    for block in (
        "{signature: stale}", "{signature: wrong}", "{signature: absent}", "{duplicate: 3}", "{order: reversed}",
        "{order: shuffled}", "{delay: 30s}", "{duplicate: 2, order: reversed, delay: 500ms, signature: stale}",
    ):  # fmt: skip
        _hook(t, receiver, f"wronged {block}".replace(" ", "-"))
        t.ask(f"webhooks: {block}", "PUT /_mock/scenario", f"schema: 1\nname: wrong\nwebhooks: {block}")
        t.send("a send")
        t.received("at once", receiver)
        for advance in (STEP, STEP, STEP, "500ms", "28600ms", STEP, STEP, STEP):
            t.quietly("POST /_mock/clock", {"advance": advance})
            if receiver.received:
                t.received(f"{advance} later", receiver)


def preset(t: Talk) -> None:
    t.use("preset")
    t.ask("every account has one", "GET /v3/webhooks")
    t.ask("another account", "GET /v3/webhooks", None, "x-api-key: other")
    t.send("a send", channel=["sms"])
    t.settle()
    t.ask("nobody was there", "GET /_mock/webhooks/deliveries")


def _hook(t: Talk, receiver: Receiver, account: str, **changes: Any) -> str:
    t.use(account)
    body = {**HOOK, "endpoint_url": receiver.url, **changes}
    return str(t.ask("a webhook", "POST /v3/webhooks", body).json()["data"]["id"])


def _id(t: Talk, title: str, changes: dict[str, Any]) -> str:
    return str(t.ask(title, "POST /v3/webhooks", {**HOOK, **changes}).json()["data"]["id"])


_SECRET = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="
CHAPTERS = [
    Chapter("webhooks", api, {}),
    Chapter("deliveries", deliveries, {}),
    Chapter(
        "preset", preset, {"MOCK_SENT_WEBHOOK_URL": "http://u:p@127.0.0.1:9/x", "MOCK_SENT_WEBHOOK_SECRET": _SECRET}
    ),
]
