"""Chapters about failures on purpose: shipped scenarios, scenarios of a test's own, magic numbers, headers."""

from exchanges import ONE, Chapter, Talk

SHIPPED = (
    "conflict", "connection-reset", "delivery-fails", "forbidden", "idempotency-drill", "insufficient-balance",
    "internal-error", "lost-ack", "magic-numbers", "rate-limit-starter", "rate-limited", "replayed", "retry-then-ok",
    "service-unavailable", "shaky", "slow", "template-not-found", "uk-is-down", "unauthorized", "validation-error",
    "webhook-chaos",
)  # fmt: skip
# How far the clock must go for the n-th of the six sends to be answered.
_WAITS = {
    "slow": dict.fromkeys((1, 2, 3, 4, 5), "4s"),
    "idempotency-drill": {5: "3s"},
}
_KEY = "Idempotency-Key: six"


def shipped(t: Talk) -> None:
    """Six sends each: the same twice, another number and channel, two other lands, and a key that comes again."""
    for name in SHIPPED:
        t.part(name)
        t.use(f"shipped-{name}")
        t.ask("switched on", "PUT /_mock/scenario", {"name": name})
        for n in range(1, 7):
            _send(t, name, n)
        t.settle()
        if name in ("delivery-fails", "uk-is-down"):
            t.ask("an hour later", "POST /_mock/clock", {"advance": "1h"})
            t.ask("what became of them", "GET /_mock/messages")
        if name in ("lost-ack", "connection-reset", "retry-then-ok", "shaky"):
            t.ask("what happened", "GET /_mock/requests?limit=6")
        if name == "rate-limit-starter":
            for _ in range(53):
                t.quietly("POST /v3/messages", ONE)
            for n in (60, 61, 62):
                t.send(f"send {n} within the minute")
            t.ask("59 s later", "POST /_mock/clock", {"advance": "59500ms"})
            t.send("half a second before the window ends")
            t.ask("after the window", "POST /_mock/clock", {"advance": "500ms"})
            t.send("a new window")
        if name == "slow":
            t.send("with nothing to wait for", _KEY, to=["+4915112345678"], channel=["whatsapp"])


def _send(t: Talk, name: str, n: int) -> None:
    to = ("+14155551234", "+14155551234", "+14155555678", "+447700900123", "+4915112345678", "+4915112345678")[n - 1]
    channel = "sms" if n in (1, 2, 4) else "whatsapp"
    headers = (_KEY,) if n > 4 else ()
    if advance := _WAITS.get(name, {}).get(n):
        t.waits(f"{name}, send {n}", advance, headers=headers, to=[to], channel=[channel])
    else:
        t.send(f"{name}, send {n}", *headers, to=[to], channel=[channel])


def magic(t: Talk) -> None:
    t.use("magic")
    for number in (0, 40, 41, 42, 43, 44, 49, 29, 50, 51, 52, 53, 60, 61, 62, 63, 70, 71, 72):
        to = [f"+150055501{number:02}"]
        t.send(f"number {number:02}", to=to)
        if number in (51, 52, 71):
            t.send(f"number {number:02}, the 2nd time", to=to)
        if number == 52:
            t.send("number 52, the 3rd time", to=to)
    t.ask("number 73", "POST /v3/messages", {**ONE, "to": ["+15005550173"]}, patience=0.3)
    t.send("a number between them", to=["+15005550145"])
    t.send("beside another number", to=["+14155551234", "+15005550153"])
    t.send("two of them: the first rule of the file", to=["+15005550153", "+15005550142"])
    t.send("50 once more, with a key", "Idempotency-Key: m", to=["+15005550150"])
    t.settle()
    for advance in ("600ms", "20s"):
        t.ask(f"{advance} later", "POST /_mock/clock", {"advance": advance})
        t.ask("what became of them", "GET /_mock/messages")
    t.ask("what happened", "GET /_mock/requests?limit=40")


