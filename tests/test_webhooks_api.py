"""The ten operations on webhooks."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from conftest import Client
from receiver import Receiver, answer, receiving
from replies import ROOT
from test_signing import SECRET, independent

from mock_sent.app import create_app
from mock_sent.clock import DAY, SECOND
from mock_sent.errors import StartupError
from mock_sent.lifecycle import Timetable, plan
from mock_sent.messages import Send, make
from mock_sent.settings import Settings

KEY = "test-key-of-this-test"
BODY = {"display_name": "Orders", "endpoint_url": "http://127.0.0.1:9/hook", "event_types": ["messages"]}
NOWHERE = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def create(client: Client, **changes: Any) -> dict[str, Any]:
    response = client.post("/v3/webhooks", json={**BODY, **changes})
    assert response.status_code == 201
    data: dict[str, Any] = response.json()["data"]
    return data


def hooks(client: Client) -> Any:
    return client.app_.state.accounts.open(KEY).hooks


def settle(client: Client, span: int = 0) -> None:
    """Advance the account's clock and wait for what is due."""
    assert client.portal
    client.portal.call(client.app_.state.accounts.open(KEY).clock.advance, span)
    client.portal.call(hooks(client).settle)


def fault(response: httpx2.Response) -> tuple[int, str, dict[str, list[str]]]:
    error = response.json()["error"]
    return response.status_code, error["code"], error["details"]


def test_create(client: Client) -> None:
    """A new webhook is active, has the defaults, and shows its secret in full this once (WEB-5)."""
    webhook = create(client)

    secret = webhook.pop("signing_secret")
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret)
    assert webhook == {
        **BODY,
        "id": webhook["id"],
        "is_active": True,
        "retry_count": 3,
        "timeout_seconds": 30,
        "last_delivery_attempt_at": None,
        "last_successful_delivery_at": None,
        "consecutive_failures": 0,
        "created_at": webhook["created_at"],
        "updated_at": None,
    }
    read = client.get(f"/v3/webhooks/{webhook['id']}").json()["data"]
    assert read == {**webhook, "signing_secret": f"whsec_****{secret[-4:]}"}
    assert client.get("/v3/webhooks").json()["data"]["webhooks"] == [read]


def test_update(client: Client) -> None:
    """PUT takes the whole webhook: what is left out falls back; the secret stays."""
    webhook = create(client, retry_count=5, timeout_seconds=120)

    url = f"/v3/webhooks/{webhook['id']}"
    changed = client.put(url, json={**BODY, "display_name": "Other", "timeout_seconds": 5}).json()["data"]

    assert (changed["display_name"], changed["retry_count"], changed["timeout_seconds"]) == ("Other", 3, 5)
    assert changed["updated_at"]
    assert changed["signing_secret"][-4:] == webhook["signing_secret"][-4:]
    assert client.get(url).json()["data"] == changed


def test_toggle(client: Client) -> None:
    """A webhook is switched off and on; on means that its failures are counted from nothing (WEB-6)."""
    webhook = create(client)
    url = f"/v3/webhooks/{webhook['id']}/toggle-status"
    hooks(client).registry.get(webhook["id"]).consecutive_failures = 10

    off = client.patch(url, json={"is_active": False}).json()["data"]
    on = client.patch(url, json={"is_active": True}).json()["data"]

    assert [(w["is_active"], w["consecutive_failures"]) for w in (off, on)] == [(False, 10), (True, 0)]


def test_rotate(client: Client) -> None:
    """A rotation answers the new secret in full, with or without a body (WEB-5)."""
    webhook = create(client)
    url = f"/v3/webhooks/{webhook['id']}/rotate-secret"

    secrets = [client.post(url, json={}).json()["data"]["signing_secret"], webhook["signing_secret"]]
    secrets.append(client.post(url).json()["data"]["signing_secret"])

    assert len(set(secrets)) == 3
    assert hooks(client).registry.get(webhook["id"]).secret == secrets[-1]


