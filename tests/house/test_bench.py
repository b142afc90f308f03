"""The benchmark: what it refuses, and whose work it counts."""

import subprocess
import sys

import pytest
from replies import ROOT

FOLDER = ROOT / "benchmarks"
STARTER = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'x = b\"x\" * 50_000_000\\nwhile x: pass'])"
MEASURED = f"""
import sys, time
from processes import started

until = time.monotonic() + 30
with started([sys.executable, "-c", {STARTER!r}]) as server:
    while (used := server.usage()).cpu < 0.5 and time.monotonic() < until:
        time.sleep(0.01)
print(used.cpu >= 0.5, used.memory > 60)
"""


@pytest.mark.parametrize("seconds", ["0.5", "0", "x"])
def test_seconds_are_whole(seconds: str) -> None:
    """wrk takes whole seconds only, so that anything else is refused before something is measured."""
    command = [sys.executable, str(FOLDER / "bench.py"), "--seconds", seconds]

    done = subprocess.run(command, capture_output=True, text=True)

    complaint = f"--seconds: must be a whole number from 1 on, because wrk knows no other; it is {seconds!r}\n"
    assert (done.returncode, done.stderr.endswith(complaint)) == (2, True)


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc here")
def test_a_starter_counts_with_what_it_started() -> None:
    """Processor time and memory are those of a server's whole family: some peers are only starters of another."""
    done = subprocess.run([sys.executable, "-c", MEASURED], cwd=FOLDER, capture_output=True, text=True)

    assert (done.stdout, done.stderr) == ("True True\n", "")
