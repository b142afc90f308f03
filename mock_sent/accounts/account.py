"""One API key's account: what works on its state."""

from collections.abc import Iterator, Sequence
from hashlib import sha256

from mock_sent.accounts.byte_counts import ByteCounts
from mock_sent.accounts.phones import answer, await_replies
from mock_sent.accounts.state import AccountState
from mock_sent.contract import Edition
from mock_sent.contract.editions import Editions
from mock_sent.ground.clock import Clock
from mock_sent.ground.errors import Misuse, one_line
from mock_sent.ground.memory import Memory
from mock_sent.ground.money import Money
from mock_sent.journal import Journal
from mock_sent.scenarios.library import Library
from mock_sent.scenarios.rules import Rules
from mock_sent.scenarios.scenario import Scenario
from mock_sent.settings import Settings
from mock_sent.webhooks.dispatcher import Dispatcher
from mock_sent.webhooks.sender import HttpSender
from mock_sent.webhooks.state import DispatchState
from mock_sent.world.consent import Consents
from mock_sent.world.conversations import Conversations
from mock_sent.world.fixtures import AccountFixtures
from mock_sent.world.gates import PARAMETERS, Check, Judged, checks_of
from mock_sent.world.holds import Hold, Holds
from mock_sent.world.idempotency import Replays
from mock_sent.world.lifecycle import (
    HELD,
    QUIET,
    Event,
    Timetable,
    Turn,
    advance,
    end_now,
    events,
    life,
    plan,
    released,
    turn_events,
)
from mock_sent.world.mailbox import Mailbox
from mock_sent.world.messages import Message, Send
from mock_sent.world.templates import Templates

# The key of the account of all calls without a key.
ANONYMOUS = "anonymous"

# The most characters of an account's name.
_NAME_LENGTH = 100
# The most scenarios per account whose text is kept, to explain its exchanges.
_MOST_SCENARIOS = 20
# The most changes of one message: resends, and a cancellation.
_MOST_TURNS = 100


def digest_of(key: str) -> bytes:
    """The digest by which an account is found: the key itself is not kept."""
    return sha256(key.encode()).digest()


