"""Chapters about requests that are refused: faults of the body, bodies that are none, and faults of HTTP itself."""

from typing import Any

from exchanges import ONE, Chapter, Talk
from malformed import BY_HAND, bodies
from sends import PAGE_REQUEST

TEMPLATE = ONE["template"]
RETAIL = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
_JSON = "content-type: application/json"


def faults(t: Talk) -> None:
    t.use("faults")
    post = "POST /v3/messages"
    t.ask("nothing is there", post, {})
    for name in ("to", "template"):
        t.ask(f"no {name}", post, {key: value for key, value in ONE.items() if key != name})
        t.send(f"{name} is null", **{name: None})
    t.send("nobody to send to", to=[])
    template: Any
    for template in ({}, {"id": None, "name": None}, {"parameters": {}}, {"name": ""}, {"id": ""}):
        t.send(f"template {template}", template=template)
    for to in (
        "14155551234",
        "+04155551234",
        "+1",
        "+123456",
        "+1234567890123456",
        "+1 415 555 1234",
        "+١٤١٥٥٥٥١٢٣٤",
        "",
    ):
        t.send(f"no number: {to!r}", to=[to])
    t.send("the second number is none", to=["+14155551234", "x"])
    t.send("1,001 recipients", to=[f"+1415555{n:04}" for n in range(1001)])
    t.send("1,001 recipients, and none is a number", to=["x"] * 1001)
    for id in ("x", "7ba7b820-9dad-11d1-80b4-00c04fd430c", "{7ba7b820-9dad-11d1-80b4-00c04fd430c8}", "7ba7b8209dad"):
        t.send(f"no UUID: {id}", template={"id": id})
    for channel in ("email", "auto", "SMS", "", " sms"):
        t.send(f"no channel: {channel!r}", channel=[channel])
    t.send("no channel, after a good one", channel=["sms", "fax"])
    values = ("x", 1, True, None, [1], {"a": 1})
    for member in ("to", "channel", "template", "sandbox"):
        for value in values:
            t.send(f"{member} is {value!r}", **{member: value})
    for member in ("id", "name", "parameters"):
        t.send(f"template.{member} is 5", template={**TEMPLATE, member: 5})
    for value in (1, None, True, [], {}):
        t.send(f"a parameter is {value!r}", template={**TEMPLATE, "parameters": {"name": value}})
    t.part("several at once")
    broken = {"channel": ["email", 5], "template": {"id": "x", "parameters": {"a": 1}}, "sandbox": "no"}
    t.ask("every fault at once", post, broken, "Idempotency-Key: a b", "x-profile-id: retail")
    t.send("several, nothing missing", to=["1"], channel=["fax"])
    t.send("several of one kind", to=["1", "+14155551234", "2"])
    t.send("a broken head, a good body", "Idempotency-Key: a b", f"x-profile-id: {RETAIL}x")
    t.ask("a broken head, no body to read", post, b"{", "Idempotency-Key: a b")
    t.send("2,000 faults", to=["x"] * 2000, channel=["x"] * 2000)
    t.part("headers given twice")
    for name, value in (("Idempotency-Key", "k"), ("x-profile-id", RETAIL), ("x-api-key", "faults"), ("Prefer", "a")):
        t.send(f"{name} twice", f"{name}: {value}", f"{name}: {value}")
    t.send("the content type twice", _JSON, _JSON)
    t.send("X-Mock-Scenario twice", "X-Mock-Scenario: forbidden", "X-Mock-Scenario: conflict")
    t.send("a header nobody knows twice", "x-team: a", "x-team: b")
    t.part("media types")
    for media in (
        "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "application/json; charset=latin-1",
        'application/json; charset="utf-16"', "json", "", ";", "Application/JSON", 'application/json;charset="UTF-8"',
    ):  # fmt: skip
        t.send(f"media type {media!r}", f"content-type: {media}")
    t.part("paths and methods")
    for line in (
        "GET /v3", "GET /v3/", "POST /v3/message", "POST /v3/messages/", "POST //v3/messages", "POST /V3/messages",
        "GET /nothing", "GET /", "DELETE /v3/templates", "GET /v3/messages%2fx%2fmore", "GET /%2e%2e/etc", "GET /_mock",
        "GET /v3/messages", "PUT /v3/messages", "PATCH /v3/messages", "DELETE /v3/messages", "OPTIONS /v3/messages",
        "TRACE /v3/messages", "HEAD /v3/messages", "HEAD /v3/nothing", "POST /v3/messages/x", "HEAD /v3/messages/x",
        "DELETE /v3/messages/x/activities", "PUT /v3/webhooks", "POST /v3/webhooks/x", "PATCH /v3/webhooks/event-types",
        "GET /v3/webhooks/x/toggle-status", "GET /v3/webhooks/x/test", "POST /v3/webhooks/x/events",
    ):  # fmt: skip
        t.ask(line, line)
    t.send("a query of a send", "x-query: none")
    t.ask("a query of a send that nobody knows", "POST /v3/messages?sandbox=true&x", ONE)
    t.part("size")
    t.ask("one byte too many", post, b" " * (1024 * 1024 + 1))
    t.ask("the page's request, made longer by blanks", post, b" " * 100_000 + b"{}")