def switched_off(t: Talk) -> None:
    t.use("off")
    t.send("a magic number that is none", to=["+15005550150"])
    t.send("by name they still work", "X-Mock-Scenario: magic-numbers", to=["+15005550150"])
    t.send("the scenario of the settings")
    t.ask("which they are", "GET /_mock/scenario")
    t.send("an unknown template gets a text", "X-Mock-Scenario: validation-error", template={"name": "nobody_knows"})
    t.send("twice", template={"name": "nobody_knows", "parameters": {"a": "1", "b": "2"}})
    t.send("thrice", template={"name": "nobody_knows", "parameters": {"a": "1", "b": "2"}})


def own(t: Talk) -> None:
    """Rules that no shipped scenario has."""
    t.use("own")

    def scenario(rules: str, name: str = "mine") -> None:
        t.ask(f"rules: {rules[:40]}", "PUT /_mock/scenario", f"schema: 1\nname: {name}\n{rules}\n")

    scenario("send: [{then: [{drop: truncate}, {drop: garbage}, {drop: empty}, {drop: reset}, {drop: hang}]}]")
    for n in range(1, 5):
        t.send(f"drop {n}")
    t.ask("drop 5", "POST /v3/messages", ONE, patience=0.3)
    scenario("send: [{then: [{drop: truncate, commit: true}, {fail: internal_error, commit: true}, pass, replay]}]")
    for n in range(1, 6):
        t.send(f"kept {n}", f"Idempotency-Key: kept-{n}")
    scenario("send: [{then: [{fail: BUSINESS_003}, {fail: rate_limited}, {fail: conflict}], at_end: restart}]")
    for n in range(1, 5):
        t.send(f"from the beginning again {n}")
    scenario("send: [{then: [{fail: internal_error}], at_end: pass}, {then: {fail: forbidden}}]")
    for n in range(1, 3):
        t.send(f"passed on {n}")
    scenario("send: [{limit: {calls: 2, per: 1m}, then: {fail: rate_limited, retry_after: window}}]")
    for n in range(1, 5):
        t.send(f"limited {n}")
    scenario(
        "send: [{limit: {calls: 1, per: 1m, count_by: recipient}, then: {fail: rate_limited, retry_after: absent}}]"
    )
    for to in ("+14155551234", "+14155555678", "+14155551234"):
        t.send(f"limited by recipient {to}", to=[to])
    scenario("seed: 7\nsend: [{name: coin, chance: 50%, then: {fail: service_unavailable, retry_after: 2s}}]")
    for n in range(1, 7):
        t.send(f"thrown {n}")
    scenario(
        "send:\n- {name: bulk, when: {recipients: '>2'}, then: {fail: validation_error}}\n"
        "- {name: uk, when: {to: '+44*', channel: sms, not: {template: 'order*'}}, then: {fail: forbidden}}\n"
        "- {name: team, when: {any: [{header: {x-team: pay*}}, {sandbox: true}]}, then: {fail: unauthorized}}\n"
        "- {name: keyed, when: {idempotency_key: present}, then: {fail: conflict}}"
    )
    t.send("three recipients", to=["+14155551234", "+14155555678", "+14155550000"])
    t.send("order to the UK", to=["+447700900123"])
    t.send("welcome to the UK", to=["+447700900123"], template={"name": "welcome"})
    t.send("the team", "X-Team: payments")
    t.send("another team", "X-Team: sales")
    t.send("a sandbox", sandbox=True)
    t.send("with a key", "Idempotency-Key: k")
    t.ask("why no rule fired", "GET /_mock/requests/latest")
    scenario("send: [{count_by: idempotency_key, then: [{fail: internal_error}, accept]}]")
    for n, key in enumerate(("a", "b", "a"), 1):
        t.send(f"counted by key {n}", f"Idempotency-Key: {key}")
    scenario("send: [{then: {accept: true, delay: 2s}}]")
    t.waits("a delay in two steps", "1999ms", "1ms")
    scenario(
        "deliver: [{when: {channel: sms}, then: {reach: SENT, advance: manual}}, {then: {fail_at: SENT, reason: X}}]"
    )
    made = t.send("by hand", channel=["sms"]).json()["data"]["recipients"][0]["message_id"]
    t.send("not by hand", channel=["whatsapp"])
    path = f"POST /_mock/messages/{made}/advance"
    t.ask("where to?", path, {"to": "DELIVERED"})
    t.ask("on", path, {})
    t.ask("on again", path, {"to": "SENT"})
    t.ask("back", path, {"to": "ACCEPTED"})
    t.ask("nonsense", path, {"to": "LOST"})
    t.ask("a reason for no failure", path, {"to": "DELIVERED", "reason": "X"})
    t.ask("failed", path, {"to": "FAILED", "reason": "ERR_ROUTE_DENIED"})
    t.ask("after the end", path, {})
    t.ask("more than may be said", path, {"too": "x"})
    t.ask("an unknown message", f"POST /_mock/messages/{made[:-4]}0000/advance", {})
    t.ask("its activities", f"GET /v3/messages/{made}/activities")
    t.part("byte by byte, on the machine's clock")
    t.account = "dripping"
    scenario("send: [{then: {drip: 100ms}}]")
    t.send("dripped")
    t.part("scenarios that are wrong")
    t.use("wrong")
    for text in (
        "", "schema: 2\nname: mine", "schema: 1\nname: mine\nsend: [{then: {fail: nothing}}]", "send: [",
        "schema: 1\nname: mine\nsned: []", "schema: 1\nname: mine\nsend: [{then: {delay: 3}}]", "a: &a [*a]",
        "schema: 1\nname: mine\nsend: [{when: {too: x}, then: accept}]", "schema: 1\nname: mine\nschema: 1",
        "!!python/x y",
        "schema: 1\nname: mine\naudit: {fail_on: [duplicate]}",
        "schema: 1\nname: mine\nsend: [{chance: 120%, then: pass}]",
    ):  # fmt: skip
        t.ask(f"wrong: {text[-30:]!r}", "PUT /_mock/scenario", text)


