"""`mock-sent audit`: what a server's clients did wrong, for CI."""

import sys
from collections.abc import Iterable

import click

from mock_sent.command.asking import asks, timeout_option
from mock_sent.ground.errors import StartupError, one_line

# The characters of a line about a finding.
_MOST = 1_000


@click.command()
@click.option("--url", required=True, envvar="MOCK_SENT_URL", help="The server to ask.")
@click.option("--api-key", default="", help="The account's key; without it, the account of those who send none.")
@click.option("--all", "everything", is_flag=True, help="Every account that the server knows.")
@click.option("--fail-on", metavar="KINDS", help="The findings that count as errors, comma-separated.")
@click.option("--token", envvar="MOCK_SENT_CONTROL_TOKEN", default="", help="The server's control token.")
@timeout_option
@asks("api_key", "token")
def audit(url: str, api_key: str, everything: bool, fail_on: str | None, token: str, timeout: float) -> None:
    """Audit what a server's clients did. Exit code 1: errors, or the journal is incomplete; 2: no answer."""
    from urllib.parse import urlencode

    from mock_sent_client import Control
    from mock_sent_client.forms import AUDIT, AUDIT_OF_ALL

    query = {"all": str(everything).lower(), **({} if fail_on is None else {"fail_on": fail_on})}
    control = Control(url, api_key, token, timeout)
    found = control.ask(
        "GET", f"/audit?{urlencode(query, errors='replace')}", form=AUDIT_OF_ALL if everything else AUDIT
    )
    if found["result"] == "ok" and found["errors"]:
        raise StartupError(f"{control.url} contradicts itself: its audit is ok, with {found['errors']} errors")
    for account in found["accounts"] if everything else [{**found, "api_key": ""}]:
        for finding in account["findings"]:
            click.echo(_line(f"{account['api_key']} {finding['sentence']}".strip(), (api_key, token)))
    if left_off := sum(account.get("left_off", 0) for account in (found["accounts"] if everything else [found])):
        click.echo(f"{left_off} more findings of these kinds are not listed")
    click.echo(f"{found['result']}: {found['errors']} errors, {found['warnings']} warnings")
    sys.exit(0 if found["result"] == "ok" else 1)


def _line(text: str, secrets: Iterable[str]) -> str:
    from mock_sent_client.errors import without_secrets

    return one_line(without_secrets(text, secrets), _MOST)
