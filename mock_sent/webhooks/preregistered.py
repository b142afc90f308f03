"""The webhook that `MOCK_SENT_WEBHOOK_URL` gives to every account."""

from typing import Any

from mock_sent.contract import Edition
from mock_sent.ground.clock import Clock, uuid_for
from mock_sent.webhooks.signing import new_secret
from mock_sent.world.resources import Item


def webhook_of_settings(edition: Edition, account_id: str, clock: Clock, url: str, secret: str) -> Item:
    """A new one. Its id is the same at every start, and so is its secret unless the settings name one."""
    members = {
        **edition.new_members("webhook"),
        "id": uuid_for("webhook of the settings", account_id),
        "display_name": "MOCK_SENT_WEBHOOK_URL",
        "endpoint_url": url,
        **everything(edition),
        "customer_id": account_id,
        "signing_secret": secret or new_secret(clock, "secret of the settings"),
        "created_at": clock.now(),
    }
    return Item(members)


def everything(edition: Edition) -> dict[str, Any]:
    """The members of a webhook that gets all events of an edition, those of all profiles too."""
    topics = list(edition.events.topics)
    of_profiles = {edition.of_profiles: {"event_types": topics}} if edition.of_profiles else {}
    return {"event_types": topics, **of_profiles}
