"""A user's contract that lacks what is in use stops the start with one sentence, and never makes an answer a bug."""

from collections.abc import Callable
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import PAGE_REQUEST, Client
from replies import contract_document

from mock_sent.app import create_app
from mock_sent.ground.errors import FileError
from mock_sent.settings import Settings

Change = Callable[[dict[str, Any]], None]


def changed(tmp_path: Path, change: Change) -> str:
    document = deepcopy(contract_document())
    change(document)
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), "utf-8")
    return str(path)


def without_stage(name: str) -> Change:
    """Takes a stage out of the document everywhere, and closes the gap."""

    def change(document: dict[str, Any]) -> None:
        lifecycle = document["x-lifecycle"]
        lifecycle.pop("shown_as", None)
        del lifecycle["stages"][name]
        way = lifecycle["way"] = [stage for stage in lifecycle["way"] if stage != name]
        for stage in lifecycle["stages"].values():
            stage["next"] = [each for each in stage["next"] if each != name]
        for stage, following in pairwise(way):
            if following not in lifecycle["stages"][stage]["next"]:
                lifecycle["stages"][stage]["next"].insert(0, following)
        for event in [event for event, each in document["webhooks"].items() if each.get("x-stage") == name]:
            del document["webhooks"][event]
        for outcome in document["x-outcomes"].values():
            outcome["instead_of"] = way[1]

    return change


def without_outages(document: dict[str, Any]) -> None:
    """Takes the 503 and the 429 out of every operation."""
    for item in document["paths"].values():
        for operation in item.values():
            for status in ("503", "429"):
                operation.get("responses", {}).pop(status, None)


def start_error(path: str, **settings: Any) -> FileError:
    with pytest.raises(FileError) as caught:
        create_app(Settings(contract=path, log="off", **settings))
    assert "\n" not in str(caught.value)
    assert caught.value.source == "own.yaml"
    return caught.value


@pytest.mark.parametrize("stage", ["accepted", "routed", "sent", "delivered"])
def test_a_stage_that_the_magic_numbers_need(tmp_path: Path, stage: str) -> None:
    """The start stops at the stages of the contract."""
    path = changed(tmp_path, without_stage(stage))

    error = start_error(path)
    assert Path(path).read_text().splitlines()[error.line - 1] == "  stages:"
    assert "the scenario 'magic-numbers', which is switched on, cannot be used" in str(error)


def test_outcomes_that_the_magic_numbers_need(tmp_path: Path) -> None:
    """The start stops at the responses of the send, and says how to do without the magic numbers."""
    path = changed(tmp_path, without_outages)

    error = start_error(path)
    assert Path(path).read_text().splitlines()[error.line - 1] == "      responses:"
    assert "the contract has no outcome" in str(error)
    assert "MOCK_SENT_MAGIC_NUMBERS=off switches it off" in str(error)


def test_a_scenario_of_the_settings(tmp_path: Path) -> None:
    """A shipped scenario that the settings switch on stops the start likewise."""
    error = start_error(changed(tmp_path, without_outages), magic_numbers="off", scenario="service-unavailable")

    assert "the scenario 'service-unavailable', which is switched on, cannot be used" in str(error)


def test_a_scenario_that_is_asked_for_later(mock: Callable[..., Client], tmp_path: Path) -> None:
    """It is a 400 of the mock's own with a sentence, and the list of scenarios leaves it out."""
    client = mock(contract=changed(tmp_path, without_outages), magic_numbers="off")

    assert client.unchecked("POST", "/v3/messages", json=PAGE_REQUEST).status_code == 202
    headers = {"x-mock-scenario": "service-unavailable"}
    reply = client.unchecked("POST", "/v3/messages", json=PAGE_REQUEST, headers=headers)
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "MOCK_001")
    assert "the contract has no outcome 'service_unavailable'" in reply.text
    reply = client.unchecked("PUT", "/_mock/scenario", json={"name": "service-unavailable"})
    assert (reply.status_code, "has no outcome" in reply.text) == (400, True)
    names = [each["name"] for each in client.unchecked("GET", "/_mock/scenarios").json()["scenarios"]]
    assert "service-unavailable" not in names
    assert "delivery-fails" in names


def set_in(*path: str | int, value: Any = None) -> Change:
    """Sets a value at a path; None removes it."""

    def change(document: dict[str, Any]) -> None:
        node: Any = document
        for step in path[:-1]:
            node = node[step]
        if value is None:
            del node[path[-1]]
        else:
            node[path[-1]] = value

    return change


TWICE = {"operationId": "getMessage", "responses": {"200": {"description": "x"}}}


@pytest.mark.parametrize(
    ("change", "marker", "reason"),
    [
        (
            set_in("x-lifecycle", "way", value=["accepted", "routed", "accepted"]),
            "  - accepted",
            "the stage 'accepted' stands in the way twice",
        ),
        (
            set_in("x-lifecycle", "way", value=["accepted", "delivered"]),
            "  - delivered",
            "'delivered' is not among the `next` of 'accepted'",
        ),
        (
            set_in("x-lifecycle", "failed", value="delivered"),
            "  failed: delivered",
            "'delivered' is a stage of the way, so it cannot be the failure too",
        ),
        (
            set_in("x-lifecycle", "stages", "failed", "next", value=["sent"]),
            "      next:",
            "'failed' is the failure, so that only the first stage can follow it",
        ),
        (
            set_in("x-lifecycle", "stages", "sent", "status", value="PROCESSED"),
            "      status: PROCESSED",
            "the stage 'routed' has the status 'PROCESSED' too; name the stage in shown_as instead",
        ),
        (
            set_in("x-outcomes", "parameters_missing", "instead_of", value="failed"),
            "    instead_of: failed",
            "only a later stage of the way can be replaced: routed, sent, delivered",
        ),
        (
            set_in("x-outcomes", "parameters_missing", "stage", value="sent"),
            "    stage: sent",
            "'sent' is not among the `next` of 'accepted'",
        ),
        (
            set_in("components", "schemas", "TemplateCategory", "default"),
            "    TemplateCategory:",
            "the schema TemplateCategory needs an `enum`, and a `default` that is in it",
        ),
        (
            set_in("x-gates", 0, "gate", value="weather"),
            "- gate: weather",
            "mock-sent does not have the gate 'weather'; there are balance, parameters",
        ),
        (
            set_in("paths", "/v3/x", value={"get": TWICE}),
            "      operationId: getMessage",
            "GET /v3/messages/{id} has the operationId 'getMessage' too",
        ),
    ],
)
def test_parts_that_do_not_fit(tmp_path: Path, change: Change, marker: str, reason: str) -> None:
    """What contradicts another part of the contract stops the start, with the line of it."""
    path = changed(tmp_path, change)

    error = start_error(path)
    assert reason in str(error)
    assert Path(path).read_text().splitlines()[error.line - 1] == marker


def test_a_contract_without_a_limit_of_channels(mock: Callable[..., Client], tmp_path: Path) -> None:
    """A send still has an end: recipients times channels would fill the memory."""

    def change(document: dict[str, Any]) -> None:
        del document["components"]["schemas"]["SendMessageRequest"]["properties"]["channel"]["maxItems"]

    client = mock(contract=changed(tmp_path, change))
    refused = client.send(channel=["sms"] * 5000)

    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "MOCK_001")
    assert refused.json()["error"]["message"] == "a send may name 16 channels here, not 5,000"
