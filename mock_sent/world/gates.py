"""The gates of a send. Their conditions are here; `x-gates` of the edition says what each gate does to the send."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from mock_sent.contract import Edition
from mock_sent.contract.gates import Gate
from mock_sent.ground.clock import DAY, Clock
from mock_sent.ground.errors import did_you_mean
from mock_sent.ground.money import UNITS, Money
from mock_sent.ground.names import differing, said
from mock_sent.world.consent import Consents
from mock_sent.world.lifecycle import Timetable, plan
from mock_sent.world.templates import Template

# A recipient and a channel; the channel is None if the API chooses it.
Leg = tuple[str, str | None]

# The gate that a message passes once: its values do not change.
PARAMETERS = "parameters"
# How long a template opens a conversation, and how long WhatsApp's window is open (part 4.7 of the October facts).
_OPENED, _WINDOW = 7 * DAY, DAY
_WHATSAPP = "whatsapp"


class Judging(Protocol):
    """The account, as far as gates ask it. `senders` are the own numbers by channel; without any, all numbers are."""

    clock: Clock
    consents: Consents
    senders: Mapping[str, frozenset[str]]
    free_text_gated: bool

    balance: Money | None


class Judged(NamedTuple):
    """What is judged: a send, or one message again, whose parameters are not judged twice.

    `by_channel` are the prices; a leg without a channel travels on the route.
    """

    account: Judging
    legs: Sequence[Leg]
    template: Template | None
    parameters: Mapping[str, str]
    senders: Sequence[tuple[str, Sequence[str]]]
    by_channel: Mapping[str, Money]
    route: str

    @property
    def prices(self) -> list[Money]:
        """The price of each leg."""
        return [self.by_channel[channel or self.route] for _, channel in self.legs]


class Stopped(NamedTuple):
    """Why a send does not pass a gate, for people; `legs` are the indexes of the legs that do not, None for all."""

    why: str
    legs: Collection[int] | None = None


Condition = Callable[[Judged], Stopped | None]


class Check(NamedTuple):
    """A gate with its condition. `timetable` is that of messages that end at it; None if it only refuses sends."""

    stopped: Condition
    gate: Gate
    timetable: Timetable | None

    def refuses(self, stopped: Stopped, count: int) -> bool:
        """Whether the gate refuses a send of so many messages, of which it stops some."""
        is_whole = stopped.legs is None or len(stopped.legs) == count
        return bool(self.gate.refusal) and (is_whole or self.timetable is None)


def balance(judged: Judged) -> Stopped | None:
    """Check that the account can pay the messages, one after the other (SEND-11)."""
    left = judged.account.balance
    if left is None:
        return None
    prices = judged.prices
    if sum(prices) <= left:
        return None
    why = f"the balance is {left / UNITS}, the send costs {sum(prices) / UNITS}"
    unpaid = []
    for i, price in enumerate(prices):
        if price > left:
            unpaid.append(i)
        else:
            left -= price
    return Stopped(why, unpaid)


def parameters(judged: Judged) -> Stopped | None:
    """Check that every variable of the template has a value (SEND-9)."""
    template, given = judged.template, judged.parameters
    if template is None or template.wanted.keys() <= given.keys():
        return None
    hint = said(differing(template.wanted, given).lacking)
    missing = ", ".join(template.missing(given))
    why = f"template {template.name!r} got no value for {missing}; the message will fail (SEND-9)"
    return Stopped(f"{why}; {hint}" if hint else why)


def consent(judged: Judged) -> Stopped | None:
    """Check that no recipient opted out (SEND-20)."""
    consents = judged.account.consents
    if not consents.by_number:
        return None
    return _of_legs("a recipient opted out", judged, lambda to, _: consents.opted_out(to))


def approval(judged: Judged) -> Stopped | None:
    """Check that the template may be sent (SEND-21)."""
    template = judged.template
    if template is None or template.is_approved:
        return None
    return Stopped(f"template {template.name!r} is not approved")


def sender(judged: Judged) -> Stopped | None:
    """Check that the numbers of `channels` are active senders (SEND-18)."""
    if not judged.senders or not judged.account.senders:
        return None
    active = judged.account.senders
    unknown = {c for c, numbers in judged.senders if not set(numbers) <= set(active.get(c, ()))}
    return _of_legs("a number in 'channels' is no active sender", judged, lambda _, channel: channel in unknown)


def free_text(judged: Judged) -> Stopped | None:
    """Check that a text goes to a contact that wrote, or got a template in the last seven days (SEND-22)."""
    account = judged.account
    if judged.template or not account.free_text_gated:
        return None
    since = account.clock.now() - _OPENED
    why = "a text needs a contact that wrote, or got a template in the last seven days"
    return _of_legs(why, judged, lambda to, _: not account.consents.is_open(to, since))


def window(judged: Judged) -> Stopped | None:
    """Check that a text on WhatsApp goes to a contact that wrote there in the last 24 hours (SEND-23)."""
    account = judged.account
    if judged.template or not account.free_text_gated:
        return None
    since = account.clock.now() - _WINDOW
    why = "a text on WhatsApp needs a message from the contact in the last 24 hours"
    return _of_legs(why, judged, lambda to, c: c == _WHATSAPP and not account.consents.wrote(to, since, _WHATSAPP))


CONDITIONS: Mapping[str, Condition] = {
    "balance": balance,
    PARAMETERS: parameters,
    "consent": consent,
    "approval": approval,
    "sender": sender,
    "free_text": free_text,
    "window": window,
}


def checks_of(edition: Edition) -> Sequence[Check]:
    """The gates of an edition, in its order. Raises `FileError` for a gate without a condition."""
    return [_check(edition, i, gate) for i, gate in enumerate(edition.gates)]


def _check(edition: Edition, i: int, gate: Gate) -> Check:
    if gate.name not in CONDITIONS:
        hint = did_you_mean(gate.name, CONDITIONS) or f"; there are {', '.join(CONDITIONS)}"
        raise edition.source.fault(("x-gates", i, "gate"), f"mock-sent does not have the gate {gate.name!r}{hint}")
    timetable = gate.ending and plan(edition.lifecycle, ending=gate.ending, gate=gate.name)
    condition = CONDITIONS[gate.name]
    return Check(_on(gate.channels, condition) if gate.channels else condition, gate, timetable)


def _on(channels: Collection[str], condition: Condition) -> Condition:
    """The condition, which stops messages on these channels alone. Of the others it says why it would."""

    def stopped(judged: Judged) -> Stopped | None:
        found = condition(judged)
        if found is None:
            return None
        legs = range(len(judged.legs)) if found.legs is None else found.legs
        return found._replace(legs=[i for i in legs if judged.legs[i][1] in channels])

    return stopped


def _of_legs(why: str, judged: Judged, is_stopped: Callable[[str, str | None], bool]) -> Stopped | None:
    stopped = list(_indexes(judged.legs, is_stopped))
    return Stopped(why, stopped) if stopped else None


def _indexes(legs: Sequence[Leg], is_stopped: Callable[[str, str | None], bool]) -> Iterator[int]:
    return (i for i, (to, channel) in enumerate(legs) if is_stopped(to, channel))
