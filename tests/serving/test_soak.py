"""Five seconds of what `scripts/soak` does for a minute."""

import sys

import pytest
from soak import SLOWEST, soak


@pytest.mark.volume
@pytest.mark.real_socket
@pytest.mark.skipif(sys.platform != "linux", reason="memory and descriptors are read from /proc")
def test_soak() -> None:
    """Under good, bad, faulty and costly requests memory, descriptors and a health call's time stay as they were."""
    figures = soak(seconds=5, warm_up=4)

    assert figures["memory_growth_mb"] < 10  # type: ignore[operator]
    assert figures["descriptors_left"] <= 2  # type: ignore[operator]
    assert figures["requests"] > 500  # type: ignore[operator]
    assert figures["health_ms_99"] < SLOWEST  # type: ignore[operator]
