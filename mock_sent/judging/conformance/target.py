"""Which edition a server speaks, as far as that can be told before it is judged."""

from typing import NamedTuple

from mock_sent.contract import Edition
from mock_sent.contract.edition import FIRST
from mock_sent.contract.editions import Editions
from mock_sent.judging.conformance.api import Answer, Api, Target
from mock_sent.judging.conformance.comparing import Differs, Unknown
from mock_sent.judging.conformance.expected import SEND, Expected


class Spoken(NamedTuple):
    """The edition by whose contract a server is judged, and why that one.

    `first` is the server's answer to an unknown path, if it was asked for one.
    """

    edition: Edition
    because: str
    first: Answer | None = None


def edition_spoken(target: Target, editions: Editions) -> Spoken:
    """The edition that a mock names; that whose word a sandbox send is answered with; else the one of the settings."""
    usual = editions.usual
    word = first = None
    try:
        api = Api(target, Expected(usual))
        first = api.ask_unknown_path()
        headers = first.headers
        if "x-mock-explain" in headers and (name := headers.get("x-mock-edition", FIRST)) in editions.names:
            return Spoken(editions.get(name), "the mock names it", first)
        word = api.send(sandbox=True).accepted.data.get("status")
    except (Differs, Unknown):
        pass
    speaking = [edition for edition in editions if word is not None and word in _words_of_status(edition)]
    if len(speaking) == 1:
        return Spoken(speaking[0], f"a sandbox send was answered with the status {word!r}", first)
    because = f"no answer told the server's, and this is that of {editions.usual_from}; --edition chooses"
    return Spoken(usual, because, first)


def _words_of_status(edition: Edition) -> list[object]:
    """The words that `status` of an answer to a send may have."""
    operation = edition.by_id.get(SEND)
    if operation is None:
        return []
    status = edition.member(edition.schemas_of(operation)[1], "data", "status")
    return [*status.get("enum", ()), *([status["const"]] if "const" in status else [])]
