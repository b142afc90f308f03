"""Chapters of the edition of October 2026: what webhooks are told, what comes in, and how messages are read."""

from typing import Any

from exchanges import Chapter, Talk
from october import AT, EDITION, NOON, NOWHERE, OTHER, PICTURE, RETAIL, TO, WELCOME, ended, made, post
from receiver import Receiver, receiving

HOOK: dict[str, Any] = {"display_name": "Orders", "endpoint_url": "http://127.0.0.1:9/hook", "event_types": ["message"]}


def hooks(t: Talk) -> None:
    with receiving() as receiver:
        t.hide_port(receiver.port)
        hook = _hook(t, receiver, "told", event_types=["message", "contact"])
        post(t, "a template", template=WELCOME, channel=["whatsapp"])
        _steps(t, receiver, "0s", "300ms", "300ms", "300ms")
        t.quietly("PUT /_mock/balance", {"balance": 0})
        post(t, "a text without money", text="Hi")
        _steps(t, receiver, "300ms")
        held = made(t, "scheduled", text="Hi", scheduled_at=NOON)
        _steps(t, receiver, "0s")
        t.ask("called off", f"POST /v3/messages/{held}/cancel")
        t.received("called off", receiver)
        t.ask("STOP", "POST /_mock/inbound", {"from": TO, "text": "Stop", "channel": "sms"})
        t.received("STOP", receiver)
        t.ask("its events", f"GET /v3/webhooks/{hook}/events?page_size=2")
        t.ask("the event types", "GET /v3/webhooks/event-types")
        for kind in ("templates", "channel.activated", "link.clicked", "call.completed", "messages"):
            t.ask(f"a test of {kind}", f"POST /v3/webhooks/{hook}/test", {"event_type": kind})
            t.received(f"a test of {kind}", receiver)
        t.part("filters and profiles")
        _hook(t, receiver, "filtered", event_filters={"message": ["delivered"]})
        post(t, "a text", text="Hi")
        t.quietly("POST /_mock/clock", {"advance": "1s"})
        t.received("of four events", receiver)
        _hook(
            t,
            receiver,
            "organized",
            sender_profile={"event_types": ["message"], "event_filters": {"message": ["sent"]}},
        )
        post(t, "for a profile", RETAIL, text="Hi")
        t.quietly("POST /_mock/clock", {"advance": "1s"})
        t.received("of a profile's events", receiver)
    t.part("what is no webhook")
    wrong: list[dict[str, Any]] = [
        {"event_types": ["messages"]}, {"event_types": ["message.sent"]}, {"event_filters": {"message": ["gone"]}},
        {"event_filters": {"messages": []}}, {"sender_profile": {}}, {"sender_profile": {"event_types": ["nobody"]}},
    ]  # fmt: skip
    for changes in wrong:
        t.ask(str(changes), "POST /v3/webhooks", {**HOOK, **changes})


def inbound(t: Talk) -> None:
    t.use("inbound", AT)
    for text in ("Hello?", " stop ", "START", "Help", "STOP it"):
        t.ask(repr(text), "POST /_mock/inbound", {"from": TO, "text": text, "channel": "whatsapp"})
    picture = {"from": TO, "text": None, "channel": "mms", "media": [PICTURE]}
    came = t.ask("a picture", "POST /_mock/inbound", picture).json()["message_id"]
    t.ask("as a message", f"GET /v3/messages/{came}")
    t.ask("its activities", f"GET /v3/messages/{came}/activities")
    t.ask("sent again", f"POST /v3/messages/{came}/resend")
    t.ask("by fax", "POST /_mock/inbound", {"from": TO, "text": "Hi", "channel": "fax"})
    t.part("phones that answer")
    t.ask("a scenario", "PUT /_mock/scenario", {"name": "replies-stop"})
    post(t, "a text", text="Hi", channel=["rcs"])
    t.ask("three seconds later", "POST /_mock/clock", {"advance": "3s"})
    t.ask("it wrote STOP", "GET /v3/conversations?page_size=1")
    ended(t, "the next text", text="Hi")
    t.part("in March")
    t.quietly("PUT /_mock/edition", {"edition": "2026-03"})
    t.ask("STOP", "POST /_mock/inbound", {"from": OTHER, "text": "STOP"})
    post(t, "all opted out", to=[TO, OTHER], template=WELCOME, channel=["sms"])
    ended(t, "some opted out", to=[OTHER, "+447700900123"], template=WELCOME, channel=["sms"])
    t.ask("what came in in October", f"GET /v3/messages/{came}")


def reads(t: Talk) -> None:
    t.use("reads", AT)
    made(t, "a template", template=WELCOME, channel=["sms"])
    last = made(t, "a text for two", to=[OTHER, TO], text="Hi", channel=["whatsapp"])
    t.quietly("POST /_mock/inbound", {"from": TO, "text": "Thank you"})
    t.quietly("POST /_mock/clock", {"advance": "1s"})
    contact = t.ask("a message", f"GET /v3/messages/{last}").json()["data"]["contact_id"]
    t.ask("conversations", "GET /v3/conversations")
    t.ask("a page of them", "GET /v3/conversations?page=2&page_size=3")
    t.ask("one, by the contact", f"GET /v3/conversations/{contact}")
    t.ask("an unknown one", f"GET /v3/conversations/{NOWHERE}")
    t.ask("its summary", f"GET /v3/contacts/{contact}/message-summary")
    t.ask("the summary of nobody", f"GET /v3/contacts/{NOWHERE}/message-summary")
    for query in ("page=0", "page_size=101", "page=x"):
        t.ask(query, f"GET /v3/conversations?{query}")
    for path in (f"messages/{NOWHERE}", "messages/x", f"messages/{NOWHERE}/activities", "contacts/x/message-summary"):
        t.ask(path, f"GET /v3/{path}")


def _hook(t: Talk, receiver: Receiver, account: str, **changes: Any) -> str:
    t.use(account, AT)
    body = {**HOOK, "endpoint_url": receiver.url, **changes}
    return str(t.ask("a webhook", "POST /v3/webhooks", body).json()["data"]["id"])


def _steps(t: Talk, receiver: Receiver, *spans: str) -> None:
    for span in spans:
        t.quietly("POST /_mock/clock", {"advance": span})
        t.received(f"{span} later", receiver)


CHAPTERS = [
    Chapter("october-hooks", hooks, EDITION),
    Chapter("october-inbound", inbound, EDITION),
    Chapter("october-reads", reads, EDITION),
]
