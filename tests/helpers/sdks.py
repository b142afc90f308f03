"""The official SDKs, unmodified, each installed by its package name into a folder of its own that git ignores."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from replies import ROOT

HERE = ROOT / "tests" / "sdk"
# Installing takes seconds, so it is done once for each version.
CACHE = ROOT / ".sdk"
OFFLINE = "no package registry was reached"


@dataclass(frozen=True)
class Sdk:
    """One release. `install` makes its folder, `command` runs a program of steps in it."""

    name: str
    install: Callable[[Path], list[list[str]]]
    command: Callable[[Path], list[str]]
    needs: str = "python"
    # How its class for any other status is called, 402 among them.
    other_status: str = "APIStatusError"
    timeout: str = "APITimeoutError"

    def run(self, url: str, phases: list[list[dict[str, Any]]]) -> dict[str, Any]:
        """What each step gave."""
        folder = self._installed()
        order = json.dumps({"url": url, "api_key": "sdk-tests", "phases": phases})
        environment = {**os.environ, "NO_PROXY": "127.0.0.1"}
        done = subprocess.run(
            self.command(folder), input=order, capture_output=True, text=True, timeout=60, cwd=folder, env=environment
        )
        assert done.returncode == 0, done.stderr
        results: dict[str, Any] = json.loads(done.stdout)
        return results

    def _installed(self) -> Path:
        if self.needs != "python" and not shutil.which(self.needs):
            pytest.skip(f"{self.needs} is not installed")
        folder = CACHE / f"{self.name}-py{sys.version_info.major}{sys.version_info.minor}"
        stamp = folder / "installed"
        if not stamp.exists():
            folder.mkdir(parents=True, exist_ok=True)
            with locked(folder):
                if not stamp.exists():  # another worker may have been quicker
                    self._install(folder)
                stamp.touch()
        return folder

    def _install(self, folder: Path) -> None:
        for command in self.install(folder):
            done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=folder)
            if done.returncode:
                pytest.skip(f"{OFFLINE}: {' '.join(command)[:100]}: {done.stderr[-300:]}")


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Only one process at a time installs into a folder."""
    with (folder.parent / f"{folder.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _python(version: str) -> Sdk:
    def install(folder: Path) -> list[list[str]]:
        pip = [str(folder / "venv/bin/python"), "-m", "pip", "--quiet", "--disable-pip-version-check", "--retries=1"]
        return [[sys.executable, "-m", "venv", "venv"], [*pip, "install", f"sentdm=={version}"]]

    return Sdk(f"python-{version}", install, lambda folder: [str(folder / "venv/bin/python"), str(HERE / "program.py")])


def _node(version: str) -> Sdk:
    def install(folder: Path) -> list[list[str]]:
        (folder / "package.json").write_text('{"private": true}\n')
        quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1"]
        return [["npm", "install", *quiet, "--save-exact", f"@sentdm/sentdm@{version}"]]

    return Sdk(
        f"node-{version}",
        install,
        lambda folder: ["node", str(HERE / "program.mjs")],
        needs="npm",
        other_status="APIError",
        timeout="APIConnectionTimeoutError",
    )


# The contract's week, and the newest release of each when this was written. A newer one is a change to this line.
SDKS = (_python("0.10.0"), _python("0.46.0"), _node("0.32.0"))
