"""Where the command begins: the health check is answered before anything heavy is imported."""

import gc
import sys


def main() -> None:
    """`mock-sent`, from the command line."""
    if sys.argv[1:2] == ["healthcheck"] and not {"-h", "--help"} & set(sys.argv):
        from mock_sent.command import healthcheck

        sys.exit(healthcheck.main(sys.argv[2:]))
    # Modules are no garbage: the collector would look at them a dozen times, a twentieth of the start.
    gc.disable()
    from mock_sent.command.cli import main as command

    gc.freeze()  # or it would look at all of them at once as soon as it is on
    gc.enable()

    command()
