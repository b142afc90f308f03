"""Chapters about the control plane: what a test sets, asks and verifies, and who is not let in."""

import json
from typing import Any

from exchanges import ONE, Chapter, Talk
from sends import PAGE_REQUEST

_JSON = "content-type: application/json"
RETAIL = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


def state(t: Talk) -> None:
    t.account = "state"
    body: Any
    bad: Any
    t.ask("health", "GET /_mock/health")
    t.ask("ready", "GET /_mock/ready")
    t.ask("no accounts", "GET /_mock/accounts")
    t.part("the clock")
    t.ask("it runs", "GET /_mock/clock")
    for body in ({"freeze": True}, {"resume": True}, {"freeze": "2026-03-11T21:50:50Z"}, {"advance": "1h"}):
        t.ask(f"{body}", "POST /_mock/clock", body)
    t.use("state")
    for body in (
        {"advance": "900ms"}, {"advance": "2m"}, {"freeze": "2026-03-11T22:50:50.1234567+01:00"}, {"advance": "0s"},
        {"advance": "1"}, {"advance": "1d"}, {"advance": 1}, {"advance": "-1s"}, {"advance": "99999999999h"}, {},
        {"freeze": "yesterday"}, {"freeze": "2026-03-11T21:50:50"}, {"freeze": "1969-12-31T23:59:59Z"},
        {"freeze": False},
        {"resume": False}, {"freeze": True, "advance": "1s"}, {"stop": True}, [], b"{", b"",
        b'{"freeze":true,"freeze":true}',
    ):  # fmt: skip
        t.ask(f"{body!r}", "POST /_mock/clock", body)
    t.ask("it stands", "GET /_mock/clock")
    t.part("templates and balance")
    t.use("templates")
    t.ask("the fixtures' templates", "GET /_mock/templates")
    new = {"id": "7ba7b820-9dad-11d1-80b4-00c04fd430ff", "name": "new", "body": "Hi {{name}}", "variables": ["name"]}
    t.ask("a new one", "PUT /_mock/templates", [new])
    t.ask("another one of its name", "PUT /_mock/templates", {"templates": [new]})
    t.ask(
        "as the only member", "PUT /_mock/templates", [{**new, "body": "Bye {{0:variable}}", "category": "MARKETING"}]
    )
    t.send("it is sent", template={"name": "new", "parameters": {"name": "A"}})
    for bad in (
        [{**new, "id": "x"}],
        [{"name": "new"}],
        [{**new, "more": 1}],
        {},
        [],
        "x",
        [{**new, "body": "{{9:variable}}"}],
    ):
        t.ask(f"wrong: {str(bad)[:50]}", "PUT /_mock/templates", json.dumps(bad).encode())
    t.ask("unlimited", "GET /_mock/balance")
    for amount in (0.02, "unlimited", 0, -1, "much", None, True, 1e12, 0.00001, 12.5):
        t.ask(f"{amount!r}", "PUT /_mock/balance", {"balance": amount})
    t.send("paid")
    t.ask("what is left", "GET /_mock/balance")
    t.ask("nothing", "PUT /_mock/balance", {})
    t.part("scenarios")
    t.use("scenarios")
    t.ask("none", "GET /_mock/scenario")
    t.ask("all", "GET /_mock/scenarios")
    for name in ("slow", "slwo", "", 5, None, "../fixtures", "slow,conflict"):
        t.ask(f"named {name!r}", "PUT /_mock/scenario", {"name": name})
    t.ask(
        "as YAML", "PUT /_mock/scenario", "{schema: 1, name: mine, about: it fails, send: [{then: {fail: conflict}}]}"
    )
    t.ask("which it is", "GET /_mock/scenario")
    t.send("its answer")
    t.ask("off", "DELETE /_mock/scenario")
    t.ask("off again", "DELETE /_mock/scenario")
    t.ask("YAML that is JSON by its type", "PUT /_mock/scenario", "name: mine", _JSON)
    t.part("accounts")
    listed = t.ask("the accounts", "GET /_mock/accounts").json()["accounts"]
    id = listed[-1]["id"]
    t.ask("by its id", f"GET /_mock/clock?account={id}")
    t.ask("an unknown id", "GET /_mock/clock?account=x")
    t.ask("nobody's clock", "GET /_mock/clock?account=none")
    t.ask("forgotten", "DELETE /_mock/account")
    t.ask("forgotten again", "DELETE /_mock/account")
    t.ask("reset", "POST /_mock/reset", None, _JSON)
    t.ask("reset by its id", f"POST /_mock/reset?account={id}", {})
    t.ask("reset, wrongly", "POST /_mock/reset?all=yes", {})
    t.ask("reset them all", "POST /_mock/reset?all=true", {})
    t.ask("none is left", "GET /_mock/accounts")
    t.use("state")
    t.send("the ids begin anew")
    t.part("what there is not")
    for line in (
        "GET /_mock/acounts", "GET /_mock/", "DELETE /_mock/clock", "POST /_mock/health", "PUT /_mock/reset",
        "GET /_mock/verify",
        "OPTIONS /_mock/clock", "HEAD /_mock/clock", "PATCH /_mock/messages", "GET /_mock/messages/x",
        "GET /_mock/clock/",
    ):  # fmt: skip
        t.ask(line, line, None, _JSON)


