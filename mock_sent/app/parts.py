"""The parts of the mock that settings and files describe. All that is wrong with them is told at once."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from mock_sent.api.handlers import handled_by, outcomes_in_use
from mock_sent.api.switches import MAGIC, SENDING
from mock_sent.contract import Edition
from mock_sent.contract import load as load_contract
from mock_sent.contract.edition import FIRST, Categories, edition_named_in
from mock_sent.contract.editions import Editions
from mock_sent.contract.words import EditionWords
from mock_sent.ground.checks import StartChecks
from mock_sent.ground.errors import FileError, StartupError, StartupErrors, did_you_mean
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

    editions: Editions
    world: fixtures.Fixtures
    library: Library
    always: list[Scenario]
    sender: HttpSender


def edition_of(settings: Settings) -> Edition:
    """The edition that the settings name."""
    return editions_of(settings).usual


def editions_of(settings: Settings) -> Editions:
    """All editions. Raises `StartupError` for all that is wrong with a user's contract, which replaces one of them."""
    readers = {name: _reader(path, settings) for name, path in shipped_editions().items()}
    usual = FIRST if settings.edition == "auto" else settings.edition
    if settings.contract:
        own = _own_contract(settings)
        readers[own.name] = lambda: own
        usual = own.name if settings.edition == "auto" else usual
    if usual not in readers:
        known = f"{', '.join(readers)}{did_you_mean(usual, readers)}"
        raise StartupError(f"MOCK_SENT_EDITION is {usual!r}; it must be auto, or one of {known}")
    return Editions(readers[usual](), dict(sorted(readers.items())), f"MOCK_SENT_EDITION={settings.edition}")


def shipped_editions() -> dict[str, Path]:
    """The document of each edition that is shipped, by its name."""
    later = sorted(shipped("editions").glob("*/openapi.yaml"))
    return {FIRST: shipped("openapi.yaml"), **{path.parent.name: path for path in later}}


def _reader(path: Path, settings: Settings) -> Callable[[], Edition]:
    return lambda: load_contract(path, anonymous=settings.auth == "optional", refusals=settings.auth_errors)


def _own_contract(settings: Settings) -> Edition:
    """The user's contract. Raises `StartupError` for all that is wrong with it."""
    path, editions = Path(settings.contract), shipped_editions()
    edition = load_contract(
        path,
        shipped=editions.get(edition_named_in(path), editions[FIRST]),
        anonymous=settings.auth == "optional",
        refusals=settings.auth_errors,
    )
    edition.demand(handled_by(edition))
    edition.demand_outcomes(outcomes_in_use(edition))
    return edition


def parts_of(settings: Settings, log: Log) -> Parts:
    """What the settings and their files say. Raises `StartupError` for all that is wrong with them."""
    start = StartChecks()
    editions = None if "contract" in settings.wrong else start.run(editions_of, settings)
    # If the contract is wrong, ours is good enough to find what else is, except for words that ours does not know.
    usable = editions or editions_of(Settings())
    world = start.run(_fixtures, settings, usable.usual.categories if editions else Categories((), ""))
    own = start.run(_own_scenarios, settings, usable)
    if own:
        start.run(own.load_all)
    library = start.run(_all_scenarios, settings, usable)
    known = library or _all_scenarios(Settings(), usable)
    # A name may be that of a file in a folder that cannot be listed.
    named = library is not None and "scenarios_dir" not in settings.wrong
    always = start.run(_always, known, settings, usable.usual, named=named)
    if not editions:
        start.forget(NotInContract)
    sender = start.run(_sender, settings, log)
    start.finish()
    assert editions
    assert world
    assert library
    assert always is not None
    assert sender
    return Parts(editions, world, library, always, sender)


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
    try:
        return fixtures.read(Path(settings.fixtures) if settings.fixtures else shipped("fixtures.yaml"), categories)
    except FileError as e:
        raise _named(e, "MOCK_SENT_FIXTURES", settings.fixtures) from None


def library_of(settings: Settings, editions: Editions) -> Library:
    """The shipped scenarios and the user's. Raises `StartupError` for all of the user's files that are wrong."""
    _own_scenarios(settings, editions).load_all()
    return _all_scenarios(settings, editions)


def _own_scenarios(settings: Settings, editions: Editions) -> Library:
    return _library([Path(settings.scenarios_dir)] if settings.scenarios_dir else [], editions, settings)


def _all_scenarios(settings: Settings, editions: Editions) -> Library:
    own = [Path(settings.scenarios_dir)] if settings.scenarios_dir else []
    return _library([shipped("scenarios"), *own], editions, settings)


def _library(folders: Sequence[Path], editions: Editions, settings: Settings) -> Library:
    # A user's contract is alone: a word that it lacks is an error at start.
    words = EditionWords(Editions(editions.usual, {}) if settings.contract else editions, SENDING)
    try:
        return Library(folders, words.outcomes, words.stages)
    except FileError as e:
        raise _named(e, "MOCK_SENT_SCENARIOS_DIR", settings.scenarios_dir) from None


def _named(error: StartupError, setting: str, path: str) -> StartupError:
    """The error that a setting's file or directory is missing or cannot be read, with the name of the setting."""
    if isinstance(error, FileError) and not error.line and path and error.source == str(Path(path)):
        return StartupError(f"{setting} names {error.source!r}: {error.reason}")
    return error


def _chosen(library: Library, settings: Settings, *, named: bool) -> list[Scenario]:
    """The scenarios of MOCK_SENT_SCENARIO. Raises `StartupError` for all that are wrong."""
    try:
        return library.resolve(settings.scenario, paths_only=not named)
    except StartupError as e:
        errors = [
            x if isinstance(x, FileError) and x.line else StartupError(f"MOCK_SENT_SCENARIO: {x}") for x in e.errors
        ]
        raise StartupErrors(errors) from None


def _always(library: Library, settings: Settings, edition: Edition, *, named: bool) -> list[Scenario]:
    """The scenarios that the settings switch on for everybody, the strongest first; only files unless `named`.

    Raises `StartupError` for all that are wrong, for the magic numbers too if a user's contract lacks a word of them.
    """
    start = StartChecks()
    inline = settings.scenario_inline
    text = start.run(library.compile, inline, "MOCK_SENT_SCENARIO_INLINE") if inline else None
    chosen = start.run(_chosen, library, settings, named=named)
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
