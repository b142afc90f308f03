"""Chapters about sends: good ones, sandbox, profiles, keys, and how messages are read."""

from typing import Any

from exchanges import ONE, Chapter, Talk
from sends import PAGE_REQUEST

RETAIL = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
ORGANIZATION, FRANCHISE_KEY = "00000000-0000-4000-8000-000000000002", "00000000-0000-4000-8000-000000000003"
POOR = "00000000-0000-4000-8000-000000000001"
TEMPLATE = ONE["template"]
CONFIRMED = "7ba7b820-9dad-11d1-80b4-00c04fd430c8"
NOBODY = "00000000-0000-4000-8000-00000000abcd"


def sends(t: Talk) -> None:
    t.use("sends")
    t.ask("the page's request", "POST /v3/messages", PAGE_REQUEST)
    t.send("one message")
    t.send("the template by its id", template={"id": CONFIRMED, "parameters": {"name": "A", "order_id": "1"}})
    t.send("the template by its name", template={"name": "order_confirmation", "parameters": {"name": "A"}})
    t.send("id and name disagree: the id counts", template={**TEMPLATE, "name": "welcome"})
    t.send("id in capitals", template={**TEMPLATE, "id": CONFIRMED.upper()})
    t.send("nulls that are allowed", channel=None, template={"id": None, "name": "welcome", "parameters": None})
    t.send("no parameters for two variables", template={"name": "welcome"})
    t.send("one parameter is missing", template={"name": "welcome", "parameters": {"company": "Acme"}})
    t.send(
        "more parameters than variables", template={**TEMPLATE, "parameters": {"name": "A", "order_id": "1", "x": ""}}
    )
    t.send("letters of all kinds", template={**TEMPLATE, "parameters": {"name": "Zoë 李 🎉", "order_id": '"\\\u007f'}})
    t.send("a placeholder inside a value", template={**TEMPLATE, "parameters": {"name": "{{1:variable}}"}})
    t.send("a parameter of 3,000 letters", template={**TEMPLATE, "parameters": {"name": "x" * 3000, "order_id": "1"}})
    without = {name: value for name, value in ONE.items() if name != "channel"}
    t.ask("no channel", "POST /v3/messages", without)
    t.ask("no channel, no sandbox", "POST /v3/messages", {"to": ONE["to"], "template": TEMPLATE})
    for channel in ([], ["sent"], ["whatsapp"], ["sms", "sms"], ["sent", "sms"], ["rcs", "sms"], ["sms", "whatsapp"]):
        t.send(f"channel {channel}", channel=channel)
    t.send("rcs alone", channel=["rcs"])
    t.send("a number twice", to=["+14155551234", "+14155551234"])
    t.send("numbers of several lands", to=["+447700900123", "+4915112345678", "+33612345678", "+819012345678"])
    t.send("1,000 recipients", to=[f"+1415555{n:04}" for n in range(1000)])
    t.send("the shortest and the longest number", to=["+1234567", "+123456789012345"])
    t.send("unknown members", comment="hi", test_mode=True, template={**TEMPLATE, "language": "en"})
    t.send("a hostile name of a member", **{"a\r\nx-evil: 1": 1, "é\u2028": 2})
    later: dict[str, Any]
    for later in ({"text": "Hi"}, {"media_urls": ["https://a/b.png"]}, {"subject": "Hi"}, {"channels": {"sms": []}}):
        t.send(f"a member of a later edition: {next(iter(later))}", **later)
    t.send("scheduled, in a later edition", scheduled_at="2026-12-01T00:00:00Z")
    t.ask("a text without a template", "POST /v3/messages", {"to": ONE["to"], "text": "Hello"})
    t.send("the channel mms of a later edition", channel=["mms"])
    t.send(
        "headers of the SDKs", "User-Agent: Sent/Python 0.12.0", "x-stainless-retry-count: 0", "Authorization: Bearer x"
    )
    t.send("unknown id", template={"id": NOBODY})
    t.send("unknown name", template={"name": "order_confirmatoin"})
    t.send("unknown id beside a known name", template={"id": NOBODY, "name": "welcome"})
    t.use(POOR)
    t.send("the last money", channel=["sms"])
    t.send("no money left")
    t.send("no money for two", channel=["sms", "whatsapp"])
    t.use(None)
    t.send("nobody's key")
    t.send("an empty key", "x-api-key: ")
    t.send("a key of spaces", "x-api-key:    ")


