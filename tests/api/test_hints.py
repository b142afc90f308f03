"""What only another edition has is told with that edition's name and the setting, as the two contracts say."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from answers import assert_failure
from conftest import PAGE_REQUEST, Client
from scratch_edition import NAME, request_of, schema_of, scratch_edition

CHOOSE = 'PUT /_mock/edition {"edition": "2026-10"} or MOCK_SENT_EDITION=2026-10 chooses it'
# member -> a value that October takes
LATER: dict[str, Any] = {
    "text": "Hello",
    "media_urls": ["https://example.com/a.png"],
    "subject": "Hello",
    "scheduled_at": "2026-12-01T00:00:00Z",
    "channels": {"sms": [{"from": ["+14155550000"]}]},
}
HOOK = {"display_name": "a", "endpoint_url": "http://127.0.0.1:9/a", "event_types": ["messages"]}


def warning_of(reply: Any) -> str:
    found: str = reply.headers.get("x-mock-warning", "")
    return found


@pytest.mark.parametrize("member", LATER)
def test_a_member_of_another_edition_is_ignored(client: Client, member: str) -> None:
    """The answer is the one without it, and the warning says where the member belongs."""
    response = client.send(**{member: LATER[member]})

    assert response.status_code == 202
    assert response.json()["data"].keys() == {"status", "body", "template_id", "template_name", "recipients"}
    assert warning_of(response) == f"ignored, because only the edition 2026-10 knows them: {member}; {CHOOSE}"


def test_a_text_without_a_template(client: Client) -> None:
    """The documented 400, and a warning that spares the hour of searching."""
    response = client.send({"to": ["+14155551234"], "text": "Hello"})

    assert_failure(response, 400, "VALIDATION_004", {"template": ["'template' is required"]})
    assert "the edition 2026-10 takes this request" in warning_of(response)
    assert warning_of(response).endswith(CHOOSE)


def test_members_of_another_edition_and_unknown_ones_are_told_apart(client: Client) -> None:
    """A misspelled member is not excused by another edition."""
    warning = warning_of(client.send(subject="Hello", chanel=["sms"]))

    assert warning == (
        f"ignored, because only the edition 2026-10 knows them: subject; {CHOOSE}; "
        "ignored, because the contract does not know them: chanel"
    )


def test_a_member_counts_at_its_place(client: Client) -> None:
    """`template.text` is no member of any edition."""
    warning = warning_of(client.send(template={**PAGE_REQUEST["template"], "text": "x"}))

    assert warning == "ignored, because the contract does not know them: template.text"


@pytest.mark.parametrize("channel", ["mms", "rcs"])
def test_a_channel_of_another_edition(client: Client, channel: str) -> None:
    """The refusal is the documented one; the edition that takes the channel is told."""
    response = client.send(channel=[channel])

    assert (response.status_code, response.json()["error"]["code"]) == (400, "VALIDATION_006")
    assert "the edition 2026-10 takes this request" in warning_of(response)


def test_one_fault_of_several(client: Client) -> None:
    """Where both editions refuse, the places are told at which the other one has no fault."""
    response = client.send(channel=["mms"], to=["12"])

    assert warning_of(response) == f"the edition 2026-10 has nothing against channel[0]; {CHOOSE}"


@pytest.mark.parametrize(
    ("edition", "topic", "other"), [("2026-03", "message", "2026-10"), ("2026-10", "messages", "2026-03")]
)
def test_topics_in_both_directions(mock: Callable[..., Client], edition: str, topic: str, other: str) -> None:
    """A subscription to what only the other edition calls so: an account of October is told of March too."""
    response = mock(edition=edition).post("/v3/webhooks", json={**HOOK, "event_types": [topic]})

    assert response.status_code == 400
    assert f"the edition {other} takes this request" in warning_of(response)
    assert f"MOCK_SENT_EDITION={other} chooses it" in warning_of(response)


def test_paths_and_methods(client: Client) -> None:
    """A path that only another edition serves is a 404 that names it, and is in the account's journal."""
    response = client.get("/v3/conversations")

    assert response.status_code == 404
    assert warning_of(response) == f"the edition 2026-10 serves GET /v3/conversations; {CHOOSE}"
    assert client.get("/_mock/requests").json()["count"] == 1


@pytest.mark.parametrize("body", [b"{", b"[1]", b'{"to": ["+14155551234"]}', b'{"to": "x", "template": 1}'])
def test_what_no_edition_takes(client: Client, body: bytes) -> None:
    """A request that is wrong in all editions gets no hint."""
    response = client.post("/v3/messages", content=body, headers={"content-type": "application/json"})

    assert response.status_code == 400
    assert warning_of(response) == ""


