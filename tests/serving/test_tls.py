"""HTTPS, for clients that insist on it: `MOCK_SENT_TLS_CERT` and `MOCK_SENT_TLS_KEY`."""

import json
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from certificates import Pair, openssl, pair_in
from commands import Server, environment, run, serving
from sends import PAGE_REQUEST

pytestmark = pytest.mark.real_socket


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return pair_in(tmp_path)


@pytest.fixture
def server(pair: Pair) -> Iterator[Server]:
    with serving("--port", "0", variables=pair.settings) as started:
        yield started


def connected(server: Server, pair: Pair) -> ssl.SSLSocket:
    host, port = server.url.removeprefix("https://").split(":")
    plain = socket.create_connection((host, int(port)), timeout=5)
    return ssl.create_default_context(cafile=str(pair.cert)).wrap_socket(plain, server_hostname=host)


def test_the_first_lines_say_it(server: Server) -> None:
    """The address, and the curl that is printed with it, begin with https."""
    assert server.url.startswith("https://127.0.0.1:")
    assert f"{server.url}/v3/messages" in server.lines[1]
    assert f"{server.url}/docs" in server.lines[2]


def test_curl(server: Server, pair: Pair) -> None:
    """curl trusts the pair with --cacert, and refuses it without."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed: apt-get install curl")
    command = ["curl", "-sS", f"{server.url}/v3/messages", "-H", "content-type: application/json"]
    command += ["-d", json.dumps(PAGE_REQUEST)]

    trusting = subprocess.run([*command, "--cacert", str(pair.cert)], capture_output=True, text=True, timeout=10)
    doubting = subprocess.run(command, capture_output=True, text=True, timeout=10)

    assert json.loads(trusting.stdout)["success"] is True
    assert doubting.returncode == 60


def test_the_printed_curl(tmp_path: Path) -> None:
    """The command that the server prints works when it is pasted, in another directory too."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed: apt-get install curl")
    folder = tmp_path / "a folder"
    folder.mkdir()
    pair = pair_in(folder)
    named = {"MOCK_SENT_TLS_CERT": pair.cert.name, "MOCK_SENT_TLS_KEY": pair.key.name}
    with serving("--port", "0", variables=named, cwd=folder) as server:
        pasted = subprocess.run(
            f"{server.lines[1]} -sS", shell=True, cwd=tmp_path, capture_output=True, text=True, timeout=10
        )

    assert json.loads(pasted.stdout)["success"] is True


def test_node(server: Server, pair: Pair) -> None:
    """Node's fetch trusts the pair by NODE_EXTRA_CA_CERTS."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed: apt-get install nodejs")
    code = f"fetch('{server.url}/_mock/health').then(r => r.json()).then(b => console.log(b.status))"
    ended = subprocess.run(
        ["node", "-e", code], env=environment(NODE_EXTRA_CA_CERTS=str(pair.cert)), capture_output=True, timeout=20
    )

    assert ended.stdout == b"ok\n"


def test_python(server: Server, pair: Pair) -> None:
    """Python's libraries trust the pair by SSL_CERT_FILE."""
    code = f"import urllib.request as u; print(u.urlopen('{server.url}/_mock/health').status)"
    ended = subprocess.run(
        [sys.executable, "-c", code], env=environment(SSL_CERT_FILE=str(pair.cert)), capture_output=True, timeout=20
    )

    assert ended.stdout == b"200\n"


def test_health_check(server: Server, pair: Pair) -> None:
    """The health check speaks HTTPS where the environment or its argument says so."""
    address = server.url.removeprefix("https://")

    assert run("healthcheck", server.url).returncode == 0
    assert run("healthcheck", address).returncode == 1
    assert run("healthcheck", MOCK_SENT_PORT=address.split(":")[1], **pair.settings).returncode == 0


