"""`assert_sent` counts messages that nobody gets, and says so."""

import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import PAGE_REQUEST, Live

from mock_sent_client.account import SentMock
from mock_sent_client.errors import HandleError

TO = "+14155551234"
RULE = "delivery-fails/1"


@pytest.fixture
def sent(live: Callable[..., Live]) -> SentMock:
    """An account whose only message fails."""
    client = live(scenario="delivery-fails")
    client.post("/v3/messages", json={**PAGE_REQUEST, "to": [TO], "channel": ["sms"]})
    return SentMock(client.url, client.api_key)


def test_assert_sent_says_what_failed(sent: SentMock) -> None:
    """It passes, because the API said yes, and warns that the message fails, or has failed, and by which rule."""
    with pytest.warns(UserWarning, match="will be FAILED") as caught:
        sent.assert_sent(to=TO)
    sent.advance("1h")
    with pytest.warns(UserWarning, match="is FAILED"):
        sent.assert_sent()

    assert str(caught[0].message) == (
        f"assert_sent(to={TO!r}) counted 1 message that nobody gets: "
        f"{TO} sms will be FAILED ERR_ROUTE_DENIED by the deliver rule {RULE}"
    )
    assert caught[0].filename == __file__


def test_a_failed_assertion_says_it_too(sent: SentMock) -> None:
    """Where too few fit, the text also says which of those that fit failed."""
    with pytest.raises(AssertionError, match=rf"wanted 2 messages, 1 fits\n.*1 message that nobody gets: .* {RULE}$"):
        sent.assert_sent(times=2, to=TO)


def test_who_asks_for_it_is_not_warned(sent: SentMock) -> None:
    """A pattern with a status, of other messages, or of requests gives no warning."""
    sent.advance("1h")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sent.assert_sent(status="FAILED")
        sent.assert_sent(of="requests")
        sent.assert_not_sent(to="+44*")
        sent.assert_not_sent(status="DELIVERED")


def test_a_scenario_of_other_bytes(sent: SentMock, tmp_path: Path) -> None:
    """Half a character in a scenario, as text or as file, is refused by the server with line and column."""
    (tmp_path / "latin.yaml").write_bytes(b"schema: 1\nname: a\nabout: \xe9")

    for written in ("schema: 1\nname: a\nabout: \ud800", tmp_path / "latin.yaml"):
        with pytest.raises(HandleError, match="the scenario:3:8: this is not UTF-8 text"):
            sent.scenario(written)
