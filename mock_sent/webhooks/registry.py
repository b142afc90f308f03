"""The webhooks of one account: made, changed, searched, and what was delivered to each."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from mock_sent.contract.editions import MARCH_2026
from mock_sent.ground.clock import Clock, uuid_for
from mock_sent.webhooks.signing import masked, new_secret

# Deliveries that each webhook remembers; the oldest goes first.
MOST_DELIVERIES = 1_000
# Attempts that each delivery remembers: all of its retries, and some that somebody asked for.
MOST_TRIES = 20
# Failed attempts in a row that switch a webhook off (WEB-6).
MOST_FAILURES = 10

Status = Literal["PENDING", "RETRYING", "DELIVERED", "FAILED"]


class Try(NamedTuple):
    """One attempt, and what came of it."""

    at: int
    http_status: int | None
    answer: str | None
    error: str | None


@dataclass(slots=True, eq=False)
class Delivery:
    """One event on its way to one webhook. Instants are of the account's clock."""

    id: str
    webhook: "Webhook"
    event_type: str
    body: bytes
    created_at: int
    retries_left: int
    status: Status = "PENDING"
    attempts: int = 0
    http_status: int | None = None
    answer: str | None = None
    error: str | None = None
    started_at: int | None = None
    completed_at: int | None = None
    signature: Literal["valid", "stale", "wrong", "absent"] = "valid"
    tries: list[Try] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Webhook:
    """One subscription. A profile's hears of that profile's messages only (WEB-8)."""

    id: str
    display_name: str
    endpoint_url: str
    event_types: tuple[str, ...]
    secret: str
    created_at: int
    retry_count: int = 3
    timeout_seconds: float = 30
    profile: str | None = None
    is_active: bool = True
    updated_at: int | None = None
    last_attempt_at: int | None = None
    last_success_at: int | None = None
    consecutive_failures: int = 0
    deliveries: deque[Delivery] = field(default_factory=lambda: deque(maxlen=MOST_DELIVERIES))

    @property
    def masked_secret(self) -> str:
        """The secret as reads show it."""
        return masked(self.secret)

    def hears(self, profile: str | None) -> bool:
        """Whether it is active and wants the messages of a profile, or of the organization itself."""
        return self.is_active and MARCH_2026.messages in self.event_types and self.profile in (None, profile)

    def succeeded(self, at: int) -> None:
        self.last_success_at = at
        self.consecutive_failures = 0

    def failed(self) -> bool:
        """Count a failed attempt. True if it was the one that switches the webhook off."""
        self.consecutive_failures += 1
        if not self.is_active or self.consecutive_failures < MOST_FAILURES:
            return False
        self.is_active = False
        return True


class Registry:
    """All webhooks of one account, in the order in which they were made."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_id: dict[str, Webhook] = {}

    def __iter__(self) -> Iterator[Webhook]:
        return iter(tuple(self._by_id.values()))

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, id: str) -> Webhook | None:
        return self._by_id.get(id)

    def preregister(self, account_id: str, url: str, secret: str) -> Webhook:
        """The webhook that the settings give to every account; its id and secret are the same at every start."""
        id = uuid_for("webhook of the settings", account_id)
        secret = secret or new_secret(self._clock, "secret of the settings")
        return self.keep(Webhook(id, "MOCK_SENT_WEBHOOK_URL", url, MARCH_2026.topics, secret, self._clock.now()))

    def draft(
        self,
        display_name: str,
        endpoint_url: str,
        event_types: Sequence[str],
        *,
        retry_count: int = 3,
        timeout_seconds: float = 30,
        profile: str | None = None,
        sandbox: bool = False,
    ) -> Webhook:
        """A webhook that is not kept yet. A sandbox's takes its id and secret from streams of its own."""
        return Webhook(
            id=self._clock.uuid("sandbox webhooks" if sandbox else "webhooks"),
            display_name=display_name,
            endpoint_url=endpoint_url,
            event_types=tuple(event_types),
            secret=self.new_secret(sandbox=sandbox),
            created_at=self._clock.now(),
            retry_count=retry_count,
            timeout_seconds=timeout_seconds,
            profile=profile,
        )

    def keep(self, webhook: Webhook) -> Webhook:
        self._by_id[webhook.id] = webhook
        return webhook

    def new_secret(self, *, sandbox: bool = False) -> str:
        return new_secret(self._clock, "sandbox secrets" if sandbox else "secrets")

    def update(self, webhook: Webhook, **fields: object) -> None:
        for name, value in fields.items():
            setattr(webhook, name, value)
        webhook.updated_at = self._clock.now()

    def rotate(self, webhook: Webhook) -> str:
        """A new secret; the old one signs nothing any more (WEB-5)."""
        self.update(webhook, secret=self.new_secret())
        return webhook.secret

    def delete(self, webhook: Webhook) -> None:
        webhook.is_active = False
        self._by_id.pop(webhook.id, None)

    def search(self, profile: str | None, text: str | None, is_active: bool | None) -> list[Webhook]:
        """The newest first. A text is looked for in name and URL, whatever its case."""
        wanted = (text or "").casefold()
        return [
            webhook
            for webhook in reversed(self._by_id.values())
            if (profile is None or webhook.profile == profile)
            and (is_active is None or webhook.is_active == is_active)
            and (wanted in webhook.display_name.casefold() or wanted in webhook.endpoint_url.casefold())
        ]

    def clear(self) -> None:
        for webhook in self:
            self.delete(webhook)


def imagined(webhook: Webhook, **fields: object) -> Webhook:
    """The webhook as a sandbox call shows it: changed, but not kept."""
    return replace(webhook, **fields)  # type: ignore[arg-type]
