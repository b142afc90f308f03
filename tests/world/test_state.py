"""What an account keeps is plain data: copied, or written as JSON and read by another server, it goes on alike."""

import copy
import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any

import httpx2
import pytest
from conftest import PAGE_REQUEST
from receiver import OK, Receiver, answer
from starlette.types import Receive, Scope, Send

from mock_sent.accounts import Account, AccountState
from mock_sent.app import create_app
from mock_sent.ground.plain import dump, load
from mock_sent.journal import Log
from mock_sent.serving.server import running_app
from mock_sent.settings import Settings

pytestmark = pytest.mark.real_socket

KEY = "test-key-of-this-test"
RETAIL = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
YAML = {"content-type": "application/yaml"}
UK, DE, FR, US = "+447700900123", "+4915112345678", "+33612345678", "+14155551234"

RULES = """
schema: 1
name: rules
seed: 7
send:
  - {name: twice, when: {to: "+447*"}, count_by: recipient, then: [{fail: internal_error}, {fail: conflict}, accept]}
  - {name: few, when: {to: "+49*"}, limit: {calls: 3, per: 10m}, then: {fail: rate_limited, retry_after: window}}
  - {name: luck, when: {to: "+33*"}, chance: 50%, then: {fail: service_unavailable}}
deliver:
  - {name: hand, when: {channel: whatsapp}, then: {reach: DELIVERED, advance: manual}}
  - {name: paced, when: {to: "+33*"}, then: {reach: DELIVERED, every: {min: 10s, max: 90s}}}
webhooks: {duplicate: 2, order: shuffled, delay: {min: 0s, max: 30s}}
audit: {fail_on: [retry_without_key]}
"""
INLINE = """
schema: 1
name: inline
send:
  - {when: {idempotency_key: seen, to: "+44*"}, then: {fail: conflict}}
  - when: {to: "+1555*"}
    at_end: restart
    then: [{drop: empty, commit: true}, replay, {fail: internal_error, commit: true}]
deliver:
  - {when: {to: "+44*"}, then: {fail_at: SENT, reason: ERR_ROUTE_DENIED, advance: manual}}
"""
TEMPLATE = {"id": "7ba7b820-9dad-11d1-80b4-00c04fd430c8", "name": "order_confirmation", "body": "Hello {{name}}, {{x}}"}


@dataclass(frozen=True)
class Request:
    """One request of a story."""

    method: str
    path: str
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()


def sent(to: str | list[str], channel: str = "sms", key: str = "", **more: Any) -> Request:
    """A send; `scenario`, `profile` and `prefer` are headers."""
    names = {"scenario": "x-mock-scenario", "profile": "x-profile-id", "prefer": "prefer"}
    headers = {names[name]: more.pop(name) for name in tuple(more) if name in names}
    if key:
        headers["idempotency-key"] = key
    body = {**PAGE_REQUEST, "to": [to] if isinstance(to, str) else to, "channel": [channel], **more}
    return Request("POST", "/v3/messages", body, tuple(headers.items()))


def control(method: str, path: str, body: Any = None) -> Request:
    return Request(method, f"/_mock/{path}", body, tuple(YAML.items()) if isinstance(body, str) else ())


class Served(httpx2.Client):
    """A client of a mock on a real port."""

    def __init__(self, url: str, app: Any) -> None:
        super().__init__(base_url=url, headers={"x-api-key": KEY}, timeout=10)
        self._app = app

    @property
    def account(self) -> Account:
        account: Account = self._app.state.accounts.open(KEY)
        return account

    def ask(self, request: Request) -> tuple[Any, ...]:
        """Everything that came back, but for the second on the server's machine, and for how much memory is used."""
        raw = request.body.encode() if isinstance(request.body, str) else None
        body = None if raw is not None or request.body is None else request.body
        try:
            got = self.request(request.method, request.path, content=raw, json=body, headers=dict(request.headers))
        except httpx2.TransportError as e:
            return (type(e).__name__,)
        headers = [(name, value) for name, value in got.headers.raw if name.lower() not in (b"date", b"content-length")]
        return got.status_code, headers, re.sub(rb'"bytes":\d+', b"", got.content)


@contextmanager
def serving(seed: str, state: AccountState | None = None) -> Iterator[Served]:
    """A server, whose account goes on from the state."""
    app, waiting = create_app(Settings(seed=seed, log="off"), log=Log("off")), [state] if state else []

    async def restored(scope: Scope, receive: Receive, send: Send) -> None:
        if waiting and scope["type"] == "http":
            app.state.accounts.restore(KEY, waiting.pop())
        await app(scope, receive, send)

    with running_app(restored, refusal=app.state.refusal) as server, Served(server.url, app) as client:
        yield client