def test_the_inbox_and_its_host(server: Server, pair: Pair) -> None:
    """A page of the server itself may write, one of another origin may not."""
    host = server.url.removeprefix("https://")
    statuses = {}
    for origin in (f"https://{host}", "https://evil.example"):
        with connected(server, pair) as line:
            head = f"POST /_mock/reset HTTP/1.1\r\nhost: {host}\r\norigin: {origin}\r\ncontent-length: 2\r\n"
            line.sendall(f"{head}content-type: application/json\r\nconnection: close\r\n\r\n{{}}".encode())
            statuses[origin] = line.recv(12)[9:]

    assert statuses == {f"https://{host}": b"200", "https://evil.example": b"403"}


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PRI"])
def test_plain_http_on_the_port_of_https(pair: Pair, tmp_path: Path, method: str) -> None:
    """It is answered 400 in plain HTTP and logged in one line, both of which name https; the server serves on."""
    log = tmp_path / "log"
    with serving("--port", "0", "--log", "text", variables=pair.settings, log=log) as server:
        host, port = server.url.removeprefix("https://").split(":")
        with socket.create_connection((host, int(port)), timeout=5) as plain:
            for piece in (method.encode(), b" /_mock/health HTTP/1.1\r\nhost: localhost\r\n\r\n"):
                plain.sendall(piece)
            answer = plain.recv(1000)
            plain.sendall(b"x" * 100_000)
        with connected(server, pair) as line:
            line.sendall(b"GET /_mock/health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
            assert line.recv(100).startswith(b"HTTP/1.1 200")

    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"write https:// in place of http://" in answer
    assert log.read_text().count("plain HTTP came to the port of HTTPS") == 1


def test_a_handshake_that_fails_is_logged(pair: Pair, tmp_path: Path) -> None:
    """A client that does not trust the certificate is told of in one line; one that says nothing is not."""
    log = tmp_path / "log"
    with serving("--port", "0", "--log", "text", variables=pair.settings, log=log) as server:
        host, port = server.url.removeprefix("https://").split(":")
        socket.create_connection((host, int(port)), timeout=5).close()
        with socket.create_connection((host, int(port)), timeout=5) as plain, pytest.raises(ssl.SSLError):
            ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        with connected(server, pair):
            pass

    assert [line for line in log.read_text().splitlines() if "TLS" in line] == [
        line for line in log.read_text().splitlines() if "a TLS handshake failed: " in line and "unknown ca" in line
    ]
    assert log.read_text().count("a TLS handshake failed") == 1


def test_faults_below_http(server: Server, pair: Pair) -> None:
    """A reset and an empty answer reach a client over TLS as broken connections."""
    for number in ("+15005550170", "+15005550172"):
        body = json.dumps({**PAGE_REQUEST, "to": [number]})
        with connected(server, pair) as line:
            head = f"POST /v3/messages HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(body)}\r\n"
            line.sendall(f"{head}content-type: application/json\r\n\r\n{body}".encode())
            try:
                assert line.recv(100) == b""
            except OSError:
                pass


def test_a_stop_amid_handshakes(server: Server, pair: Pair) -> None:
    """Clients that began a handshake and never went on do not hold up the end."""
    host, port = server.url.removeprefix("https://").split(":")
    half_open = [socket.create_connection((host, int(port)), timeout=5) for _ in range(50)]
    for each in half_open:
        each.sendall(b"\x16\x03\x01")
    idle = connected(server, pair)

    code, seconds = server.stop(signal.SIGTERM)

    assert (code, seconds < 1) == (0, True)
    for each in [*half_open, idle]:
        each.close()


def refusal_of(cert: Path | str, key: Path | str) -> str:
    ended = run("serve", "--port", "0", MOCK_SENT_TLS_CERT=str(cert), MOCK_SENT_TLS_KEY=str(key))
    assert ended.returncode == 2
    return ended.stderr


def test_pairs_that_cannot_be_used(pair: Pair, tmp_path: Path) -> None:
    """Each way in which a pair is wrong has a sentence that names the setting and the file."""
    other, no_pem = pair_in(tmp_path, "other"), tmp_path / "no.pem"
    no_pem.write_text("nothing")
    locked, damaged = tmp_path / "locked.pem", tmp_path / "damaged.pem"
    openssl("pkey", "-in", str(pair.key), "-aes256", "-passout", "pass:secret", "-out", str(locked))
    damaged.write_text(pair.cert.read_text().replace("MII", "MIX", 1))

    assert "MOCK_SENT_TLS_CERT is set without MOCK_SENT_TLS_KEY" in refusal_of(pair.cert, "")
    assert "MOCK_SENT_TLS_KEY is set without MOCK_SENT_TLS_CERT" in refusal_of("", pair.key)
    assert "does not fit the certificate" in refusal_of(pair.cert, other.key)
    assert "there is no private key in PEM format" in refusal_of(pair.key, pair.cert)
    assert "there is no certificate in PEM format" in refusal_of(no_pem, pair.key)
    assert "there is no such file" in refusal_of(tmp_path / "none.pem", pair.key)
    assert "whose key is encrypted" in refusal_of(pair.cert, locked)
    assert "the certificate is damaged" in refusal_of(damaged, pair.key)


def test_both_halves_of_a_pair_are_told_of(pair: Pair, tmp_path: Path) -> None:
    """Whatever is wrong with one half, the other is looked at too."""
    none = str(tmp_path / "none.pem")
    for cert, key, told in (
        (none, none, ["MOCK_SENT_TLS_CERT names", "MOCK_SENT_TLS_KEY names"]),
        (none, "", ["MOCK_SENT_TLS_CERT is set without MOCK_SENT_TLS_KEY", "MOCK_SENT_TLS_CERT names"]),
        ("", none, ["MOCK_SENT_TLS_KEY is set without MOCK_SENT_TLS_CERT", "MOCK_SENT_TLS_KEY names"]),
        (none, pair.key.read_text(), ["MOCK_SENT_TLS_KEY must be the path", "MOCK_SENT_TLS_CERT names"]),
        (pair.cert.read_text(), none, ["MOCK_SENT_TLS_CERT must be the path", "MOCK_SENT_TLS_KEY names"]),
    ):
        lines = refusal_of(cert, key).splitlines()
        assert len(lines) == len(told)
        assert all(line.startswith(f"mock-sent: {start}") for line, start in zip(lines, told, strict=True))


def test_a_host_behind_a_wrong_port() -> None:
    """A host that cannot be is told of beside a port that cannot be."""
    for host, reason in (("no.such.invalid", "cannot be resolved"), ("203.0.113.1", "is not an address")):
        lines = run("serve", "--port", "99999", "--host", host).stderr.splitlines()
        assert ["--port must be" in lines[0], host in lines[1], reason in lines[1]] == [True] * 3
        assert len(lines) == 2


def test_a_key_in_place_of_its_path(pair: Pair) -> None:
    """Whoever gives the key itself is told, and the key is not printed."""
    said = refusal_of(pair.cert, pair.key.read_text())

    assert "MOCK_SENT_TLS_KEY must be the path of a PEM file, not its content; it is ****" in said
    assert pair.key.read_text().splitlines()[1] not in said


def test_all_errors_at_once(tmp_path: Path) -> None:
    """Every setting and file that is wrong has its line: nobody mends one to meet the next."""
    (tmp_path / "a.yaml").write_text("schema: 2\n")
    (tmp_path / "fixtures.yaml").write_text("schema: 1\nnobody: 1\n")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = run(
            "serve",
            MOCK_SENT_PORT=str(taken.getsockname()[1]),
            MOCK_SENT_LOG="loud",
            MOCK_SENT_PROT="1",
            MOCK_SENT_SCENARIOS_DIR=str(tmp_path / "none"),
            MOCK_SENT_SCENARIO=str(tmp_path / "a.yaml"),
            MOCK_SENT_FIXTURES=str(tmp_path / "fixtures.yaml"),
            MOCK_SENT_WEBHOOK_SECRET="whsec_!",
            MOCK_SENT_TLS_CERT=str(tmp_path / "none.pem"),
            MOCK_SENT_EXIT_WITH_PARENT="4294967295",
        )

    lines = ended.stderr.splitlines()
    assert ended.returncode == 2
    assert all(line.startswith("mock-sent: ") for line in lines)
    wanted = [
        "MOCK_SENT_LOG", "MOCK_SENT_PROT", "MOCK_SENT_SCENARIOS_DIR names", "a.yaml", "fixtures.yaml",
        "MOCK_SENT_WEBHOOK_SECRET", "MOCK_SENT_TLS_CERT is set", "MOCK_SENT_TLS_CERT names",
        "MOCK_SENT_EXIT_WITH_PARENT", "MOCK_SENT_PORT",
    ]  # fmt: skip
    assert [word for word in wanted if not any(word in line for line in lines)] == []
    assert len(lines) == len(wanted)
