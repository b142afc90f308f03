"""Which edition answers: the account's, that of the settings, or that of the first SDK."""

from collections.abc import Callable

import pytest
from conftest import Client

from mock_sent.app import create_app
from mock_sent.ground.errors import StartupError
from mock_sent.settings import Settings

TEXT = {"to": ["+14155551234"], "text": "Hello"}


def sdk(version: str, language: str = "python", key: str = "sdk-key-0001") -> dict[str, str]:
    return {"x-stainless-lang": language, "x-stainless-package-version": version, "x-api-key": key}


def test_the_pages_curl_gets_the_pages_edition(client: Client) -> None:
    """Without a setting and an SDK it is March, and nothing names an edition."""
    assert client.send().status_code == 202
    assert "x-mock-edition" not in client.send().headers
    assert client.get("/_mock/edition").json()["edition"] == "2026-03"


@pytest.mark.parametrize(("version", "language", "wanted"), [
    ("0.46.0", "python", 202), ("0.14.0", "python", 202), ("0.13.9", "python", 400), ("0.12.0", "python", 400),
    ("0.32.0", "js", 202), ("0.12.0", "js", 400), ("0.46.0-beta.1", "python", 202), ("nonsense", "python", 400),
    ("0.46.0", "cobol", 400), ("9" * 500, "python", 400),
])  # fmt: skip
def test_the_first_sdk_chooses(client: Client, version: str, language: str, wanted: int) -> None:
    """An SDK of today meets today's API without a setting, an old one March's."""
    assert client.post("/v3/messages", json=TEXT, headers=sdk(version, language)).status_code == wanted


def test_the_choice_is_the_accounts_from_then_on(client: Client) -> None:
    """Answer, log and control plane say so; a curl with the same key speaks it too, one with another key does not."""
    first = client.post("/v3/messages", json=TEXT, headers=sdk("0.46.0"))

    assert first.headers["x-mock-edition"] == "2026-10"
    assert (
        "speaks the edition 2026-10 from now on, because the python SDK 0.46.0 does" in first.headers["x-mock-warning"]
    )
    assert "another edition" in client.log.getvalue()
    assert client.post("/v3/messages", json=TEXT, headers={"x-api-key": "sdk-key-0001"}).status_code == 202
    assert client.post("/v3/messages", json=TEXT, headers={"x-api-key": "other-key-01"}).status_code == 400
    shown = client.get("/_mock/edition", headers={"x-api-key": "sdk-key-0001"}).json()
    assert (shown["edition"], shown["from"]) == ("2026-10", "the python SDK 0.46.0")


def test_an_account_is_told_its_edition(client: Client) -> None:
    """PUT chooses, DELETE and a reset return to the server's; an unknown name is refused with those that there are."""
    assert client.put("/_mock/edition", json={"edition": "2026-10"}).json()["from"] == "PUT /_mock/edition"
    assert client.post("/v3/messages", json=TEXT).status_code == 202
    assert client.delete("/_mock/edition").json()["edition"] == "2026-03"
    assert client.post("/v3/messages", json=TEXT).status_code == 400
    client.put("/_mock/edition", json={"edition": "2026-10"})
    client.post("/_mock/reset", json={})
    assert client.get("/_mock/edition").json()["edition"] == "2026-03"
    refused = client.put("/_mock/edition", json={"edition": "2027-01"})
    assert (refused.status_code, "there are 2026-03, 2026-10" in refused.json()["error"]) == (400, True)


def test_the_setting(mock: Callable[..., Client]) -> None:
    """MOCK_SENT_EDITION is every account's, whatever SDK calls; one that does not fit is told what mends it."""
    october, march = mock(edition="2026-10"), mock(edition="2026-03")

    assert october.post("/v3/messages", json=TEXT).status_code == 202
    assert october.post("/v3/messages", json=TEXT).headers["x-mock-edition"] == "2026-10"
    assert march.post("/v3/messages", json=TEXT, headers=sdk("0.46.0")).status_code == 400


def test_a_setting_that_is_none() -> None:
    """One sentence that names those that there are."""
    with pytest.raises(StartupError, match="must be auto, or one of 2026-03, 2026-10"):
        create_app(Settings(edition="2026-1"))


