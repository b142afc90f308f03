"""Ids and keys: derived from texts, or random."""

import secrets
from hashlib import blake2b


def uuid_for(*what: str) -> str:
    """The version 4 UUID (RFC 9562) that `what` determines, the same on every machine and in every run."""
    h = blake2b("\x1f".join(what).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:32]}"


def label_of(api_key: str) -> str:
    """What a server shows in place of a key whose account has no name: of a short key, nothing of it."""
    return f"****{api_key[-4:] if len(api_key) >= 8 else ''}/{uuid_for('account', api_key)[:6]}"


def new_id() -> str:
    """Eight random hexadecimal digits."""
    return secrets.token_hex(4)