def test_delete(client: Client) -> None:
    """A deleted webhook is gone; the answer has neither body nor length."""
    url = f"/v3/webhooks/{create(client)['id']}"

    response = client.delete(url, headers={"content-type": "application/json"})

    assert (response.status_code, response.content) == (204, b"")
    assert "content-length" not in response.headers
    assert fault(client.get(url))[:2] == (404, "RESOURCE_008")
    assert fault(client.delete(url))[:2] == (404, "RESOURCE_008")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("PUT", "", BODY),
        ("DELETE", "", None),
        ("PATCH", "/toggle-status", {"is_active": True}),
        ("POST", "/rotate-secret", {}),
        ("POST", "/test", {}),
        ("GET", "/events", None),
    ],
)
def test_unknown_ids(client: Client, method: str, path: str, body: Any) -> None:
    """An unknown id is 404, one that is no UUID 400, in every operation."""
    options = {"json": body} if body is not None else {}

    unknown = client.request(method, f"/v3/webhooks/{NOWHERE}{path}", **options)
    malformed = client.request(method, f"/v3/webhooks/nonsense{path}", **options)

    assert fault(unknown)[:2] == (404, "RESOURCE_008")
    assert fault(malformed) == (400, "VALIDATION_003", {"id": ["'id' must be a UUID"]})


def test_event_types(client: Client) -> None:
    """This edition has two things to subscribe to."""
    types = client.get("/v3/webhooks/event-types").json()["data"]["event_types"]

    assert [(each["name"], each["is_active"]) for each in types] == [("messages", True), ("templates", True)]


BAD_TIMEOUT = {"timeout_seconds": ["'timeout_seconds' must be between 5 and 120"]}
BAD_URL = {"endpoint_url": ["Endpoint URL must be a valid HTTP or HTTPS URL"]}


@pytest.mark.parametrize(
    ("changes", "code", "details"),
    [
        ({"endpoint_url": "ftp://example.com"}, "VALIDATION_001", BAD_URL),
        ({"endpoint_url": "example.com/hook"}, "VALIDATION_001", BAD_URL),
        ({"endpoint_url": "http://"}, "VALIDATION_001", BAD_URL),
        ({"endpoint_url": "http://a b/"}, "VALIDATION_001", BAD_URL),
        ({"endpoint_url": "http://a:65536/"}, "VALIDATION_001", BAD_URL),
        ({"endpoint_url": "http://a:0/"}, "VALIDATION_001", BAD_URL),
        ({"endpoint_url": "http://a/\n"}, "VALIDATION_001", BAD_URL),
        ({"endpoint_url": "http://é/"}, "VALIDATION_001", BAD_URL),
        ({"endpoint_url": ""}, "VALIDATION_001", BAD_URL),
        ({"endpoint_url": "http://a/" + "x" * 2040}, "VALIDATION_001", BAD_URL),
        ({"endpoint_url": 1}, "VALIDATION_001", {"endpoint_url": ["'endpoint_url' must be a string"]}),
        ({"retry_count": 0}, "VALIDATION_005", {"retry_count": ["'retry_count' must be between 1 and 5"]}),
        ({"retry_count": 6}, "VALIDATION_005", {"retry_count": ["'retry_count' must be between 1 and 5"]}),
        ({"retry_count": True}, "VALIDATION_001", {"retry_count": ["'retry_count' must be an integer"]}),
        (
            {"timeout_seconds": 4},
            "VALIDATION_005",
            {"timeout_seconds": ["'timeout_seconds' must be between 5 and 120"]},
        ),
        (
            {"timeout_seconds": 121},
            "VALIDATION_005",
            {"timeout_seconds": ["'timeout_seconds' must be between 5 and 120"]},
        ),
        (
            {"event_types": []},
            "VALIDATION_004",
            {"event_types": ["'event_types' must contain at least one event type"]},
        ),
        (
            {"event_types": ["message"]},
            "VALIDATION_006",
            {"event_types[0]": ["'event_types[0]' must be one of messages, templates"]},
        ),
        ({"display_name": ""}, "VALIDATION_001", {"display_name": ["'display_name' must have 1 to 255 characters"]}),
    ],
)
def test_bad_webhooks(client: Client, changes: dict[str, Any], code: str, details: dict[str, list[str]]) -> None:
    """What a webhook cannot be is refused as the catalogue says, when it is made and when it is changed."""
    url = f"/v3/webhooks/{create(client)['id']}"

    assert fault(client.post("/v3/webhooks", json={**BODY, **changes})) == (400, code, details)
    assert fault(client.put(url, json={**BODY, **changes})) == (400, code, details)


