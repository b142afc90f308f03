"""Chapters of the edition of October 2026: sends, refusals, gates, what becomes of messages."""

from typing import Any

from exchanges import Chapter, Talk

AT = "2026-10-23T09:00:00Z"
NOON = "2026-10-23T12:00:00Z"
TO, OTHER = "+14155551234", "+14155555678"
WELCOME: dict[str, Any] = {"name": "welcome", "parameters": {"name": "Ann", "company": "Acme"}}
WELCOME_ID = "7ba7b820-9dad-11d1-80b4-00c04fd430c9"
PICTURE = "https://pictures.example/cat.png"
CARD = {
    "id": "7ba7b820-9dad-11d1-80b4-00c04fd430ff",
    "name": "card",
    "body": "Look",
    "media": [PICTURE],
    "subject": "A cat",
}
DRAFT = {"id": "7ba7b820-9dad-11d1-80b4-00c04fd430fe", "name": "draft", "body": "Not yet", "sendable": False}
NOWHERE = "00000000-0000-4000-8000-000000000000"
RETAIL = "x-profile-id: 3f2504e0-4f89-41d3-9a0c-0305e82c3301"


def sends(t: Talk) -> None:
    t.use("sends", AT)
    post(t, "a text, the channel left to the API", text="See you at nine.")
    post(t, "a template on two channels", template=WELCOME, channel=["sms", "whatsapp"])
    post(t, "a template by its id, the channel left to the API", template={**WELCOME, "id": WELCOME_ID})
    post(t, "to two, on rcs", to=[TO, OTHER], text="Hi", channel=["rcs"])
    post(t, "pictures without a channel", text="Look", media_urls=[PICTURE], subject="A cat")
    post(t, "pictures on mms and sms", text="Look", channel=["mms", "sms"], media_urls=[PICTURE])
    t.ask("a template with pictures", "PUT /_mock/templates", [CARD])
    post(t, "the template's pictures on mms", template={"name": "card"}, channel=["mms"])
    post(t, "`sent` beside a channel", text="Hi", channel=["sent", "sms"])
    post(t, "own numbers", text="Hi", channel=["sms"], channels={"sms": [{"from": ["+14155550001"], "country": "US"}]})
    post(t, "nulls count as absent", text="Hi", **dict.fromkeys(_NULLABLE))
    for at in (NOON, "2026-10-23T14:00:00.5+02:00", "2026-10-23T09:01:00.000Z", "2026-11-22T09:00:00Z"):
        post(t, f"scheduled at {at}", text="Hi", scheduled_at=at)
    post(t, "in a sandbox", text="Hi", channel=["sms"], sandbox=True)
    post(t, "scheduled in a sandbox", template=WELCOME, scheduled_at=NOON, sandbox=True)
    post(t, "an unknown template in a sandbox", template={"name": "nobody_knows"}, channel=["sms"], sandbox=True)
    post(t, "for a profile", RETAIL, text="Hi")
    post(t, "with a key", "Idempotency-Key: october", text="Hi")
    post(t, "with that key again, and another body", "Idempotency-Key: october", text="Something else")
    t.part("the same in another edition")
    t.ask("March from now on", "PUT /_mock/edition", {"edition": "2026-03"})
    post(t, "a text in March", text="Hi")
    post(t, "a template in March", template=WELCOME, channel=["sms"])
    post(t, "the stored answer of October", "Idempotency-Key: october", template=WELCOME)
    t.ask("back", "DELETE /_mock/edition")


