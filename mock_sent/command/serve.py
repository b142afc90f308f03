"""What `mock-sent serve` does around its server: the port file, and the process that the server shall not outlive."""

import os
import signal
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from mock_sent.ground.checks import StartChecks
from mock_sent.ground.errors import StartupError
from mock_sent.settings import Settings, option_of, variable_of

if TYPE_CHECKING:
    from socket import socket

    from mock_sent.serving.parent import WatchedProcess
    from mock_sent.serving.portfile import PortFile


class ServeCommand(click.Command):
    """A command that removes an old port file even if its arguments are wrong: somebody may wait for a new one."""

    def make_context(self, info_name: str | None, args: list[str], *given: Any, **extra: Any) -> click.Context:
        arguments = list(args)
        try:
            return super().make_context(info_name, args, *given, **extra)
        except click.UsageError:
            if path := _named_port_file(arguments):
                from mock_sent.serving.portfile import PortFile

                StartChecks().run(PortFile, path)
            raise


def port_file_of(settings: Settings) -> "PortFile | None":
    """The port file that the settings name. Removes an old one. Raises `StartupError`."""
    if not settings.port_file:
        return None
    from mock_sent.serving.portfile import PortFile

    return PortFile(settings.port_file)


def watched_parent(settings: Settings) -> "WatchedProcess | None":
    """The process that the server shall not outlive. Raises `StartupError` if there is no such process."""
    if settings.exit_with_parent == "off":
        return None
    from mock_sent.serving.parent import WatchedProcess

    return WatchedProcess(settings.exit_with_parent)


def sockets_of(settings: Settings, start: StartChecks) -> "list[socket]":
    """The listening sockets. The last check of a start, which raises the errors of all."""
    from mock_sent.serving.sockets import bind

    usable = "port" not in settings.wrong
    # With a port that cannot be, any free one tells whether there is such a host.
    sockets = None if "host" in settings.wrong else start.run(bind, settings.host, settings.port if usable else 0)
    try:
        start.finish()
    except StartupError:
        for each in sockets or ():
            each.close()
        raise
    assert sockets
    return sockets


def look_each_second(look: Callable[[int], None], parent: "WatchedProcess | None") -> Callable[[int], None]:
    """What the server does each second: `look`, and where the system does not tell of the parent's end, ask for it."""
    if parent is None or not parent.must_be_asked:
        return look
    watched = parent

    def look_and_ask(answered: int) -> None:
        look(answered)
        if watched.is_gone():
            end_server()

    return look_and_ask


def end_server() -> None:
    """End this process as SIGTERM does."""
    signal.raise_signal(signal.SIGTERM)


def _named_port_file(arguments: Sequence[str]) -> str | None:
    """The port file that arguments name, of which others are wrong; otherwise that of the environment."""
    option, found = option_of("port_file"), os.environ.get(variable_of("port_file"))
    for argument, following in zip(arguments, [*arguments[1:], None], strict=True):
        name, sign, value = argument.partition("=")
        if name == option:
            found = value if sign else following
    return found
