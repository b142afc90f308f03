"""The audit: each way to use the API badly gives its finding, and good use gives none."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from conftest import PAGE_REQUEST, Client, Live, fast_clock
from replies import ROOT

from mock_sent.ground.errors import one_line

ONE: dict[str, Any] = {**PAGE_REQUEST, "to": ["+14155551234"], "channel": ["sms"]}
SCENARIOS = sorted(path.stem for path in (ROOT / "scenarios").glob("*.yaml"))


def key(name: str) -> dict[str, str]:
    return {"idempotency-key": name}


def audit(client: httpx2.Client, query: str = "") -> Any:
    return client.get(f"/_mock/audit{query}").json()


def kinds(client: httpx2.Client, severity: str = "") -> list[str]:
    return [f["kind"] for f in audit(client)["findings"] if severity in ("", f["severity"])]


def advance(client: httpx2.Client, span: str) -> None:
    client.post("/_mock/clock", json={"advance": span})


def confirmation(**parameters: str) -> dict[str, Any]:
    return {"name": "order_confirmation", "parameters": parameters}


def fail_once(client: Client, then: str = "{fail: internal_error}") -> None:
    """The first send is answered so, the later ones are accepted."""
    text = f"{{schema: 1, name: once, send: [{{then: [{then}, accept]}}]}}"
    client.put("/_mock/scenario", content=text.encode(), headers={"content-type": "application/yaml"})


def test_key_reused_for_other_body(client: Client) -> None:
    """Another body under a used key is an error: the second message is never sent."""
    first = client.send(headers=key("k")).headers["x-request-id"]
    later = client.send(headers=key("k"), to=["+447700900123"]).headers["x-request-id"]

    (finding,) = audit(client)["findings"]

    assert (finding["kind"], finding["severity"]) == ("key_reused_for_other_body", "error")
    assert (finding["earlier_request"]["request_id"], finding["request"]["request_id"]) == (first, later)
    assert finding["differs"] == "the key k came with another body: to differs"
    assert finding["in_production"] == (
        "in production the API gives the first answer again, and the second message is never sent"
    )


def test_key_of_a_refused_request(client: Client) -> None:
    """A key whose first request was refused may carry a mended body: the API kept nothing under it."""
    client.send(headers=key("k"), to=[])
    client.send(headers=key("k"))

    assert kinds(client) == []


def test_new_key_on_retry(client: Client) -> None:
    """The same body again with another key, after a failure, is an error."""
    fail_once(client)
    client.send(headers=key("one"))
    client.send(headers=key("two"))

    assert kinds(client, "error") == ["new_key_on_retry"]
    assert audit(client)["findings"][0]["differs"] == (
        "Idempotency-Key: one, then two; the first was answered with 500 internal_error"
    )


def test_another_send_is_no_retry(client: Client) -> None:
    """An equal body with a key of its own is no retry of a send that is itself tried again with its old key."""
    fail_once(client)
    client.send(headers=key("one"))
    client.send(headers=key("two"))
    client.send(headers=key("one"))

    assert "new_key_on_retry" not in kinds(client)


def test_retry_without_key(client: Client) -> None:
    """A retry without a key is a warning, because official SDKs send none."""
    fail_once(client)
    client.send()
    client.send()

    assert (kinds(client, "warning"), audit(client)["result"]) == (["retry_without_key"], "ok")


def test_retry_without_key_of_a_kept_send(client: Client) -> None:
    """It is an error where the answer was lost although the send was kept: the recipient has it twice."""
    fail_once(client, "{fail: internal_error, commit: true}")
    client.send()
    client.send()

    assert kinds(client, "error") == ["retry_without_key"]
    assert audit(client)["findings"][0]["differs"].endswith("the first was a 500 although the send was kept")


def test_a_key_that_was_dropped_on_the_retry(client: Client) -> None:
    """The key of the first try must come again: without it the retry is one without a key."""
    fail_once(client)
    client.send(headers=key("one"))
    client.send()

    assert kinds(client) == ["retry_without_key"]


def test_retry_too_soon(client: Client) -> None:
    """A retry before Retry-After, on the account's clock, is a warning; after it, it is none."""
    client.post("/_mock/clock", json={"freeze": True})
    client.put("/_mock/scenario", json={"name": "rate-limited"})
    client.send(headers=key("k"))
    advance(client, "29s")
    client.send(headers=key("k"))
    advance(client, "30s")
    client.send(headers=key("k"))

    (finding,) = audit(client)["findings"]

    assert (finding["kind"], finding["severity"]) == ("retry_too_soon", "warning")
    assert finding["differs"] == "it came after 29.0 s, Retry-After was 30 s"


@pytest.mark.parametrize("scenario", ["insufficient-balance", "validation-error", "template-not-found"])
def test_retry_of_final_error(client: Client, scenario: str) -> None:
    """What was refused for good is refused again: to send it again unchanged is a warning."""
    client.put("/_mock/scenario", json={"name": scenario})
    client.send(headers=key("k"))
    client.send(headers=key("k"))

    assert kinds(client, "warning") == ["retry_of_final_error"]


