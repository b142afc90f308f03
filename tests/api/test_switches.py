"""Six ways to switch a failure on, and who wins."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from conftest import PAGE_REQUEST, Client, Live
from many import all_at_once

from mock_sent.ground.errors import SocketNeeded

YAML = {"content-type": "application/yaml"}
INLINE = "{schema: 1, name: inline-402, send: [{then: {fail: insufficient_balance}}]}"


def rule(response: httpx2.Response) -> str:
    return str(response.headers["x-mock-rule"])


@pytest.mark.parametrize(
    ("preference", "status"),
    [
        ("code=402", 402),
        ("example=insufficient_balance", 402),
        ("example=BUSINESS_003", 402),
        ("code=500", 500),
        ("code=401", 401),
        ("example=conflict", 409),
        ("code=202", 202),
        ("example=accepted", 202),
        ('example="template_not_found"', 404),
        ("dynamic=true, code=429", 429),
    ],
)
def test_prefer(client: Client, preference: str, status: int) -> None:
    """`Prefer` asks for one answer by status or by the name of an example, as Prism's users know it."""
    response = client.send(headers={"prefer": preference})

    assert response.status_code == status
    assert rule(response).startswith("Prefer/")


@pytest.mark.parametrize("preference", ["respond-async", "return=minimal", "wait=100", "dynamic=true"])
def test_other_preferences(client: Client, preference: str) -> None:
    """Preferences of other kinds are none of ours."""
    response = client.send(headers={"prefer": preference})

    assert response.status_code == 202
    assert "x-mock-rule" not in response.headers


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ({"prefer": "code=418"}, "Prefer asks for code=418; sendMessage has 202, 400, 401, 402, 403, 404, 409"),
        ({"prefer": "code=teapot"}, "code=teapot"),
        ({"prefer": "example=insuficient_balance"}, "did you mean 'insufficient_balance'?"),
        ({"prefer": "example="}, "it has accepted, validation_error"),
        ({"x-mock-scenario": "insufficient-balanc"}, "did you mean 'insufficient-balance'?"),
        ({"x-mock-scenario": "../../etc/passwd"}, "there is no scenario '../../etc/passwd'"),
        ({"x-mock-scenario": "scenarios/slow.yaml"}, "there is no scenario 'scenarios/slow.yaml'"),
    ],
)
def test_misuse(client: Client, headers: dict[str, str], says: str) -> None:
    """What the mock does not have is a 400 of its own, MOCK_001, that names the nearest thing."""
    response = client.send(headers=headers)

    assert response.status_code == 400
    assert response.json()["error"]["code"] == "MOCK_001"
    assert says in response.json()["error"]["message"]
    assert client.get("/_mock/accounts").json()["accounts"][0]["messages"] == 0


def test_prefer_on_a_read(client: Client) -> None:
    """Reads obey `Prefer` too."""
    id = client.send().json()["data"]["recipients"][0]["message_id"]

    assert client.get(f"/v3/messages/{id}", headers={"prefer": "code=404"}).status_code == 404


def test_header(client: Client) -> None:
    """`X-Mock-Scenario` names the scenarios of one request."""
    response = client.send(headers={"x-mock-scenario": "insufficient-balance"})

    assert (response.status_code, rule(response)) == (402, "insufficient-balance/1")
    assert client.send().status_code == 202


def test_several_in_a_header(client: Client) -> None:
    """Several names are layers: where the first has nothing to say, the next is asked."""
    response = client.send(headers={"x-mock-scenario": "uk-is-down, internal-error"})

    assert (response.status_code, rule(response)) == (500, "internal-error/1")


def test_account_by_name(client: Client) -> None:
    """A scenario can be set for the account, and taken away again."""
    put = client.put("/_mock/scenario", json={"name": "insufficient-balance"})

    assert put.json() == client.get("/_mock/scenario").json()
    assert put.json()["scenario"]["name"] == "insufficient-balance"
    assert client.send().status_code == 402
    assert client.send(headers={"x-api-key": "somebody-else"}).status_code == 202
    assert client.delete("/_mock/scenario").status_code == 204
    assert client.get("/_mock/scenario").json()["scenario"] is None
    assert client.send().status_code == 202