_NULLABLE = ("channel", "channels", "media_urls", "scheduled_at", "subject", "template")
_WRONG: dict[str, dict[str, Any]] = {
    "neither template nor text": {},
    "a blank text": {"text": " "},
    "both": {"text": "Hi", "template": WELCOME},
    "a template without id and name": {"template": {}},
    "no recipient": {"to": [], "text": "Hi"},
    "null for `to`": {"to": None, "text": "Hi"},
    "null for `sandbox`": {"text": "Hi", "sandbox": None},
    "no number": {"to": ["123"], "text": "Hi"},
    "an unknown channel": {"text": "Hi", "channel": ["email"]},
    "a channel in upper case": {"text": "Hi", "channel": ["SMS"]},
    "mms without pictures": {"text": "Hi", "channel": ["mms"]},
    "mms with a template that has none": {"template": WELCOME, "channel": ["mms"]},
    "a picture that is not https": {"text": "Hi", "media_urls": ["http://a.example/x.png"]},
    "a naive time": {"text": "Hi", "scheduled_at": "2026-10-23T12:00:00.123456"},
    "no time": {"text": "Hi", "scheduled_at": "tomorrow"},
    "too soon": {"text": "Hi", "scheduled_at": "2026-10-23T09:00:59Z"},
    "too late": {"text": "Hi", "scheduled_at": "2026-11-22T09:00:01Z"},
    "`sent` in channels": {"text": "Hi", "channels": {"sent": []}},
    "a type": {"text": 1, "subject": 2, "channels": []},
    "an unknown template": {"template": {"name": "nobody_knows"}},
}


_REFUSING = ("account_suspended", "too_many_held", "rate_limited", "conflict", "service_unavailable", "forbidden")
_ENDING = ("quota_exceeded", "template_not_active", "route_denied", "no_route", "not_registered", "delivery_failed")
_RULES = ("reach: read", "route: [rcs, sms]", "hold: 8h", "fail_at: sent, reason: ERR_ROUTE_DENIED", "fail: opted_out")


def refusals(t: Talk) -> None:
    t.use("refusals", AT)
    for title, members in _WRONG.items():
        post(t, title, **members)
    post(t, "an unknown profile", f"x-profile-id: {NOWHERE}", text="Hi")
    post(t, "no idempotency key", "Idempotency-Key: a b", text="Hi")
    t.part("by a scenario")
    for outcome in (
        "account_suspended",
        "too_many_held",
        "rate_limited",
        "conflict",
        "service_unavailable",
        "forbidden",
    ):
        post(t, outcome, f"Prefer: example={outcome}", text="Hi")
    for code in (402, 422):
        post(t, f"a status of March: {code}", f"Prefer: code={code}", text="Hi")


def gates(t: Talk) -> None:
    t.use("gates", AT)
    t.quietly("PUT /_mock/templates", [DRAFT])
    t.ask("STOP", "POST /_mock/inbound", {"from": TO, "text": "STOP"})
    ended(t, "a recipient that opted out, and one that did not", to=[TO, OTHER], template=WELCOME, channel=["sms"])
    t.quietly("POST /_mock/inbound", {"from": TO, "text": "START"})
    ended(t, "a template that is not approved", template={"name": "draft"})
    foreign = {"sms": [{"from": ["+14155550002"]}]}
    ended(t, "a foreign number", text="Hi", to=[OTHER], channel=["sms"], channels=foreign)
    ended(t, "a text to somebody who never wrote", text="Hi", to=["+14155550199"])
    ended(t, "a text on WhatsApp to somebody who wrote elsewhere", text="Hi", channel=["whatsapp"])
    ended(t, "a value missing", template={"name": "welcome", "parameters": {"name": "Ann"}})
    t.quietly("PUT /_mock/balance", {"balance": 0.01})
    ended(t, "money for one of two", to=[TO, OTHER], template=WELCOME, channel=["sms"])
    t.part("by a scenario")
    t.quietly("DELETE /_mock/account")
    t.use("gates", AT)
    for outcome in (
        "quota_exceeded",
        "template_not_active",
        "route_denied",
        "no_route",
        "not_registered",
        "delivery_failed",
    ):
        ended(t, outcome, f"Prefer: example={outcome}", template=WELCOME, channel=["sms"])


