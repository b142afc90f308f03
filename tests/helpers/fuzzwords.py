"""What a fuzz puts into paths, queries, headers and bodies. Texts of a path or query are encoded, or carelessly not."""

from typing import Any

from malformed import BY_HAND
from sends import PAGE_REQUEST

UUID = b"8ba7b830-9dad-11d1-80b4-00c04fd430c8"
# fmt: off
NUMBERS = [
    b"0", b"1", b"-0", b"-1", b"+5", b"%2B5", b"1e3", b"0x10", b"1_000", b"%205", b"1.5", b"1.", b".5", b"NaN",
    b"Infinity", b"9" * 18, b"9" * 20, b"9" * 400, b"9" * 5_000, b"%D9%A1%D9%A2", b"%EF%BC%95", b"%C2%B2",
]
ESCAPES = [
    b"%00", b"%ff", b"%c0%af", b"%ED%A0%80", b"%zz", b"%", b"%2", b"a%2Fb", b"%2e%2e", b"%0a", b"%0d%0aX:1",
    b"%F0%9F%98%80", b"a%26b", b"a%3Db", b"a%23b", b"%22", b"%3Cscript%3E", b"a%252Fb",
]
WORDS = [
    b"", b"x", b"true", b"True", b"null", b"..", b"*", b"**", b"[", b"(", b"\\", b"'", b"{}", b"[]", b"a=b", b"a;b",
    b"a+b", b"POST", b"202", b"5*", b"accepted", b"messages", b"inbox.js", b"DELIVERED", b"latest", b"none", UUID,
]
SPANS = [b"5s", b"10ms", b"99999999999999999999s", b"999999999999h", b"-1s", b"1.5s", b"5S", b"00000000000000000001ms"]
TEXTS = [*NUMBERS, *ESCAPES, *WORDS, *SPANS]
# How long `?wait=` may make the fuzz wait.
WAITS = [b"1ms", b"0s", b"61s", b"%D9%A3s", b"0h", b"1e3s", b"-1s", b"99999999999999999999s"]

BYTES = ["é".encode(), b"\xe9", b"\xff\xfe", "😀".encode(), "²".encode(), b"\xb2", "٣".encode(), b"\xed\xa0\x80"]
MEDIA_TYPES = [
    b"application/json", b"application/yaml", b'application/json; charset="utf-8"; a=b;', b"text/plain", b";",
    b"APPLICATION/JSON;", b"application/json; charset=latin-1", b"multipart/form-data; boundary=",
]
PREFERENCES = [
    b"code=402", b"code=500", b"code=\xb2", b"example=accepted", b"example=insufficient_balance", b'code="', b"code",
    b"return=minimal; zipcode=94110", b"code=402, example=insufficient_balance", b"a,,b;;c",
]
LISTS = [
    b"gzip", b"identity", b"br, gzip", b",", b", ,", b'"', b"a,b", b"text/html", b"text/html;q=0.000", b"bytes=0-1",
    b"1-1", b"1-99999999999999999999", b'W/"x"', b"close", b"keep-alive", b"100-continue", b"a" * 3_000, b"\t",
]
ORIGINS = [b"http://[", b"http://localhost", b"null", b"none", b"cross-site", b"same-origin", b"evil.com", b"127.0.0.1"]
# Scenarios that give an answer: after one that breaks the connection nobody could say whose fault the end was.
SCENARIOS = [b"insufficient-balance", b"rate-limited", b"internal-error", b"replayed", b"magic-numbers,conflict"]
VALUES = [*BYTES, *MEDIA_TYPES, *PREFERENCES, *LISTS, *ORIGINS, *SCENARIOS, *WORDS, *SPANS, b"9" * 5_000]
HEADERS = [
    b"x-api-key", b"Idempotency-Key", b"x-profile-id", b"Content-Type", b"Content-Encoding", b"Prefer",
    b"X-Mock-Scenario", b"Accept", b"Origin", b"Host", b"Sec-Fetch-Site", b"x-mock-token", b"Last-Event-ID", b"Cookie",
    b"Authorization", b"User-Agent", b"Connection", b"TE", b"X-Forwarded-For", b"X-Forwarded-Host", b"Forwarded",
    b"Accept-Encoding", b"Via", b"If-None-Match", b"Range", b"Upgrade", b"Expect", b"X-Stainless-Lang",
    b"X-Stainless-Package-Version", b"x-sandbox", b"X-HTTP-Method-Override",
]
METHODS = [
    "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "QUERY", "PROPFIND", "REPORT", "SEARCH",
]
SLIPS = [b"/", b"//", b"%2F", b"%", b"%00", b"%ff", b";x", b".", b"/..", b"%2e", b"A", b"?", b"%3F", b"#"]
PAGES = ["/", "/docs", "/openapi.json", "/openapi.yaml", "/nothing", "/v3", "/v3/me", "/v3/contacts/{id}", "/_mock"]