def sandbox(t: Talk) -> None:
    t.use("sandbox")
    t.send("a sandbox send", sandbox=True)
    t.send("with a key", "Idempotency-Key: box", sandbox=True)
    t.send("with that key again", "Idempotency-Key: box", sandbox=True)
    t.send("with that key, and no sandbox any more", "Idempotency-Key: box")
    t.send("an unknown template", sandbox=True, template={"name": "nobody_knows"})
    t.send("an unknown id", sandbox=True, template={"id": NOBODY})
    t.send("a broken number", sandbox=True, to=["1"])
    made = t.send("a message that nobody can read", sandbox=True).json()["data"]["recipients"][0]["message_id"]
    t.ask("reading it", f"GET /v3/messages/{made}")
    t.ask("nothing was kept", "GET /_mock/messages")
    t.send("a magic number", sandbox=True, to=["+15005550150"])
    t.use(POOR)
    t.send("costs nothing", sandbox=True, channel=["sms", "whatsapp"])
    t.ask("nothing was paid", "GET /_mock/balance")


def keys(t: Talk) -> None:
    t.use("keys")
    t.send("the first of a key", "Idempotency-Key: k-1")
    t.send("the same again", "Idempotency-Key: k-1")
    t.send("once more, an hour later", "idempotency-key: k-1")
    t.send("another order of members", "Idempotency-Key: k-1", **dict(reversed(ONE.items())))
    t.send("another body", "Idempotency-Key: k-1", to=["+447700900123"])
    t.send("another body that breaks the contract", "Idempotency-Key: k-1", to=[])
    t.send("another case of the key is another key", "Idempotency-Key: K-1")
    t.send("a sandbox send under a known key", "Idempotency-Key: k-1", sandbox=True)
    t.send("a profile under the organization's key", "Idempotency-Key: k-1", f"x-profile-id: {RETAIL}")
    t.send("a refused request", "Idempotency-Key: k-2", template={"name": "nobody_knows"})
    t.send("mended, under its key", "Idempotency-Key: k-2")
    t.send("a key of 255 letters", f"Idempotency-Key: {'k' * 255}")
    for bad in ("a b", "a.b", "é", "", "k" * 256, "k,k", "käse", '"k"'):
        t.send(f"a key that is none: {bad[:20]!r}", f"Idempotency-Key: {bad}")
    t.ask("23 h 59 min later", "POST /_mock/clock", {"advance": "1439m"})
    t.send("still known", "Idempotency-Key: k-1")
    t.ask("a minute later", "POST /_mock/clock", {"advance": "60s"})
    t.send("forgotten after 24 h", "Idempotency-Key: k-1")
    t.part("a key in flight")
    t.use("in-flight")
    t.quietly("PUT /_mock/scenario", {"name": "idempotency-drill"})
    with t.pending("the first takes three seconds", "Idempotency-Key: slow"):
        t.send("its twin", "Idempotency-Key: slow")
        t.send("its twin with another body", "Idempotency-Key: slow", to=["+447700900123"])
        t.send("a sandbox twin", "Idempotency-Key: slow", sandbox=True)
        t.send("nobody's twin", "Idempotency-Key: slow", template={"id": "x"})
        t.ask("two seconds later", "POST /_mock/clock", {"advance": "2s"})
        t.send("its twin, two seconds later", "Idempotency-Key: slow")
        t.ask("one more second", "POST /_mock/clock", {"advance": "1s"})
    t.send("later", "Idempotency-Key: slow")
    t.ask("what the audit says", "GET /_mock/audit")
    t.part("keys of a scenario")
    t.use("strict-keys")
    rules = "{schema: 1, name: strict, idempotency: {window: 1h, other_body: reject, store_failures: true}, send: [%s]}"
    t.ask("rules of its own", "PUT /_mock/scenario", rules % "{then: [{fail: internal_error}, accept]}")
    t.send("a failure is stored", "Idempotency-Key: k")
    t.send("and given again", "Idempotency-Key: k")
    t.send("another body is rejected", "Idempotency-Key: k", to=["+447700900123"])
    t.quietly("POST /_mock/clock", {"advance": "1h"})
    t.send("the window is over", "Idempotency-Key: k")
    t.ask(
        "rules for known keys", "PUT /_mock/scenario", rules % "{when: {idempotency_key: seen}, then: {fail: conflict}}"
    )
    t.send("a known key meets its rule", "Idempotency-Key: k")


