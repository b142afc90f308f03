"""The facts of messages that patterns are compared with, for verify and for the list of messages."""

from collections.abc import Mapping, Sequence

from mock_sent.accounts import Account
from mock_sent.ground.headers import joined
from mock_sent.journal import Exchange
from mock_sent.scenarios.patterns import Pattern
from mock_sent.scenarios.words import Facts
from mock_sent.world.lifecycle import stage
from mock_sent.world.messages import AUTO, Message, Send


class FactsOfMessages:
    """Makes the facts of an account's messages. `requests` has the known requests by id.

    What all messages of a send share is made once, and their statuses only if the pattern asks for one.
    """

    def __init__(self, account: Account, pattern: Pattern, requests: Mapping[str, Exchange]) -> None:
        self._account, self._requests = account, requests
        self._needs_status = "status" in pattern.words
        self._send: Send | None = None
        self._shared: dict[str, Sequence[str]] = {}
        self._facts = Facts({})

    def of(self, m: Message) -> Facts:
        if m.send is not self._send:
            self._share(m.send)
        words = {**self._shared, "id": (m.id,), "to": (m.to,), "channel": (m.channel or AUTO,)}
        if self._needs_status:
            words["status"] = (status_of(m, self._account),)
        return self._facts._replace(words=words)

    def _share(self, send: Send) -> None:
        request = self._requests.get(send.request_id)
        self._send = send
        self._shared = {
            "template": (send.template.name, send.template.id) if send.template else (),
            "text": (send.body,),
            "profile": (send.profile,) if send.profile else (),
            "request_id": (send.request_id,),
        }
        headers = None if request is None else joined(request.headers)[0]
        self._facts = Facts({}, headers, send.key, recipients=send.recipients.count("\n") + 1)


def status_of(m: Message, account: Account) -> str:
    """The present status of a message."""
    return account.edition.lifecycle.statuses[stage(m, account.clock.now())]