def asking(t: Talk) -> None:
    t.use("asking")
    first = t.ask("four messages", "POST /v3/messages", PAGE_REQUEST, "Idempotency-Key: one", "X-Team: pay").json()
    t.send("the same key", "Idempotency-Key: one")
    t.send("a refusal", to=["1"], sandbox=True)
    t.send("a profile's", f"x-profile-id: {RETAIL}", "Authorization: Bearer secret", "x-auth-token: abcdefgh")
    t.send("a failure", "X-Mock-Scenario: internal-error", template={"name": "welcome"})
    t.ask(
        "a hook",
        "POST /v3/webhooks",
        {"display_name": "H", "endpoint_url": "http://127.0.0.1:9/", "event_types": ["messages"]},
    )
    t.ask("its list", "GET /v3/webhooks")
    t.ask("an unknown path", "GET /v3/nothing")
    t.ask("no JSON", "POST /v3/messages", b"{\xff")
    made, request = first["data"]["recipients"][0]["message_id"], first["meta"]["request_id"]
    t.part("requests")
    for query in (
        "", "?limit=1", "?status=202", "?status=4*", "?to=%2B1415*", "?to=+14155551234", "?channel=sms",
        "?template=welcome",
        f"?profile={RETAIL}", f"?request_id={request}", "?method=GET", "?path=/v3/webhooks", "?outcome=accepted",
        "?outcome=invalid_phone_number", "?rule=internal-error*", "?key_fate=replayed*", "?key=one",
        "?key=absent&limit=2",
        "?key=seen", "?status=202&status=500", "?account=none", "?account=x", "?limit=0", "?limit=x", "?limit=10001",
        "?sandbox=true", "?stauts=1", "?status=",
    ):  # fmt: skip
        t.ask(f"requests {query}", f"GET /_mock/requests{query}")
    t.ask("the latest", "GET /_mock/requests/latest")
    for row in t.quietly("GET /_mock/requests").json()["requests"]:
        t.ask(f"all of a {row['method']} with {row['status']}", f"GET /_mock/requests/{row['request_id']}")
    stranger = t.quietly("GET /_mock/requests?account=none").json()["requests"][0]["request_id"]
    t.ask("one of nobody's", f"GET /_mock/requests/{stranger}")
    t.ask("nobody's latest", "GET /_mock/requests/latest?account=none")
    t.ask("an unknown one", "GET /_mock/requests/req_0000000000")
    t.ask("the latest of a new account", "GET /_mock/requests/latest", None, "x-api-key: new")
    t.part("messages")
    t.quietly("POST /_mock/clock", {"advance": "300ms"})
    for query in (
        "", "?limit=1", f"?id={made}", "?to=%2B1415555567*", "?channel=whatsapp", "?template=order*", "?text=Hi*",
        "?status=PROCESSED",
        "?status=SENT", f"?profile={RETAIL}", f"?request_id={request}", "?key=one", "?key=absent",
        f"?after={made}&limit=1",
        "?after=x", "?wait=5s", "?status=SENT&wait=50ms", "?wait=61s", "?wait=x", "?method=GET", "?limit=-1",
    ):  # fmt: skip
        t.ask(f"messages {query}", f"GET /_mock/messages{query}")
    t.ask("moved by hand, although the clock moves it", f"POST /_mock/messages/{made}/advance", {})