def test_required_members(client: Client) -> None:
    """Name, URL and event types are required; all that lack are named at once."""
    status, code, details = fault(client.post("/v3/webhooks", json={}))

    assert (status, code) == (400, "VALIDATION_004")
    assert sorted(details) == ["display_name", "endpoint_url", "event_types"]


@pytest.mark.parametrize(
    "url",
    [
        "http://receiver:8080/x?y#z",
        "HTTPS://example.com",
        "http://[::1]:80/",
        "http://u:p@h/",
        "http://127.1",
        "http://a_b/",
    ],
)
def test_good_urls(client: Client, url: str) -> None:
    """Any http or https URL can be registered, as at the real API."""
    assert create(client, endpoint_url=url)["endpoint_url"] == url


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://hooks.example.com/", "MOCK_SENT_WEBHOOK_ALLOW must name it"),
        ("http://8.8.8.8/", "MOCK_SENT_WEBHOOK_ALLOW can name it"),
        ("http://169.254.169.254/", "is never delivered to"),
        ("http://u:p@localhost/", "credentials"),
    ],
)
def test_warning_of_undeliverable_urls(client: Client, url: str, says: str) -> None:
    """A URL that the mock will not deliver to is accepted, and a header says what will not happen (WEB-9)."""
    response = client.post("/v3/webhooks", json={**BODY, "endpoint_url": url})

    assert response.status_code == 201
    assert says in response.headers["x-mock-warning"]


def test_paging(client: Client) -> None:
    """Lists come in pages, the newest first, with what a client needs to ask for the next."""
    for i in range(5):
        create(client, display_name=f"Hook {i}")

    pages = [client.get("/v3/webhooks", params={"page": n, "page_size": 2}).json()["data"] for n in (1, 2, 3, 4)]

    assert [[w["display_name"] for w in page["webhooks"]] for page in pages] == [
        ["Hook 4", "Hook 3"],
        ["Hook 2", "Hook 1"],
        ["Hook 0"],
        [],
    ]
    assert [page["pagination"]["has_more"] for page in pages] == [True, True, False, False]
    assert pages[0]["pagination"] == {
        "page": 1,
        "page_size": 2,
        "total_count": 5,
        "total_pages": 3,
        "has_more": True,
        "cursors": None,
    }
    assert client.get("/v3/webhooks").json()["data"]["pagination"]["page_size"] == 20


def test_search(client: Client) -> None:
    """Webhooks are found by name or URL in any case, and by whether they are active."""
    create(client, display_name="Order UPDATES")
    off = create(client, endpoint_url="http://updates.test/")
    create(client, display_name="else")
    client.patch(f"/v3/webhooks/{off['id']}/toggle-status", json={"is_active": False})

    def count(**params: str) -> int:
        total: int = client.get("/v3/webhooks", params=params).json()["data"]["pagination"]["total_count"]
        return total

    assert [count(search="updates"), count(is_active="true"), count(is_active="false")] == [2, 2, 1]
    assert [count(search="updates", is_active="true"), count(search="nothing")] == [1, 0]


RANGE = "'page_size' must be between 1 and 100"


