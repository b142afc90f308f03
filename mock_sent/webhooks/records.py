"""One webhook as plain data, and what deliveries read and write of it. The store of the webhooks owns the data.

`members` are the documented members of the resource. Instants in it are nanoseconds since 1970, or None.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# Failed attempts in a row that switch a webhook off (WEB-6).
MOST_FAILURES = 10


@dataclass(slots=True)
class WebhookRecord:
    """One webhook. `profile` is the profile that made it; None for the organization."""

    members: dict[str, Any]
    profile: str | None = None

    @property
    def id(self) -> str:
        return str(self.members["id"])

    @property
    def is_active(self) -> bool:
        return bool(self.members["is_active"])


def new_members(
    id: str, secret: str, created_at: int, display_name: str, endpoint_url: str, event_types: Sequence[str], **more: Any
) -> dict[str, Any]:
    """The members of a new webhook. `more` are those of `retry_count` and `timeout_seconds` that the caller sets."""
    return {
        "id": id,
        "display_name": display_name,
        "endpoint_url": endpoint_url,
        "signing_secret": secret,
        "is_active": True,
        "event_types": list(event_types),
        "retry_count": 3,
        "timeout_seconds": 30,
        "last_delivery_attempt_at": None,
        "last_successful_delivery_at": None,
        "consecutive_failures": 0,
        "created_at": created_at,
        "updated_at": None,
        **more,
    }


def subscribes(record: WebhookRecord, topic: str, profile: str | None) -> bool:
    """Whether the webhook is active and gets the events of this topic and profile (WEB-8).

    The webhook of a profile gets the events of that profile only, the webhook of an organization those of all.
    """
    return record.is_active and topic in record.members["event_types"] and record.profile in (None, profile)


def attempt_started(record: WebhookRecord, at: int) -> None:
    record.members["last_delivery_attempt_at"] = at


def attempt_succeeded(record: WebhookRecord, at: int) -> None:
    record.members["last_successful_delivery_at"] = at
    record.members["consecutive_failures"] = 0


def attempt_failed(record: WebhookRecord) -> bool:
    """Count a failed attempt. True if this one switched the webhook off."""
    members = record.members
    members["consecutive_failures"] += 1
    if not record.is_active or members["consecutive_failures"] < MOST_FAILURES:
        return False
    members["is_active"] = False
    return True
