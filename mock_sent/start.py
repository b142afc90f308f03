"""Where the command begins: the health check is answered before anything heavy is imported."""

import sys


def main() -> None:
    """`mock-sent`, from the command line."""
    if sys.argv[1:2] == ["healthcheck"] and not {"-h", "--help"} & set(sys.argv):
        from mock_sent import healthcheck

        sys.exit(healthcheck.main(sys.argv[2:]))
    from mock_sent.cli import main as command

    command()
