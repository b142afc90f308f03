"""Environments of Python that tests make and install into."""

import subprocess
import sys
from pathlib import Path

import pytest

# What pip says when no registry answers. Everything else is a failure of ours.
_UNREACHABLE = ("No matching distribution found", "Failed to establish a new connection", "Could not fetch URL")


def pip(*arguments: str, python: str = sys.executable) -> None:
    """pip with its cache; skips, visibly, where no registry can be reached."""
    command = [python, "-m", "pip", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode and any(words in done.stderr for words in _UNREACHABLE):
        pytest.skip(f"no registry can be reached: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr


def wheel_of(source: Path, target: Path) -> Path:
    """The wheel of a distribution, built from the tree as it is."""
    pip("wheel", "--quiet", "--no-deps", "--wheel-dir", str(target), str(source))
    (built,) = target.glob("*.whl")
    return built


def empty(home: Path) -> Path:
    """The `bin` of a new environment with nothing but pip."""
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True, timeout=120)
    return home / "bin"
