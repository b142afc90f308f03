"""Values of settings that are more than a word or a number. A parser raises `ValueError` with what a text must be."""

import re

from mock_sent.ground.errors import did_you_mean

# Text that is a certificate or key itself: PEM, or base64 of PEM or DER.
_KEY_MATERIAL = re.compile(r"-----BEGIN|\A\s*(LS0tLS1C|M[A-P])[A-Za-z0-9+/=\s]{50,}\Z")
# The end of this process is the end of its container, whether it is watched or not. So 1 can mean `on`.
_FIRST_PROCESS = 1


def pem_path(text: str) -> str:
    """The path of a PEM file."""
    if _KEY_MATERIAL.search(text):
        raise ValueError("must be the path of a PEM file, not its content")
    if not text.isprintable():
        raise ValueError("must be printable text")
    return text


def shown_pem_path(text: str) -> str:
    """The path as people may see it: not if it is a key in place of a path."""
    return "****" if _KEY_MATERIAL.search(text) else text


def process_id(text: str) -> str:
    """`on`, `off`, or the id of a process."""
    if text in ("on", "off"):
        return text
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text)):
        raise ValueError(f"must be on, off or the id of a process{did_you_mean(text, ('on', 'off'))}")
    return "on" if int(text) == _FIRST_PROCESS else str(int(text))