# What stands in the place of a member of a body.
MEMBERS: list[Any] = [
    None, True, False, 0, 1, -1, 1.5, 10**18, 2**63 - 1, -(2**63), 2**64, 10**400, 1e308, "", "x", "*", "**", "٣", "😀",
    "\ud83d", "\u0000", "9" * 5_000, "5s", "24h", "999999999999h", "99999999999999999999s", "2026-03-11T21:50:50Z",
    "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59", "2026-02-30T00:00:00Z", "1e3", "unlimited", UUID.decode(), [],
    {}, [[]], [{}], ["x"], [None], {"a": 1}, {"not": {}}, [{"any": []}], ">=1", "=99999999999999999999", "<=-1", ">=٣",
    "messages", "requests", "FAILED", "+14155551234", ["sms"], "{{1}}", "order_confirmation", "rate-limited",
    "http://127.0.0.1:9/", "http://²/", "http://[", "http://1\u0000/",
]
SCENARIO_FILES = [
    b"schema: 1\nname: x\nsend: []", b"a: &a [*a]", b"schema: 99999999999999999999999", b"- " * 2_000, b"'", b"\t- a",
    b"{schema: 1, name: z, send: [{then: {fail: insufficient_balance}}]}", b"%YAML 9",
]
# fmt: on
DEEP_BODIES = [b"[" * depth + b"]" * depth for depth in (65, 255, 1_025)]
SHORT_BODIES = [*(body for body in BY_HAND if len(body) < 10_000), *SCENARIO_FILES, *DEEP_BODIES]
WEBHOOK = {"display_name": "a", "endpoint_url": "http://127.0.0.1:9/", "event_types": ["messages"]}
# Bodies that do something, by operation. Others are made from the schema.
GOOD: dict[str, list[Any]] = {
    "sendMessage": [PAGE_REQUEST, {"to": ["+14155551234"], "template": {"name": "order_confirmation"}}],
    "createWebhook": [WEBHOOK],
    "updateWebhook": [WEBHOOK, {**WEBHOOK, "event_types": ["templates"]}],
    "toggleWebhook": [{"is_active": True}, {"is_active": False}],
    "testWebhook": [{"event_type": "messages"}],
    "moveClock": [{"advance": "1s"}, {"advance": "24h"}, {"freeze": True}, {"resume": True}],
    "putBalance": [{"balance": 0}, {"balance": "unlimited"}, {"balance": 5}],
    "putScenario": [{"name": "rate-limited"}, {"name": "insufficient-balance"}],
    "advanceMessage": [{}, {"to": "FAILED"}],
    "verify": [{"times": ">=0"}, {"of": "requests", "status": 202}, {"not": {"to": "+1*"}}],
}
# How often an operation is asked, beside the others. State is made more often than it is dropped.
WEIGHTS: dict[str, float] = {"sendMessage": 30, "createWebhook": 12, "updateWebhook": 6, "moveClock": 6, "verify": 6}
WEIGHTS |= dict.fromkeys(("dropAccount", "reset", "health", "ready", "openapi", "scenarios", "inbox", "edition"), 1.0)