def test_account_by_text(client: Client) -> None:
    """The scenario may be sent as YAML."""
    assert client.put("/_mock/scenario", content=INLINE, headers=YAML).status_code == 200

    assert rule(client.send()) == "inline-402/1"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("send: [", "not YAML"),
        ("schema: 1\nname: x\nsend:\n  - than: accept\n", "the scenario:4:5: unknown key 'than'"),
        ("schema: 1\nname: x\nsend:\n  - then: {fail: 402}\n", "insufficient_balance"),
        ("schema: 1\nname: x\nname: y\n", "a second time"),
        ("[" * 50_000, "nested"),
        ("x" * 10_000_000, "at most"),
    ],
)
def test_a_wrong_text_changes_nothing(client: Client, content: str, says: str) -> None:
    """A wrong scenario is refused with line and reason, and the running one stays."""
    client.put("/_mock/scenario", json={"name": "insufficient-balance"})

    response = client.put("/_mock/scenario", content=content, headers=YAML)

    assert response.status_code in (400, 413)
    assert says in response.json()["error"]
    assert client.send().status_code == 402


@pytest.mark.parametrize("content", [{"name": "insufficient-balanc"}, {"name": 5}, {"scenario": "slow"}, {}])
def test_a_wrong_name_changes_nothing(client: Client, content: object) -> None:
    """An unknown name is refused, and the running scenario stays."""
    client.put("/_mock/scenario", json={"name": "insufficient-balance"})

    assert client.put("/_mock/scenario", json=content).status_code == 400
    assert client.send().status_code == 402


def test_setting_a_scenario_again_counts_anew(client: Client) -> None:
    """Each time that a scenario is set it counts from one."""
    for _ in range(2):
        client.put("/_mock/scenario", json={"name": "retry-then-ok"})

        assert [client.send().status_code for _ in range(4)] == [500, 500, 202, 202]


def test_by_environment(mock: Callable[..., Client]) -> None:
    """`MOCK_SENT_SCENARIO` names scenarios for everybody."""
    assert rule(mock(scenario="internal-error").send()) == "internal-error/1"


def test_by_environment_as_text(mock: Callable[..., Client]) -> None:
    """`MOCK_SENT_SCENARIO_INLINE` is one as text: a service container can mount no file."""
    assert rule(mock(scenario_inline=INLINE).send()) == "inline-402/1"


def test_by_path_and_folder(mock: Callable[..., Client], tmp_path: Path) -> None:
    """A scenario may be a file anywhere, or be found by name in a folder of one's own."""
    path = tmp_path / "inline-402.yaml"
    path.write_text(INLINE)

    assert mock(scenario=str(path)).send().status_code == 402
    assert mock(scenarios_dir=str(tmp_path)).send(headers={"x-mock-scenario": "inline-402"}).status_code == 402


def test_magic_number(client: Client) -> None:
    """A recipient's number can ask for a failure, where a client can do nothing else."""
    response = client.send(to=["+15005550142"])

    assert (response.status_code, rule(response)) == (402, "magic-numbers/n42")


def test_magic_numbers_off(mock: Callable[..., Client]) -> None:
    """Magic numbers can be switched off."""
    assert mock(magic_numbers="off").send(to=["+15005550142"]).status_code == 202


def test_who_wins(mock: Callable[..., Client]) -> None:
    """Prefer, header, account, number, text, name: each wins over the ones after it."""
    client = mock(scenario_inline=INLINE, scenario="internal-error")
    magic = {"to": ["+15005550144"]}
    assert client.send().status_code == 402
    assert client.send(**magic).status_code == 404
    client.put("/_mock/scenario", json={"name": "conflict"})
    assert client.send(**magic).status_code == 409
    header = {"x-mock-scenario": "forbidden"}
    assert client.send(**magic, headers=header).status_code == 403
    assert client.send(**magic, headers={**header, "prefer": "code=503"}).status_code == 503


def test_the_log_says_which_rule(client: Client) -> None:
    """The log names the rule that fired, or tells of each that did not, why."""
    client.send(headers={"x-mock-scenario": "retry-then-ok"})
    assert "rule=retry-then-ok/1#1" in client.last_line

    client.put(
        "/_mock/scenario",
        content='{schema: 1, name: uk, send: [{when: {to: "+44*"}, then: {fail: internal_error}}]}',
        headers=YAML,
    )
    client.send(to=["+14155551234"])
    assert "no rule: uk/1: to: +14155551234, wanted +44*" in client.last_line


