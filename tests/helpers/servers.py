"""A mock in a process of its own, as users run it."""

import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Self

# What of the environment a server needs; what the developer has set must not reach it.
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG", "VIRTUAL_ENV")


class ServerProcess:
    """`with ServerProcess({"MOCK_SENT_SCENARIO": "slow"}) as server:` has `url`, `port`, `pid`, and what it printed."""

    def __init__(self, settings: dict[str, str] | None = None, errors: Path | None = None) -> None:
        """`errors` is the file that takes what it writes to stderr."""
        self._errors = errors
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        self._environment = {**kept, "MOCK_SENT_PORT": "0", **(settings or {})}

    def __enter__(self) -> Self:
        with self._errors.open("w") if self._errors else nullcontext() as stderr:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "mock_sent"],
                env=self._environment,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )
        assert self._process.stdout
        first = self._process.stdout.readline()
        assert first.startswith("mock-sent listening on http://"), first
        self.url = first.split()[-1]
        self.port = int(self.url.rpartition(":")[2])
        self.pid = self._process.pid
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate(timeout=10)
