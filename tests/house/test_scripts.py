"""The scripts of a clone, run by a shell with stand-ins for what they start."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from replies import ROOT


def make(folder: Path, stand_ins: Mapping[str, str]) -> None:
    for name, does in stand_ins.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"#!/bin/sh\n{does}\n")
        (folder / name).chmod(0o755)


@pytest.mark.parametrize("absolute", [False, True])
def test_serve_finds_its_environment(tmp_path: Path, absolute: bool) -> None:
    """MOCK_SENT_VENV may be a path from the root, or from the clone, whatever directory the shell is in."""
    make(tmp_path, {"clone/scripts/install": "exit 0", "clone/venv/bin/mock-sent": 'echo "served with $*"'})
    serve = shutil.copy(ROOT / "scripts" / "serve", tmp_path / "clone" / "scripts")
    venv = str(tmp_path / "clone" / "venv") if absolute else "venv"

    done = subprocess.run([serve, "--port", "0"], env={"MOCK_SENT_VENV": venv}, cwd=tmp_path, capture_output=True)

    assert done.stdout == b"served with serve --port 0\n"


def run_ci(folder: Path, *commands: str, apt: str = 'echo "apt-get $*"') -> "subprocess.CompletedProcess[str]":
    """`.ci/run` on a machine that has these commands and no others; apt-get and the tests are only named."""
    told = {"apt-get": apt, "id": "echo 0", "python3": "exit 0"}
    make(folder, {f"bin/{name}": told.get(name, "exit 0") for name in ("id", "python3", *commands)})
    make(folder, {"clone/scripts/test": 'echo "tests, skips forbidden: $MOCK_SENT_TEST_NO_SKIPS"'})
    bash, dirname = shutil.which("bash"), shutil.which("dirname")
    if not bash or not dirname:
        pytest.skip("there is no bash here")
    (folder / "bin" / "dirname").symlink_to(dirname)
    (folder / "clone" / ".ci").mkdir()
    script = shutil.copy(ROOT / ".ci" / "run", folder / "clone" / ".ci")
    return subprocess.run([bash, script], env={"PATH": str(folder / "bin")}, capture_output=True, text=True)


def test_ci_installs_what_is_missing(tmp_path: Path) -> None:
    """A machine without a browser and wrk gets both, and nothing that it has."""
    done = run_ci(tmp_path, "apt-get", "curl", "node", "npm", "ip", "unshare", "git")

    update, install, tests = done.stdout.splitlines()
    assert (done.returncode, update, tests) == (0, "apt-get update -qq", "tests, skips forbidden: 1")
    assert install.startswith("apt-get install -y ")
    assert {word for word in install.split()[3:] if word[0] != "-"} == {"chromium", "chromium-driver", "wrk"}


@pytest.mark.parametrize("apt", [(), ("apt-get",)])
def test_ci_without_apt(tmp_path: Path, apt: tuple[str, ...]) -> None:
    """Where there is no apt-get, or no network for it, CI says what is missing and runs the tests all the same."""
    there = ("curl", "node", "npm", "ip", "unshare", "git", "chromium", "chromedriver")
    done = run_ci(tmp_path, *there, *apt, apt="exit 100")

    assert (done.returncode, done.stdout) == (0, "tests, skips forbidden: 1\n")
    assert done.stderr == "apt-get is not here or failed, so these are missing: wrk\n"