def life(t: Talk) -> None:
    t.use("life", AT)
    one = made(t, "a text", text="Hi")
    for span in ("0s", "300ms", "300ms", "300ms"):
        t.quietly("POST /_mock/clock", {"advance": span})
        t.ask(f"{span} later", f"GET /v3/messages/{one}")
    t.ask("its activities", f"GET /v3/messages/{one}/activities")
    t.ask("sent again", f"POST /v3/messages/{one}/resend")
    t.ask("sent again too soon", f"POST /v3/messages/{one}/resend")
    t.quietly("POST /_mock/clock", {"advance": "1s"})
    t.ask("after that", f"GET /v3/messages/{one}")
    t.part("held")
    held, other = (made(t, "scheduled", text="Hi", scheduled_at=NOON) for _ in range(2))
    t.ask("held", f"GET /v3/messages/{held}")
    t.ask("called off in a sandbox", f"POST /v3/messages/{held}/cancel", {"sandbox": True})
    for _ in range(2):
        t.ask("called off", f"POST /v3/messages/{held}/cancel")
    t.ask("sent again after that", f"POST /v3/messages/{held}/resend")
    t.ask("sent again while it is held", f"POST /v3/messages/{other}/resend")
    t.quietly("PUT /_mock/balance", {"balance": 0})
    t.ask("noon", "POST /_mock/clock", {"advance": "3h"})
    t.ask("released without money", f"GET /v3/messages/{other}")
    t.ask("called off too late", f"POST /v3/messages/{other}/cancel")
    t.ask("an unknown one", f"POST /v3/messages/{NOWHERE}/cancel")
    t.ask("no id", "POST /v3/messages/x/resend")
    t.part("by rules")
    t.quietly("PUT /_mock/balance", {"balance": "unlimited"})
    for rule in (
        "reach: read",
        "route: [rcs, sms]",
        "hold: 8h",
        "fail_at: sent, reason: ERR_ROUTE_DENIED",
        "fail: opted_out",
    ):
        t.quietly("PUT /_mock/scenario", f"schema: 1\nname: rule\ndeliver: [{{then: {{{rule}}}}}]")
        channel = ["rcs"] if rule == "reach: read" else ["sent"]
        message = made(t, rule, text="Hi", channel=channel)
        t.quietly("POST /_mock/clock", {"advance": "10s"})
        t.ask(f"ten seconds after {rule}", f"GET /v3/messages/{message}")
    t.quietly("PUT /_mock/scenario", "schema: 1\nname: rule\ndeliver: [{then: {hold: 8h}}]")
    message = made(t, "scheduled into quiet hours", text="Hi", scheduled_at="2026-10-23T13:00:00Z")
    t.quietly("POST /_mock/clock", {"advance": "2h"})
    t.ask("held once more", f"GET /v3/messages/{message}/activities")
    t.part("magic numbers")
    t.quietly("DELETE /_mock/scenario")
    for digits in ("00", "40", "42", "44", "60", "61", "62"):
        to = [f"+150055501{digits}"]
        answered = post(t, digits, text="Hi", to=to, channel=["sms"]).json()
        if answered["success"]:
            t.quietly("POST /_mock/clock", {"advance": "2s"})
            t.ask(f"{digits} later", f"GET /v3/messages/{answered['data']['recipients'][0]['message_id']}")


def post(t: Talk, title: str, *headers: str, **members: Any) -> Any:
    return t.ask(title, "POST /v3/messages", {"to": [TO], **members}, *headers)


def made(t: Talk, title: str, **members: Any) -> str:
    """The id of the last message of a send."""
    return str(post(t, title, **members).json()["data"]["recipients"][-1]["message_id"])


def ended(t: Talk, title: str, *headers: str, **members: Any) -> None:
    """A send, and its messages once all has happened."""
    answered = post(t, title, *headers, **members).json()
    t.quietly("POST /_mock/clock", {"advance": "10s"})
    for recipient in answered["data"]["recipients"]:
        t.ask(f"{title}: {recipient['to']}", f"GET /v3/messages/{recipient['message_id']}")


EDITION = {"MOCK_SENT_EDITION": "2026-10"}
_WORLD = "{schema: 1, default: {senders: {sms: ['+14155550001']}, price: {sms: 0.0075, whatsapp: 0.005}, templates: ["
_WORLD += "{id: 7ba7b820-9dad-11d1-80b4-00c04fd430c9, name: welcome, body: 'Welcome to {{company}}, {{name}}!'}]}}"
CHAPTERS = [
    Chapter("october-sends", sends, EDITION),
    Chapter("october-refusals", refusals, EDITION),
    Chapter("october-gates", gates, {**EDITION, "MOCK_SENT_FREE_TEXT": "gated", "MOCK_SENT_FIXTURES_INLINE": _WORLD}),
    Chapter("october-life", life, EDITION),
]
