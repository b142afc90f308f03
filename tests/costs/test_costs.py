"""What each route, and each structure that a user writes, costs: twice as much is at most 2.3 times the work."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
import yaml
from replies import contract_document
from work import Asked, counted, demand_growth

from mock_sent.control.described import load
from mock_sent.ground.errors import FileError

PAGE: dict[str, Any] = {"to": ["+14155551234"], "channel": ["sms"], "template": {"name": "order_confirmation"}}
SEND = ("POST", "/v3/messages")
NOBODY = "7ba7b820-9dad-11d1-80b4-00c04fd430ff"

Filled = Callable[[Asked, int], Awaitable[None]]


def numbers(n: int) -> list[str]:
    return [f"+1415{5_000_000 + i}" for i in range(n)]


def sent(**members: Any) -> dict[str, Any]:
    return {**PAGE, **members}


async def nothing(mock: Asked, n: int) -> None:
    """The account is new."""


async def sends(mock: Asked, n: int) -> None:
    for number in numbers(n):
        await mock.ask(*SEND, sent(to=[number]))


async def forty(mock: Asked, n: int) -> None:
    await sends(mock, 40)


async def equal_sends(mock: Asked, n: int) -> None:
    for _ in range(n):
        await mock.ask(*SEND, PAGE)


async def conflicts(mock: Asked, n: int) -> None:
    for number in numbers(n):
        await mock.ask(*SEND, sent(to=[number]), idempotency_key="one")


async def refused(mock: Asked, n: int) -> None:
    for number in numbers(n):
        await mock.ask(*SEND, sent(to=[number], channel=[number]))


async def bulk(mock: Asked, n: int) -> None:
    await mock.ask(*SEND, sent(to=[*numbers(n - 1), numbers(1)[0]]))


async def accounts(mock: Asked, n: int) -> None:
    for i in range(n):
        await mock.ask(*SEND, PAGE, key=f"key-{i}")


async def webhooks(mock: Asked, n: int) -> None:
    await mock.ask("POST", "/_mock/clock", {"freeze": True})
    for i in range(n):
        hook = {"display_name": f"w{i}", "endpoint_url": "http://192.0.2.1:9/", "event_types": ["messages"]}
        await mock.ask("POST", "/v3/webhooks", hook)


async def october(mock: Asked, n: int) -> None:
    await mock.ask("PUT", "/_mock/edition", {"edition": "2026-10"})
    await sends(mock, n)


async def templates(mock: Asked, n: int) -> None:
    await mock.ask("PUT", "/_mock/templates", [template(i) for i in range(n)])


async def expired_keys(mock: Asked, n: int) -> None:
    for i in range(n):
        await mock.ask(*SEND, PAGE, idempotency_key=f"k{i}")
    await mock.ask("POST", "/_mock/clock", {"advance": "25h"})


def template(i: int, **members: Any) -> dict[str, Any]:
    return {"id": f"7ba7b820-9dad-11d1-80b4-{i:012x}", "name": f"t{i}", "body": "b", **members}


def rules(*each: str, phase: str = "send") -> bytes:
    return f"schema: 1\nname: s\n{phase}:\n{''.join(f'  - {rule}{chr(10)}' for rule in each)}".encode()


def nested(depth: int, pattern: dict[str, Any]) -> dict[str, Any]:
    """Each level has enough brackets for the strict reader of JSON to look at all of them."""
    return pattern if depth == 0 else {"any": [nested(depth - 1, pattern), *[{"to": "+99*"}] * 9]}


def mixed(n: int) -> list[Any]:
    return ["a", *range(n)]


async def many_rules(mock: Asked, n: int) -> None:
    each = [f'{{limit: {{calls: 1000, per: 1h}}, when: {{to: "+1*{i}"}}, then: {{fail: conflict}}}}' for i in range(n)]
    await mock.ask("PUT", "/_mock/scenario", rules(*each), kind="application/yaml")


async def many_deliver_rules(mock: Asked, n: int) -> None:
    each = [f'{{when: {{to: "+44*{i}"}}, then: {{reach: SENT}}}}' for i in range(n)]
    await mock.ask("PUT", "/_mock/scenario", rules(*each, phase="deliver"), kind="application/yaml")


async def by_recipient(mock: Asked, n: int) -> None:
    rule = "{limit: {calls: 1000, per: 1h, count_by: recipient}, then: {fail: rate_limited}}"
    await mock.ask("PUT", "/_mock/scenario", rules(rule), kind="application/yaml")


class Case(NamedTuple):
    """A request whose size, or whose account's size, is n."""

    name: str
    fill: Filled
    method: str
    path: str
    body: Callable[[int], Any] = lambda n: None
    n: int = 40
    kind: str = "application/json"
    headers: Mapping[str, str] = MappingProxyType({})


