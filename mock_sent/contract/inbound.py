"""What becomes of messages that come in, read from `x-inbound`."""

from collections.abc import Sequence
from typing import NamedTuple

from mock_sent.contract.document import Document
from mock_sent.contract.lifecycle import Lifecycle


class Keyword(NamedTuple):
    """A kind of keyword: its words in upper case, the event, and whether it opts out; None changes nothing.

    The event is empty if webhooks are not told.
    """

    name: str
    words: frozenset[str]
    event: str
    opted_out: bool | None


class Inbound(NamedTuple):
    """The stage of a message that came in, our usual number, the channels, and the keywords.

    The stage is empty if the edition has no word for such a message: then none is kept, and webhooks are not told.
    """

    stage: str
    number: str
    channels: Sequence[str]
    keywords: Sequence[Keyword]

    def keyword_of(self, text: str | None) -> Keyword | None:
        """The keyword that a text is: the whole of it, whatever its case."""
        word = (text or "").strip().upper()
        return next((keyword for keyword in self.keywords if word in keyword.words), None)


def read_inbound(document: Document, lifecycle: Lifecycle) -> Inbound | None:
    """Raises `FileError` for an unknown stage or event. None if the document has no `x-inbound`."""
    block = document.raw.get("x-inbound")
    if block is None:
        return None
    stage = block.get("stage", "")
    if stage and stage not in lifecycle.stages:
        raise document.fault(("x-inbound", "stage"), f"there is no stage {stage!r}")
    keywords = []
    for name, entry in block["keywords"].items():
        event = entry.get("event", "")
        if event and event not in document.raw["webhooks"]:
            raise document.fault(("x-inbound", "keywords", name, "event"), f"there is no event {event!r}")
        words = frozenset(word.upper() for word in entry["words"])
        keywords.append(Keyword(name, words, event, entry.get("opted_out")))
    return Inbound(stage, block["number"], tuple(block["channels"]), tuple(keywords))