@pytest.mark.parametrize(
    ("query", "code", "details"),
    [
        ("page_size=101", "VALIDATION_005", {"page_size": [RANGE]}),
        ("page_size=0", "VALIDATION_005", {"page_size": [RANGE]}),
        ("page=0", "VALIDATION_005", {"page": ["'page' must be between 1 and 1000000000"]}),
        ("page=-1", "VALIDATION_005", {"page": ["'page' must be between 1 and 1000000000"]}),
        ("page=x", "VALIDATION_001", {"page": ["'page' must be an integer"]}),
        ("page=", "VALIDATION_001", {"page": ["'page' must be an integer"]}),
        ("page=1.0", "VALIDATION_001", {"page": ["'page' must be an integer"]}),
        ("page=%D9%A1", "VALIDATION_001", {"page": ["'page' must be an integer"]}),
        ("page=" + "9" * 5000, "VALIDATION_001", {"page": ["'page' must be an integer"]}),
        ("is_active=yes", "VALIDATION_001", {"is_active": ["'is_active' must be a boolean"]}),
        ("page=1&page=2", "VALIDATION_001", {"page": ["'page' must be given once"]}),
        (
            "page=x&page_size=0",
            "VALIDATION_001",
            {"page": ["'page' must be an integer"], "page_size": [RANGE]},
        ),
    ],
)
def test_bad_queries(client: Client, query: str, code: str, details: dict[str, list[str]]) -> None:
    """A parameter of the query that breaks the contract is refused with every fault."""
    assert fault(client.get(f"/v3/webhooks?{query}")) == (400, code, details)


def test_unknown_parameters(client: Client) -> None:
    """A parameter that nobody knows is ignored, and a person is told."""
    response = client.get("/v3/webhooks?limit=5&%FF=%FF&page=1")

    assert response.status_code == 200
    assert "limit" in response.headers["x-mock-warning"]


def test_sandbox(client: Client, receiver: Receiver) -> None:
    """A sandbox call answers like a real one and keeps, changes and delivers nothing (SAND-1)."""
    webhook = create(client, endpoint_url=receiver.url)
    url = f"/v3/webhooks/{webhook['id']}"
    before = client.get(url).json()["data"]

    answers = [
        client.post("/v3/webhooks", json={**BODY, "sandbox": True}),
        client.put(url, json={**BODY, "display_name": "New", "sandbox": True}),
        client.patch(f"{url}/toggle-status", json={"is_active": False, "sandbox": True}),
        client.post(f"{url}/rotate-secret", json={"sandbox": True}),
        client.post(f"{url}/test", json={"sandbox": True}),
    ]

    assert [each.status_code for each in answers] == [201, 200, 200, 200, 200]
    assert {each.headers["x-sandbox"] for each in answers} == {"true"}
    assert answers[1].json()["data"]["display_name"] == "New"
    assert answers[2].json()["data"]["is_active"] is False
    assert client.get("/v3/webhooks").json()["data"]["webhooks"] == [before]
    assert (receiver.received, hooks(client).registry.get(webhook["id"]).secret) == ([], webhook["signing_secret"])


def test_idempotency(client: Client) -> None:
    """A repeated key gives the first answer again and makes nothing: the secret is the same one (IDEM-2)."""
    key = {"idempotency-key": "k1"}

    first, second = (client.post("/v3/webhooks", json=BODY, headers=key) for _ in range(2))

    assert first.content == second.content
    assert second.headers["idempotent-replayed"] == "true"
    assert client.get("/v3/webhooks").json()["data"]["pagination"]["total_count"] == 1


