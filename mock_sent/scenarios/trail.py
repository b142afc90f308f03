"""Why rules did not fire: the data that a decision keeps, and the sentences, which are made only when they are read."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mock_sent.scenarios.counters import key_prefix
from mock_sent.scenarios.scenario import Scenario, ScenarioRecord
from mock_sent.scenarios.words import Facts


class Trail(NamedTuple):
    """Which rules one decision evaluated, as plain data.

    `fired` is the key of the rule that fired, empty if none did. `notes` has the key of each rule that fitted but did
    not fire, with the reason. For a rule that did not fit, `sentences` finds the reason again from the facts.
    """

    key_seen: bool
    fired: str = ""
    notes: tuple[tuple[str, str], ...] = ()


def sentences(trail: Trail | None, send: Facts, asked: Iterable[Scenario | ScenarioRecord]) -> Iterator[str]:
    """One sentence for each rule that was evaluated and did not fire, in order.

    A record in `asked` stands for a scenario that is no longer known, and gets one sentence.
    """
    if trail is None:
        return
    fired, notes, send = trail.fired, dict(trail.notes), send._replace(key_seen=trail.key_seen)
    for scenario in asked:
        if isinstance(scenario, ScenarioRecord):
            yield f"{scenario.name}: this scenario is no longer known, so nothing can be said about its rules"
            if fired.startswith(key_prefix(scenario.id)):
                return
            continue
        for rule in scenario.send:
            if rule.key == fired:
                return
            if difference := rule.difference(send):
                yield f"{rule.label}: {difference(send)}"
            else:
                yield f"{rule.label}: {notes.get(rule.key, 'it is not about keys that were seen')}"