SHIPPED = {
    "validation-error": (400, "VALIDATION_004"),
    "unauthorized": (401, None),
    "insufficient-balance": (402, "BUSINESS_003"),
    "forbidden": (403, None),
    "template-not-found": (404, "RESOURCE_002"),
    "conflict": (409, "CONFLICT_001"),
    "rate-limited": (429, "BUSINESS_002"),
    "internal-error": (500, "INTERNAL_001"),
    "service-unavailable": (503, "SERVICE_001"),
}


@pytest.mark.parametrize(("name", "expected"), SHIPPED.items(), ids=list(SHIPPED))
def test_every_documented_failure(client: Client, name: str, expected: tuple[int, str | None]) -> None:
    """There is a shipped scenario for each documented failure, and its answer is the contract's."""
    response = client.send(headers={"x-mock-scenario": name})

    status, code = expected
    assert response.status_code == status
    if code is None:
        assert response.content == b""
    else:
        error = response.json()["error"]
        described = example(name.replace("-", "_"))
        assert {**error} == described
        assert error["code"] == code


def example(name: str) -> dict[str, object]:
    from replies import contract_document

    document = contract_document()
    responses = document["paths"]["/v3/messages"]["post"]["responses"].values()
    common = document["components"]["responses"].values()
    for response in (*responses, *common):
        found = response.get("content", {}).get("application/json", {}).get("examples", {}).get(name)
        if found:
            error: dict[str, object] = found["value"]["error"]
            return error
    raise AssertionError(name)


def test_replayed(client: Client) -> None:
    """`replayed` shows the headers of a replay in one call."""
    response = client.send(headers={"x-mock-scenario": "replayed"})

    assert response.status_code == 202
    assert response.headers["idempotent-replayed"] == "true"
    assert response.headers["x-original-request-id"] == response.json()["meta"]["request_id"]
    assert response.headers["x-request-id"] != response.headers["x-original-request-id"]


def test_retry_then_ok(client: Client) -> None:
    """`retry-then-ok` counts for each recipient on its own."""
    client.put("/_mock/scenario", json={"name": "retry-then-ok"})
    one, two = {"to": ["+14155551234"]}, {"to": ["+14155555678"]}

    statuses = [client.send(**who).status_code for who in (one, one, two, one, two, two)]

    assert statuses == [500, 500, 500, 202, 500, 202]


def test_rate_limit_starter(client: Client) -> None:
    """Sixty a minute, then 429 until the window ends; the figures agree with each other."""
    client.put("/_mock/scenario", json={"name": "rate-limit-starter"})
    client.post("/_mock/clock", json={"freeze": "2026-03-11T21:50:30Z"})

    answers = [client.send() for _ in range(62)]

    assert [a.status_code for a in answers] == [202] * 60 + [429] * 2
    assert [a.headers["x-ratelimit-remaining"] for a in answers] == [str(n) for n in range(59, -1, -1)] + ["0", "0"]
    assert {a.headers["x-ratelimit-limit"] for a in answers} == {"60"}
    reset = int(answers[-1].headers["x-ratelimit-reset"])
    wait = int(answers[-1].headers["retry-after"])
    assert reset - wait == 1773265830  # 2026-03-11T21:50:30Z
    client.post("/_mock/clock", json={"advance": f"{wait}s"})
    assert client.send().status_code == 202


def test_a_plain_send_has_no_rate_headers(client: Client) -> None:
    """Where no limit is in force, none is told of (HEAD-5)."""
    assert not [name for name in client.send().headers if name.startswith("x-ratelimit")]


def test_shaky(mock: Callable[..., Client]) -> None:
    """`shaky` fails the same sends on every machine, whatever came in between."""

    def fates(numbers: list[str]) -> dict[str, int]:
        client = mock(scenario="shaky", seed="any")
        return {to: client.send(to=[to]).status_code for to in numbers}

    numbers = [f"+1415555{n:04}" for n in range(60)]
    assert fates(numbers) == fates(numbers[::-1])
    assert set(fates(numbers).values()) == {202, 503}