def test_profiles(client: Client) -> None:
    """A profile sees its own webhooks; the organization sees all (WEB-8)."""
    retail = {"x-profile-id": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"}
    support = {"x-profile-id": "3f2504e0-4f89-41d3-9a0c-0305e82c3302"}
    client.post("/v3/webhooks", json=BODY)
    own = client.post("/v3/webhooks", json=BODY, headers=retail).json()["data"]["id"]

    counts = [
        client.get("/v3/webhooks", headers=h).json()["data"]["pagination"]["total_count"] for h in ({}, retail, support)
    ]

    assert counts == [2, 1, 0]
    assert [client.get(f"/v3/webhooks/{own}", headers=h).status_code for h in ({}, retail, support)] == [200, 200, 404]


def test_accounts_do_not_meet(client: Client) -> None:
    """Another key does not see the webhook."""
    webhook = create(client)

    assert client.get(f"/v3/webhooks/{webhook['id']}", headers={"x-api-key": "another"}).status_code == 404


@pytest.mark.real_socket
@pytest.mark.parametrize(
    ("body", "kind", "field"),
    [
        (None, "message.delivered", "messages"),
        ({}, "message.delivered", "messages"),
        ({"event_type": "message.sent"}, "message.sent", "messages"),
        ({"event_type": "messages"}, "message.delivered", "messages"),
        ({"event_type": "templates"}, "templates", "templates"),
    ],
)
def test_test(client: Client, receiver: Receiver, body: Any, kind: str, field: str) -> None:
    """`test` delivers one made-up event, signed like any other, and it stands among the events (WEB-11)."""
    webhook = create(client, endpoint_url=receiver.url)
    url = f"/v3/webhooks/{webhook['id']}"

    response = client.post(f"{url}/test", **({} if body is None else {"json": body}))
    settle(client)

    assert response.json()["data"] == {"success": True, "message": "Test event sent"}
    (each,) = receiver.received
    assert (each.headers["x-webhook-event-type"], f'"field":"{field}"'.encode() in each.body) == (kind, True)
    assert independent(webhook["signing_secret"], each.headers, each.body, each.at)
    (event,) = client.get(f"{url}/events").json()["data"]["events"]
    assert (event["event_type"], event["delivery_status"], event["delivery_attempts"]) == (kind, "DELIVERED", 1)


@pytest.mark.real_socket
def test_test_is_not_tried_again(client: Client, receiver: Receiver) -> None:
    """A test delivery that fails has failed; an unknown event type, or an inactive webhook, is refused (WEB-11)."""
    receiver.behave = lambda n: answer(500)
    url = f"/v3/webhooks/{create(client, endpoint_url=receiver.url)['id']}"

    client.post(f"{url}/test", json={})
    settle(client, DAY)
    (event,) = client.get(f"{url}/events").json()["data"]["events"]
    client.patch(f"{url}/toggle-status", json={"is_active": False})

    assert (event["delivery_status"], event["http_status_code"], len(receiver.received)) == ("FAILED", 500, 1)
    assert fault(client.post(f"{url}/test", json={}))[:2] == (400, "BUSINESS_010")
    assert fault(client.post(f"{url}/test", json={"event_type": "x"}))[:2] == (400, "VALIDATION_006")


@pytest.mark.real_socket
def test_events(client: Client, receiver: Receiver) -> None:
    """A send's events stand in the log, the newest first, with the receiver's answer; they can be searched."""
    assert client.portal
    clock = client.app_.state.accounts.open(KEY).clock
    client.portal.call(clock.freeze)
    receiver.behave = lambda n: answer(200, b"thanks") if n > 1 else answer(503, b"busy")
    url = f"/v3/webhooks/{create(client, endpoint_url=receiver.url)['id']}"
    id = client.send(to=["+14155551234"], channel=["sms"]).json()["data"]["recipients"][0]["message_id"]
    settle(client)
    (first,) = client.get(f"{url}/events").json()["data"]["events"]
    settle(client, 120 * SECOND)

    events = client.get(f"{url}/events").json()["data"]["events"]

    assert (first["delivery_status"], first["http_status_code"], first["response_body"]) == ("RETRYING", 503, "busy")
    assert first["processing_completed_at"] is None
    kinds = [each["event_type"] for each in events]
    assert kinds == ["message.delivered", "message.sent", "message.processed", "message.accepted"]
    assert {each["delivery_status"] for each in events} == {"DELIVERED"}
    assert [each["delivery_attempts"] for each in events] == [1, 1, 1, 2]
    assert events[0]["event_data"]["payload"]["message_id"] == id
    assert events[0]["response_body"] == "thanks"
    found = client.get(f"{url}/events", params={"search": "DELIVERED", "page_size": 1}).json()["data"]
    assert (found["pagination"]["total_count"], len(found["events"])) == (4, 1)
    assert client.get(f"{url}/events", params={"search": "sent"}).json()["data"]["pagination"]["total_count"] == 1


@pytest.mark.real_socket
def test_webhook_of_the_settings(mock: Callable[..., Client], receiver: Receiver) -> None:
    """MOCK_SENT_WEBHOOK_URL and _SECRET give every account a webhook of its own (WEB-12)."""
    client = mock(webhook_url=receiver.url, webhook_secret=SECRET)
    for key in ("one", "two"):
        client.send(headers={"x-api-key": key}, to=["+14155551234"], channel=["sms"])
        assert client.portal
        client.portal.call(client.app_.state.accounts.open(key).hooks.settle)

    (listed,) = client.get("/v3/webhooks").json()["data"]["webhooks"]

    assert (listed["endpoint_url"], listed["event_types"]) == (receiver.url, ["messages", "templates"])
    accepted = [each for each in receiver.received if each.status == "ACCEPTED"]
    assert len({each.headers["x-webhook-id"] for each in accepted}) == 2
    assert all(independent(SECRET, each.headers, each.body, each.at) for each in receiver.received)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"webhook_secret": "abc"}, "MOCK_SENT_WEBHOOK_SECRET must be whsec_ and base64"),
        ({"webhook_url": "receiver:80"}, "MOCK_SENT_WEBHOOK_URL is 'receiver:80'"),
        ({"webhook_allow": ("10.0.0.0/99",)}, "MOCK_SENT_WEBHOOK_ALLOW has '10.0.0.0/99'"),
    ],
)
def test_bad_settings(settings: dict[str, Any], says: str) -> None:
    """A setting that can deliver nothing stops the start."""
    with pytest.raises(StartupError, match=re.escape(says)):
        create_app(Settings(**settings))


