"""`mock-sent editions`: which editions there are, and what changed between two."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from mock_sent.command.asking import asks, timeout_option
from mock_sent.ground.errors import StartupError, one_line

if TYPE_CHECKING:
    from mock_sent.contract.edition import Edition
    from mock_sent.contract.editions import Editions


@click.group(invoke_without_command=True)
@click.pass_context
def editions(context: click.Context) -> None:
    """The editions of the API that the mock serves; alone, it lists them."""
    if context.invoked_subcommand is None:
        for edition in _editions():
            spoken = ", ".join(f"{language} {versions}" for language, versions in edition.sdks.items())
            operations = f"{len(edition.operations)} operations"
            click.echo(f"{edition.name}  {operations}  {f'spoken by the SDKs {spoken}' if spoken else ''}".rstrip())


@editions.command()
@click.argument("old")
@click.argument("new")
def diff(old: str, new: str) -> None:
    """Say what changed for a caller from one edition to another."""
    from mock_sent.contract.differences import SECTIONS, differences

    every = _editions()
    found = differences(_named(every, old), _named(every, new))
    for section in SECTIONS:
        of_section = [each for each in found if each.section == section]
        if of_section:
            click.echo(f"{section}\n" + "\n".join(f"  {each}" for each in of_section))
    if not found:
        click.echo(f"nothing changed from {old} to {new}")


# The requests that are asked for, and the characters of a line.
_MOST_REQUESTS, _LONGEST = 10_000, 500


@editions.command()
@click.option("--to", default="", metavar="EDITION", help="The other edition; without it, the latest one.")
@click.option("--url", required=True, envvar="MOCK_SENT_URL", help="The server to ask.")
@click.option("--api-key", default="", help="The account's key; without it, the account of those who send none.")
@click.option("--token", envvar="MOCK_SENT_CONTROL_TOKEN", default="", help="The server's control token.")
@click.option("--json", "as_json", is_flag=True, help="The server's answer as JSON.")
@timeout_option
@asks("api_key", "token")
def replay(to: str, url: str, api_key: str, token: str, as_json: bool, timeout: float) -> None:
    """Say which of an account's requests another edition answers otherwise. Exit code 1: some break, or are unknown."""
    from urllib.parse import urlencode

    from mock_sent_client import Control
    from mock_sent_client.errors import without_secrets
    from mock_sent_client.forms import REPLAY

    query = urlencode({"limit": _MOST_REQUESTS, **({"to": to} if to else {})}, errors="replace")
    control = Control(url, api_key, token, timeout)
    found = control.ask("GET", f"/editions/replay?{query}", form=REPLAY)
    if found["result"] == "ok" and found["breaks"]:
        raise StartupError(f"{control.url} contradicts itself: its replay is ok, and {found['breaks']} requests break")
    if as_json:
        click.echo(without_secrets(json.dumps(found, indent=2), (api_key, token)))
    else:
        for line in _lines(found):
            click.echo(one_line(without_secrets(line, (api_key, token)), _LONGEST))
    sys.exit(0 if found["result"] == "ok" else 1)


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The summary, and each request that is not answered the same; requests with the same differences once."""
    yield f"{found['result']}: {found['sentence']}"
    groups: dict[tuple[object, ...], list[Mapping[str, Any]]] = {}
    for each in found["judged"]:
        if each["verdict"] != "same":
            because = "" if each["differences"] else each["because"]
            kind = (each["verdict"], each["method"], each.get("operation") or each["path"], because)
            groups.setdefault((*kind, *each["differences"]), []).append(each)
    for alike in groups.values():
        yield from _about(alike)
    if found["left_off"]:
        yield f"{found['left_off']} more requests are not listed"


def _about(alike: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    first = alike[0]
    more = f" and {len(alike) - 1} more" if len(alike) > 1 else ""
    yield f"{first['verdict']:8} {first['method']} {first['path']} ({first['request_id']}{more})"
    yield from (f"         {line}" for line in first["differences"])
    if first["because"]:
        yield f"         {first['because']}"


def _editions() -> "Editions":
    from mock_sent.app import editions_of
    from mock_sent.settings import load

    return editions_of(load())


def _named(every: "Editions", name: str) -> "Edition":
    if name not in every.names:
        raise click.UsageError(f"there is no edition {name!r}; there are {', '.join(every.names)}")
    return every.get(name)
