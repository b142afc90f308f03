"""Hostile clients make the server keep as much as they can, for a minute: it takes what its setting allows."""

import json
import sys
from pathlib import Path

import pytest
from hoarding import hoard


@pytest.mark.volume
@pytest.mark.real_socket
@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_hoarding(tmp_path: Path) -> None:
    """Resident memory grows by `MOCK_SENT_MAX_MEMORY`, within 20 %; what had to go is counted and logged."""
    figures = hoard(60, errors=tmp_path / "log")

    most = figures["most"]
    assert figures["kept"] <= most * 1.02, figures
    assert most * 0.8 < figures["taken"] < most * 1.2, figures
    assert figures["taken_most"] < most * 1.2, figures
    assert figures["evicted"] > 100, figures
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    told = [line for line in lines if line.get("event") == "account dropped, because MOCK_SENT_MAX_MEMORY is used up"]
    assert len(told) == figures["evicted"]
