"""Entry point of the command. The health check runs before anything heavy is imported."""

import gc
import sys


def main() -> None:
    """`mock-sent`, from the command line."""
    if sys.argv[1:2] == ["healthcheck"] and not {"-h", "--help"} & set(sys.argv):
        from mock_sent.command import healthcheck

        sys.exit(healthcheck.main(sys.argv[2:]))
    # The collector would visit all modules a dozen times during the imports, a twentieth of the start.
    gc.disable()
    from mock_sent.command.cli import main as command

    gc.freeze()  # otherwise it visits all of them at once as soon as it is on
    gc.enable()

    command()
