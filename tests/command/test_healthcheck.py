"""`mock-sent healthcheck`: what a container asks every two seconds."""

import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from time import perf_counter

import pytest
from commands import run, serving
from conftest import Client, Live

from mock_sent.command.healthcheck import main
from mock_sent.serving.portfile import PortFile


def test_well(live: Callable[..., Live], tmp_path: Path) -> None:
    """A server is found by address, by the variables that it was started with, and by its port file."""
    server = live(control_token="secret")
    port, file = str(server.port), tmp_path / "port"
    PortFile(str(file)).write(server.port)

    assert main([f"127.0.0.1:{port}"], {}) == 0
    assert main([f"http://127.0.0.1:{port}/"], {}) == 0
    assert main([], {"MOCK_SENT_PORT": port, "PORT": "1", "MOCK_SENT_HOST": "0.0.0.0"}) == 0
    assert main([], {"PORT": port}) == 0
    assert main([], {"MOCK_SENT_PORT": "0", "MOCK_SENT_PORT_FILE": str(file)}) == 0


def test_nobody_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody listens, or nobody has written the port file: exit code 1 and one line."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    assert main([], {"MOCK_SENT_PORT": str(port)}) == 1
    assert capsys.readouterr().err.startswith(f"mock-sent: no answer from 127.0.0.1 port {port}: ")
    assert main([], {"MOCK_SENT_PORT": str(port), "MOCK_SENT_PORT_FILE": str(tmp_path / "none")}) == 1
    assert "does not exist: no server has started with it" in capsys.readouterr().err


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0\r\n", b"HTTP/1.1 503 Service Unavailable\r\n\r\n"])
def test_not_well(answer: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody else listens there, or the server is ill."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(answer)

        thread = Thread(target=serve)
        thread.start()
        code = main([f"127.0.0.1:{listener.getsockname()[1]}"])
        thread.join()

    assert code == 1
    assert "answers" in capsys.readouterr().err


BAD = [
    "", ":", "a:b", "127.0.0.1", "a:0", "a:-1", "a:65536", "a:99999999999", "a:+1", "a:4_0", "a: 1", "a b:1", "a/b:1",
    "::1:1", "a:0000070000", "[::1:1", "::1]:1", "a[]:1", "[a]:1", "a\n:1", "\x1b[2J:1", "\u202e:1", "b\u00fccher:1",
    "a:\u0664\u0660", "ftp://a:1", "file:///etc/passwd", "http://a", "http://a:1/x", "http://a:1?x", "http://a:1#x",
    "http://http://a:1", "user:hidden@127.0.0.1:1", "http://user:hidden@127.0.0.1:1",
]  # fmt: skip


@pytest.mark.parametrize("arguments", [*([address] for address in BAD), ["a:1", "b:2"], ["--url", "a:1", "b"]])
def test_wrong_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, what is wrong and the usage, in one line without escape sequences and without a password."""
    assert main(arguments, {}) == 2

    said = capsys.readouterr().err
    assert "usage:" in said
    assert said[:-1].isprintable()
    assert said.isascii()
    assert "hidden" not in said


@pytest.mark.parametrize(
    "environ",
    [
        {"MOCK_SENT_PORT": "abc"}, {"MOCK_SENT_PORT": "99999"}, {"PORT": "-1"}, {"MOCK_SENT_PORT": "\x1b[2J"},
        {"MOCK_SENT_HOST": "a b"}, {"MOCK_SENT_HOST": "user:hidden@a"}, {"MOCK_SENT_HOST": "\x1b[2J"},
    ],
)  # fmt: skip
def test_wrong_environment(environ: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """The line names the variables."""
    assert main([], environ) == 2

    said = capsys.readouterr().err
    assert f"mock-sent: {'MOCK_SENT_HOST' if 'MOCK_SENT_HOST' in environ else 'MOCK_SENT_PORT'}" in said
    assert said[:-1].isprintable()


@pytest.mark.parametrize("content", [b"", b"\n", b"0\n"])
def test_a_port_that_is_not_known_yet(tmp_path: Path, content: bytes) -> None:
    """Before the port file has a port, nobody is well: exit code 1."""
    (tmp_path / "port").write_bytes(content)

    assert main([], {"MOCK_SENT_PORT": "0", "MOCK_SENT_PORT_FILE": str(tmp_path / "port")}) == 1


@pytest.mark.parametrize("content", [b"\xff\xfe", b"4010 4011", b"x" * 1_000_000])
def test_a_port_file_of_another(tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that has something else in it is named."""
    (tmp_path / "port").write_bytes(content)

    assert main([], {"MOCK_SENT_PORT_FILE": str(tmp_path / "port")}) == 1
    assert "has no port in it" in capsys.readouterr().err


@pytest.mark.real_socket
def test_a_port_file_that_is_left_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file of a server that was killed is not believed, even if somebody else listens on its port by now."""
    file = tmp_path / "port"
    with serving("--port", "0", "--port-file", str(file)) as server:
        assert main([], {"MOCK_SENT_PORT_FILE": str(file)}) == 0
        server.process.kill()
        server.process.wait()

    assert main([], {"MOCK_SENT_PORT_FILE": str(file)}) == 1
    assert "is left over from a server that was killed" in capsys.readouterr().err


@pytest.mark.parametrize("host", ["a..b", "." * 10, "x" * 64, "no-such-host.invalid"])
def test_hosts_that_are_not_there(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A host that is not found is no answer."""
    assert main([f"{host}:1"], {}) == 1
    assert capsys.readouterr().err.startswith(f"mock-sent: no answer from {host} port 1")


def test_health_needs_no_token(mock: Callable[..., Client]) -> None:
    """A probe of Kubernetes has no token; everything else under /_mock keeps asking for it."""
    client = mock(control_token="secret")

    assert client.get("/_mock/health").status_code == 200
    assert client.get("/_mock/accounts").status_code == 401


@pytest.mark.real_socket
def test_as_a_command() -> None:
    """The command and its help."""
    with serving("--port", "0") as server:
        assert run("healthcheck", server.url).returncode == 0

    assert run("healthcheck", server.url).returncode == 1
    assert "[HOST:PORT]" in run("healthcheck", "--help").stdout
    assert "healthcheck" in run("--help").stdout


def test_it_imports_nothing_heavy() -> None:
    """Neither the command line nor the server: a container must not pay their start every two seconds."""
    code = (
        "import sys; from mock_sent.command.start import main; sys.argv = ['mock-sent', 'healthcheck', '127.0.0.1:1']\n"
        "try: main()\n"
        "except SystemExit: print(*sys.modules)\n"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert "mock_sent.command.healthcheck" in loaded
    assert not {"click", "starlette", "uvicorn", "yaml", "http.client", "urllib.request", "ssl"} & set(loaded)


@pytest.mark.real_socket
def test_it_is_quick() -> None:
    """The best of five takes 150 ms more than Python's own start at most, on a busy machine too."""
    seconds, bare = [], []
    with serving("--port", "0") as server:
        for _ in range(5):
            started = perf_counter()
            assert run("healthcheck", server.url).returncode == 0
            seconds.append(perf_counter() - started)
            started = perf_counter()
            subprocess.run([sys.executable, "-c", ""], check=True)
            bare.append(perf_counter() - started)

    assert min(seconds) < min(bare) + 0.15