def test_a_retry_after_a_change_is_right(client: Client) -> None:
    """Once balance, template or scenario changed, the same request may be sent again."""
    client.put("/_mock/balance", json={"balance": 0})
    client.send()
    client.put("/_mock/balance", json={"balance": 10})
    client.send(template={"name": "new_one"})
    client.put(
        "/_mock/templates",
        json=[{"id": "7ba7b820-9dad-11d1-80b4-00c04fd43099", "name": "new_one", "body": "New."}],
    )
    client.send(template={"name": "new_one"})
    client.put("/_mock/scenario", json={"name": "insufficient-balance"})
    client.send()
    client.delete("/_mock/scenario")
    client.send()

    assert kinds(client) == []


def test_a_mended_key_is_a_change(client: Client) -> None:
    """A request whose key was at fault may come again with a better key, and with no worse one."""
    client.send(headers=key("bad key"))
    client.send(headers=key("good-key"))
    assert kinds(client) == []

    client.send(to=[], headers=key("a"))
    client.send(to=[], headers=key("b"))
    assert kinds(client) == ["retry_of_final_error"]


def test_duplicate_message(client: Client) -> None:
    """An equal send that is accepted again is a warning, after a replay too; a day later it may be meant."""
    client.send(headers=key("a"))
    client.send(headers=key("a"))
    client.send(headers=key("b"))
    assert kinds(client) == ["duplicate_message"]

    advance(client, "25h")
    client.send(headers=key("c"))
    assert kinds(client) == ["duplicate_message"]


def test_duplicate_number(client: Client) -> None:
    """The same number twice in one request gets the message twice."""
    client.send(to=["+14155551234", "+14155551234"])

    (finding,) = audit(client)["findings"]

    assert finding["differs"] == "+14155551234 stands more than once in `to`"
    assert finding["earlier_request"] is None


def test_missing_api_key(client: Client) -> None:
    """A send without an x-api-key works here, and would be a 401 there."""
    del client.headers["x-api-key"]
    client.send()

    assert kinds(client, "warning") == ["missing_api_key"]


def test_unknown_member(client: Client) -> None:
    """A member that the contract does not know is ignored by the API."""
    client.send(chanel=["sms"])

    assert kinds(client, "warning") == ["unknown_member"]
    assert audit(client)["findings"][0]["differs"] == "the contract does not know chanel"


@pytest.mark.parametrize(
    "wrong", ["orderId", "order-id", "OrderID", "order_Id", "order_ids", "ordre_id", "\u00f3rder_id"]
)
@pytest.mark.parametrize("sandbox", [False, True])
def test_missing_parameter(client: Client, wrong: str, sandbox: bool) -> None:
    """A value that the template lacks is an error, which names the one that was meant; the X-Mock-Warning does too."""
    reply = client.send(template=confirmation(**{"name": "Ada", wrong: "7"}), sandbox=sandbox)

    (finding,) = audit(client)["findings"]
    assert (finding["kind"], finding["severity"]) == ("missing_parameter", "error")
    hint = f"{wrong!r} was given: did you mean 'order_id'?"
    assert finding["differs"] == f"template 'order_confirmation' got no value for 'order_id'; {hint}"
    assert finding["in_production"].startswith("in production the send is accepted, and then its messages fail")
    if not sandbox:
        assert one_line(hint, 200) in reply.headers["x-mock-warning"]


def test_missing_parameter_without_a_near_one(client: Client) -> None:
    """Where nothing similar was given, nothing is guessed, and what the template does not ask for is named too."""
    client.send(template=confirmation(first="1", second="2"))
    client.send(template={"name": "order_confirmation"})

    assert [f["differs"] for f in audit(client)["findings"]] == [
        "template 'order_confirmation' got no value for 'name', 'order_id'; "
        "the template does not ask for 'first', 'second'",
        "template 'order_confirmation' got no value for 'name', 'order_id'",
    ]


def test_extra_parameter(client: Client) -> None:
    """A value too many, alone, is a warning."""
    client.send(template=confirmation(name="Ada", order_id="7", orderId="7", more=""))

    (finding,) = audit(client)["findings"]
    assert (finding["kind"], finding["severity"], audit(client)["result"]) == ("extra_parameter", "warning", "ok")
    assert finding["differs"] == "template 'order_confirmation': the template does not ask for 'orderId', 'more'"


def test_many_parameters(client: Client) -> None:
    """Ten names are kept of thousands, and a hundred characters of each."""
    client.send(template=confirmation(**{f"{i}{'x' * 300}": "" for i in range(1_000)}))

    differs = audit(client)["findings"][0]["differs"]
    assert differs.count("xxx'") == 10
    assert len(differs) < 1_500


def test_sandbox_sends_are_no_duplicates(client: Client) -> None:
    """What is not sent cannot be sent twice."""
    client.send(sandbox=True)
    client.send(sandbox=True)

    assert kinds(client) == []


