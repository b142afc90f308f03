"""The image, as far as it can be held without Docker: what its file says, and its steps taken one by one."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import page
import pytest
from dockerfile import Stage, read
from replies import ROOT

STAGES = read(ROOT / "Dockerfile")
BUILD, FINAL = STAGES
USER = 10001


def test_stages() -> None:
    """Two stages on one slim base; the last one takes what was installed from the wheel, nothing of the context."""
    assert BUILD.base == FINAL.base == "python:3.13-slim"
    assert BUILD.name == "build"
    assert FINAL.all("COPY") == ["--from=build /opt/mock-sent /opt/mock-sent"]
    assert not FINAL.all("RUN")
    assert not FINAL.all("ADD") + BUILD.all("ADD")


def test_base_is_a_python_that_is_tested() -> None:
    """The image's Python is one of those that the package names and CI runs."""
    assert f"Python :: {FINAL.base.removeprefix('python:').removesuffix('-slim')}" in (
        ROOT / "pyproject.toml"
    ).read_text("utf-8")


def test_user_by_number() -> None:
    """Kubernetes' runAsNonRoot needs a number."""
    assert FINAL.one("USER") == f"{USER}:{USER}"


def test_exec_form() -> None:
    """A shell in between would swallow SIGTERM."""
    assert FINAL.words("ENTRYPOINT") == ["mock-sent"]
    assert FINAL.words("CMD") == ["serve"]
    assert FINAL.one("STOPSIGNAL") == "SIGTERM"


def test_health() -> None:
    """Healthy before a CI runner looks for the first time; asked by our own command, not by curl.

    The options are those that Docker 24 and buildah 1.28 (Debian 12) know: they refuse `--start-interval`.
    """
    options, _, command = FINAL.one("HEALTHCHECK").partition(" CMD ")

    assert options == "--interval=1s --timeout=2s --start-period=10s --retries=5"
    assert json.loads(command) == ["mock-sent", "healthcheck"]


def test_one_port() -> None:
    """GitLab waits for the port that the image exposes: exactly one, and the server's own."""
    assert FINAL.one("EXPOSE") == "4010"
    assert FINAL.environment()["MOCK_SENT_HOST"] == "0.0.0.0"


def test_labels() -> None:
    """What the image is, under the names of the OCI."""
    label = FINAL.one("LABEL")

    for name in ("title", "description", "licenses", "version"):
        assert f"org.opencontainers.image.{name}=" in label
    assert 'licenses="MIT"' in label


def test_context() -> None:
    """All that is copied is let in by .dockerignore, and nothing else is."""
    ignore = (ROOT / ".dockerignore").read_text().split()
    wanted = {word for line in BUILD.all("COPY") for word in line.split()[:-1]}

    assert ignore[0] == "*"
    assert {line[1:] for line in ignore if line.startswith("!")} == wanted
    assert all((ROOT / name).exists() for name in wanted)


@pytest.fixture(scope="module")
def tree() -> Iterator[Path]:
    """The root of an image that was built here: its steps, with this Python for its base."""
    with tempfile.TemporaryDirectory(prefix="mock-sent-image-") as scratch:
        root = Path(scratch)
        root.chmod(0o755)
        _build(BUILD, root)
        yield root / "opt"


def _build(stage: Stage, root: Path) -> None:
    """WORKDIR, COPY and RUN, with the paths of the image below `root`."""
    where = root / stage.one("WORKDIR").lstrip("/")
    where.mkdir(parents=True)
    for line in stage.all("COPY"):
        *sources, target = line.split()
        for source in sources:
            copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
            (where / target).parent.mkdir(parents=True, exist_ok=True)  # as COPY does
            copy(ROOT / source, where / target if len(sources) == 1 else where)
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for command in stage.all("RUN"):
        for folder in ("/opt/", "/wheels"):
            command = command.replace(folder, f"{root}{folder}")
        done = subprocess.run(["sh", "-c", command], cwd=where, env=environment, capture_output=True, text=True)
        if done.returncode and "No matching distribution found" in done.stderr:
            pytest.skip(f"no package registry was reached: {done.stderr[-300:]}")
        assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_what_is_installed(tree: Path) -> None:
    """The wheel and what it asks for: no installer, no test tool, no source tree; byte code is there already."""
    (packages,) = tree.glob("mock-sent/lib/python3.*/site-packages")
    names = {path.name.partition("-")[0].lower() for path in packages.glob("*.dist-info")}

    assert {"mock_sent", "starlette", "uvicorn"} <= names
    assert not names & {"pip", "setuptools", "pytest", "hypothesis", "schemathesis", "requests"}
    assert (packages / "mock_sent/data/openapi.yaml").read_bytes() == (ROOT / "openapi.yaml").read_bytes()
    assert list(packages.glob("mock_sent/serving/__pycache__/server.*.pyc"))
    assert not list(packages.glob("__editable__*"))


@pytest.mark.slow
def test_size(tree: Path) -> None:
    """Our layer over the base is small."""
    size = sum(path.lstat().st_size for path in tree.rglob("*") if path.is_file() and not path.is_symlink())

    assert size < 150_000_000, size


@pytest.mark.real_socket
def test_runs_confined(tree: Path) -> None:
    """As the image's user, on a read-only tree, without a network: healthy, answering, gone a second after SIGTERM."""
    namespace = [*(["sudo", "-n"] if os.geteuid() else []), "unshare", "--net", "--mount"]
    if subprocess.run([*namespace, "true"], capture_output=True).returncode:
        pytest.skip("namespaces need root and a kernel that lets it make them")
    bin = tree / "mock-sent/bin"
    image = FINAL.environment() | {"PATH": f"{bin}:/usr/bin:/bin"}
    order = {
        "tree": str(tree),
        "base": sys.base_prefix,
        "user": USER,
        "environment": image,
        "start": [str(bin / "mock-sent"), *FINAL.words("CMD")],
        "health": [str(bin / "mock-sent"), "healthcheck"],
        "request": page.REQUEST,
        "signal": getattr(signal, FINAL.one("STOPSIGNAL")),
    }
    command = [*namespace, sys.executable, str(Path(__file__).parents[1] / "helpers" / "confined.py")]
    done = subprocess.run(command, input=json.dumps(order), capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    assert seen["owner"] == USER
    assert not seen["writable"]
    assert seen["interfaces"] == ["lo"]
    assert seen["answer"]["data"]["body"] == page.RESPONSES["202"][1]["data"]["body"]
    assert seen["healthy"] < 5
    assert (seen["code"], seen["stop"] < 1) == (0, True)
