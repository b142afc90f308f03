"""`mock-sent editions`: which editions there are, and what changed between two."""

from typing import TYPE_CHECKING

import click

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


def _editions() -> "Editions":
    from mock_sent.app import editions_of
    from mock_sent.settings import load

    return editions_of(load())


def _named(every: "Editions", name: str) -> "Edition":
    if name not in every.names:
        raise click.UsageError(f"there is no edition {name!r}; there are {', '.join(every.names)}")
    return every.get(name)
