"""Five seconds of what `scripts/soak` does for a minute."""

import sys

import pytest
from soak import soak


@pytest.mark.volume
@pytest.mark.real_socket
@pytest.mark.skipif(sys.platform != "linux", reason="memory and descriptors are read from /proc")
def test_soak() -> None:
    """Under good, bad and faulty requests memory and descriptors stay where they were, and each answer is expected."""
    figures = soak(seconds=5, warm_up=4)

    assert figures["memory_growth_mb"] < 10  # type: ignore[operator]
    assert figures["descriptors_left"] <= 2  # type: ignore[operator]
    assert figures["requests"] > 500  # type: ignore[operator]
