"""`--exit-with-parent`: a server ends with the process that needs it, however that ends."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from commands import COMMAND, environment, run, serving

pytestmark = pytest.mark.real_socket
PATIENCE = 5.0


def lives(id: int) -> bool:
    try:
        state = Path(f"/proc/{id}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_for_end_of(id: int) -> float:
    """The seconds until a process is gone."""
    started = time.perf_counter()
    while lives(id) and time.perf_counter() - started < PATIENCE:
        time.sleep(0.01)  # another process's end, which no clock of ours can tell
    return time.perf_counter() - started


# The command in a Python that lacks a call of Linux, as those of uv and conda do.
WITHOUT_CALL = (
    sys.executable,
    "-c",
    "import os\nif hasattr(os, 'pidfd_open'): del os.pidfd_open\nfrom mock_sent.command.start import main\nmain()",
)


def a_process() -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("kill", [True, False])
def test_it_ends_with_a_process(kill: bool) -> None:
    """A named process ends, or is killed: a second later the server is gone."""
    with a_process() as watched, serving("--port", "0", f"--exit-with-parent={watched.pid}") as server:
        assert server.process.poll() is None
        if kill:
            watched.kill()
        else:
            watched.communicate(b"\n")
        watched.wait()
        assert wait_for_end_of(server.process.pid) < 1


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("reaped", [True, False])
def test_a_python_without_the_call(reaped: bool) -> None:
    """Where Python cannot be told of an end, it asks: two seconds later the server is gone, though nobody reaps."""
    with a_process() as watched:
        arguments = ("--port", "0", f"--exit-with-parent={watched.pid}")
        with serving(*arguments, command=WITHOUT_CALL) as server:
            assert server.process.poll() is None
            watched.kill()
            if reaped:
                watched.wait()
            assert wait_for_end_of(server.process.pid) < 2.5


def test_a_process_that_has_ended_without_the_call() -> None:
    """It is named too where Python cannot be told of an end."""
    with a_process() as gone:
        gone.communicate(b"\n")

    command, *first = WITHOUT_CALL
    ended = run(*first, "serve", "--port", "0", f"--exit-with-parent={gone.pid}", command=command)

    assert (ended.returncode, "there is no such process" in ended.stderr) == (2, True)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_it_ends_with_its_parent() -> None:
    """`on` means the process that started the server; it is killed, and so nobody else could stop the server."""
    code = (
        "import subprocess, sys\n"
        f"server = subprocess.Popen([{COMMAND!r}, '--port', '0', '--exit-with-parent'], stdout=subprocess.PIPE)\n"
        "server.stdout.readline(); print(server.pid, flush=True); sys.stdin.read()\n"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], env=environment(), **pipes) as parent:  # type: ignore[call-overload]
        id = int(parent.stdout.readline())
        assert lives(id)
        parent.kill()
        parent.wait()

    assert wait_for_end_of(id) < 1


@pytest.mark.parametrize(
    ("chosen", "reason"),
    [
        ("0", "must be on, off or the id of a process; it is '0'"),
        ("-1", "must be on, off or the id of a process; it is '-1'"),
        ("yes", "must be on, off or the id of a process; it is 'yes'"),
        ("onn", "must be on, off or the id of a process, did you mean 'on'?; it is 'onn'"),
        ("4294967296", "names process 4294967296, and there is no such process"),
    ],
)
def test_processes_that_cannot_be(chosen: str, reason: str) -> None:
    """Exit code 2 and one sentence."""
    ended = run("serve", "--port", "0", MOCK_SENT_EXIT_WITH_PARENT=chosen)

    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert reason.partition(";")[0].partition(",")[0] in ended.stderr


def test_a_process_that_has_ended() -> None:
    """A process that is gone at the start is named, so that the server does not outlive it from the beginning."""
    with a_process() as gone:
        gone.communicate(b"\n")

    ended = run("serve", "--port", "0", f"--exit-with-parent={gone.pid}")

    assert (ended.returncode, "there is no such process" in ended.stderr) == (2, True)


def test_a_client_names_itself(tmp_path: Path) -> None:
    """The server of a test process that is killed ends too, although a launcher may stand between them."""
    code = (
        "import sys\n"
        "from mock_sent_client.server import running\n"
        "with running() as mock:\n"
        "    print(mock.url, flush=True); sys.stdin.read()\n"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    variables = {"MOCK_SENT_COMMAND": COMMAND, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", code], env=environment(**variables), **pipes) as client:  # type: ignore[call-overload]
        url = client.stdout.readline().decode().strip()
        address = url.removeprefix("http://")
        assert run("healthcheck", address).returncode == 0
        client.kill()
        client.wait()

    started = time.perf_counter()
    while run("healthcheck", address).returncode == 0 and time.perf_counter() - started < PATIENCE:
        pass
    assert run("healthcheck", address).returncode == 1
