"""Runs the command `mock-sent` as a person does: a process of its own, its output read line by line."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

COMMAND = str(Path(sys.executable).parent / "mock-sent")
PATIENCE = 30


class Server:
    """A server that has said its first four lines."""

    def __init__(self, process: "subprocess.Popen[str]", lines: list[str]) -> None:
        self.process, self.lines = process, lines
        self.url = lines[0].rpartition(" ")[2]

    def stop(self, number: signal.Signals = signal.SIGINT) -> tuple[int, float]:
        """Exit code, and the seconds that the end took."""
        started = perf_counter()
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        return code, perf_counter() - started


def environment(**variables: str) -> dict[str, str]:
    """What the tests were given, without settings of the developer's (see `clean_environment`)."""
    return {**os.environ, **variables}


def run(*arguments: str, command: str = COMMAND, **variables: str) -> "subprocess.CompletedProcess[str]":
    """The command to its end."""
    return subprocess.run(
        [command, *arguments], env=environment(**variables), capture_output=True, text=True, timeout=PATIENCE
    )


@contextmanager
def serving(
    *arguments: str,
    command: tuple[str, ...] = (COMMAND,),
    log: Path | None = None,
    cwd: Path | None = None,
    variables: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """A server of its own, stopped at the end whatever happened."""
    stderr = log.open("w") if log else subprocess.DEVNULL
    try:
        process = subprocess.Popen(
            [*command, *arguments],
            env=environment(**(variables or {})),
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    finally:
        if log:
            stderr.close()  # type: ignore[union-attr]
    with process:
        try:
            assert process.stdout
            lines = [process.stdout.readline().rstrip("\n") for _ in range(4)]
            assert lines[0].startswith("mock-sent listening on http"), lines
            yield Server(process, lines)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    process.kill()
