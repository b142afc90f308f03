"""Certificates for the tests of HTTPS, made by openssl as the docs say."""

import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest


class Pair(NamedTuple):
    """The PEM files of a certificate and its private key."""

    cert: Path
    key: Path

    @property
    def settings(self) -> dict[str, str]:
        return {"MOCK_SENT_TLS_CERT": str(self.cert), "MOCK_SENT_TLS_KEY": str(self.key)}


def openssl(*arguments: str) -> None:
    """Run openssl; a machine that lacks it skips the test."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: apt-get install openssl")
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def pair_in(folder: Path, name: str = "mock", *more: str) -> Pair:
    """A certificate that signs itself, for localhost and 127.0.0.1."""
    pair = Pair(folder / f"{name}.pem", folder / f"{name}-key.pem")
    openssl(
        *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "365"),
        *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
        *("-out", str(pair.cert), "-keyout", str(pair.key), *more),
    )
    return pair
