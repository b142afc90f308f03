"""The parts of the mock that settings and files describe. All that is wrong with them is told at once."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from mock_sent.api.handlers import handled_by, outcomes_in_use
from mock_sent.api.switches import MAGIC, SENDING
from mock_sent.contract import Edition
from mock_sent.contract import load as load_contract
from mock_sent.contract.edition import Categories
from mock_sent.ground.checks import StartChecks
from mock_sent.ground.errors import FileError, StartupError, StartupErrors
from mock_sent.journal import Log
from mock_sent.scenarios.library import Library
from mock_sent.scenarios.scenario import Scenario
from mock_sent.scenarios.vocabulary import NotInContract
from mock_sent.settings import Settings, shipped, without_credentials
from mock_sent.webhooks.destinations import Destinations
from mock_sent.webhooks.sender import HttpSender
from mock_sent.webhooks.signing import key_of
from mock_sent.world import fixtures


class Parts(NamedTuple):
    """What the settings and their files say, without an error. `always` are the scenarios for everybody."""

    edition: Edition
    world: fixtures.Fixtures
    library: Library
    always: list[Scenario]
    sender: HttpSender


def edition_of(settings: Settings) -> Edition:
    """The edition that the settings name. Raises `StartupError` for all that is wrong with a user's contract."""
    shipped_path = shipped("openapi.yaml")
    anonymous, envelopes = settings.auth == "optional", settings.auth_errors == "envelope"
    if not settings.contract:
        return load_contract(shipped_path, anonymous=anonymous, envelopes=envelopes)
    edition = load_contract(Path(settings.contract), shipped=shipped_path, anonymous=anonymous, envelopes=envelopes)
    edition.demand(handled_by(edition))
    edition.demand_outcomes(outcomes_in_use(edition))
    return edition


def parts_of(settings: Settings, log: Log) -> Parts:
    """What the settings and their files say. Raises `StartupError` for all that is wrong with them."""
    start = StartChecks()
    edition = None if "contract" in settings.wrong else start.run(edition_of, settings)
    # If the contract is wrong, ours is good enough to find what else is, except for words that ours does not know.
    usable = edition or edition_of(Settings())
    world = start.run(_fixtures, settings, usable.categories if edition else Categories((), ""))
    own = start.run(_own_scenarios, settings, usable)
    if own:
        start.run(own.load_all)
    library = start.run(_all_scenarios, settings, usable)
    known = library or _all_scenarios(Settings(), usable)
    # A name may be that of a file in a folder that cannot be listed.
    named = library is not None and "scenarios_dir" not in settings.wrong
    always = start.run(_always, known, settings, usable, named=named)
    if not edition:
        start.forget(NotInContract)
    sender = start.run(_sender, settings, log)
    start.finish()
    assert edition
    assert world
    assert library
    assert always is not None
    assert sender
    return Parts(edition, world, library, always, sender)


def _sender(settings: Settings, log: Log) -> HttpSender:
    """Sends the deliveries of all accounts. Raises `StartupError` for a webhook that the settings get wrong."""
    start = StartChecks()
    destinations = start.run(_destinations, settings)
    start.run(_check_webhook_secret, settings)
    start.run(_check_webhook_url, settings)
    start.finish()
    assert destinations
    return HttpSender(destinations, log)


def _destinations(settings: Settings) -> Destinations:
    try:
        return Destinations(settings.webhook_allow, own_port=settings.port)
    except ValueError as e:
        raise StartupError(f"MOCK_SENT_WEBHOOK_ALLOW {e}") from None


def _check_webhook_secret(settings: Settings) -> None:
    try:
        if settings.webhook_secret:
            key_of(settings.webhook_secret)
    except ValueError as e:
        raise StartupError(f"MOCK_SENT_WEBHOOK_SECRET {e}") from None


def _check_webhook_url(settings: Settings) -> None:
    if settings.webhook_url and not settings.webhook_url.lower().startswith(("http://", "https://")):
        shown = without_credentials(settings.webhook_url)
        raise StartupError(f"MOCK_SENT_WEBHOOK_URL is {shown!r}, which is no http or https URL")


def _fixtures(settings: Settings, categories: Categories) -> fixtures.Fixtures:
    if settings.fixtures_inline:
        return fixtures.parse(settings.fixtures_inline, "MOCK_SENT_FIXTURES_INLINE", categories)
    return fixtures.read(Path(settings.fixtures) if settings.fixtures else shipped("fixtures.yaml"), categories)


def library_of(settings: Settings, edition: Edition) -> Library:
    """The shipped scenarios and the user's. Raises `StartupError` for all of the user's files that are wrong."""
    _own_scenarios(settings, edition).load_all()
    return _all_scenarios(settings, edition)


def _own_scenarios(settings: Settings, edition: Edition) -> Library:
    return _library([Path(settings.scenarios_dir)] if settings.scenarios_dir else [], edition)


def _all_scenarios(settings: Settings, edition: Edition) -> Library:
    own = [Path(settings.scenarios_dir)] if settings.scenarios_dir else []
    return _library([shipped("scenarios"), *own], edition)


def _library(folders: Sequence[Path], edition: Edition) -> Library:
    sending = edition.by_id.get(SENDING)
    return Library(folders, sending.outcomes if sending else edition.common, edition.lifecycle)


def _always(library: Library, settings: Settings, edition: Edition, *, named: bool) -> list[Scenario]:
    """The scenarios that the settings switch on for everybody, the strongest first; only files unless `named`.

    Raises `StartupError` for all that are wrong, for the magic numbers too if a user's contract lacks a word of them.
    """
    start = StartChecks()
    inline = settings.scenario_inline
    text = start.run(library.compile, inline, "MOCK_SENT_SCENARIO_INLINE") if inline else None
    chosen = start.run(library.resolve, settings.scenario, paths_only=not named)
    if settings.contract and settings.magic_numbers == "on":
        start.run(library.get, MAGIC)
    try:
        start.finish()
    except StartupError as e:
        raise StartupErrors([_lacking(edition, x) if isinstance(x, NotInContract) else x for x in e.errors]) from None
    return [*([text] if text else []), *(chosen or [])]


def _lacking(edition: Edition, error: NotInContract) -> FileError:
    """The error to raise for a scenario in use, if the contract lacks a word of it."""
    path = Path(error.source)
    if path.parent != shipped("scenarios"):
        return error
    sending = edition.by_id.get(SENDING)
    responses = ("paths", sending.path, sending.method.lower(), "responses") if sending else ("paths",)
    advice = "; MOCK_SENT_MAGIC_NUMBERS=off switches it off" if path.stem == MAGIC else ""
    return edition.source.fault(
        ("x-lifecycle", "stages") if error.is_stage else responses,
        f"the scenario {path.stem!r}, which is switched on, cannot be used: {error.reason}{advice}",
    )
