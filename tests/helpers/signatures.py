"""A second implementation of the signature, to hold ours against, and the secret of the documented vectors."""

import base64
import hashlib
import hmac

SECRET = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="


def independent(secret: str, headers: dict[str, str], body: bytes, now: float) -> bool:
    """The documented recipe in ten lines of the standard library, written without a look at ours."""
    key = base64.b64decode(secret[len("whsec_") :])
    if abs(now - int(headers["x-webhook-timestamp"])) > 300:
        return False
    content = f"{headers['x-webhook-id']}.{headers['x-webhook-timestamp']}.".encode("latin-1") + body
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    version, _, given = headers["x-webhook-signature"].partition(",")
    return version == "v1" and hmac.compare_digest(expected.encode(), given.encode())
