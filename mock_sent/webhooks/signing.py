"""The signature of a delivery: `v1,` and the base64 of an HMAC-SHA-256 over id, timestamp and raw body (WEB-3)."""

from collections.abc import Mapping

from mock_sent.ground.clock import SECOND, Clock

PREFIX, VERSION = "whsec_", "v1,"
ID, TIMESTAMP, SIGNATURE, EVENT_TYPE = (
    "x-webhook-id",
    "x-webhook-timestamp",
    "x-webhook-signature",
    "x-webhook-event-type",
)
# Seconds that the clock of the receiver and the timestamp may differ.
TOLERANCE = 300
_KEY_BYTES = 32


class InvalidSignature(ValueError):
    """The signature of the delivery is wrong, or too old; the text says why."""


def sign(secret: str, id: str, timestamp: int | str, body: bytes) -> str:
    """The value of `x-webhook-signature`. `timestamp` is in whole seconds since 1970."""
    import hmac
    from base64 import b64encode

    signed = b".".join((id.encode("ascii"), str(timestamp).encode("ascii"), body))
    return VERSION + b64encode(hmac.digest(key_of(secret), signed, "sha256")).decode()


def verify(
    secret: str, headers: Mapping[str, str], body: bytes, *, now: float | None = None, tolerance: int = TOLERANCE
) -> None:
    """Return if the signature is right and recent, or raise `InvalidSignature`. `now` is in seconds since 1970.

    The header may have several signatures, separated by spaces; one that fits is enough.
    """
    from hmac import compare_digest

    given = {name.lower(): value for name, value in headers.items()}
    id, timestamp, signature = (_required(given, name) for name in (ID, TIMESTAMP, SIGNATURE))
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise InvalidSignature(f"{TIMESTAMP} is not a whole number of seconds")
    now = Clock("").now() / SECOND if now is None else now
    if abs(now - int(timestamp)) > tolerance:
        raise InvalidSignature(f"{TIMESTAMP} is {abs(now - int(timestamp)):.0f} s off; {tolerance} s are allowed")
    if not id.isascii():
        raise InvalidSignature(f"{ID} is not ASCII")
    expected = sign(secret, id, timestamp, body).encode()
    matches = [compare_digest(expected, one.encode("utf-8", "surrogatepass")) for one in signature.split(" ")]
    if not any(matches):
        raise InvalidSignature(f"{SIGNATURE} does not fit the secret, the id, the timestamp and the raw body")


def key_of(secret: str) -> bytes:
    """The key in a secret. Raises `ValueError` with what is wrong with the secret."""
    from base64 import b64decode

    text = secret.removeprefix(PREFIX)
    if text == secret:
        raise ValueError(f"must be {PREFIX} and base64")
    try:
        key = b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise ValueError(f"must be {PREFIX} and base64") from None
    if not key:
        raise ValueError(f"has no key after {PREFIX}")
    return key


def new_secret(clock: Clock, stream: str = "secrets") -> str:
    """`whsec_` and 32 bytes from a stream of the clock, so that the same seed gives the same signatures."""
    from base64 import b64encode

    return PREFIX + b64encode(bytes.fromhex(clock.digits(stream, 2 * _KEY_BYTES))).decode()


def masked(secret: str) -> str:
    """A secret of which only the last four characters are shown. Masking twice changes nothing."""
    return f"{PREFIX}****{secret[-4:]}"


def _required(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name)
    if not value:
        raise InvalidSignature(f"the header {name} is missing")
    return value
