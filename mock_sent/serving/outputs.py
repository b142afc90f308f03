"""Standard output and standard error of the command that serves."""

import io
import sys
from typing import Any, TextIO

from mock_sent.ground.output import ProcessOutput

# Seconds that a reader who is late gets at the end, for both together.
_LAST_CHANCE = 0.1


class Outputs:
    """Takes the place of `sys.stdout` and `sys.stderr`, so that whatever is printed in this process never waits.

    That includes the loggers of libraries, warnings, and what Python itself writes at the exit.
    """

    def __init__(self) -> None:
        self._out = ProcessOutput(_descriptor_of(sys.stdout), "stdout")
        self._errors = ProcessOutput(_descriptor_of(sys.stderr), "stderr", self._errors_are_lost)
        sys.stdout, sys.stderr = _text(self._out, sys.stdout), _text(self._errors, sys.stderr)

    def finish(self) -> None:
        """Write what a reader who is late still takes."""
        for each in (self._errors, self._out):
            each.finish(_LAST_CHANCE / 2)

    def _errors_are_lost(self, reason: str) -> None:
        """Nobody can read it on stderr, so it is said on stdout."""
        says = f"mock-sent: stderr cannot be written ({reason}), and its lines are dropped"
        self._out.write(f"{says}; MOCK_SENT_LOG=off writes no log\n".encode())


def _descriptor_of(stream: TextIO | None) -> int | None:
    return None if stream is None else stream.fileno()


def _text(output: ProcessOutput, before: TextIO | None) -> io.TextIOWrapper:
    encoding = "utf-8" if before is None else before.encoding
    raw: Any = output
    return io.TextIOWrapper(raw, encoding=encoding, errors="backslashreplace", write_through=True)
