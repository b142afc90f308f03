"""A receiver with a certificate of its own: SSL_CERT_FILE or SSL_CERT_DIR makes deliveries trust it."""

import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from certificates import Pair, openssl, pair_in
from conftest import Live


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return pair_in(tmp_path)


@pytest.fixture
def url(pair: Pair) -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.cert, pair.key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://localhost:{server.server_port}/hook"
    server.shutdown()
    thread.join()
    server.server_close()


def outcome(client: Live, url: str) -> str:
    """What became of a delivery."""
    body = {"display_name": "x", "endpoint_url": url, "event_types": ["messages"]}
    id = client.post("/v3/webhooks", json=body).json()["data"]["id"]
    client.post(f"/v3/webhooks/{id}/test", json={})
    client.post("/_mock/clock", json={"advance": "1s"})
    event = client.get(f"/v3/webhooks/{id}/events").json()["data"]["events"][0]
    return str(event["delivery_status"])


def test_it_is_not_trusted_by_itself(live: Callable[..., Live], url: str) -> None:
    """Without a setting the delivery fails, as the real API's would."""
    assert outcome(live(), url) == "FAILED"


def test_a_file(live: Callable[..., Live], url: str, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """SSL_CERT_FILE names the certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(pair.cert))

    assert outcome(live(), url) == "DELIVERED"


def test_a_directory(
    live: Callable[..., Live], url: str, pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SSL_CERT_DIR names a directory that `openssl rehash` has prepared."""
    folder = tmp_path / "certificates"
    folder.mkdir()
    (folder / "mock.pem").write_bytes(pair.cert.read_bytes())
    openssl("rehash", str(folder))
    monkeypatch.setenv("SSL_CERT_DIR", str(folder))

    assert outcome(live(), url) == "DELIVERED"
