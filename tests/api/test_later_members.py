"""What today's clients send beyond the contract of March 2026: ignored, and said to belong to a later edition."""

from collections.abc import Callable
from typing import Any

import pytest
from answers import assert_failure
from conftest import PAGE_REQUEST, Client

# member -> a value that the later edition takes
LATER: dict[str, Any] = {
    "text": "Hello",
    "media_urls": ["https://example.com/a.png"],
    "subject": "Hello",
    "scheduled_at": "2026-12-01T00:00:00Z",
    "channels": {"sms": [{"from": ["+14155550000"]}]},
}


@pytest.mark.parametrize("member", LATER)
def test_a_later_member_is_ignored(client: Client, member: str) -> None:
    """The answer is the one without it, and the warning says where the member belongs."""
    response = client.send(**{member: LATER[member]})

    assert response.status_code == 202
    assert response.json()["data"].keys() == {"status", "body", "template_id", "template_name", "recipients"}
    warning = response.headers["x-mock-warning"]
    assert warning.startswith(f"ignored, because only a later edition of the API knows them: {member} (")
    assert "2026" in warning


def test_a_text_without_a_template(client: Client) -> None:
    """The documented 400, and a warning that spares the hour of searching."""
    response = client.send({"to": ["+14155551234"], "text": "Hello"})

    assert_failure(response, 400, "VALIDATION_004", {"template": ["'template' is required"]})
    warning = response.headers["x-mock-warning"]
    assert "later edition" in warning
    assert "in place of the template; this edition requires 'template'" in warning


def test_later_and_unknown_members_are_told_apart(client: Client) -> None:
    """A misspelled member is not excused by a later edition."""
    warning = client.send(subject="Hello", chanel=["sms"]).headers["x-mock-warning"]

    later, _, strange = warning.partition("; ignored")
    assert "subject (" in later
    assert "chanel" not in later
    assert strange == ", because the contract does not know them: chanel"


def test_only_the_top_has_later_members(client: Client) -> None:
    """`template.text` is no member of any edition."""
    warning = client.send(template={**PAGE_REQUEST["template"], "text": "x"}).headers["x-mock-warning"]

    assert warning == "ignored, because the contract does not know them: template.text"


def test_the_page_has_no_later_members(mock: Callable[..., Client]) -> None:
    """The page's own request gets no warning."""
    assert "x-mock-warning" not in mock().send().headers
