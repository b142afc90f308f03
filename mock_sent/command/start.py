"""Entry point of the command. What comes first: signals, the standard streams, and the health check."""

import gc
import os
import sys
from collections.abc import Sequence


def main() -> None:
    """`mock-sent`, from the command line."""
    if sys.argv[1:2] == ["healthcheck"] and not {"-h", "--help"} & set(sys.argv):
        from mock_sent.command import healthcheck

        sys.exit(healthcheck.main(sys.argv[2:]))
    # The collector would visit all modules a dozen times during the imports, a twentieth of the start.
    gc.disable()
    if with_verb(sys.argv[1:])[0] == "serve":
        _serve()
        return
    from mock_sent.serving.signals import end_first_process_at_sigterm

    end_first_process_at_sigterm()
    _run()


def with_verb(arguments: Sequence[str]) -> list[str]:
    """The arguments of the command. Without a verb it serves."""
    first = next(iter(arguments), "-")
    if first.startswith("-") and first not in ("--help", "-h", "--version"):
        return ["serve", *arguments]
    return list(arguments)


def _serve() -> None:
    _open_standard_descriptors()
    from mock_sent.serving.signals import end_at_signals

    end_at_signals(0)
    from mock_sent.serving.outputs import Outputs

    outputs = Outputs()
    try:
        _run()
    finally:
        outputs.finish()
        gc.freeze()  # otherwise the exit visits everything that was kept: a second for each gigabyte


def _open_standard_descriptors() -> None:
    """Open /dev/null where a descriptor is closed. Otherwise the next socket gets its number, and stray output."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free: this one


def _run() -> None:
    try:
        from mock_sent.command.cli import main as command
    except KeyboardInterrupt:
        sys.exit(130)

    gc.freeze()  # otherwise it visits all of them at once as soon as it is on
    gc.enable()

    command()