def scenario(name: str, text: Callable[[int], bytes], n: int = 40) -> Case:
    return Case(name, nothing, "PUT", "/_mock/scenario", text, n, "application/yaml")


def verify(name: str, fill: Filled, body: Callable[[int], Any], n: int = 40) -> Case:
    return Case(name, fill, "POST", "/_mock/verify", body, n)


TO: Callable[[int], Any] = lambda n: {"to": "+44*", "times": 0}  # noqa: E731
CASES = [
    # An account that has much
    Case("health beside accounts", accounts, "GET", "/_mock/health"),
    Case("ready beside accounts", accounts, "GET", "/_mock/ready"),
    Case("the description", nothing, "GET", "/_mock/openapi.json"),
    Case("accounts", accounts, "GET", "/_mock/accounts"),
    Case("reset of all", accounts, "POST", "/_mock/reset?all=true", lambda n: {}),
    Case("reset", sends, "POST", "/_mock/reset", lambda n: {}),
    Case("drop", sends, "DELETE", "/_mock/account"),
    Case("templates", templates, "GET", "/_mock/templates"),
    Case("a template beside others", templates, "PUT", "/_mock/templates", lambda n: [template(0)]),
    Case("balance", sends, "GET", "/_mock/balance"),
    Case("set the balance", sends, "PUT", "/_mock/balance", lambda n: {"balance": n}),
    Case("scenario", many_rules, "GET", "/_mock/scenario"),
    Case("scenario off", many_rules, "DELETE", "/_mock/scenario"),
    Case("scenarios", nothing, "GET", "/_mock/scenarios"),
    Case("edition", sends, "GET", "/_mock/edition"),
    Case("a message that comes in", october, "POST", "/_mock/inbound", lambda n: {"from": "+14155551234"}),
    Case("another edition", sends, "PUT", "/_mock/edition", lambda n: {"edition": "2026-10"}),
    Case("the usual edition", sends, "DELETE", "/_mock/edition"),
    Case("what breaks in another edition", sends, "GET", "/_mock/editions/replay?to=2026-10"),
    Case("what breaks of equal sends", equal_sends, "GET", "/_mock/editions/replay?to=2026-10&limit=10000"),
    Case("what breaks of one bulk", bulk, "GET", "/_mock/editions/replay?to=2026-10", n=100),
    Case("clock", webhooks, "GET", "/_mock/clock"),
    Case("advance", sends, "POST", "/_mock/clock", lambda n: {"advance": "1s"}),
    Case("requests", sends, "GET", "/_mock/requests?limit=10000"),
    Case("requests that fit", sends, "GET", "/_mock/requests?to=*9"),
    Case("requests of one bulk", bulk, "GET", "/_mock/requests"),
    Case("explain", bulk, "GET", "/_mock/requests/latest", n=100),  # from 64 brackets on, the depth is counted
    Case("explain beside accounts", accounts, "GET", "/_mock/requests/nobody"),
    Case("explain rules", many_rules, "GET", "/_mock/requests/latest"),
    Case("messages", sends, "GET", "/_mock/messages?limit=10000"),
    Case("messages of one bulk", bulk, "GET", "/_mock/messages?limit=10000"),
    Case("messages of a status", sends, "GET", "/_mock/messages?status=FAILED"),
    Case("a wait over many", sends, "GET", "/_mock/messages?status=FAILED&wait=1ms"),
    Case("move no message", sends, "POST", "/_mock/messages/nobody/advance", lambda n: {}),
    Case("deliveries beside webhooks", webhooks, "GET", "/_mock/webhooks/deliveries"),
    Case("resend nothing", webhooks, "POST", "/_mock/webhooks/deliveries/nobody/resend", lambda n: {}),
    Case("audit", sends, "GET", "/_mock/audit"),
    Case("audit of equal sends", equal_sends, "GET", "/_mock/audit"),
    Case("audit of one key", conflicts, "GET", "/_mock/audit"),
    Case("audit of one bulk", bulk, "GET", "/_mock/audit"),
    Case("audit of all", accounts, "GET", "/_mock/audit?all=true"),
    Case("the inbox", sends, "GET", "/_mock/inbox"),
    Case("a file of the inbox", sends, "GET", "/_mock/inbox/main.js"),
    verify("verify", sends, TO),
    verify("verify of one bulk", bulk, TO),
    verify("verify the recipients of one bulk", bulk, lambda n: {"recipients": ">1000", "times": 1}),
    verify("verify what was refused", refused, lambda n: {"to": "+1*"}),
    verify("verify what was sent under one key", conflicts, lambda n: {"to": numbers(n), "times": ">9"}),
    verify("verify requests", sends, lambda n: {**TO(n), "of": "requests"}),
    verify("many globs", equal_sends, lambda n: {"to": [f"*{i}x*" for i in range(200)]}),
    Case("a send beside sends", sends, *SEND, lambda n: PAGE),
    Case("a send beside accounts", accounts, *SEND, lambda n: PAGE),
    Case("a send beside templates", templates, *SEND, lambda n: PAGE),
    Case("a send of an unknown template", templates, *SEND, lambda n: sent(template={"name": "nobody"})),
    Case("a keyed send beside expired keys", expired_keys, *SEND, lambda n: PAGE, headers={"idempotency_key": "new"}),
    Case("a send beside webhooks", webhooks, *SEND, lambda n: PAGE),
    Case("webhooks", webhooks, "GET", "/v3/webhooks?page_size=100&search=w"),
    Case("events of no webhook", webhooks, "GET", f"/v3/webhooks/{NOBODY}/events"),
    Case("a webhook", webhooks, "GET", f"/v3/webhooks/{NOBODY}"),
    Case("events there are", webhooks, "GET", "/v3/webhooks/event-types"),
    Case("a message that is not there", sends, "GET", f"/v3/messages/{NOBODY}"),
    Case("activities of no message", sends, "GET", f"/v3/messages/{NOBODY}/activities"),
    # A send that has much
    Case("recipients", nothing, *SEND, lambda n: sent(to=numbers(n)), 200),
    Case("recipients, one of them twice", nothing, *SEND, lambda n: sent(to=numbers(1) * n), 200),
    Case("recipients by rule", many_rules, *SEND, lambda n: PAGE),
    Case("recipients by deliver rule", many_deliver_rules, *SEND, lambda n: PAGE),
    Case("recipients that are counted", by_recipient, *SEND, lambda n: sent(to=numbers(n)), 200),
    Case("recipients in the sandbox", nothing, *SEND, lambda n: sent(to=numbers(n), sandbox=True), 200),
    Case("wrong recipients", nothing, *SEND, lambda n: sent(to=["x"] * n), 200),
    Case("wrong channels", nothing, *SEND, lambda n: sent(channel=["x"] * n), 200),
    Case("parameters", nothing, *SEND, lambda n: sent(template={"name": "order_confirmation", "parameters": {f"p{i}": "x" for i in range(n)}}), 200),  # noqa: E501
    Case("unknown members", nothing, *SEND, lambda n: sent(**{f"m{i}": i for i in range(n)}), 200),
    Case("recipients that another edition takes", nothing, *SEND, lambda n: sent(to=numbers(n), channel=["mms"]), 200),
    Case("floats", nothing, *SEND, lambda n: sent(x=[1.5] * n), 200),
    Case("colons", nothing, *SEND, lambda n: sent(x=[":"] * n), 200),
    Case("objects", nothing, *SEND, lambda n: sent(x=[{"a": {}}] * n), 200),
    Case("escapes", nothing, *SEND, lambda n: sent(x="\\\"ä:" * n), 200),
    Case("no JSON", nothing, *SEND, lambda n: b'["' * n, 200),
    Case("doubled members", nothing, *SEND, lambda n: b"{" + b",".join([b'"a":1'] * n) + b"}", 200),
    Case("event types", nothing, "POST", "/v3/webhooks", lambda n: {"display_name": "w", "endpoint_url": "http://127.0.0.1:9/", "event_types": ["messages"] * n}, 200),  # noqa: E501
    # A structure that a user writes
    verify("nested patterns", forty, lambda n: nested(n, {"to": "+99*"}), 7),
    verify("wide patterns", equal_sends, lambda n: {"any": [{"to": "+99*"}] * 100}),
    verify("a wide pattern", forty, lambda n: {"any": [{"to": f"*{i}*9"} for i in range(n)]}, 100),
    verify("empty patterns", nothing, lambda n: {"any": [{}] * n}, 200),
    verify("texts", nothing, lambda n: {"to": [f"+{i}*" for i in range(n)]}, 200),
    verify("headers", nothing, lambda n: {"header": {f"h{i}": "*" for i in range(n)}}, 200),
    verify("unknown words", nothing, lambda n: {f"w{i}": 1 for i in range(n)}, 200),
    verify("a long word", nothing, lambda n: {"not": {"w" * n: 1}}, 2_000),
    Case("templates put", nothing, "PUT", "/_mock/templates", lambda n: [template(i) for i in range(n)], 100),
    Case("placeholders", nothing, "PUT", "/_mock/templates", lambda n: [template(0, body="{{a}}" * n)], 400),
    Case("mixed variables", nothing, "PUT", "/_mock/templates", lambda n: [template(0, variables=mixed(n))], 200),
    Case("equal variables", nothing, "PUT", "/_mock/templates", lambda n: [template(0, variables=["a"] * n)], 200),
    Case("wrong templates", nothing, "PUT", "/_mock/templates", lambda n: [[]] * n, 200),
    Case("a long name", nothing, "PUT", "/_mock/scenario", lambda n: {"name": "x" * n}, 2_000),
    scenario("rules written", lambda n: rules(*['{when: {to: "+44*"}, then: accept}'] * n)),
    scenario("rules of one name", lambda n: rules(*["{name: a, then: accept}"] * n)),
    scenario("wrong answers", lambda n: rules(f"{{then: [{', '.join(['a'] * n)}]}}")),
    scenario("texts of a rule", lambda n: rules(f"{{when: {{to: [{', '.join(['+44*'] * n)}]}}, then: accept}}")),
    scenario("nested rules", lambda n: rules(f"{{when: {'{any: [' * n}{{to: '+49*'}}{']}' * n}, then: accept}}"), 3),
    scenario("mixed kinds of the audit", lambda n: json.dumps({"schema": 1, "name": "s", "audit": {"fail_on": mixed(n)}}).encode(), 100),  # noqa: E501
    scenario("unknown keys", lambda n: b"schema: 1\nname: s\n" + b"".join(b"k%d: 1\n" % i for i in range(n))),
]  # fmt: skip
# Not measured as requests: a stream has no end.
ASIDE = {("GET", "/_mock/events")}


