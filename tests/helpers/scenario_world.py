"""What the tests of scenarios stand on: the contract's outcomes, the shipped library, and short ways to decide."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from march import EDITION

from mock_sent.app import editions_of
from mock_sent.contract.words import EditionWords
from mock_sent.ground.clock import Clock
from mock_sent.scenarios.library import Library
from mock_sent.scenarios.rules import Decision, Rules
from mock_sent.scenarios.scenario import Scenario
from mock_sent.scenarios.trail import sentences
from mock_sent.scenarios.words import DEFAULT_CHANNELS, Facts
from mock_sent.settings import Settings

SHIPPED = Path(__file__).parents[2] / "scenarios"
UK, DE, US = "+447700900123", "+4915112345678", "+14155551234"

# How a send of the shipped edition can fail.
OUTCOMES = EDITION.by_id["sendMessage"].outcomes
WORDS = EditionWords(editions_of(Settings()), "sendMessage")


def library(*folders: Path) -> Library:
    return Library(folders or [SHIPPED], WORDS.outcomes, WORDS.stages)


def written(text: str, source: str = "t.yaml") -> Scenario:
    """The scenario in a text without the two lines that all have."""
    return library().compile(f"schema: 1\nname: t\n{text}", source)


def frozen(seed: str = "seed") -> Clock:
    clock = Clock(seed)
    clock.freeze(1_000_000_000_000_000_000)
    return clock


def send(
    to: str | Sequence[str] = UK,
    channels: Sequence[str] = DEFAULT_CHANNELS,
    template: Sequence[str] = (),
    headers: Mapping[str, str] | None = None,
    key: str | None = None,
    key_seen: bool = False,
    sandbox: bool = False,
) -> Facts:
    to = [to] if isinstance(to, str) else list(to)
    words = {"to": to, "channel": channels, "template": template}
    return Facts(words, headers or {}, key, key_seen, len(to), sandbox)


def trail(decision: Decision, what: Facts, layers: Sequence[Scenario]) -> tuple[str, ...]:
    """Why the rules that were asked did not fire."""
    return tuple(sentences(decision.trail, what, layers))


def short(decision: Decision) -> str:
    """`fail internal_error`, `drop reset`, `accept`."""
    return " ".join(filter(None, (decision.kind, decision.outcome or decision.fault)))


def times(count: int, scenario: Scenario, what: Facts | None = None) -> list[str]:
    """What a send gets the 1st, 2nd, ... time."""
    rules, clock = Rules(), frozen()
    return [short(rules.decide(what or send(), [scenario], clock)) for _ in range(count)]
