"""Chapters about servers with other settings: keys that are required, the examples, small memories, and the log."""

from exchanges import ONE, Chapter, Talk
from sends import PAGE_REQUEST

KNOWN, UNKNOWN = "aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002"
FRANCHISE_KEY = "00000000-0000-4000-8000-000000000003"
RETAIL = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
HOOK = {"display_name": "Orders", "endpoint_url": "http://127.0.0.1:9/hook", "event_types": ["messages"]}
ID = "8ba7b830-9dad-11d1-80b4-00c04fd430c8"


def auth(t: Talk) -> None:
    t.use(KNOWN)
    t.send("a known key")
    t.send("with blanks around it", f"x-api-key:   {KNOWN}  ")
    t.send("a profile's key", f"x-api-key: {FRANCHISE_KEY}")
    t.send("a profile's key with a profile", f"x-api-key: {FRANCHISE_KEY}", f"x-profile-id: {RETAIL}")
    t.send("an unknown profile", f"x-profile-id: {UNKNOWN}")
    t.send("an unknown key", f"x-api-key: {UNKNOWN}")
    t.send("an unknown key and a broken body", f"x-api-key: {UNKNOWN}", to=[])
    t.send("no key that could be one", "x-api-key: é")
    t.send("the key in capitals", f"x-api-key: {KNOWN.upper()}")
    t.send("a scenario of 401", "X-Mock-Scenario: unauthorized")
    t.send("a scenario of 403", "X-Mock-Scenario: forbidden")
    t.send("Prefer 401", "Prefer: code=401")
    t.send("Prefer an example", "Prefer: example=api_key_missing")
    t.account = None
    for line, body in (
        ("POST /v3/messages", ONE), ("POST /v3/messages", {}), (f"GET /v3/messages/{ID}", None),
        ("GET /v3/messages/x", None),
        ("GET /v3/webhooks", None), ("POST /v3/webhooks", HOOK), ("GET /v3/webhooks/event-types", None),
        ("GET /v3/x", None),
        ("PUT /v3/messages", None), ("HEAD /v3/webhooks", None),
    ):  # fmt: skip
        t.ask(f"no key: {line}", line, body)
    t.send("no key, with a scenario", "X-Mock-Scenario: conflict")
    t.ask("the requests of nobody", "GET /_mock/requests?account=none&limit=3")
    t.ask("the audit of nobody", "GET /_mock/audit?account=none")


def examples(t: Talk) -> None:
    t.account = "examples"
    for line in (
        "POST /v3/messages", f"GET /v3/messages/{ID}", f"GET /v3/messages/{ID}/activities", "GET /v3/webhooks",
        "POST /v3/webhooks",
        "GET /v3/webhooks/event-types", f"GET /v3/webhooks/{ID}", f"PUT /v3/webhooks/{ID}", f"DELETE /v3/webhooks/{ID}",
        f"PATCH /v3/webhooks/{ID}/toggle-status", f"POST /v3/webhooks/{ID}/rotate-secret",
        f"POST /v3/webhooks/{ID}/test",
        f"GET /v3/webhooks/{ID}/events", "GET /v3/messages/x", "GET /v3/nothing", "PUT /v3/messages",
    ):  # fmt: skip
        t.ask(line, line)
    t.ask("the page's request", "POST /v3/messages", PAGE_REQUEST, "Idempotency-Key: k")
    t.ask("once more", "POST /v3/messages", PAGE_REQUEST, "Idempotency-Key: k")
    t.ask("no JSON", "POST /v3/messages", b"{", "content-type: text/plain")
    t.send("Prefer", "Prefer: code=402")
    t.send("a magic number", to=["+15005550150"])
    t.ask("too large", "POST /v3/messages", b" " * (1024 * 1024 + 1))
    t.ask("nothing was kept", "GET /_mock/accounts")
    t.ask("the requests", "GET /_mock/requests?account=none&limit=2")


def small(t: Talk) -> None:
    """Two accounts, three messages, two keys and three exchanges are kept."""
    t.use("small")
    for n in range(1, 5):
        t.send(f"send {n}", f"Idempotency-Key: k{n}", to=[f"+1415555000{n}"])
    t.send("a key that has gone", "Idempotency-Key: k1", to=["+14155550001"])
    t.send("a key that is kept", "Idempotency-Key: k1", to=["+14155550001"])
    t.ask("the messages", "GET /_mock/messages")
    t.ask("the requests", "GET /_mock/requests")
    t.ask("the audit", "GET /_mock/audit")
    for pattern in (
        {"to": "+14155550001", "times": 2},
        {"times": ">=1"},
        {"times": "<3"},
        {"of": "requests", "times": 9},
    ):
        t.ask(f"{pattern}", "POST /_mock/verify", pattern)
    t.ask("a message that has gone", "GET /_mock/messages?after=x")
    t.use("second")
    t.send("a second account")
    t.use("third")
    t.send("a third one")
    t.ask("the accounts", "GET /_mock/accounts")
    t.use("small")
    t.ask("the first one in a new life", "GET /_mock/requests")
    t.ask("its audit", "GET /_mock/audit")
    t.ask("all audits", "GET /_mock/audit?all=true")
    t.stream("the events", "GET /_mock/events", "Last-Event-ID: 1-1", until=b"id: ", then=lambda: _sends(t))


def _sends(t: Talk) -> None:
    t.quietly("POST /v3/messages", ONE)


def log(t: Talk) -> None:
    """Some exchanges, and the lines that the server wrote of them."""
    t.use("log")
    t.send("a good one", "Idempotency-Key: k")
    t.send("its replay", "Idempotency-Key: k", to=["+447700900123"])
    t.send("a fault", to=["1"], channel=["fax"])
    t.send("a rule", "X-Mock-Scenario: retry-then-ok", f"x-profile-id: {RETAIL}")
    t.send("a rule that does not fire", "X-Mock-Scenario: rate-limit-starter", to=["+15005550190"])
    t.send("a broken connection", to=["+15005550171"])
    t.settle()
    t.send("misuse", "X-Mock-Scenario: nothing")
    t.send("an unknown member", more=1, **{"a\nb": 2})
    t.ask("a hook", "POST /v3/webhooks", HOOK)
    t.ask("an unknown path", 'GET /v3/"x\\')
    t.ask("an unknown method", "PUT /v3/messages")
    t.raw("no HTTP", b"nonsense\r\n\r\n")
    t.send("a delivery to nobody")
    t.settle()
    t.ask("forgotten with deliveries to come", "DELETE /_mock/account")
    t.use(None)
    t.send("nobody")
    t.settle()
    assert t.log
    t.says("the log", t.log.read_text("utf-8"))


_REQUIRED = {"MOCK_SENT_AUTH": "required", "MOCK_SENT_API_KEYS": KNOWN}
_SMALL = {"ACCOUNTS": "2", "MESSAGES": "3", "KEYS": "2", "JOURNAL": "3"}
CHAPTERS = [
    Chapter("auth", auth, _REQUIRED),
    Chapter("auth-envelope", auth, {**_REQUIRED, "MOCK_SENT_AUTH_ERRORS": "envelope"}),
    Chapter("examples", examples, {"MOCK_SENT_MODE": "examples"}),
    Chapter("small", small, {f"MOCK_SENT_MAX_{name}": value for name, value in _SMALL.items()}),
    Chapter("log-json", log, {"MOCK_SENT_LOG": "json"}),
    Chapter("log-text", log, {"MOCK_SENT_LOG": "text"}),
]