def test_outcomes(client: Client) -> None:
    """A failure that only another edition has, asked for by Prefer."""
    warning = warning_of(client.send(headers={"prefer": "example=template_not_active"}))
    assert warning == f"the edition 2026-10 has the outcome 'template_not_active'; {CHOOSE}"
    assert warning_of(client.send(headers={"prefer": "example=nonsense"})) == ""


def test_words_of_the_control_plane(client: Client) -> None:
    """A status of another edition, to move a message or to count it, and messages that come in."""
    text = "{schema: 1, name: by-hand, deliver: [{then: {reach: delivered, advance: manual}}]}"
    client.put("/_mock/scenario", content=text, headers={"content-type": "application/yaml"})
    id = client.send(to=["+14155551234"]).json()["data"]["recipients"][0]["message_id"]

    moved = client.post(f"/_mock/messages/{id}/advance", json={"to": "READ"}).json()["error"]
    assert moved == f"there is no status 'READ'; the edition 2026-10 has the status READ; {CHOOSE}"
    verdict = client.post("/_mock/verify", json={"status": "READ"}).json()["sentence"]
    assert verdict.endswith(f"2026-03 has no such status; the edition 2026-10 has the status READ; {CHOOSE}")
    came = client.post("/_mock/inbound", json={"from": "+14155551234", "text": "x", "channel": "rcs"}).json()["error"]
    assert came.startswith("nothing comes in on 'rcs'; there are sms, whatsapp; the edition 2026-10 has ")
    assert came.endswith(CHOOSE)


def test_the_page_gets_no_hint(mock: Callable[..., Client]) -> None:
    """The page's own request gets no warning."""
    assert "x-mock-warning" not in mock().send().headers


def change(document: dict[str, Any]) -> None:
    """A member, a value, a parameter, a path, a method and a status that no shipped edition has."""
    request = request_of(document, "/v3/messages")
    request["properties"]["urgency"] = {"type": "string"}
    schema_of(document, request["properties"]["template"])["properties"]["locale"] = {"type": "string"}
    items = schema_of(document, schema_of(document, request["properties"]["channel"])["items"])
    items["enum"] = [*items["enum"], "pigeon"]
    paths = document["paths"]
    paths["/v3/pigeons"] = {"get": {**deepcopy(paths["/v3/webhooks"]["get"]), "operationId": "listPigeons"}}
    paths["/v3/messages"]["put"] = {**deepcopy(paths["/v3/pigeons"]["get"]), "operationId": "putPigeon"}
    where = {"name": "tag", "in": "query", "schema": {"type": "string"}}
    paths["/v3/webhooks"]["get"]["parameters"].append(where)
    stages = document["x-lifecycle"]["stages"]
    stages["lost"] = {"status": "LOST", "text": "The pigeon was lost."}


def test_nothing_is_written_by_hand(
    mock: Callable[..., Client], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Facts of an edition that nobody has ever heard of are told, with its name and its setting."""
    scratch_edition(monkeypatch, tmp_path, change)
    client = mock()
    choose = f'PUT /_mock/edition {{"edition": "{NAME}"}} or MOCK_SENT_EDITION={NAME} chooses it'

    member = client.send(urgency="high", template={**PAGE_REQUEST["template"], "locale": "en"})
    assert warning_of(member) == (
        f"ignored, because only the edition {NAME} knows them: template.locale, urgency; {choose}"
    )
    both = warning_of(client.send(urgency="high", subject="x"))
    assert f"only the edition {NAME} knows them: urgency; {choose}" in both
    assert f"only the edition 2026-10 knows them: subject; {CHOOSE}" in both
    assert f"the edition {NAME} takes this request" in warning_of(client.send(channel=["pigeon"]))
    assert warning_of(client.get("/v3/pigeons")) == f"the edition {NAME} serves GET /v3/pigeons; {choose}"
    put = client.put("/v3/messages", json={})
    assert (put.status_code, warning_of(put)) == (405, f"the edition {NAME} serves PUT /v3/messages; {choose}")
    listed = client.get("/v3/webhooks?page=1&page_size=5&tag=x")
    assert warning_of(listed) == f"ignored, because only the edition {NAME} knows them: tag; {choose}"
    verdict = client.post("/_mock/verify", json={"status": "LOST"}).json()["sentence"]
    assert verdict.endswith(f"2026-03 has no such status; the edition {NAME} has the status LOST; {choose}")
