"""What an account keeps, as plain data."""

from collections import OrderedDict
from dataclasses import dataclass, field

from mock_sent.ground.clock import ClockState
from mock_sent.ground.money import Money
from mock_sent.journal.kept import JournalState
from mock_sent.scenarios.counters import CountersState
from mock_sent.scenarios.scenario import ScenarioText
from mock_sent.webhooks.state import QueueState
from mock_sent.world.consent import Consent
from mock_sent.world.holds import Hold
from mock_sent.world.idempotency import ReplaysState
from mock_sent.world.mailbox import MailboxState
from mock_sent.world.resources import Items
from mock_sent.world.templates import Template


@dataclass(slots=True)
class AccountState:
    """Everything that an account keeps, as plain data: `ground.plain` converts it to JSON values and back.

    The keys of `templates` are ids, those of `resources` are names of resources, those of `queues` are ids of webhooks.
    `scenario` is the id of the active scenario, or empty. `scenarios` holds the active one and earlier ones, because
    the journal may refer to them. `changes` counts how often a test set the scenario, balance or templates.
    """

    id: str
    shown: str
    clock: ClockState
    balance: Money | None
    templates: dict[str, Template]
    journal: JournalState
    mailbox: MailboxState = field(default_factory=MailboxState)
    replays: ReplaysState = field(default_factory=ReplaysState)
    counters: CountersState = field(default_factory=CountersState)
    resources: dict[str, Items] = field(default_factory=dict)
    queues: dict[str, QueueState] = field(default_factory=dict)
    scenario: str = ""
    scenarios: dict[str, ScenarioText] = field(default_factory=dict)
    changes: int = 0
    # The edition that the account speaks, and who chose it; empty for that of the server.
    edition: str = ""
    edition_from: str = ""
    # By number, what is known of contacts; and the held messages.
    consents: OrderedDict[str, Consent] = field(default_factory=OrderedDict)
    holds: list[Hold] = field(default_factory=list)