def beginning(client: Served, receiver: Receiver) -> None:
    """A history that has everything: the clock is frozen, and half of what was begun is not at its end."""

    def ask(*requests: Request) -> Any:
        for request in requests:
            got = client.ask(request)
            assert got[0] == 200 or not request.path.startswith("/_mock"), got
        return json.loads(got[2]) if got[2:] and got[2] else None

    ask(
        control("POST", "clock", {"freeze": "2026-03-11T21:50:50Z"}),
        control("POST", "clock", {"resume": True}),
        control("POST", "clock", {"freeze": "2026-03-11T21:50:50Z"}),
        control("PUT", "balance", {"balance": 3}),
        control("PUT", "templates", [{**TEMPLATE, "id": TEMPLATE["id"][:-1] + "f", "name": "other", "header": "H"}]),
        sent(DE),
        sent(DE, key="plain"),
        sent(DE, key="plain"),
        sent(UK, key="plain"),
        Request("POST", "/v3/messages", {"to": "nobody", "sandbox": 1, "extra": True}),
        Request("PATCH", "/v3/messages"),
        Request("GET", "/v3/numbers/lookup/+14155551234"),
        sent(DE, sandbox=True),
        sent(DE, profile=RETAIL),
        sent([DE, DE]),
        sent(DE, template={"name": "unknown"}),
        sent("+15005550110"),
        sent(DE, prefer="code=402"),
    )
    hook = {"display_name": "all", "endpoint_url": receiver.url, "event_types": ["messages"], "retry_count": 5}
    ask(Request("POST", "/v3/webhooks", hook))
    off = ask(Request("POST", "/v3/webhooks", {**hook, "display_name": "off"}, (("x-profile-id", RETAIL),)))["data"]
    ask(Request("PATCH", f"/v3/webhooks/{off['id']}/toggle-status", {"is_active": False}))
    ask(control("PUT", "scenario", RULES), sent(UK), sent(DE), sent(DE), *[sent(FR)] * 3, sent([US, US], "whatsapp"))
    by_hand = ask(control("GET", "messages?channel=whatsapp"))["messages"]
    ask(control("POST", f"messages/{by_hand[0]['id']}/advance", {}))
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(client.ask, sent(DE, key="held", scenario="slow"))
        while not client.account.replays.in_flight("held"):
            time.sleep(0.001)
        ask(sent(DE, key="held"), control("POST", "clock", {"advance": "5s"}))
        slow.result()
    ask(control("PUT", "scenario", INLINE), *[sent(UK, key="mine")] * 2, sent("+15551234567", key="lost"))
    ask(sent("+15551234567"), sent(FR, scenario="shaky"), control("PUT", "templates", [TEMPLATE]))
    ask(control("POST", "clock", {"advance": "90s"}))


def going_on(client: Served) -> list[Request]:
    """Fifty requests and more to both planes, which ask for all that the beginning left.

    The clock is moved before deliveries are read, because that waits for them.
    """
    messages = [m.id for m in client.account.mailbox]
    exchanges = [x.request_id for x in client.account.journal]
    [active, off] = client.account.resources["webhook"]
    reads = [Request("GET", f"/v3/messages/{id}") for id in messages[:6]]
    reads += [Request("GET", f"/v3/messages/{id}/activities") for id in messages[-4:]]
    hooks = [
        Request("GET", "/v3/webhooks"),
        Request("GET", f"/v3/webhooks/{active}/events?page_size=100"),
        Request("POST", f"/v3/webhooks/{active}/rotate-secret", {}),
        Request("POST", f"/v3/webhooks/{active}/test", {}),
        Request("PATCH", f"/v3/webhooks/{off}/toggle-status", {"is_active": True}),
        control("POST", "clock", {"advance": "1s"}),
        control("GET", "webhooks/deliveries"),
    ]
    sends = [sent(DE, key="plain"), sent(UK, key="plain"), sent(UK, key="mine"), sent("+15551234567", key="lost")]
    sends += [sent("+15551234567", key="lost"), *[sent("+15551234567")] * 3, sent(DE, key="new"), sent(UK)]
    ruled = [*[sent(UK)] * 3, *[sent(DE)] * 3, *[sent(FR)] * 4, sent(FR, scenario="shaky"), sent(FR, "whatsapp")]
    asked = [
        control("GET", "requests?limit=1000"),
        control("GET", "messages?limit=1000"),
        control("GET", "audit"),
        control("GET", "audit?all=true"),
        control("GET", "accounts"),
        control("GET", "templates"),
        control("GET", "balance"),
        control("GET", "scenario"),
        control("POST", "verify", {"to": "+49*", "times": 100}),
        control("POST", "verify", {"of": "requests", "key_fate": "replayed", "header": {"x-api-key": KEY}, "times": 9}),
    ]
    moves = [control("POST", f"messages/{id}/advance", {}) for id in messages]
    explained = [control("GET", f"requests/{id}") for id in exchanges]
    clock = [control("POST", "clock", {"advance": span}) for span in ("1m", "1s", "10m", "2h")]
    again = [control("DELETE", "scenario"), sent(FR), control("POST", "clock", {"freeze": "2026-03-13T00:00:00Z"})]
    judged = [*asked, *moves, clock[1], *explained, *clock[2:], hooks[1]]
    return [*reads, *hooks, *sends, clock[0], *judged, *ruled, clock[1], *asked, *again]