def test_fail_on_of_a_scenario(mock: Callable[..., Client]) -> None:
    """A scenario's audit block says what counts as error, more or less than usual."""
    client = mock(scenario_inline="{schema: 1, name: strict, audit: {fail_on: [unknown_member]}}")
    client.send(chanel=["sms"], headers=key("k"))
    client.send(headers=key("k"))

    assert kinds(client, "error") == ["unknown_member"]
    assert kinds(client, "warning") == ["key_reused_for_other_body"]


def test_fail_on_of_the_caller(client: Client) -> None:
    """Whoever asks may say what counts as error; a word that there is not is refused."""
    client.send(chanel=["sms"])

    assert audit(client, "?fail_on=unknown_member,retry_too_soon")["result"] == "failed"
    assert audit(client, "?fail_on=")["result"] == "ok"
    assert "did you mean 'unknown_member'?" in audit(client, "?fail_on=unknown_members")["error"]


def test_all_accounts(client: Client) -> None:
    """`all=true` judges every account, and those requests that belong to none."""
    client.send(headers={"x-api-key": "first-key-0001", "idempotency-key": "k"})
    client.send(headers={"x-api-key": "first-key-0001", "idempotency-key": "k"}, to=["+447700900123"])
    client.send(headers={"x-api-key": "second-key-0002"})

    found = audit(client, "?all=true")

    assert (found["result"], found["errors"]) == ("failed", 1)
    assert [(a["api_key"].partition("/")[0], a["result"]) for a in found["accounts"]] == [
        ("****0001", "failed"), ("****0002", "ok"), ("none", "ok"),
    ]  # fmt: skip
    assert client.get("/_mock/audit?all=1").status_code == 400


def test_eviction_is_loud(mock: Callable[..., Client]) -> None:
    """What is left of a journal is not called clean; an error that is left is still one."""
    client = mock(max_journal=2)
    for name in "abc":
        client.send(headers=key(name), template=confirmation(name=name, order_id="1"))
    assert (audit(client)["result"], audit(client)["evicted"]) == ("unknown", 1)

    client.send(headers=key("c"))
    assert audit(client)["result"] == "failed"


def test_all_after_an_account_was_dropped(mock: Callable[..., Client]) -> None:
    """With an account gone, nobody can call all of them clean."""
    client = mock(max_accounts=1)
    client.send(headers={"x-api-key": "first-key-0001"})
    client.send(headers={"x-api-key": "second-key-0002"})

    assert audit(client, "?all=true")["result"] == "unknown"


def test_a_client_that_left(live: Callable[..., Live]) -> None:
    """A send whose client gave up waiting is a lost answer: to send it again without a key is an error."""
    client = live(scenario_inline="{schema: 1, name: late, send: [{then: [{accept: true, delay: 300ms}, accept]}]}")
    with pytest.raises(httpx2.ReadTimeout):
        client.post("/v3/messages", json=ONE, timeout=0.1)
    client.get("/_mock/messages?wait=10s")

    client.post("/v3/messages", json=ONE)

    assert kinds(client, "error") == ["retry_without_key"]


def send_well(client: Live) -> None:
    """What a good client does: one key for one message, a few tries, no sooner than asked."""
    for attempt in range(3):
        try:
            reply = client.post("/v3/messages", json=ONE, headers=key("order-4711"), timeout=2)
        except httpx2.TransportError:
            continue
        if reply.status_code not in (409, 429) and reply.status_code < 500:
            return
        if attempt < 2:
            advance(client, f"{reply.headers.get('retry-after', '0')}s")
            advance(client, "1s")


@pytest.mark.parametrize("name", SCENARIOS)
def test_good_use_is_clean_in_every_shipped_scenario(live: Callable[..., Live], name: str) -> None:
    """A good client gives no finding at all, whatever the scenario does to it."""
    client = live(scenario=name)

    with fast_clock(client.url, client.api_key):
        send_well(client)

    assert audit(client)["findings"] == []


def test_replay_of_other_edition(client: Client) -> None:
    """A key that is used before and after an upgrade: the old answer in its old form, and a warning that says so."""
    key = {"idempotency-key": "k"}
    first = client.send(headers=key)
    client.put("/_mock/edition", json={"edition": "2026-10"})
    second = client.unchecked("POST", "/v3/messages", json=PAGE_REQUEST, headers=key)

    assert second.content == first.content
    assert second.headers["x-mock-warning"] == (
        f"this is the stored answer of {first.headers['x-request-id']}, in the form of the edition 2026-03; "
        "the account speaks 2026-10 since then, and a new key gets an answer in its form"
    )
    found = audit(client)
    assert [(each["kind"], each["severity"]) for each in found["findings"]] == [("replay_of_other_edition", "warning")]
    client.delete("/_mock/edition")
    assert "x-mock-warning" not in client.send(headers=key).headers


def test_every_kind_has_its_test() -> None:
    """Each kind is provoked here; an answer by example in tests/api/test_unserved.py."""
    from mock_sent.scenarios.findings import KINDS

    source = Path(inspect.getfile(test_every_kind_has_its_test)).read_text()
    assert [kind for kind in KINDS if f"def test_{kind}(" not in source] == ["answered_by_example"]
