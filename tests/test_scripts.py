"""The scripts of a clone, run by a shell with stand-ins for what they start."""

import shutil
import subprocess
from pathlib import Path

import pytest
from replies import ROOT


@pytest.mark.parametrize("absolute", [False, True])
def test_serve_finds_its_environment(tmp_path: Path, absolute: bool) -> None:
    """MOCK_SENT_VENV may be a path from the root, or from the clone, whatever directory the shell is in."""
    stand_ins = {"clone/scripts/install": "exit 0", "clone/venv/bin/mock-sent": 'echo "served with $*"'}
    for name, does in stand_ins.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    serve = shutil.copy(ROOT / "scripts" / "serve", tmp_path / "clone" / "scripts")
    venv = str(tmp_path / "clone" / "venv") if absolute else "venv"

    done = subprocess.run([serve, "--port", "0"], env={"MOCK_SENT_VENV": venv}, cwd=tmp_path, capture_output=True)

    assert done.stdout == b"served with serve --port 0\n"
