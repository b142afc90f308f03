"""What an account knows of its contacts: who opted out, who wrote when, and who got a template when."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mock_sent.ground.memory import ByteCount

# The most contacts of an account, and the bytes of one without its number.
MOST = 100_000
_CONTACT = 560


@dataclass(slots=True)
class Consent:
    """One contact. Instants are in nanoseconds since 1970; `wrote` has that of the latest message by channel."""

    opted_out: bool = False
    wrote: dict[str, int] = field(default_factory=dict)
    got_template: int = 0


class Consents:
    """The contacts of one account by number, which is changed in place. Above `MOST`, the oldest are dropped."""

    def __init__(self, kept: OrderedDict[str, Consent], byte_count: ByteCount | None = None) -> None:
        self._kept, self._byte_count = kept, byte_count or ByteCount()
        self.by_number: Mapping[str, Consent] = kept
        self._byte_count.add(sum([_CONTACT + len(number) for number in kept]))
        # How many were dropped.
        self.dropped = 0

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
        found = self._kept.get(number)
        if found is None:
            found = self._kept[number] = Consent()
            self._byte_count.add(_CONTACT + len(number))
            while len(self._kept) > MOST or (self._byte_count.is_over and len(self._kept) > 1):
                self._drop(next(iter(self._kept)))
                self.dropped += 1
        return found

    def take_apart(self) -> Iterator[None]:
        """Drop the contacts of a closed account, one a step."""
        while self._kept:
            self._kept.popitem()
            yield

    def _drop(self, number: str) -> None:
        del self._kept[number]
        self._byte_count.add(-_CONTACT - len(number))
