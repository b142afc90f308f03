"""The port file: it appears whole, goes at the end, and one that is left over is not believed."""

import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from commands import COMMAND, PATIENCE, environment, run, serving

from mock_sent.serving.portfile import PortFile, port_in

pytestmark = pytest.mark.real_socket


def test_it_lives_as_long_as_the_server(tmp_path: Path) -> None:
    """The file has the port and nothing else while the server listens, and is gone afterwards."""
    file = tmp_path / "port"
    with serving("--port", "0", "--port-file", str(file)) as server:
        assert file.read_text() == server.url.rpartition(":")[2] + "\n"
        assert os.listdir(tmp_path) == ["port"]
        server.stop(signal.SIGTERM)

    assert os.listdir(tmp_path) == []


def test_a_file_of_a_killed_server_is_replaced(tmp_path: Path) -> None:
    """What a server that was killed left there is removed before the next one listens, and then written anew."""
    file = tmp_path / "port"
    with serving("--port", "0", "--port-file", str(file)) as server:
        server.process.kill()
        server.process.wait()
    left = file.read_text()

    with pytest.raises(ValueError, match="left over"):
        port_in(str(file))
    with serving("--port", "0", "--port-file", str(file)) as server:
        assert port_in(str(file)) == server.url.rpartition(":")[2]
    assert left.strip().isdigit()


def test_an_old_file_goes_even_if_the_start_fails(tmp_path: Path) -> None:
    """Who waits for the file must not read the port of an earlier server."""
    file = tmp_path / "port"
    file.write_text("4010\n")

    assert run("serve", "--port", "0", "--port-file", str(file), "--log", "nonsense").returncode == 2
    assert not file.exists()


def test_two_servers_with_one_file(tmp_path: Path) -> None:
    """The later server's port counts, and the end of the earlier one does not remove it."""
    file = tmp_path / "port"
    arguments = ("--port", "0", "--port-file", str(file))
    with serving(*arguments) as first, serving(*arguments) as second:
        first.stop(signal.SIGTERM)
        assert port_in(str(file)) == second.url.rpartition(":")[2]


def test_places_where_no_file_can_be(tmp_path: Path) -> None:
    """A directory, a place that does not exist, a socket: exit code 2 and one sentence."""
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "socket"))
    reasons = {
        str(tmp_path): "is a directory; name a file in it",
        str(tmp_path / "none" / "port"): "is in a directory that does not exist; create it",
        str(tmp_path / "socket"): "is neither a regular file nor a pipe; name one, or a name that is free",
    }
    for path, reason in reasons.items():
        ended = run("serve", "--port", "0", "--port-file", path)
        assert (ended.returncode, ended.stderr) == (
            2,
            f"mock-sent: MOCK_SENT_PORT_FILE names {path!r}, which {reason}\n",
        )


def test_a_link_stays(tmp_path: Path) -> None:
    """A symbolic link is followed: the file that it points to is written and removed."""
    target, link = tmp_path / "target", tmp_path / "link"
    link.symlink_to(target)

    written = PortFile(str(link))
    written.write(4010)

    assert (link.is_symlink(), target.read_text()) == (True, "4010\n")
    written.remove()
    assert (link.is_symlink(), target.exists()) == (True, False)


def first_lines_of(stdout: Path, *arguments: str, command: tuple[str, ...] = (COMMAND,)) -> list[str]:
    """What a server with these arguments writes into the file that it has as standard output, until it is stopped."""
    with stdout.open("a") as file:
        process = subprocess.Popen([*command, "--port", "0", *arguments], env=environment(), stdout=file)
    with process:
        while process.poll() is None and stdout.read_text().count("\n") < 4:
            pass
        process.terminate()
    return stdout.read_text().splitlines()


@pytest.mark.skipif(sys.platform == "win32", reason="has no /dev/stdout")
@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"])
def test_standard_output_into_a_file(tmp_path: Path, name: str) -> None:
    """The port is a line of the output: the file that it goes to is neither replaced nor overwritten nor removed."""
    if name.startswith("/proc") and sys.platform != "linux":
        pytest.skip("has no /proc")
    stdout = tmp_path / "out"
    stdout.write_text("from before\n")
    if name == "link":
        (tmp_path / "link").symlink_to("/dev/stdout")
        name = str(tmp_path / "link")

    before, port, listening, *_ = first_lines_of(stdout, "--port-file", name)

    assert before == "from before"
    assert listening == f"mock-sent listening on http://127.0.0.1:{port}"


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_output_of_another_process(tmp_path: Path) -> None:
    """Its file gets the port at its end, as in a container whose first process is another one."""
    out = tmp_path / "out"
    out.write_text("from before\n")
    with out.open("a") as file, serving("--port", "0", "--port-file", f"/proc/{os.getpid()}/fd/{file.fileno()}") as it:
        port = it.url.rpartition(":")[2]

    assert out.read_text() == f"from before\n{port}\n"


def test_a_pipe_on_standard_output() -> None:
    """Whoever reads the output of the server reads the port first."""
    command = [COMMAND, "--port", "0", "--port-file", "/dev/stdout"]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        port, listening = process.stdout.readline().strip(), process.stdout.readline().strip()
        process.terminate()

    assert listening == f"mock-sent listening on http://127.0.0.1:{port}"


def test_a_named_pipe(tmp_path: Path) -> None:
    """Who reads from the pipe gets the port, however late; the server does not wait for it, and leaves the pipe."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    with serving("--port", "0", "--port-file", str(pipe)) as server:
        assert pipe.read_text() == server.url.rpartition(":")[2] + "\n"
    with serving("--port", "0", "--port-file", str(pipe)) as unread:
        assert unread.stop(signal.SIGTERM)[0] == 0

    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_device() -> None:
    """It gets the port, and stays; one that cannot take it is told of in one sentence."""
    with serving("--port", "0", "--port-file", "/dev/null"):
        pass
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)

    if sys.platform == "linux":
        ended = run("serve", "--port", "0", "--port-file", "/dev/full")
        wanted = "mock-sent: MOCK_SENT_PORT_FILE names '/dev/full', which cannot be written: No space left on device\n"
        assert (ended.returncode, ended.stderr) == (2, wanted)


@pytest.mark.skipif(sys.platform != "linux", reason="process ids are not told by names")
def test_servers_that_share_a_directory_and_a_process_id(tmp_path: Path) -> None:
    """In containers every process is the first: what another one of the same id writes there is left alone."""
    code = (
        "import os, sys\nos.getpid = lambda: 1\n"
        "from mock_sent.serving.portfile import PortFile\n"
        "remove = os.unlink\n"
        "file = PortFile(sys.argv[1])\n"
        "os.unlink = lambda path: sys.exit(f'removes {path}') if 'mock-sent-port' in path else remove(path)\n"
        "os.replace = lambda old, new: print(os.path.basename(old))\n"
        "file.write(4010)\n"
    )
    names = [
        subprocess.check_output([sys.executable, "-c", code, str(tmp_path / "port")], timeout=PATIENCE)
        for _ in range(2)
    ]

    assert len(set(names)) == 2
    assert len(os.listdir(tmp_path)) == 2