def switches(t: Talk) -> None:
    t.use("switches")
    for value in (
        "code=402", "code=202", "CODE = 500", "code=418", "code=999", "code=abc", 'code="404"', "return=minimal",
        "example=insufficient_balance", "example=accepted", "example=insuficient_balance", "example=nothing",
        "respond-async, code=429", "code=401", "code=403", "code=413", "code=415",
    ):  # fmt: skip
        t.send(f"Prefer: {value}", f"Prefer: {value}")
    for value in (
        "insufficient-balance",
        "insufficent-balance",
        "nothing",
        "",
        ",",
        "conflict, forbidden",
        "delivery-fails",
    ):
        t.send(f"X-Mock-Scenario: {value}", f"X-Mock-Scenario: {value}")
    t.send("Prefer wins", "Prefer: code=402", "X-Mock-Scenario: conflict", to=["+15005550150"])
    t.quietly("PUT /_mock/scenario", {"name": "forbidden"})
    t.send("the header wins over the account", "X-Mock-Scenario: conflict")
    t.send("the account wins over the number", to=["+15005550150"])
    t.ask("Prefer for a read", "GET /v3/messages/8ba7b830-9dad-11d1-80b4-00c04fd430c8", None, "Prefer: code=401")
    t.ask("Prefer for webhooks", "GET /v3/webhooks", None, "Prefer: code=503")
    t.ask("Prefer for a code that it lacks", "GET /v3/webhooks", None, "Prefer: code=402")
    t.ask("an example of webhooks", "POST /v3/webhooks", {}, "Prefer: example=x")
    t.ask("a scenario for a read", "GET /v3/webhooks", None, "X-Mock-Scenario: conflict")


_INLINE = "{schema: 1, name: inline, send: [{then: [pass, {fail: conflict}, pass]}]}"
CHAPTERS = [
    Chapter("scenarios", shipped, {}),
    Chapter("magic", magic, {}),
    Chapter("rules", own, {}),
    Chapter("switches", switches, {}),
    Chapter(
        "settings", switched_off,
        {"MOCK_SENT_MAGIC_NUMBERS": "off", "MOCK_SENT_SCENARIO": "retry-then-ok", "MOCK_SENT_SCENARIO_INLINE": _INLINE,
         "MOCK_SENT_UNKNOWN_TEMPLATES": "accept"},
    ),
]  # fmt: skip