def test_paths_of_another_edition(client: Client) -> None:
    """What only October serves is a 404 in March, and served to an account of October."""
    assert client.get("/v3/conversations").status_code == 404
    client.put("/_mock/edition", json={"edition": "2026-10"})
    assert client.get("/v3/conversations").status_code == 200


def test_objects_across_editions(client: Client) -> None:
    """A message of October is shown to March in March's words; one that March cannot show is said to be so."""
    client.put("/_mock/edition", json={"edition": "2026-10"})
    client.post("/_mock/clock", json={"freeze": "2026-10-23T09:00:00Z"})
    template = {"name": "welcome", "parameters": {"name": "a", "company": "b"}}
    body = {"to": ["+14155551234"], "template": template, "scheduled_at": "2026-10-23T10:00:00Z"}
    held = client.post("/v3/messages", json=body).json()["data"]["recipients"][0]["message_id"]
    text = client.post("/v3/messages", json=TEXT).json()["data"]["recipients"][0]["message_id"]
    client.delete("/_mock/edition")

    assert client.get(f"/v3/messages/{held}").json()["data"]["status"] == "ACCEPTED"
    read = client.get(f"/v3/messages/{text}")
    assert (read.json()["data"]["template_id"], read.json()["data"]["message_body"]["content"]) == (NIL, TEXT["text"])
    assert "template_id, template_name and template_category are placeholders" in read.headers["x-mock-warning"]


def test_what_comes_in_in_march(client: Client) -> None:
    """March keeps no message that comes in, and says so; a keyword counts for later sends all the same."""
    came = client.post("/_mock/inbound", json={"from": "+14155551234", "text": "stop"})
    refused = client.post("/_mock/inbound", json={"from": "+14155551234", "text": "a", "channel": "rcs"})

    assert came.json() == {
        "message_id": None,
        "keyword": "opt_out",
        "opted_out": True,
        "note": "the edition 2026-03 keeps no message that comes in, and tells no webhook of it",
    }
    assert client.get("/_mock/messages").json()["messages"] == []
    assert refused.status_code == 400


def test_consent_in_march(client: Client) -> None:
    """If all recipients opted out the send is 422 BUSINESS_004; if some did, their messages FAIL (SEND-20)."""
    client.post("/_mock/clock", json={"freeze": "2026-03-11T21:50:50Z"})
    client.post("/_mock/inbound", json={"from": "+14155551234", "text": "STOP"})

    whole, some = client.send(to=["+14155551234"]), client.send(to=["+14155551234", "+14155555678"], channel=["sms"])
    client.post("/_mock/clock", json={"advance": "1s"})
    ids = [each["message_id"] for each in some.json()["data"]["recipients"]]
    read = [client.get(f"/v3/messages/{id}").json()["data"] for id in ids]
    client.post("/_mock/inbound", json={"from": "+14155551234", "text": "START"})

    assert (whole.status_code, whole.json()["error"]["code"]) == (422, "BUSINESS_004")
    assert [each["status"] for each in read] == ["FAILED", "DELIVERED"]
    assert "ERR_CONSENT_BLOCKED" in read[0]["events"][-1]["description"]
    assert client.send(to=["+14155551234"]).status_code == 202


def test_approval_in_march(client: Client) -> None:
    """A template that is not approved is 422 on whatsapp alone; beside sms, the message on whatsapp fails (SEND-21)."""
    client.put("/_mock/templates", json=[{"id": NOBODY, "name": "draft", "body": "Hi", "sendable": False}])

    alone, both, sms = (
        client.send(to=["+14155551234"], channel=channels, template={"name": "draft"})
        for channels in (["whatsapp"], ["sms", "whatsapp"], ["sms"])
    )
    ids = [each["message_id"] for reply in (both, sms) for each in reply.json()["data"]["recipients"]]
    client.post("/_mock/clock", json={"advance": "1h"})
    read = [client.get(f"/v3/messages/{id}").json()["data"]["status"] for id in ids]

    assert (alone.status_code, alone.json()["error"]["code"]) == (422, "BUSINESS_005")
    assert read == ["DELIVERED", "FAILED", "DELIVERED"]
    assert "is not approved" in sms.headers["x-mock-warning"]


NOBODY, NIL = "00000000-0000-4000-8000-000000000000", "00000000-0000-0000-0000-000000000000"
