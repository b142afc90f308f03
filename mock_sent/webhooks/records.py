"""The members of a webhook's record that deliveries read and write. The store of resources owns the record."""

from mock_sent.world.resources import Item

# Failed attempts in a row that switch a webhook off (WEB-6).
MOST_FAILURES = 10


def is_active(webhook: Item) -> bool:
    return bool(webhook.members["is_active"])


def subscribes(webhook: Item, topic: str, profile: str | None) -> bool:
    """Whether the webhook is active and gets the events of this topic and profile (WEB-8).

    The webhook of a profile gets the events of that profile only, the webhook of an organization those of all.
    """
    return is_active(webhook) and topic in webhook.members["event_types"] and webhook.profile in (None, profile)


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