@pytest.mark.parametrize("case", CASES, ids=[case.name.replace(" ", "-") for case in CASES])
def test_cost(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same request to an account of twice the size, or twice the request, is at most 2.3 times the work."""
    monkeypatch.setattr("mock_sent.ground.slices.ticks", lambda: 0)  # one slice: how many depends on the machine

    async def work_of(n: int) -> int:
        mock, body = Asked(), case.body(n)

        async def call() -> None:
            await mock.ask(case.method, case.path, body, kind=case.kind, **case.headers)

        await mock.ask(case.method, case.path, case.body(case.n), key="warm", kind=case.kind)
        await case.fill(mock, n)
        return await counted(call)

    # Python 3.12 counts from the second time on.
    work = [asyncio.run(work_of(n)) for n in (1, case.n, 2 * case.n, 4 * case.n)]

    demand_growth(work[1:])


def test_every_route_is_measured() -> None:
    """A route of the control plane without a case here fails, and so does one of the API."""
    measured = {(case.method, case.path.partition("?")[0]) for case in CASES} | ASIDE

    for path, item in load().raw["paths"].items():
        for method in item:
            assert _is_measured(measured, method.upper(), f"/_mock{path}"), path
    for path, item in contract_document()["paths"].items():
        if "get" in item or path == SEND[1]:
            method = "GET" if "get" in item else "POST"
            assert _is_measured(measured, method, path), path


def _is_measured(measured: set[tuple[str, str]], method: str, path: str) -> bool:
    steps = path.split("/")
    for known_method, known in measured:
        known_steps = known.split("/")
        fits = len(known_steps) == len(steps) and all(
            one == two or one.startswith("{") for one, two in zip(steps, known_steps, strict=False)
        )
        if fits and known_method == method:
            return True
    return False


@pytest.mark.parametrize(
    "members",
    [
        lambda n: {"default": {"templates": [template(i) for i in range(n)]}},
        lambda n: {"default": {"profiles": [{"id": template(i)["id"], "name": "p"} for i in range(n)]}},
        lambda n: {"accounts": [{"api_key": f"key-{i}"} for i in range(n)]},
        lambda n: {"accounts": [{"api_key": "key", "templates": [template(0)] * n}]},
        lambda n: {"default": {"templates": [template(0, variables=mixed(n))]}},
    ],
    ids=["templates", "profiles", "accounts", "doubled", "mixed"],
)
def test_fixtures(members: Callable[[int], Any]) -> None:
    """Fixtures of twice the length take twice the work to read, or to refuse."""

    async def work_of(n: int) -> int:
        text = json.dumps({"schema": 1, **members(n)})

        async def call() -> None:
            with suppress(FileError):
                Asked(fixtures_inline=text)

        await call()
        return await counted(call)

    demand_growth([asyncio.run(work_of(n)) for n in (1, 100, 200, 400)][1:])


def test_a_list_that_is_too_long() -> None:
    """What lies beyond the longest list is not judged: twice as many webhook events are refused with as much work."""

    async def work_of(n: int) -> int:
        mock = Asked()
        body = {"display_name": "x", "endpoint_url": "http://localhost/", "event_types": ["messages"] * n}

        async def call() -> None:
            assert "at most 50" in str((await mock.ask("POST", "/v3/webhooks", body))["error"])

        await call()
        return await counted(call)

    less, more = (asyncio.run(work_of(n)) for n in (100, 200))

    assert more < 1.2 * less


def test_a_contract_with_unique_items(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's contract may forbid doubles in a list of objects: judging a long one takes work in proportion."""
    document = contract_document()
    added = json.loads(json.dumps(document))
    properties = added["components"]["schemas"]["SendMessageRequest"]["properties"]
    properties["x"] = {
        "type": "array", "uniqueItems": True, "maxItems": 1,
        "x-faults": {name: {"code": "VALIDATION_005", "text": "x"} for name in ("uniqueItems", "maxItems", "type")},
    }  # fmt: skip
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(added, sort_keys=False, allow_unicode=True), "utf-8")

    async def work_of(n: int) -> int:
        mock, body = Asked(contract=str(path)), sent(x=[{"a": i} for i in range(n)])

        async def call() -> None:
            assert "error" in await mock.ask(*SEND, body)

        await call()
        return await counted(call)

    demand_growth([asyncio.run(work_of(n)) for n in (2, 200, 400, 800)][1:])
