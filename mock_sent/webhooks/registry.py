"""The store of the webhooks of one account: create, read, update, delete, search."""

from collections.abc import Iterator, Sequence
from typing import Any

from mock_sent.ground.clock import Clock, uuid_for
from mock_sent.webhooks.records import WebhookRecord, new_members
from mock_sent.webhooks.signing import new_secret


class Registry:
    """The webhooks in the order in which they were created. `records` holds them, by id."""

    def __init__(self, clock: Clock, records: dict[str, WebhookRecord]) -> None:
        self._clock, self._by_id = clock, records

    def __iter__(self) -> Iterator[WebhookRecord]:
        return iter(tuple(self._by_id.values()))

    def get(self, id: str) -> WebhookRecord | None:
        return self._by_id.get(id)

    def preregister(self, account_id: str, url: str, secret: str, topics: Sequence[str]) -> WebhookRecord:
        """The webhook that the settings give to every account. Its id and secret are the same at every start."""
        id = uuid_for("webhook of the settings", account_id)
        secret = secret or new_secret(self._clock, "secret of the settings")
        name = "MOCK_SENT_WEBHOOK_URL"
        return self.keep(WebhookRecord(new_members(id, secret, self._clock.now(), name, url, topics)))

    def draft(
        self,
        display_name: str,
        endpoint_url: str,
        event_types: Sequence[str],
        *,
        profile: str | None = None,
        sandbox: bool = False,
        **more: Any,
    ) -> WebhookRecord:
        """A webhook that is not kept yet. A sandbox call takes its id and secret from streams of its own."""
        id = self._clock.uuid("sandbox webhooks" if sandbox else "webhooks")
        secret = self.new_secret(sandbox=sandbox)
        members = new_members(id, secret, self._clock.now(), display_name, endpoint_url, event_types, **more)
        return WebhookRecord(members, profile)

    def keep(self, record: WebhookRecord) -> WebhookRecord:
        self._by_id[record.id] = record
        return record

    def new_secret(self, *, sandbox: bool = False) -> str:
        return new_secret(self._clock, "sandbox secrets" if sandbox else "secrets")

    def update(self, record: WebhookRecord, **members: Any) -> None:
        record.members.update(members, updated_at=self._clock.now())

    def rotate(self, record: WebhookRecord) -> str:
        """Replace the secret. The old one signs nothing any more (WEB-5)."""
        secret = self.new_secret()
        self.update(record, signing_secret=secret)
        return secret

    def delete(self, record: WebhookRecord) -> None:
        record.members["is_active"] = False
        self._by_id.pop(record.id, None)

    def search(self, profile: str | None, text: str | None, is_active: bool | None) -> list[WebhookRecord]:
        """The newest first. A text is looked for in name and URL, in upper or lower case."""
        wanted = (text or "").casefold()
        return [
            record
            for record in reversed(self._by_id.values())
            if (profile is None or record.profile == profile)
            and (is_active is None or record.is_active == is_active)
            and any(wanted in record.members[name].casefold() for name in ("display_name", "endpoint_url"))
        ]

    def clear(self) -> None:
        for record in self:
            self.delete(record)


def imagined(record: WebhookRecord, **members: Any) -> WebhookRecord:
    """The webhook as a sandbox call shows it: changed, but not kept."""
    return WebhookRecord({**record.members, **members}, record.profile)