def malformed(t: Talk) -> None:
    """All bodies made by hand, and each fourth of those made by system."""
    t.use("malformed")
    made = list(bodies())[len(BY_HAND) :]
    for n, raw in enumerate(BY_HAND):
        t.ask(f"by hand, {n}", "POST /v3/messages", raw, _JSON)
    for n in range(0, len(made), 4):
        t.ask(f"by system, {n}", "POST /v3/messages", made[n], _JSON)
    t.send("a good one after all")


def http(t: Talk) -> None:
    t.account = "http"
    get = "GET /v3/nothing HTTP/1.1"
    many = [f"X-{n}: 1" for n in range(200)]
    for title, first, *headers in (
        ("no host", get),
        ("two hosts", get, "Host: a", "Host: b"),
        ("a host with a space", get, "Host: a b"),
        ("a host with a user", get, "Host: u@a"),
        ("an empty host", get, "Host:"),
        ("HTTP/1.0", "GET /v3/nothing HTTP/1.0"),
        ("HTTP/1.0, kept alive", "GET /v3/nothing HTTP/1.0", "Connection: keep-alive"),
        ("HTTP/2.0", "GET / HTTP/2.0", "Host: a"),
        ("HTTP/9.9", "GET / HTTP/9.9", "Host: a"),
        ("an unknown method", "FROB /v3/messages HTTP/1.1", "Host: a"),
        ("a method in lower case", "post /v3/messages HTTP/1.1", "Host: a"),
        ("CONNECT", "CONNECT a:443 HTTP/1.1", "Host: a"),
        ("a star", "OPTIONS * HTTP/1.1", "Host: a"),
        ("a word as target", "GET v3 HTTP/1.1", "Host: a"),
        ("a full URL", "GET http://a/v3/nothing HTTP/1.1", "Host: a"),
        ("a full URL of another host", "GET http://b/v3/nothing HTTP/1.1", "Host: a"),
        ("a space in the path", "GET /a b HTTP/1.1", "Host: a"),
        ("a byte above 127 in the path", "GET /\xe9 HTTP/1.1", "Host: a"),
        ("a NUL in a value", get, "Host: a", "X: a\x00b"),
        ("a CR in a value", get, "Host: a", "X: a\rb"),
        ("a folded value", get, "Host: a", "X: a\r\n b"),
        ("a space before the colon", get, "Host: a", "X : a"),
        ("an empty name", get, "Host: a", ": a"),
        ("a line without a colon", get, "Host: a", "nonsense"),
        (
            "length and encoding",
            "POST /v3/messages HTTP/1.1",
            "Host: a",
            "Content-Length: 3",
            "Transfer-Encoding: chunked",
        ),
        ("two lengths", "POST /v3/messages HTTP/1.1", "Host: a", "Content-Length: 2", "Content-Length: 3"),
        ("a negative length", "POST /v3/messages HTTP/1.1", "Host: a", "Content-Length: -2"),
        ("a length with a plus", "POST /v3/messages HTTP/1.1", "Host: a", "Content-Length: +2"),
        ("gzip, chunked", "POST /v3/messages HTTP/1.1", "Host: a", "Transfer-Encoding: gzip, chunked"),
        ("chunked in 1.0", "POST /v3/messages HTTP/1.0", "Host: a", "Transfer-Encoding: chunked"),
        ("a head of 64 KiB and more", get, "Host: a", "X: " + "a" * 65_536),
        ("a URL of 70 KB", f"GET /{'a' * 70_000} HTTP/1.1", "Host: a"),
        ("a URL of 8 KB", f"GET /{'a' * 8_000} HTTP/1.1", "Host: a"),
        ("more than 100 headers", get, "Host: a", *many),
        ("a wish for another protocol", get, "Host: a", "Upgrade: websocket", "Connection: upgrade"),
    ):
        t.raw(title, "\r\n".join([first, *headers, "", ""]).encode("latin-1"))
    t.raw("LF alone", b"GET /v3/nothing HTTP/1.1\nHost: a\n\n")
    t.raw("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    t.raw("nothing", b"", end=True)
    t.raw("half a head", b"GET /v3 HT", end=True)
    t.raw("blank lines first", b"\r\n\r\nGET /v3/nothing HTTP/1.1\r\nHost: a\r\n\r\n")
    t.part("bodies on the wire")
    t.use("http")
    head = b"POST /v3/messages HTTP/1.1\r\nHost: a\r\nx-api-key: http\r\nContent-Type: application/json\r\n"
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n"
    t.raw("good chunks", chunked + b"2\r\n{}\r\n0\r\n\r\n")
    t.raw("chunks with a trailer", chunked + b"1;x=y\r\n{\r\n1\r\n}\r\n0\r\nX-Late: 1\r\n\r\n")
    t.raw("a chunk size that is no number", chunked + b"zz\r\n{}\r\n0\r\n\r\n")
    t.raw("chunks beyond the limit", chunked + b"100001\r\n" + b" " * 0x100001 + b"\r\n0\r\n\r\n")
    t.raw("a length beyond the limit, and no body", head + b"Content-Length: 99999999\r\n\r\n", end=True)
    t.raw("a body shorter than its length", head + b"Content-Length: 9\r\n\r\n{}", end=True)
    t.raw("no length and no body", head + b"\r\n")
    two = b"GET /v3/one HTTP/1.1\r\nHost: a\r\n\r\nGET /v3/two HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    t.raw("two at once", two, whole=True)
    t.raw("a good one, then nonsense", two[:33] + b"nonsense\r\n\r\n", whole=True)
    t.raw("HEAD", b"HEAD /_mock/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")


def limits(t: Talk) -> None:
    t.use("small")
    t.ask("the page's request is too large", "POST /v3/messages", PAGE_REQUEST)
    t.ask("a small one is judged", "POST /v3/messages", {})
    t.ask("a webhook is too large", "POST /v3/webhooks", {"display_name": "x" * 100})
    t.raw("the head takes too long", b"POST /v3/messages HTTP/1.1\r\nHost: a\r\n")
    t.raw("the body takes too long", b"POST /v3/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{}")


_LIMITS = {"MOCK_SENT_MAX_BODY": "100", "MOCK_SENT_HEAD_TIMEOUT": "300ms", "MOCK_SENT_BODY_TIMEOUT": "300ms"}
CHAPTERS = [
    Chapter("faults", faults, {}),
    Chapter("malformed", malformed, {}),
    Chapter("http", http, {}),
    Chapter("limits", limits, _LIMITS),
]