def verifying(t: Talk) -> None:
    t.use("verifying")
    t.ask("nothing was sent", "POST /_mock/verify", {"to": "+1*"})
    t.ask("nothing was wanted", "POST /_mock/verify", {"times": 0})
    t.ask("four messages", "POST /v3/messages", PAGE_REQUEST, "Idempotency-Key: one", "X-Team: pay")
    t.send("one more", template={"name": "welcome", "parameters": {"name": "A", "company": "B"}})
    t.send("the same key", "Idempotency-Key: one")
    t.send("a failure", "Prefer: code=402", sandbox=True)
    patterns: list[Any] = [
        {}, {"to": "+14155551234"}, {"to": "+14155551234", "times": 3}, {"to": "+14155551234", "times": 1},
        {"to": "+44*"},
        {"to": "+14155551234", "channel": "whatsapp", "template": "welcome"},
        {"channel": ["sms", "whatsapp"], "times": "5"},
        {"template": "welcom", "times": 1}, {"text": "Hi John*", "times": ">=4"},
        {"text": "Welcome to B, A!", "times": "<2"},
        {"status": "ACCEPTED", "times": "<= 4"}, {"header": {"X-Team": "p*"}}, {"header": {"x-team": "q"}},
        {"recipients": ">1"},
        {"idempotency_key": "one", "times": 4}, {"idempotency_key": "absent", "times": 1}, {"idempotency_key": "two"},
        {"not": {"channel": "sms"}, "times": 3}, {"any": [{"to": "+14155555678"}, {"template": "welcome"}], "times": 9},
        {"any": [{"to": "+44*"}, {"channel": "rcs"}]}, {"sandbox": True}, {"profile": "*"}, {"id": "x"},
        {"of": "requests"}, {"of": "requests", "outcome": "insufficient_balance", "times": 1},
        {"of": "requests", "status": 402},
        {"of": "requests", "key_fate": "replayed*", "times": 2}, {"of": "requests", "sandbox": True, "times": ">1"},
        {"of": "requests", "method": "POST", "path": "/v3/*", "rule": "Prefer*"}, {"of": "requests", "recipients": 2},
        {"of": "requests", "idempotency_key": "seen", "times": 3}, {"of": "requests", "text": "x"}, {"of": "nothing"},
        {"times": "many"}, {"times": True}, {"times": -1}, {"times": "=>1"}, {"to": []}, {"to": None}, {"to": {"a": 1}},
        {"too": "x"}, {"chanel": "sms"}, {"any": []}, {"any": {}}, {"not": 1}, {"header": "x"}, {"sandbox": "yes"}, [],
        5,
    ]  # fmt: skip
    for pattern in patterns:
        t.ask(f"{str(pattern)[:80]}", "POST /_mock/verify", pattern)
    t.ask("no JSON", "POST /_mock/verify", b"{")


def auditing(t: Talk) -> None:
    """Each kind of finding, in an account of its own."""
    mine = "schema: 1\nname: once\nsend: [{then: [%s, accept]}]"
    failing, lost = mine % "{fail: internal_error}", mine % "{drop: reset, commit: true}"
    limited = mine % "{fail: rate_limited, retry_after: 30s}"
    key, other = ("Idempotency-Key: a",), ("Idempotency-Key: b",)
    cases: list[tuple[str, str, list[tuple[tuple[str, ...], dict[str, Any]]]]] = [
        ("good use", "", [(key, {}), (key, {})]),
        ("key_reused_for_other_body", "", [(key, {}), (key, {"to": ["+447700900123"]})]),
        ("retry_without_key", failing, [((), {}), ((), {})]),
        ("retry_without_key, kept", lost, [((), {}), ((), {})]),
        ("new_key_on_retry", failing, [(key, {}), (other, {})]),
        ("a key left out on the retry", failing, [(key, {}), ((), {})]),
        ("retry_too_soon", limited, [(key, {}), (key, {})]),
        ("retry_of_final_error", "", [((), {"template": {"name": "x"}}), ((), {"template": {"name": "x"}})]),
        ("duplicate_message", "", [((), {}), ((), {}), ((), {"to": ["+447700900123", "+447700900123"]})]),
        ("unknown_member", "", [((), {"comment": "hi"})]),
    ]
    for name, scenario, sends in cases:
        t.part(name)
        t.use(f"audit-{name.replace(' ', '-')}")
        if scenario:
            t.quietly("PUT /_mock/scenario", scenario)
        for headers, changes in sends:
            t.quietly("POST /v3/messages", {**ONE, **changes}, *headers) if scenario != lost else t.send(
                "lost", *headers
            )
            t.settle()
        t.ask("the audit", "GET /_mock/audit")
        t.ask("with another list", "GET /_mock/audit?fail_on=retry_without_key,unknown_member,duplicate_message")
        t.ask("nothing counts", "GET /_mock/audit?fail_on=")
    t.part("nobody, and all")
    t.use(None)
    t.quietly("POST /v3/messages", ONE)
    t.ask("missing_api_key", "GET /_mock/audit")
    t.ask("of nobody known", "GET /_mock/audit?all=true&fail_on=missing_api_key")
    t.ask("of all", "GET /_mock/audit?all=true")
    for query in ("?fail_on=duplicate", "?fail_on=x,y", "?all=1", "?account=x", "?account=none"):
        t.ask(f"audit {query}", f"GET /_mock/audit{query}")


