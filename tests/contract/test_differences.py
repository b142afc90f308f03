"""`mock-sent editions diff`: whatever is added to an edition shows, and nothing else does."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from scratch_edition import NAME, request_of, schema_of, scratch_edition

from mock_sent.command.cli import cli

Change = Callable[[dict[str, Any]], None]


def send_of(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"]["/v3/messages"]["post"]
    return found


def data_of(document: dict[str, Any]) -> dict[str, Any]:
    schema = schema_of(document, send_of(document)["responses"]["202"]["content"]["application/json"]["schema"])
    return schema_of(document, schema["properties"]["data"])


def operation(document: dict[str, Any]) -> None:
    item = {**deepcopy(document["paths"]["/v3/webhooks"]["get"]), "operationId": "listPigeons"}
    document["paths"]["/v3/pigeons"] = {"get": item}


def member_of_request(document: dict[str, Any]) -> None:
    request_of(document, "/v3/messages")["properties"]["urgency"] = {"type": "string", "maxLength": 9}


def nested_member(document: dict[str, Any]) -> None:
    extra = {"type": "object", "additionalProperties": {"anyOf": [{"properties": {"x": {"type": "integer"}}}]}}
    request_of(document, "/v3/messages")["properties"]["extra"] = extra


def value_of_request(document: dict[str, Any]) -> None:
    channel = schema_of(document, request_of(document, "/v3/messages")["properties"]["channel"])
    items = schema_of(document, channel["items"])
    items["enum"] = [*items["enum"], "pigeon"]


def limit(document: dict[str, Any]) -> None:
    schema_of(document, request_of(document, "/v3/messages")["properties"]["to"])["maxItems"] = 7


def parameter(document: dict[str, Any]) -> None:
    where = {"name": "tag", "in": "query", "schema": {"type": "string"}}
    document["paths"]["/v3/webhooks"]["get"]["parameters"].append(where)


def member_of_answer(document: dict[str, Any]) -> None:
    data_of(document)["properties"]["batch"] = {"type": "string"}


def success(document: dict[str, Any]) -> None:
    send_of(document)["responses"]["207"] = deepcopy(send_of(document)["responses"]["202"])


def header(document: dict[str, Any]) -> None:
    send_of(document)["responses"]["202"]["headers"]["X-Batch"] = {"schema": {"type": "integer"}}


def failure(document: dict[str, Any]) -> None:
    examples = send_of(document)["responses"]["402"]["content"]["application/json"]["examples"]
    example = deepcopy(next(iter(examples.values())))
    example["value"]["error"]["code"] = "BUSINESS_999"
    examples["too_poor"] = example


def code_of_fault(document: dict[str, Any]) -> None:
    request_of(document, "/v3/messages")["properties"]["sandbox"]["x-faults"] = {
        "type": {"code": "VALIDATION_999", "text": "no"}
    }


def member_of_failure(document: dict[str, Any]) -> None:
    error = document["components"]["schemas"]["ErrorResponse"]["properties"]["error"]
    schema_of(document, error)["properties"]["retryable"] = {"type": "boolean"}


def status(document: dict[str, Any]) -> None:
    document["x-lifecycle"]["stages"]["lost"] = {"status": "LOST", "text": "The pigeon was lost."}


def follower(document: dict[str, Any]) -> None:
    document["x-lifecycle"]["stages"]["delivered"]["next"] = ["failed"]


def event(document: dict[str, Any]) -> None:
    hook = deepcopy(next(iter(document["webhooks"].values())))
    hook.pop("x-stage", None)
    document["webhooks"]["pigeon.lost"] = {**hook, "x-topic": "pigeons"}


def member_of_event(document: dict[str, Any]) -> None:
    media = document["webhooks"]["message.delivered"]["post"]["requestBody"]["content"]["application/json"]
    schema_of(document, media["schema"])["properties"]["batch"] = {"type": "string"}


def delivery(document: dict[str, Any]) -> None:
    document["x-delivery"]["event_id_header"] = "X-Pigeon"


# The change, and the lines that it causes.
CHANGES: list[tuple[Change, list[str]]] = [
    (operation, ["added: GET /v3/pigeons"]),
    (member_of_request, ["added: sendMessage: urgency (string, maxLength 9)"]),
    (
        nested_member,
        [
            "added: sendMessage: extra (object)",
            "added: sendMessage: extra.* (anything)",
            "added: sendMessage: extra.*.x (integer)",
        ],
    ),
    (
        value_of_request,
        ["channel[] was string of sms, whatsapp, rcs, sent, is string of sms, whatsapp, rcs, sent, pigeon"],
    ),
    (limit, ["maxItems 7"]),
    (parameter, ["added: listWebhooks: query tag (string)"]),
    (member_of_answer, ["added: sendMessage: data.batch (string)"]),
    (success, ["added: sendMessage: status 207"]),
    (header, ["added: sendMessage: 202 X-Batch (integer)"]),
    (failure, ["added: sendMessage: too_poor (402 BUSINESS_999)", "added: BUSINESS_999"]),
    (code_of_fault, ["added: VALIDATION_999"]),
    (member_of_failure, ["every operation: error.retryable (boolean)"]),
    (status, ["added: LOST"]),
    (follower, ["changed: DELIVERED may be followed by FAILED; it was nothing"]),
    (event, ["added: topic pigeons", "added: event pigeon.lost"]),
    (member_of_event, ["message.delivered: batch (string)"]),
    (delivery, ["added: header X-Pigeon"]),
]  # fmt: skip


def differences(*editions: str) -> list[str]:
    """The lines of the command, without the names of sections."""
    result = CliRunner().invoke(cli, ["editions", "diff", *editions])
    assert result.exit_code == 0, result.output
    return [line.strip() for line in result.output.splitlines() if line.startswith("  ")]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], list[str]]:
    """What the command says of an edition with all changes, in both directions."""

    def all_changes(document: dict[str, Any]) -> None:
        for change, _ in CHANGES:
            change(document)

    with pytest.MonkeyPatch.context() as patch:
        scratch_edition(patch, tmp_path_factory.mktemp("scratch"), all_changes)
        return differences("2026-03", NAME), differences(NAME, "2026-03")


@pytest.mark.parametrize("lines", [lines for _, lines in CHANGES], ids=[change.__name__ for change, _ in CHANGES])
def test_what_is_added(told: tuple[list[str], list[str]], lines: list[str]) -> None:
    """Whatever is added shows."""
    assert [line for line in lines if sum(line in each for each in told[0]) != 1] == [], told[0]


def test_the_other_direction(told: tuple[list[str], list[str]]) -> None:
    """What was added is removed in the other direction."""
    found, back = told

    assert len(back) == len(found)
    assert sum(line.startswith("removed") for line in back) == sum(line.startswith("added") for line in found)


def test_nothing_changed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A copy differs in nothing."""
    scratch_edition(monkeypatch, tmp_path, lambda document: None)

    assert differences("2026-03", NAME) == []
    assert "nothing changed" in CliRunner().invoke(cli, ["editions", "diff", "2026-03", NAME]).output


def test_march_and_october() -> None:
    """The great changes between the shipped editions, each once."""
    found = differences("2026-03", "2026-10")

    for line in (
        "added: POST /v3/messages/{id}/cancel",
        "added: sendMessage: text (string or null)",
        "removed: sendMessage: data.body",
        "removed: sendMessage: status 402",
        "changed: sendMessage: insufficient_balance is no answer any more; the message ends BLOCKED BUSINESS_003",
        "added: every operation: account_suspended (403 BUSINESS_014)",
        "added: BUSINESS_029",
        "changed: ACCEPTED is now QUEUED",
        "added: READ",
        "added: event message.received",
        "added: header X-Webhook-Event-ID",
    ):
        assert found.count(line) == 1, line