def test_a_secret_by_the_seed(mock: Callable[..., Client]) -> None:
    """Without a secret in the settings the seed makes one; it is the same at every start."""
    secrets = []
    for _ in range(2):
        client = mock(webhook_url="http://127.0.0.1:9/")
        client.get("/v3/webhooks")
        (webhook,) = hooks(client).registry
        secrets.append(webhook.secret)

    assert secrets[0] == secrets[1]


@pytest.mark.real_socket
def test_shutdown_finishes_what_is_due(mock: Callable[..., Client], receiver: Receiver) -> None:
    """A stop lets due deliveries finish, and tells of what is left: nothing is lost in silence (WEB-13)."""
    client = mock()
    assert client.portal
    account = client.app_.state.accounts.open(KEY)
    client.portal.call(account.clock.freeze)
    create(client, endpoint_url=receiver.url)
    for _ in range(5):
        client.send()

    client.__exit__(None, None, None)

    assert [each.status for each in receiver.received] == ["ACCEPTED"] * 20
    assert "stopped with webhook deliveries unmade" in client.log.getvalue()
    assert "due=0 later=20" in client.log.getvalue()


@pytest.mark.real_socket
def test_shutdown_does_not_wait_for_a_slow_receiver(mock: Callable[..., Client], receiver: Receiver) -> None:
    """A receiver that hangs does not hold up the stop; its delivery is told as unmade (WEB-13)."""
    receiver.behave = lambda n: b"hang"
    client = mock()
    create(client, endpoint_url=receiver.url)
    client.post(f"/v3/webhooks/{client.get('/v3/webhooks').json()['data']['webhooks'][0]['id']}/test", json={})

    client.__exit__(None, None, None)

    assert "due=1 later=0" in client.log.getvalue()