def guard(t: Talk) -> None:
    t.account = None
    for host in ("127.0.0.1", "[::1]:4010", "mock-sent", "x.test", "evil.com", "evil.com:4010", "127.0.0.1.evil.com",
                 "a.allowed",
                 "allowed.example.com:80", "localhost.", "a@b", "localhost:port", ""):  # fmt: skip
        t.raw(f"host {host!r}", f"GET /_mock/health HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    reset = "POST /_mock/reset"
    for header in (
        "origin: https://evil.com", "origin: http://localhost:3000", "origin: null", "origin: http://localhost",
        "sec-fetch-site: cross-site", "sec-fetch-site: same-site", "sec-fetch-site: same-origin",
        "sec-fetch-site: none",
        "x-mock-token: wrong", "x-mock-token: ",
    ):  # fmt: skip
        t.ask(header, reset, {}, "x-mock-token: open-sesame", header) if "token" not in header else t.ask(
            header, reset, {}, header
        )
    for media in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/yaml",
    ):
        t.ask(f"media type {media}", reset, b"", "x-mock-token: open-sesame", f"content-type: {media}")
    t.ask("no media type", reset, None, "x-mock-token: open-sesame")
    t.ask("no token", "GET /_mock/accounts")
    t.ask("the token", "GET /_mock/accounts", None, "x-mock-token: open-sesame")
    t.ask("health needs none", "GET /_mock/health")
    t.ask("ready needs it", "GET /_mock/ready")
    t.ask("too large", "PUT /_mock/balance", b" " * (1024 * 1024 + 1), "x-mock-token: open-sesame")
    t.send("the API needs none")


def events(t: Talk) -> None:
    t.use("events")
    t.send("before anybody listens")
    line, accepted = "GET /_mock/events", b'"status":202'
    t.stream("from now on", line, until=accepted, then=lambda: _unheard(t, ONE))
    t.stream("a refusal", line, until=b'"status":400', then=lambda: _unheard(t, {}))
    t.stream("from the first one on", line, "Last-Event-ID: 1-1", until=b"id: 1-3", then=lambda: None)
    t.stream("of another life", line, "Last-Event-ID: 9-2", until=b"id: 1-3", then=lambda: None)
    t.stream("nonsense", line, "Last-Event-ID: x", until=b"id: 1-3", then=lambda: None)
    t.stream("until the reset", line, until=b"event: reset", then=lambda: _reset(t))
    t.ask("HEAD", "HEAD /_mock/events")
    t.ask("of nobody known", "GET /_mock/events?account=x")


def _unheard(t: Talk, body: Any) -> None:
    t.quietly("POST /v3/messages", body)


def _reset(t: Talk) -> None:
    t.quietly("POST /_mock/reset", {})


def told(t: Talk) -> None:
    asking(t)
    t.part("verify")
    verifying(t)


_GUARDED = {"MOCK_SENT_CONTROL_TOKEN": "open-sesame", "MOCK_SENT_ALLOWED_HOSTS": "allowed.example.com"}
CHAPTERS = [
    Chapter("control", state, {}),
    Chapter("asking", told, {}),
    Chapter("audit", auditing, {}),
    Chapter("guard", guard, _GUARDED),
    Chapter("events", events, {}),
]
