"""The scripts of a clone, run by a shell with stand-ins for what they start."""

import os
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


THERE = ("curl", "node", "npm", "ip", "unshare", "git", "chromium", "chromedriver", "openssl", "wrk")
# What CI runs when nothing fails.
BOTH = ["tests , skips forbidden: 1", "tests --long, skips forbidden: 1"]


@pytest.mark.parametrize("absolute", [False, True])
def test_serve_finds_its_environment(tmp_path: Path, absolute: bool) -> None:
    """MOCK_SENT_VENV may be a path from the root, or from the clone, whatever directory the shell is in."""
    make(tmp_path, {"clone/scripts/install": "exit 0", "clone/venv/bin/mock-sent": 'echo "served with $*"'})
    serve = shutil.copy(ROOT / "scripts" / "serve", tmp_path / "clone" / "scripts")
    venv = str(tmp_path / "clone" / "venv") if absolute else "venv"

    done = subprocess.run([serve, "--port", "0"], env={"MOCK_SENT_VENV": venv}, cwd=tmp_path, capture_output=True)

    assert done.stdout == b"served with serve --port 0\n"


def run_ci(
    folder: Path, *commands: str, apt: str = 'echo "apt-get $*"', tests: str = ""
) -> "subprocess.CompletedProcess[str]":
    """`.ci/run` on a machine that has these commands and no others; apt-get and the tests are only named."""
    told = {"apt-get": apt, "id": "echo 0", "python3": "exit 0"}
    make(folder, {f"bin/{name}": told.get(name, "exit 0") for name in ("id", "python3", *commands)})
    make(folder, {"clone/scripts/test": f'echo "tests $1, skips forbidden: $MOCK_SENT_TEST_NO_SKIPS"; {tests}'})
    bash = shutil.which("bash")
    if not bash:
        pytest.skip("there is no bash here")
    for tool in ("dirname", "grep", "mktemp", "rm", "tee"):
        (folder / "bin" / tool).symlink_to(shutil.which(tool) or tool)
    (folder / "clone" / ".ci").mkdir()
    script = shutil.copy(ROOT / ".ci" / "run", folder / "clone" / ".ci")
    return subprocess.run([bash, script], env={"PATH": str(folder / "bin")}, capture_output=True, text=True)


def test_ci_installs_what_is_missing(tmp_path: Path) -> None:
    """A machine without a browser and wrk gets both, and nothing that it has."""
    done = run_ci(tmp_path, "apt-get", "curl", "node", "npm", "ip", "unshare", "git", "openssl")

    update, install, *tests = done.stdout.splitlines()
    assert (done.returncode, update, tests) == (0, "apt-get update -qq", BOTH)
    assert install.startswith("apt-get install -y ")
    assert {word for word in install.split()[3:] if word[0] != "-"} == {"chromium", "chromium-driver", "wrk"}


@pytest.mark.parametrize("apt", [(), ("apt-get",)])
def test_ci_without_apt(tmp_path: Path, apt: tuple[str, ...]) -> None:
    """Where there is no apt-get, or no network for it, CI says what is missing and runs the tests all the same."""
    done = run_ci(tmp_path, *THERE[:-1], *apt, apt="exit 100")

    assert (done.returncode, done.stdout.splitlines()) == (0, BOTH)
    assert done.stderr == "apt-get is not here or failed, so these are missing: wrk\n"


def test_ci_counts_at_its_end(tmp_path: Path) -> None:
    """The last lines are what pytest counted in either run, wherever coverage wrote its table."""
    counted = "===== 7 passed, 3 deselected in 0.10s ====="

    done = run_ci(tmp_path, *THERE, tests=f"echo '{counted}'; echo table")

    assert (done.returncode, done.stdout.splitlines()[-2:]) == (0, [counted, counted])


def test_ci_fails_with_its_tests(tmp_path: Path) -> None:
    """A test that fails ends CI with an error, and the count of it is the last line."""
    done = run_ci(tmp_path, *THERE, tests="echo '== 1 failed, 6 passed in 0.1s =='; exit 1")

    assert done.returncode == 1
    assert done.stdout.splitlines()[1:] == ["== 1 failed, 6 passed in 0.1s =="] * 2


RUN = {"python": 'echo "python $*"', "ruff": 'echo "ruff $1"', "mypy": "exit 0", "coverage": 'echo "coverage $*"'}


def run_test(folder: Path, *arguments: str, **stand_ins: str) -> "subprocess.CompletedProcess[str]":
    """`scripts/test` in a clone whose tools only say what they are asked for."""
    make(
        folder, {"scripts/install": "exit 0", **{f"venv/bin/{name}": does for name, does in (RUN | stand_ins).items()}}
    )
    script = shutil.copy(ROOT / "scripts" / "test", folder / "scripts")
    env = {"MOCK_SENT_VENV": "venv", "PATH": os.environ["PATH"]}
    return subprocess.run([script, *arguments], env=env, capture_output=True, text=True)


def test_every_test_runs_somewhere(tmp_path: Path) -> None:
    """What the command leaves out, `--long` runs; each asks for it by one mark."""
    whole, long = run_test(tmp_path).stdout, run_test(tmp_path, "--long", "-x").stdout

    assert "coverage run -m pytest -n" in whole
    assert whole.splitlines()[-1] == "coverage report"
    assert " -m not volume" in whole
    assert long.startswith("python -m pytest -m volume ")
    assert long.endswith(" -x\n")


def test_quick_lints_and_measures_no_coverage(tmp_path: Path) -> None:
    """`--quick` runs ruff, and the tests without a socket; whatever else stands there goes to pytest."""
    lines = run_test(tmp_path, "--quick", "-x").stdout.splitlines()

    assert lines[:2] == ["ruff check", "ruff format"]
    assert lines[2].endswith(" -m not volume and not real_socket and not slow -x")
    assert run_test(tmp_path, "-k", "balance").stdout == "python -m pytest -k balance\n"


@pytest.mark.parametrize("broken", ["ruff", "mypy", "coverage"])
def test_any_part_fails_the_whole(tmp_path: Path, broken: str) -> None:
    """Lint, types and tests each fail the command, although two of them run at once."""
    assert run_test(tmp_path).returncode == 0
    assert run_test(tmp_path, **{broken: '[ "$1" = erase ]'}).returncode != 0
