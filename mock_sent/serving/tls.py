"""The certificate and key of a server that speaks HTTPS."""

import ssl  # asyncio imports it anyway
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mock_sent.ground.checks import StartChecks
from mock_sent.ground.clock import SECOND
from mock_sent.ground.errors import FileError, StartupError
from mock_sent.settings import Settings

_CERT, _KEY = "MOCK_SENT_TLS_CERT", "MOCK_SENT_TLS_KEY"
# OpenSSL's reasons for a key of another certificate: of the same kind, and of another kind.
_OTHER_PAIR = ("KEY_VALUES_MISMATCH", "NO_CERTIFICATE_ASSIGNED", "KEY_TYPE_MISMATCH")

_PLAIN_TEXT = b"This is the port of HTTPS, and plain HTTP came: write https:// in place of http:// in the URL.\n"
_PLAIN_ANSWER = (
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (len(_PLAIN_TEXT), _PLAIN_TEXT)
)

# Seconds that a client may take to confirm the end of a connection.
_GOODBYE = 1


class _Encrypted(Exception):
    """OpenSSL asks for the password of the key."""


class _Handshake(ssl.SSLObject):
    """A connection that answers plain HTTP in plain HTTP: OpenSSL would say nothing, and asyncio log nothing."""

    context: "TlsContext"
    incoming: ssl.MemoryBIO
    outgoing: ssl.MemoryBIO
    _is_plain: bool | None = None

    def do_handshake(self) -> None:
        if self._is_plain is None:
            self._judge()
        if self._is_plain:
            self.incoming.read()  # what comes after the answer is not kept
            raise ssl.SSLWantReadError
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as e:
            self.context.tell(f"a TLS handshake failed: {(e.reason or 'unknown').lower().replace('_', ' ')}")
            raise

    def _judge(self) -> None:
        """Look at the first byte: that of a request in plain HTTP is a letter."""
        first = self.incoming.read()
        self.incoming.write(first)
        if first:
            self._is_plain = first[:1].isalpha()
        if self._is_plain:
            self.outgoing.write(_PLAIN_ANSWER)
            self.context.tell("plain HTTP came to the port of HTTPS, and was answered 400; write https:// in its URL")


class TlsContext(ssl.SSLContext):
    """The certificate and key of a server. `event` is told which clients make no TLS connection."""

    event: Callable[..., None] | None = None
    sslobject_class = _Handshake

    def tell(self, text: str) -> None:
        if self.event:
            self.event(text)

    def wrap_bio(self, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, *given: Any, **named: Any) -> ssl.SSLObject:
        wrapped = super().wrap_bio(incoming, outgoing, *given, **named)
        if isinstance(wrapped, _Handshake):
            wrapped.incoming, wrapped.outgoing = incoming, outgoing
        return wrapped


def context_of(settings: Settings) -> TlsContext | None:
    """The certificate and key of the settings; None if there are none. Raises `StartupError` for all that is wrong."""
    cert, key, wrong = settings.tls_cert, settings.tls_key, {"tls_cert", "tls_key"} & settings.wrong
    if not (cert or key):
        return None
    start = StartChecks()
    if not ((cert and key) or wrong):
        given, missing, what = (_CERT, _KEY, "key") if cert else (_KEY, _CERT, "certificate")
        start.add(StartupError(f"{given} is set without {missing}; HTTPS needs a {what} too: set both, or neither"))
    if cert:
        start.run(_demand_pem, _CERT, cert, b"CERTIFICATE-----", "certificate")
    if key:
        start.run(_demand_pem, _KEY, key, b"PRIVATE KEY-----", "private key")
    start.finish()
    if wrong:
        return None
    context = TlsContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(cert, key, _refuse_password)
    except _Encrypted:
        raise StartupError(
            f"{_KEY} names {key!r}, whose key is encrypted; "
            "give one without a password, which `openssl pkey -in OLD -out NEW` writes"
        ) from None
    except OSError as e:
        raise StartupError(_sentence(cert, key, getattr(e, "reason", None))) from None
    return context


def listener_options(context: TlsContext | None, handshake: int, event: Callable[..., None] | None) -> dict[str, Any]:
    """The options of asyncio's `create_server` for TLS, if there is TLS. A handshake may take so many nanoseconds."""
    if context is None:
        return {}
    context.event = event
    return {"ssl": context, "ssl_handshake_timeout": handshake / SECOND, "ssl_shutdown_timeout": _GOODBYE}


def _demand_pem(setting: str, path: str, end_of_line: bytes, what: str) -> None:
    from mock_sent.ground.userfiles import read_bytes

    try:
        content = read_bytes(Path(path))
    except FileError as e:
        raise StartupError(f"{setting} names {path!r}: {e.reason}") from None
    if b"-----BEGIN " not in content or end_of_line not in content:
        raise StartupError(f"{setting} names {path!r}, in which there is no {what} in PEM format")


def _refuse_password() -> str:
    """In place of OpenSSL's own question, for which the start would wait at a terminal."""
    raise _Encrypted


def _sentence(cert: str, key: str, reason: str | None) -> str:
    """What OpenSSL means by its reason, which it leaves out where the PEM is broken."""
    if reason in _OTHER_PAIR:
        return f"the key in {key!r} ({_KEY}) does not fit the certificate in {cert!r} ({_CERT}); give those of one pair"
    if reason:
        return f"{_CERT} {cert!r} and {_KEY} {key!r} cannot be used: {reason.lower().replace('_', ' ')}"
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cert)
    except OSError:
        return f"{_CERT} names {cert!r}, in which the certificate is damaged"
    return f"{_KEY} names {key!r}, in which the private key is damaged"