def reads(t: Talk) -> None:
    t.use("reads")
    made = t.ask("four messages", "POST /v3/messages", PAGE_REQUEST, "x-api-key: reads", "Idempotency-Key: read").json()
    first, second = (made["data"]["recipients"][i]["message_id"] for i in (0, 1))
    for advance in ("0s", "299ms", "1ms", "300ms", "300ms", "24h"):
        t.ask(f"{advance} later", "POST /_mock/clock", {"advance": advance})
        t.ask("the message", f"GET /v3/messages/{first}")
        t.ask("its activities", f"GET /v3/messages/{first}/activities")
    t.ask("the second one", f"GET /v3/messages/{second}")
    auto = t.send("the channel is chosen", channel=["sent"]).json()["data"]["recipients"][0]["message_id"]
    t.ask("which one it was", f"GET /v3/messages/{auto}")
    bad = t.send("a parameter is missing", template={"name": "welcome"}).json()["data"]["recipients"][0]["message_id"]
    t.quietly("POST /_mock/clock", {"advance": "1h"})
    t.ask("it failed", f"GET /v3/messages/{bad}")
    t.ask("why it failed", f"GET /v3/messages/{bad}/activities")
    t.ask("an id in capitals", f"GET /v3/messages/{first.upper()}")
    t.ask("a query nobody knows", f"GET /v3/messages/{first}?page=1&x=%20")
    t.ask("a body that nobody reads", f"GET /v3/messages/{first}", b"{")
    t.ask("an unknown id", f"GET /v3/messages/{NOBODY}")
    t.ask("activities of an unknown id", f"GET /v3/messages/{NOBODY}/activities")
    t.ask("another key sees nothing", f"GET /v3/messages/{first}", None, "x-api-key: other-reads")
    for id in ("x", "8ba7b830", f"{first}%0a", "%00", "%ff"):
        t.ask(f"no id: {id[-6:]}", f"GET /v3/messages/{id}")
    t.ask("no id, its activities", "GET /v3/messages/x/activities")
    t.ask("a profile reads", f"GET /v3/messages/{first}", None, f"x-profile-id: {RETAIL}")
    t.ask("a profile that is none", f"GET /v3/messages/{first}", None, "x-profile-id: retail")


def profiles(t: Talk) -> None:
    t.use("profiles")
    mine = t.send("as a profile", f"x-profile-id: {RETAIL}").json()["data"]["recipients"][0]["message_id"]
    t.send("its id in capitals", f"x-profile-id: {RETAIL.upper()}")
    t.send("an unknown profile", f"x-profile-id: {NOBODY}")
    t.send("an unknown profile, and a broken body", f"x-profile-id: {NOBODY}", to=[])
    t.send("no UUID", "x-profile-id: retail")
    t.send("an empty one", "x-profile-id: ")
    t.ask("the profile reads its message", f"GET /v3/messages/{mine}", None, f"x-profile-id: {RETAIL}")
    other = f"x-profile-id: {RETAIL[:-1]}2"
    t.ask("another profile reads it", f"GET /v3/messages/{mine}", None, other)
    t.ask("the organization reads it", f"GET /v3/messages/{mine}")
    t.ask("messages of the profile", f"GET /_mock/messages?profile={RETAIL}")
    t.use(ORGANIZATION)
    t.send("a profile's own key", f"x-api-key: {FRANCHISE_KEY}")
    t.send("a profile's key may name no profile", f"x-api-key: {FRANCHISE_KEY}", f"x-profile-id: {RETAIL}")
    t.send("nor its own", f"x-api-key: {FRANCHISE_KEY}", f"x-profile-id: {RETAIL[:-1]}3")
    t.send("nor one that is none", f"x-api-key: {FRANCHISE_KEY}", "x-profile-id: x")
    t.send("the organization names it", f"x-profile-id: {RETAIL[:-1]}3")
    t.send("a profile of other keys", f"x-profile-id: {RETAIL}")
    t.ask("what the organization sent", "GET /_mock/messages")
    t.ask("asked with the profile's key", "GET /_mock/messages", None, f"x-api-key: {FRANCHISE_KEY}")
    t.ask("the requests", "GET /_mock/requests?limit=3")


def scope(t: Talk) -> None:
    t.part("sandbox")
    sandbox(t)
    t.part("profiles")
    profiles(t)


CHAPTERS = [
    Chapter("sends", sends, {}),
    Chapter("scope", scope, {}),
    Chapter("keys", keys, {}),
    Chapter("reads", reads, {}),
]
