"""Which sockets a host and a port become, and what is said when they cannot be had."""

import contextlib
import errno
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from wiring import HOST, get, listen, port_of, serving

from mock_sent.ground.errors import StartupError
from mock_sent.serving.sockets import bind, url_of

pytestmark = pytest.mark.real_socket


def has_v6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@contextlib.contextmanager
def bound(host: str, port: int) -> Iterator[list[socket.socket]]:
    sockets = bind(host, port)
    try:
        yield sockets
    finally:
        for each in sockets:
            each.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.skipif(not has_v6(), reason="no IPv6 loopback here")
def test_loopback_is_both_families_on_one_port(host: str) -> None:
    """`localhost` means ::1 to some clients and 127.0.0.1 to others."""
    with bound(host, 0) as sockets:
        assert [each.getsockname()[0] for each in sockets] == ["127.0.0.1", "::1"]
        assert port_of(sockets[0]) == port_of(sockets[1])
        assert url_of(sockets) == f"http://127.0.0.1:{port_of(sockets[0])}"


def test_both_families_are_served() -> None:
    """One server answers on each of the sockets."""
    with serving() as port:
        for host in ("127.0.0.1", "::1") if has_v6() else ("127.0.0.1",):
            with socket.create_connection((host, port), timeout=5) as line:
                line.sendall(get("/echo"))
                assert listen(line).status == 200


def test_without_v6_the_first_family_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many containers have no ::1."""
    monkeypatch.setattr(socket, "has_ipv6", False)
    with bound("localhost", 0) as sockets:
        assert [each.getsockname()[0] for each in sockets] == ["127.0.0.1"]


@pytest.mark.parametrize("why", [errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT])
def test_v6_that_cannot_be_opened_is_left_out(monkeypatch: pytest.MonkeyPatch, why: int) -> None:
    """Python may know IPv6 where the kernel has it switched off."""
    _fail_on_v6(monkeypatch, why)
    with bound("localhost", 0) as sockets:
        assert [each.getsockname()[0] for each in sockets] == ["127.0.0.1"]


def test_port_0_falls_back_to_one_family(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the same number is never free on ::1, the first family alone is served."""
    _fail_on_v6(monkeypatch, errno.EADDRINUSE)
    with bound("localhost", 0) as sockets:
        assert [each.getsockname()[0] for each in sockets] == ["127.0.0.1"]


def _fail_on_v6(monkeypatch: pytest.MonkeyPatch, why: int) -> None:
    create = socket.create_server

    def create_server(address: Any, *, family: int = socket.AF_INET, **options: Any) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(why, "no")
        return create(address, family=family, **options)

    monkeypatch.setattr(socket, "create_server", create_server)


@pytest.mark.parametrize("taken", [HOST, "::1"])
def test_busy_port_is_one_clear_sentence(taken: str) -> None:
    """It names the port, the address and what to do; in either family."""
    if taken == "::1" and not has_v6():
        pytest.skip("no IPv6 loopback here")
    family = socket.AF_INET6 if ":" in taken else socket.AF_INET
    with socket.create_server((taken, 0), family=family) as other:
        port = port_of(other)
        with pytest.raises(StartupError) as failure:
            bind("127.0.0.1", port)

    said = f"port {port} on {taken} is in use; stop the other server or set MOCK_SENT_PORT / --port"
    assert str(failure.value) == said


@pytest.mark.parametrize(
    ("host", "port", "says"),
    [
        ("nowhere.invalid", 0, "host 'nowhere.invalid' cannot be resolved"),
        ("a" * 300, 0, "cannot be resolved"),
        ("192.0.2.1", 0, "192.0.2.1 is not an address of this machine"),
        ("127.0.0.1", 70_000, "port 70000 is not between"),
    ],
)
def test_host_that_cannot_be(host: str, port: int, says: str) -> None:
    """Each names its setting."""
    with pytest.raises(StartupError, match=says) as failure:
        bind(host, port)
    assert "MOCK_SENT_HOST / --host" in str(failure.value) or "MOCK_SENT_PORT" in str(failure.value)


def test_port_that_is_not_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port below 1024 needs rights."""

    def create_server(*_: Any, **__: Any) -> socket.socket:
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(socket, "create_server", create_server)
    with pytest.raises(StartupError, match=r"port 80 on 127\.0\.0\.1 may not be opened"):
        bind("127.0.0.1", 80)


@pytest.mark.parametrize("host", ["0.0.0.0", "::1", "::"])
def test_other_hosts_are_one_socket(host: str) -> None:
    """What is asked for and no more, and a URL with brackets where it needs them."""
    if ":" in host and not has_v6():
        pytest.skip("no IPv6 loopback here")
    with bound(host, 0) as sockets:
        shown = f"[{host}]" if ":" in host else host
        assert [url_of([each]) for each in sockets] == [f"http://{shown}:{port_of(sockets[0])}"]