@pytest.fixture
def begun(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A server whose account has a history. Nothing takes any time; until 21:53 the receiver fails for `FR`."""
    for place in ("api.plane", "webhooks.sender"):
        monkeypatch.setattr(f"mock_sent.{place}.ticks", lambda: 0)

    def behave(n: int) -> bytes:
        latest = receiver.received[-1]
        failing = latest.at < 1_773_265_980 and latest.payload["inbound_number"] == FR
        return answer(500, b"no") if failing else OK

    receiver.behave = behave
    with serving("tests") as client:
        beginning(client, receiver)
        yield client


def by_json(state: AccountState) -> AccountState:
    return load(AccountState, json.loads(json.dumps(dump(state))))


@pytest.mark.parametrize("through", [copy.deepcopy, by_json])
def test_a_copy_goes_on(begun: Served, receiver: Receiver, through: Callable[[AccountState], AccountState]) -> None:
    """A server that has another seed, and gets the state of an account, answers as the first one goes on to do."""
    state, requests = through(begun.account.state), going_on(begun)
    receiver.received.clear()

    wanted = [begun.ask(request) for request in requests]
    delivered = list(receiver.received)
    receiver.received.clear()
    with serving("another", state) as other:
        for request, want in zip(requests, wanted, strict=True):
            assert other.ask(request) == want, request
        assert other.ask(control("POST", "reset", {}))[0] == 200
        assert other.account.journal.epoch > begun.account.journal.epoch, "a Last-Event-ID of before would fit"

    assert len(requests) >= 50
    assert receiver.received == delivered
    assert {each.status for each in delivered} >= {"ACCEPTED", "DELIVERED"}


def test_the_history_has_everything(begun: Served) -> None:
    """The account of these tests has what an account can have: a test of the test."""
    state = begun.account.state
    journal, sends = state.journal.exchanges, state.mailbox.sends

    assert {x.key_fate for x in journal} == {"", "fresh", "replayed", "conflict"}
    assert {x.fault for x in journal} == {"", "empty"}
    assert {x.by_example for x in journal} | {x.other_body for x in journal} == {False, True}
    assert all(any(getattr(x, name) for x in journal) for name in ("unknown", "violations", "warnings", "profile"))
    assert all((state.counters.steps, state.counters.attempts, state.counters.windows))
    assert any(event for send in sends for events in (send.moves or {}).values() for event in events)
    assert all((state.replays.stored, state.balance, state.clock.frozen_at, state.clock.digits))
    assert [queue.pending for queue in state.queues.values() if queue.pending]
    assert any(each.state == "retrying" for queue in state.queues.values() for each in queue.deliveries.values())
    assert [text.value["name"] for text in state.scenarios.values()] == ["rules", "inline"]
    assert state.scenario == list(state.scenarios)[-1]
    assert json.loads(begun.ask(control("GET", "audit"))[2])["findings"]


def values(plain: Any) -> Iterator[Any]:
    yield plain
    for each in chain(plain.values() if isinstance(plain, dict) else plain if isinstance(plain, list) else ()):
        yield from values(each)


def test_the_text_of_a_state(begun: Served) -> None:
    """A state becomes what JSON has and nothing else, and one that was read is written as the first one was."""
    state = begun.account.state
    plain = dump(state)

    assert {type(each) for each in values(plain)} <= {str, int, float, bool, type(None), list, dict}
    assert json.dumps(dump(by_json(state))) == json.dumps(plain) == json.dumps(dump(copy.deepcopy(state)))


def test_equal_parts_are_kept_once(begun: Served) -> None:
    """A state that was read keeps what many sends or exchanges share once: a template, the headers of a request."""
    read = by_json(begun.account.state)
    templates, heads = [send.template for send in read.mailbox.sends], [x.head for x in read.journal.exchanges]

    assert len({id(each) for each in templates}) == len(set(templates)) < len(templates)
    assert len({id(each) for each in heads}) == len(set(heads)) < len(heads)


@pytest.mark.parametrize("value", [len, {1: "a"}, {"a": {2, 3}}, object()])
def test_what_is_no_plain_data(value: Any) -> None:
    """A function, a set, a number as a key, or an object of an unknown class has no place in a state."""
    with pytest.raises(TypeError):
        dump(value)
