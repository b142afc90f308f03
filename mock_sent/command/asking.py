"""What the commands that ask a server have in common: their options, and how they end."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from mock_sent.ground.clock import HOUR, SECOND, duration_of
from mock_sent.ground.errors import StartupError, one_line

_ENDED_BY_CTRL_C = 130
_MOST = 1_000

timeout_option = click.option(
    "--timeout", default="30s", show_default=True, metavar="SPAN", help="How long a whole answer may take."
)


def asks(*secrets: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """For a command that asks a server: errors of the client are one sentence, and Ctrl-C is exit code 130.

    `secrets` are the options that are sent as headers; `timeout` becomes a number of seconds.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        @click.pass_context
        def asking(context: click.Context, /, timeout: str, **options: Any) -> None:
            from mock_sent_client import HandleError

            try:
                _demand_headers(context, secrets)
                command(timeout=_seconds(timeout), **options)
            except HandleError as e:
                raise StartupError(one_line(str(e), _MOST)) from None
            except KeyboardInterrupt:
                click.echo("Aborted!", err=True)
                sys.exit(_ENDED_BY_CTRL_C)

        return asking

    return decorate


def _demand_headers(context: click.Context, names: tuple[str, ...]) -> None:
    """Raise `StartupError`, which never has the value, for an option that cannot be sent as a header."""
    from mock_sent_client.errors import fault_of_header_value

    for name in names:
        if fault := fault_of_header_value(context.params[name] or ""):
            raise StartupError(f"{_source(context, name)} {fault}")


def _source(context: click.Context, name: str) -> str:
    """The option, or the variable that was read instead."""
    option = next(p for p in context.command.params if p.name == name)
    if context.get_parameter_source(name) == click.core.ParameterSource.ENVIRONMENT:
        return str(option.envvar)
    return option.opts[0]


def _seconds(span: str) -> float:
    try:
        found = duration_of(span)
    except ValueError as e:
        raise StartupError(one_line(f"--timeout {e}", 200)) from None
    if not 0 < found <= HOUR:
        raise StartupError("--timeout must be more than 0s and at most 1h")
    return found / SECOND
