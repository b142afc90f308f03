"""The members of a webhook's record that deliveries read and write. The store of resources owns the record."""

from collections.abc import Mapping
from typing import Any

from mock_sent.contract import Edition
from mock_sent.world.resources import Item

# Failed attempts in a row that switch a webhook off (WEB-6).
MOST_FAILURES = 10


def is_active(webhook: Item) -> bool:
    return bool(webhook.members["is_active"])


def subscription(webhook: Item, edition: Edition, topic: str, profile: str | None) -> Mapping[str, Any] | None:
    """What says which events of a topic and profile the webhook gets: its members, or one of them; None for no events.

    The webhook of a profile gets the events of that profile only. The webhook of an organization gets those of all
    profiles, or, in an edition with `of_profiles`, those that this member names (WEB-8).
    """
    if not is_active(webhook) or webhook.profile not in (None, profile):
        return None
    members: Mapping[str, Any] | None = webhook.members
    if profile != webhook.profile and edition.of_profiles:
        members = webhook.members.get(edition.of_profiles)
    return members if members and topic in members["event_types"] else None


def attempt_started(webhook: Item, at: int) -> None:
    webhook.members["last_delivery_attempt_at"] = at


def attempt_succeeded(webhook: Item, at: int) -> None:
    webhook.members.update(last_successful_delivery_at=at, consecutive_failures=0)


def attempt_failed(webhook: Item) -> bool:
    """Count a failed attempt. True if this one switched the webhook off."""
    members = webhook.members
    members["consecutive_failures"] += 1
    if not is_active(webhook) or members["consecutive_failures"] < MOST_FAILURES:
        return False
    members["is_active"] = False
    return True
