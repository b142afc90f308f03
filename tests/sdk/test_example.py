"""The example project, with the official SDK as its client, run as its README says."""

import os
import re
import subprocess
import sys

import pytest
from replies import ROOT
from sdks import CACHE, OFFLINE, locked


@pytest.mark.real_socket
def test_example() -> None:
    """Its tests pass with the pytest plugin alone: none of them imports anything of ours."""
    venv = CACHE / f"example-py{sys.version_info.major}{sys.version_info.minor}"
    python = str(venv / "bin/python")
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries=1"]
    CACHE.mkdir(exist_ok=True)
    for command in (
        [sys.executable, "-m", "venv", str(venv)],
        [*install, "-c", str(ROOT / "constraints.txt"), "-e", str(ROOT), "sentdm", "pytest"],
    ):
        with locked(venv):
            done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        if done.returncode and "No matching distribution found" in done.stderr:
            pytest.skip(f"{OFFLINE}: {done.stderr[-300:]}")
        assert done.returncode == 0, done.stderr

    kept = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    done = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        capture_output=True,
        text=True,
        timeout=200,
        cwd=ROOT / "examples" / "pytest-sentdm",
        env=kept,
    )

    assert done.returncode == 0, done.stdout[-3000:]
    assert re.search(r"^1\d passed", done.stdout, re.MULTILINE), done.stdout
