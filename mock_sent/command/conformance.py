"""`mock-sent conformance`: the statements of docs/fidelity.md, held against a server."""

import sys

import click

from mock_sent.command.asking import asks, timeout_option
from mock_sent.settings import load, shipped


@click.command()
@click.option("--base-url", required=True, help="The server: a mock, or the real API.")
@click.option("--api-key", required=True, envvar="SENT_DM_API_KEY", help="A key there [SENT_DM_API_KEY].")
@click.option("--edition", metavar="EDITION", help="The edition that the server speaks; by default it is found out.")
@click.option("--sandbox", is_flag=True, help="Every send is a sandbox send: nothing is sent, charged or kept.")
@click.option("--format", "form", type=click.Choice(["text", "json", "junit"]), default="text", show_default=True)
@click.option("--template", default="", help="Id of a template there; by default that of the contract's example.")
@click.option("--other-key", default="", help="A key of another account.")
@click.option("--poor-key", default="", help="A key of an account that cannot pay for four messages.")
@click.option("--profile", default="", help="A child profile of the key's organization.")
@click.option("--profile-key", default="", help="The key of a profile.")
@timeout_option
@asks("api_key", "other_key", "poor_key", "profile", "profile_key")
def conformance(
    base_url: str,
    api_key: str,
    edition: str | None,
    sandbox: bool,
    form: str,
    template: str,
    timeout: float,
    **more: str,
) -> None:
    """Judge a server by the statements of docs/fidelity.md, one by one: holds, differs or unknown.

    A mock says which statements its settings make it differ from: that is by design, and no failure.

    What is expected comes from the contract of the server's edition, or from MOCK_SENT_CONTRACT. A mock names its
    edition. Any other server gets one send in the sandbox, whose status tells the edition; else it is that of
    MOCK_SENT_EDITION. The report says which one and why, and --edition chooses. Without --sandbox it sends
    messages to the numbers of the contract's example, +1 415 555 1234 and +1 415 555 5678: against the real API they
    cost money.
    Exit code 1 if anything differs; 2 if nothing differs, but the server left a request without an answer.
    """
    from mock_sent.app import editions_of
    from mock_sent.contract import load as load_contract
    from mock_sent.judging.conformance.api import Target
    from mock_sent.judging.conformance.judge import judge
    from mock_sent.judging.conformance.report import FORMATS
    from mock_sent.judging.conformance.target import Spoken, edition_spoken

    settings = load()
    editions = editions_of(settings)
    target = Target(base_url=base_url, api_key=api_key, sandbox=sandbox, template=template, timeout=timeout, **more)
    if edition is not None and edition not in editions.names:
        raise click.UsageError(f"there is no edition {edition!r}; there are {', '.join(editions.names)}")
    if edition is not None:
        spoken = Spoken(editions.get(edition), "--edition names it")
    elif settings.contract:
        spoken = Spoken(editions.usual, "MOCK_SENT_CONTRACT is its contract")
    else:
        spoken = edition_spoken(target, editions)
    # A contract of the user's may have no statements; those of the shipped one are then held against it.
    statements = spoken.edition.statements or load_contract(shipped("openapi.yaml")).statements
    judgements = list(judge(target, spoken.edition, statements, spoken.first))
    click.echo(FORMATS[form](judgements, spoken.edition.name, spoken.because))
    differs = any(judgement.is_ == "differs" for judgement in judgements)
    sys.exit(1 if differs else 2 if any(judgement.unanswered for judgement in judgements) else 0)