def test_nothing_runs_without_a_webhook(client: Client) -> None:
    """Sends without a webhook start no task."""
    client.send()

    assert (hooks(client).waiting, hooks(client)._lanes) == (0, {})


@pytest.mark.real_socket
def test_a_dropped_account(client: Client, receiver: Receiver) -> None:
    """An account that is dropped loses its webhooks, and the log says what they were still to tell (WEB-13)."""
    assert client.portal
    accounts = client.app_.state.accounts
    client.portal.call(accounts.open(KEY).clock.freeze)
    create(client, endpoint_url=receiver.url)
    client.send(to=["+14155551234"], channel=["sms"])
    settle(client)

    client.portal.call(accounts.drop, KEY)

    assert client.get("/v3/webhooks").json()["data"]["webhooks"] == []
    assert "account closed with webhook deliveries unmade" in client.log.getvalue()
    assert receiver.statuses == ["ACCEPTED"]


@pytest.mark.real_socket
def test_moving_a_message(client: Client, receiver: Receiver) -> None:
    """A move by hand changes what the API tells and what the webhook hears (LIFE-3)."""
    assert client.portal
    create(client, endpoint_url=receiver.url)
    account = client.app_.state.accounts.open(KEY)
    id = client.send(to=["+14155551234"], channel=["sms"]).json()["data"]["recipients"][0]["message_id"]
    by_hand = account.mailbox.get(id)._replace(timetable=plan(manual=True), moves=[])
    account.mailbox._by_id[id] = by_hand

    client.portal.call(account.move, by_hand, "FAILED", "ERR_ROUTE_DENIED")
    settle(client, SECOND)

    message = client.get(f"/v3/messages/{id}").json()["data"]
    assert (message["status"], message["events"][-1]["description"]) == ("FAILED", "Message failed: ERR_ROUTE_DENIED")
    assert "FAILED" in receiver.statuses


def test_made_by_rule(client: Client) -> None:
    """Each message of a send may have a timetable of its own; a manual one remembers its moves."""
    account = client.app_.state.accounts.open(KEY)
    send = Send(0, account.templates.all()[0], "", [], "req", None, None)

    def timetable(id: str, to: str, channel: str | None) -> Timetable:
        return plan(manual=to.endswith("1"))

    made = make(send, [("+1001", "sms"), ("+1002", None)], account.prices, account.clock, timetable)
    alike = make(send, [("+1001", "sms")], account.prices, account.clock, plan(manual=True))

    assert [message.moves for message in (*made, *alike)] == [[], None, []]


def test_required_parameters(mock: Callable[..., Client], tmp_path: Path) -> None:
    """A contract that requires a parameter of the query is kept to, with its text."""
    text = (ROOT / "openapi.yaml").read_text()
    page = "      name: page\n      in: query\n      required: "
    (tmp_path / "contract.yaml").write_text(text.replace(page + "false", page + "true"))
    client = mock(contract=str(tmp_path / "contract.yaml"))

    assert fault(client.get("/v3/webhooks")) == (400, "VALIDATION_004", {"page": ["'page' is required"]})
    assert fault(client.get("/v3/webhooks?page_size=2"))[2] == {"page": ["'page' is required"]}
    assert client.get("/v3/webhooks?page=1").status_code == 200


def test_optional_body(client: Client) -> None:
    """Where the body is optional an empty one needs no media type; one that is there is checked."""
    url = f"/v3/webhooks/{create(client)['id']}/rotate-secret"

    assert client.post(url).status_code == 200
    assert client.post(url, content=b"{}").status_code == 415
    assert fault(client.post(url, json={"sandbox": 1}))[:2] == (400, "VALIDATION_001")
    assert fault(client.patch(url.replace("rotate-secret", "toggle-status")))[0] == 415