def test_a_replay_eats_no_step(client: Client) -> None:
    """A replay does not count: the next send of another key meets the next step."""
    client.put(
        "/_mock/scenario",
        content="{schema: 1, name: steps, send: [{then: [accept, {fail: internal_error}, accept]}]}",
        headers=YAML,
    )
    key = {"idempotency-key": "one"}

    statuses = [client.send(headers=h).status_code for h in (key, key, key, {"idempotency-key": "two"})]

    assert statuses == [202, 202, 202, 500]


def test_an_invalid_send_eats_no_step(client: Client) -> None:
    """Nor does a request that is wrong."""
    client.put("/_mock/scenario", json={"name": "retry-then-ok"})
    client.send(to=[])

    assert [client.send().status_code for _ in range(3)] == [500, 500, 202]


def test_fail_with_commit(mock: Callable[..., Client]) -> None:
    """A failure with `commit: true` was kept all the same; a retry with the key gets the answer that was lost."""
    client = mock(scenario_inline="{schema: 1, name: c, send: [{then: {fail: internal_error, commit: true}}]}")
    key = {"idempotency-key": "one"}

    assert client.send(headers=key).status_code == 500
    assert client.get("/_mock/accounts").json()["accounts"][0]["messages"] == 4
    assert client.send(headers=key).headers["idempotent-replayed"] == "true"


def test_failures_keep_and_charge_nothing(client: Client) -> None:
    """A send that fails by scenario is neither kept nor charged."""
    client.put("/_mock/balance", json={"balance": 1})

    client.send(headers={"x-mock-scenario": "internal-error"})

    assert client.get("/_mock/balance").json() == {"balance": 1.0}
    assert client.get("/_mock/accounts").json()["accounts"][0]["messages"] == 0


@pytest.mark.real_socket
def test_counters_under_a_thousand_at_once(live: Callable[..., Live]) -> None:
    """ "Fail twice" fails exactly twice, whoever comes first among a thousand."""
    server = live(
        scenario_inline="{schema: 1, name: two, send: [{then: [{fail: INTERNAL_001}, {fail: INTERNAL_001}, accept]}]}"
    )
    headers = {"content-type": "application/json", "x-api-key": server.api_key}

    answers = asyncio.run(all_at_once(server.port, [json.dumps(PAGE_REQUEST).encode()] * 1000, headers))

    assert Counter(status for status, _ in answers) == {500: 2, 202: 998}


@pytest.mark.real_socket
@pytest.mark.parametrize(
    ("number", "symptom"),
    [
        ("+15005550170", httpx2.ReadError),
        ("+15005550171", httpx2.ReadError),
        ("+15005550172", httpx2.RemoteProtocolError),
    ],
)
def test_magic_drops(live: Callable[..., Live], number: str, symptom: type[Exception]) -> None:
    """Magic numbers break the connection too; 71 keeps the message, 70 and 72 do not."""
    server = live()

    with pytest.raises(symptom):
        server.post("/v3/messages", json={**PAGE_REQUEST, "to": [number]})

    assert server.get("/_mock/accounts").json()["accounts"][0]["messages"] == (2 if number.endswith("71") else 0)


@pytest.mark.real_socket
def test_hang(live: Callable[..., Live]) -> None:
    """73 says nothing until the client gives up."""
    server = live()

    with pytest.raises(httpx2.ReadTimeout):
        server.post("/v3/messages", json={**PAGE_REQUEST, "to": ["+15005550173"]}, timeout=0.2)


@pytest.mark.real_socket
def test_drip(live: Callable[..., Live]) -> None:
    """A dripped answer is whole in the end; the account's clock says when."""
    server = live(scenario_inline="{schema: 1, name: d, send: [{then: {drip: 200ms}}]}")

    response = server.post("/v3/messages", json=PAGE_REQUEST)

    assert response.status_code == 202
    assert len(response.json()["data"]["recipients"]) == 4


def test_in_process_a_drop_needs_a_socket(client: Client) -> None:
    """Without a socket no connection can be broken, and that is said."""
    with pytest.raises(SocketNeeded, match="needs a real socket"):
        client.send(to=["+15005550170"])
