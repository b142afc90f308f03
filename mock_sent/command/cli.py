"""The command `mock-sent`."""

import gc
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mock_sent import __version__
from mock_sent.command.audit import audit
from mock_sent.command.conformance import conformance
from mock_sent.command.editions import editions
from mock_sent.command.scenarios import scenarios
from mock_sent.command.serve import (
    ServeCommand,
    end_server,
    look_each_second,
    port_file_of,
    sockets_of,
    watched_parent,
)
from mock_sent.command.start import with_verb
from mock_sent.ground.checks import StartChecks
from mock_sent.ground.clock import MILLISECOND, duration_of
from mock_sent.ground.errors import StartupError, one_line, reason_of
from mock_sent.ground.values import bytes_of, shown_bytes
from mock_sent.settings import SETTINGS, Settings, load, option_of, shipped, variable_of

if TYPE_CHECKING:
    from mock_sent.contract import Edition
    from mock_sent.scenarios.library import Library

_ENDED_BY_MISTAKE = 2
_LONGEST_ERROR = 2_000


def main(arguments: list[str] | None = None) -> None:
    """Run the command. Without a verb it serves. Each `StartupError` is printed as one line, with exit code 2."""
    arguments = with_verb(sys.argv[1:] if arguments is None else arguments)
    try:
        cli.main(arguments, prog_name="mock-sent")
    except StartupError as e:
        for each in e.errors:
            click.echo(f"mock-sent: {one_line(str(each), _LONGEST_ERROR)}", err=True)
        sys.exit(_ENDED_BY_MISTAKE)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(__version__, message="%(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """A local server that answers as Sent's messaging API. Without a command it serves."""
    context.obj = _library


def _with_settings(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for each setting, as text; `settings.load` parses it."""
    # Other servers have --workers: it is refused with a reason, and not as an unknown option.
    command = click.option("--workers", hidden=True, is_flag=False, flag_value="")(command)
    for setting in reversed(SETTINGS):
        says = f"{setting.metadata['says']} [{variable_of(setting.name)}]"
        bare: dict[str, Any] = (
            {"is_flag": False, "flag_value": setting.metadata["bare"]} if setting.metadata["bare"] else {}
        )
        command = click.option(option_of(setting.name), setting.name, metavar="VALUE", help=says, **bare)(command)
    return command


@cli.command(cls=ServeCommand)
@_with_settings
def serve(**options: str | None) -> None:
    """Serve until Ctrl-C or SIGTERM."""
    start = StartChecks()
    settings = load(options=options, checks=start)
    port_file = start.run(port_file_of, settings)
    parent = start.run(watched_parent, settings)

    gc.disable()  # see start.py
    try:
        from mock_sent.app import create_app
        from mock_sent.serving import server
        from mock_sent.serving.garbage import Sweeper
        from mock_sent.serving.tls import context_of
        from mock_sent.wire.limits import Limits

        app = start.run(create_app, settings)
        tls = start.run(context_of, settings)
        sockets = sockets_of(settings, start)
        assert app
        sweeper = Sweeper()
        sweeper.take_over()
    finally:
        gc.enable()

    def ready(url: str) -> None:
        app.state.served_at(url)
        if parent:
            parent.watch(end_server)
        if port_file:
            port_file.write(int(url.rpartition(":")[2]))
        click.echo(f"mock-sent listening on {url}")
        click.echo(_curl(url, app.state.edition, settings))
        click.echo(f"seed {app.state.seed} (MOCK_SENT_SEED={app.state.seed} repeats its ids); contract at {url}/docs")
        click.echo(f"inbox, which shows what your program sent: {url}/_mock/inbox")

    limits = Limits(head_timeout=settings.head_timeout, body_timeout=settings.body_timeout)
    try:
        server.run(
            app,
            sockets,
            limits=limits,
            refusal=app.state.refusal,
            ready=ready,
            event=app.state.event,
            each_second=look_each_second(sweeper.look, parent),
            tls=tls,
            stopping=port_file.remove if port_file else None,
        )
    finally:
        if port_file:
            port_file.remove()


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="JSON instead of YAML.")
def openapi(as_json: bool) -> None:
    """Print the contract."""
    settings = load()
    if not as_json:
        path = Path(settings.contract) if settings.contract else shipped("openapi.yaml")
        click.echo(_text_of(path), nl=False)
        return
    import orjson

    from mock_sent.app import edition_of

    click.echo(orjson.dumps(edition_of(settings).document, option=orjson.OPT_INDENT_2).decode())


@cli.command()
@click.argument("address", required=False, metavar="[HOST:PORT]")
def healthcheck(address: str | None) -> None:
    """Ask the server that the environment describes, or another one, whether it is well. Exit code 1: no."""
    from mock_sent.command.healthcheck import main as check

    sys.exit(check([address] if address else []))


@cli.command()
@_with_settings
def config(**options: str | None) -> None:
    """Print every setting, its value, and where the value comes from."""
    settings = load(options=options)
    for setting in SETTINGS:
        source = settings.sources.get(setting.name, "default")
        click.echo(f"{variable_of(setting.name):28} {_shown(settings, setting.name):32} {source}")


def _library() -> "Library":
    """For `mock-sent scenarios`: what a server started here would have."""
    from mock_sent.app import editions_of, library_of

    start = StartChecks()
    settings = load(checks=start)
    editions = None if "contract" in settings.wrong else start.run(editions_of, settings)
    usable = editions and "scenarios_dir" not in settings.wrong
    library = start.run(library_of, settings, editions) if editions and usable else None
    start.finish()
    assert library
    return library


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeError) as e:
        raise StartupError(f"MOCK_SENT_CONTRACT names {str(path)!r}, which cannot be read: {reason_of(e)}") from None


def _shown(settings: Settings, name: str) -> str:
    setting = next(s for s in SETTINGS if s.name == name)
    value = getattr(settings, name)
    values = value if isinstance(value, tuple) else (value,)
    values = tuple(setting.metadata["shown"](each) if isinstance(each, str) and each else each for each in values)
    if setting.metadata["parse"] is duration_of:
        values = (f"{value // MILLISECOND}ms",)
    if setting.metadata["parse"] is bytes_of:
        values = (shown_bytes(value),)
    return one_line(",".join(str(v) for v in values), 200) or "-"


def _curl(url: str, edition: "Edition", settings: Settings) -> str:
    """The page's own request, to be pasted into a shell. (A contract of the user's may have another, or none.)"""
    import shlex

    import orjson

    send = edition.by_id["sendMessage"]
    body = edition.follow(send.content.get("requestBody", {}))
    media = body.get("content", {}).get("application/json", {})
    example: dict[str, Any] = next(iter(media.get("examples", {}).values()), {"value": {}})
    text = orjson.dumps(example["value"]).decode()
    method = "" if send.method == "POST" else f"-X {send.method} "
    key = "ONE_OF_MOCK_SENT_API_KEYS" if settings.api_keys else "test"
    headers = f"-H 'x-api-key: {key}' -H 'Content-Type: application/json'"
    trusted = f"--cacert {shlex.quote(str(Path(settings.tls_cert).absolute()))} " if settings.tls_cert else ""
    return f"curl {trusted}{method}{url}{send.path} {headers} -d {shlex.quote(text)}"


cli.add_command(audit)
cli.add_command(conformance)
cli.add_command(scenarios)
cli.add_command(editions)
