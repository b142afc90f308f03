"""What an account knows of its contacts: who opted out, who wrote when, and who got a template when."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Consent:
    """One contact. Instants are in nanoseconds since 1970; `wrote` has that of the latest message by channel."""

    opted_out: bool = False
    wrote: dict[str, int] = field(default_factory=dict)
    got_template: int = 0


class Consents:
    """The contacts of one account by number, which is changed in place."""

    def __init__(self, kept: dict[str, Consent]) -> None:
        self._kept = kept
        self.by_number: Mapping[str, Consent] = kept

    def opted_out(self, number: str) -> bool:
        found = self._kept.get(number)
        return found is not None and found.opted_out

    def wrote(self, number: str, since: int, channel: str) -> bool:
        """Whether the contact wrote on a channel since an instant."""
        found = self._kept.get(number)
        return found is not None and found.wrote.get(channel, 0) > since

    def is_open(self, number: str, since: int) -> bool:
        """Whether the contact ever wrote, or got a template since an instant."""
        found = self._kept.get(number)
        return found is not None and (bool(found.wrote) or found.got_template > since)

    def of(self, number: str) -> Consent:
        """The contact of a number; it is made if it is not known."""
        return self._kept.setdefault(number, Consent())
