"""The port file: it appears whole, goes at the end, and one that is left over is not believed."""

import os
import signal
from pathlib import Path

import pytest
from commands import run, serving

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
    """A directory, a place that does not exist, a device: exit code 2 and one sentence."""
    reasons = {
        str(tmp_path): "is a directory; name a file in it",
        str(tmp_path / "none" / "port"): "is in a directory that does not exist; create it",
        "/dev/null": "is no regular file; name one, or a name that is free",
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
