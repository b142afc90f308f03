"""The certificate and key of a server that speaks HTTPS."""

import ssl  # asyncio imports it anyway
from pathlib import Path
from typing import Any

from mock_sent.ground.checks import StartChecks
from mock_sent.ground.clock import SECOND
from mock_sent.ground.errors import FileError, StartupError
from mock_sent.settings import Settings

_CERT, _KEY = "MOCK_SENT_TLS_CERT", "MOCK_SENT_TLS_KEY"
# OpenSSL's reasons for a key of another certificate: of the same kind, and of another kind.
_OTHER_PAIR = ("KEY_VALUES_MISMATCH", "NO_CERTIFICATE_ASSIGNED", "KEY_TYPE_MISMATCH")


# Seconds that a client may take to confirm the end of a connection.
_GOODBYE = 1


class _Encrypted(Exception):
    """OpenSSL asks for the password of the key."""


def context_of(settings: Settings) -> ssl.SSLContext | None:
    """The certificate and key of the settings; None if there are none. Raises `StartupError` for all that is wrong."""
    cert, key = settings.tls_cert, settings.tls_key
    if not (cert or key):
        return None
    if not (cert and key):
        given, missing, what = (_CERT, _KEY, "key") if cert else (_KEY, _CERT, "certificate")
        raise StartupError(f"{given} is set without {missing}; HTTPS needs a {what} too: set both, or neither")
    start = StartChecks()
    start.run(_demand_pem, _CERT, cert, b"CERTIFICATE-----", "certificate")
    start.run(_demand_pem, _KEY, key, b"PRIVATE KEY-----", "private key")
    start.finish()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
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


def listener_options(context: ssl.SSLContext | None, handshake: int) -> dict[str, Any]:
    """The options of asyncio's `create_server` for TLS, if there is TLS. A handshake may take so many nanoseconds."""
    if context is None:
        return {}
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