class Account:
    """One API key's account: its `state`, the objects that work on it, and what is compiled or runs at run time."""

    def __init__(
        self,
        digest: bytes,
        state: AccountState,
        fixtures: AccountFixtures,
        editions: Editions,
        settings: Settings,
        sender: HttpSender,
        library: Library,
        memory: Memory,
    ) -> None:
        self.digest, self.state, self.editions, self.fixtures = digest, state, editions, fixtures
        self.byte_counts = byte_counts = ByteCounts(memory)
        self.edition = editions.get(state.edition) if state.edition else editions.usual
        self._checks: dict[str, Sequence[Check]] = {}
        self.id = state.id
        self.prices, self.profiles = fixtures.prices, fixtures.profiles
        self.clock = Clock(state.clock.seed, state.id, state=state.clock)
        self.templates = Templates(state.templates, fixtures.templates, byte_counts.setup, byte_counts.messages)
        self.mailbox = Mailbox(settings.max_messages, byte_counts.messages, state.mailbox)
        self.replays = Replays(settings.max_keys, self.clock, byte_counts.keys, byte_counts.answers, state.replays)
        self.rules = Rules(state=state.counters, byte_count=byte_counts.counters)
        self.consents, self.senders = Consents(state.consents, byte_counts.contacts), fixtures.senders
        self.free_text_gated = settings.free_text == "gated"
        self.conversations = Conversations(self.id, self.mailbox, byte_counts.contacts)
        self.holds = Holds(self.clock, self._let_go, self.mailbox.has, state.holds, byte_counts.contacts)
        self.journal = Journal(settings.max_journal, state.journal, byte_counts.requests, byte_counts.answers)
        # The items that the engine of resources keeps, by the name of the resource.
        self.resources = state.resources
        byte_counts.setup.add(sum([item.size for items in state.resources.values() for item in items.values()]))
        dispatched = DispatchState(state.resources.setdefault("webhook", {}), state.queues)
        self.hooks = Dispatcher(
            self.id, self.clock, sender, editions, self.edition, state=dispatched, byte_count=byte_counts.deliveries
        )
        # The latest scenarios by id. The library knows those that were submitted for as long as they are kept here.
        self._scenarios = {id: library.restore(text) for id, text in state.scenarios.items()}
        self._scenario = self._scenarios.get(state.scenario)

    @property
    def shown(self) -> str:
        """What people see in place of the key."""
        return self.state.shown

    def name(self, text: str) -> None:
        """Show the account under this name from now on (`X-Mock-Name`)."""
        if (name := text.strip(" \t")) and self.digest != digest_of(ANONYMOUS):
            self.state.shown = one_line(name, _NAME_LENGTH)

    @property
    def scenario(self) -> Scenario | None:
        """The account's own scenario."""
        return self._scenario

    @scenario.setter
    def scenario(self, scenario: Scenario | None) -> None:
        """Set it. Raises `Misuse` if it takes more bytes than the account may keep of all that is set up."""
        state, kept, most = self.state, self._scenarios, self.byte_counts.setup.most
        if scenario:
            if scenario.size > most:
                raise Misuse(
                    f"the scenario would take {scenario.size:,} bytes, and the mock keeps {most:,}; shorten it"
                )
            kept.pop(scenario.id, None)
            kept[scenario.id] = scenario
            while len(kept) > _MOST_SCENARIOS or sum(each.size for each in kept.values()) > most:
                del kept[next(iter(kept))]
            state.scenarios = {id: each.text for id, each in kept.items()}
        self._scenario, state.scenario = scenario, scenario.id if scenario else ""

    def choose(self, edition: Edition | None, because: str) -> None:
        """Speak an edition from now on, or that of the server. Webhooks and messages keep what they have."""
        self.editions.differ = True
        self.state.edition, self.state.edition_from = (edition.name, because) if edition else ("", "")
        self.edition = edition or self.editions.usual
        self.hooks.speak(self.edition)

    @property
    def balance(self) -> Money | None:
        """The money that is left; None if it is unlimited."""
        return self.state.balance

    @balance.setter
    def balance(self, balance: Money | None) -> None:
        self.state.balance = balance

    @property
    def changes(self) -> int:
        """How often a test set the scenario, balance or templates. After a change, a failed send may be repeated."""
        return self.state.changes

    @changes.setter
    def changes(self, changes: int) -> None:
        self.state.changes = changes

    def affords(self, price: Money) -> bool:
        balance = self.state.balance
        return balance is None or price <= balance

    def pay(self, price: Money) -> None:
        if self.state.balance is not None:
            self.state.balance -= price

    def accept(self, send: Send, price: Money) -> None:
        """Keep a new send, and pay for it. A held send is paid when it is released."""
        self.mailbox.keep(send)
        if send.extra.planned is not None:
            self.holds.add((until, id, None) for id, until in send.held())
        if not isinstance(send.timetable, Timetable):  # replies come by rules, which plan each message on its own
            lives = ((m.id, m.timetable.reply, life(m)) for m in send.messages() if m.timetable.reply)
            await_replies(self, lives)
        if price:
            self.pay(price)
        if self.free_text_gated and send.template:
            for to in send.recipients.split("\n"):
                self.consents.of(to).got_template = send.at

    def change(self, message: Message, timetable: Timetable) -> None:
        """Let a message do something else from now on, and queue the webhook events of that. Raises `Misuse`."""
        if len(message.turns) >= _MOST_TURNS:
            raise Misuse(f"the mock keeps {_MOST_TURNS} changes of one message; send a new one")
        self._turn(message, Turn(self.clock.now(), timetable))

    def judged_again(self, message: Message) -> Timetable:
        """The timetable of a message that is sent once more; it is paid for, unless it ends at a gate."""
        return self._judged(message) or plan(self.edition.lifecycle)

    def _let_go(self, hold: Hold) -> None:
        """Release a message, or let the phone answer it."""
        message = self.mailbox.get(hold.id)
        if message is not None and hold.reply is not None:
            answer(self, message, hold.reply, hold.at)
        elif message is not None:
            last = events(message, hold.at)[-1]
            if last.stage == HELD and last.until == hold.at:
                self._release(message, hold.at, is_quiet=last.reason == QUIET)

    def _release(self, message: Message, at: int, *, is_quiet: bool) -> None:
        """Send a message that was held: the gates judge it now, and it may meet quiet hours once (LIFE-7)."""
        planned = message.send.planned(message.id) or released(plan(self.edition.lifecycle))
        ended = self._stopped(message)
        if ended:
            planned = released(ended)
        elif planned.held_for and not is_quiet:
            until = at + planned.held_for
            self.holds.add([(until, message.id, None)])
            planned = end_now(HELD, until, QUIET)
        else:
            self.pay(message.price)
        self._turn(message, Turn(at, planned))

    def _judged(self, message: Message) -> Timetable | None:
        """How a message ends at a gate. If it passes, it is paid for."""
        ended = self._stopped(message)
        if ended is None:
            self.pay(message.price)
        return ended

    def _stopped(self, message: Message) -> Timetable | None:
        """How a message ends at a gate; None if it passes all."""
        send = message.send
        legs = [(message.to, message.channel)]
        judged = Judged(self, legs, send.template, {}, send.extra.numbers, self.prices, message.route)
        name = self.edition.name
        if name not in self._checks:
            self._checks[name] = checks_of(self.edition)
        for check in self._checks[name]:
            if check.timetable and check.gate.name != PARAMETERS and check.stopped(judged):
                return check.timetable
        return None

    def _turn(self, message: Message, turn: Turn) -> None:
        self.hooks.follow_turn(message, turn)
        self.byte_counts.messages.add(message.send.turn(message.id, turn))
        if turn.timetable.reply:
            await_replies(self, [(message.id, turn.timetable.reply, turn_events(turn))])

    def move(self, message: Message, to: str | None = None, reason: str | None = None) -> Event:
        """Move a message with a manual timetable, and queue its webhook event. Raises `Misuse` for an illegal move."""
        event = advance(self.edition.lifecycle, message, self.clock.now(), to, reason)
        self.hooks.deliver(message, event)
        if message.timetable.reply:
            await_replies(self, [(message.id, message.timetable.reply, [event])])
        return event

    def close(self) -> Iterator[None]:
        """Make no further delivery, and wake the tasks that wait for this account's clock or journal.

        Each step of the iterator drops a part of what the account keeps; at its end it keeps nothing, and what was not
        delivered is logged. A request that is being answered finishes on what is left.
        """
        self.hooks.close()
        self.holds.stop()
        self.journal.close()
        return self._take_apart()

    def _take_apart(self) -> Iterator[None]:
        yield from self.hooks.take_apart()
        self.clock.reset()  # not before the queues have gone, because it wakes all of them at once
        left = self.hooks.left
        if any(left):
            self.hooks.sender.log.event(
                "account closed with webhook deliveries unmade", account=self.shown, **left._asdict()
            )
        for part in (self.mailbox, self.journal, self.replays, self.rules, self.holds, self.consents):
            yield from part.take_apart()
        self.conversations.clear()
