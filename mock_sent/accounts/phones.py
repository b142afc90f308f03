"""Phones of contacts: the messages that come in from them, and the answers that scenarios let them write."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from mock_sent.ground.errors import Lack, Misuse
from mock_sent.world.contacts import contact_id
from mock_sent.world.lifecycle import Event, PhoneReply, Step, Timetable, events
from mock_sent.world.messages import Extra, Message, Send

if TYPE_CHECKING:
    from mock_sent.accounts.account import Account


class Received(NamedTuple):
    """What became of a message that came in: its id, the keyword that it was, and whether the contact is opted out.

    The id is None if the edition keeps no such messages.
    """

    message_id: str | None
    keyword: str | None
    opted_out: bool


def receive(
    account: "Account",
    number: str,
    to: str | None,
    text: str | None,
    channel: str,
    media: tuple[str, ...] = (),
    at: int | None = None,
) -> Received:
    """Take a message from a contact. A keyword counts before webhooks are told. Raises `Misuse` for a channel.

    An edition that has no word for such a message neither keeps it nor tells webhooks of it. With an instant `at`, a
    rule of a scenario wrote it.
    """
    rules, by_rule = account.edition.inbound, at is not None
    at = account.clock.now() if at is None else at
    if rules is None:
        text = f"the contract of the edition {account.edition.name} has no x-inbound, so that nothing comes in"
        raise Misuse(text, lack=Lack("inbound", ""))
    if channel not in rules.channels:
        known = ", ".join(rules.channels)
        raise Misuse(f"nothing comes in on {channel[:50]!r}; there are {known}", lack=Lack("inbound", channel))
    consent, keyword = account.consents.of(number), rules.keyword_of(text)
    if keyword and keyword.opted_out is not None:
        consent.opted_out = keyword.opted_out
    if not (keyword and keyword.opted_out):
        consent.wrote[channel] = at  # a keyword that opts out opens no conversation
    if not rules.stage:
        return Received(None, keyword.name if keyword else None, consent.opted_out)
    extra = Extra(text=True, media=media, inbound=True, by_rule=by_rule, number=to or rules.number)
    (id,), stage = account.clock.message_ids(1), Timetable((Step(rules.stage, 0),))
    ids, request = (id,), account.clock.request_id()
    made = Send(at, None, text or "", request, None, None, ids, [number], (channel,), {channel: 0}, stage, extra)
    account.mailbox.keep(made)
    account.hooks.follow(made.messages())
    if keyword and keyword.event:
        told = {
            "contact_id": contact_id(number),
            "opt_out": consent.opted_out,
            "channel": channel,
            "from": number,
            "to": extra.number,
            "text": text,
            "message_id": id,
        }
        account.hooks.tell(keyword.event, told, request, at)
    return Received(id, keyword.name if keyword else None, consent.opted_out)


def answer(account: "Account", message: Message, reply: PhoneReply, at: int) -> None:
    """Let the phone that got a message answer it, to the number that the message came from."""
    send, rules = message.send, account.edition.inbound
    channel = reply.channel or message.channel or events(message, at)[-1].route or message.route
    if rules is None or channel not in rules.channels:
        return  # the answer to the send said so
    own = next((numbers[0] for each, numbers in send.extra.numbers if each == channel), None)
    receive(account, message.to, own, reply.text, channel, at=at)


def await_replies(account: "Account", lives: Iterable[tuple[str, PhoneReply | None, Iterable[Event]]]) -> None:
    """Let phones answer messages once these are delivered: by id of the message, its events or some of them."""
    waits = []
    for id, reply, past_and_planned in lives:
        delivered = [event.at for event in past_and_planned if event.stage == account.edition.lifecycle.last]
        if reply and delivered:
            waits.append((delivered[0] + reply.after, id, reply))
    if waits:
        account.holds.add(waits)
