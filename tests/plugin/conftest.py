"""What the tests of the plugin share."""

import httpx2
import pytest


@pytest.fixture(autouse=True)
def loaded_outside() -> None:
    """httpx2 loads httpcore2 with its first client. Inside a run of pytester that would be another copy of it, which
    leaves with the run; the errors of the one are not those of the other, and later tests would not know them."""
    httpx2.Client().close()
