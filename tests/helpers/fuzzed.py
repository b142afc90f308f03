"""A server under a fuzz, and what must hold of it afterwards."""

import json
import time
from pathlib import Path
from typing import Self

import httpx2
from sends import PAGE_REQUEST
from servers import ServerProcess
from soak import descriptors_of

SETTINGS = {
    "MOCK_SENT_SEED": "fuzz",
    "MOCK_SENT_LOG": "json",
    "MOCK_SENT_MAX_JOURNAL": "500",
    "MOCK_SENT_AUTH": "required",
}


class FuzzedServer(ServerProcess):
    """`with FuzzedServer(folder) as server:` writes stderr of the server into a file of the folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(SETTINGS, folder / "stderr")

    def __enter__(self) -> Self:
        super().__enter__()
        for path in ("/_mock/audit", "/_mock/inbox", "/docs"):  # what is read at the first use is open no longer
            httpx2.get(self.url + path)
        self._base = self._descriptors()
        return self

    def demand_health(self) -> None:
        """Fail if the server left a descriptor open, wrote what is no log line, or does not answer as it should."""
        end = time.monotonic() + 10
        while self._descriptors() > self._base and time.monotonic() < end:
            time.sleep(0.01)
        assert self._descriptors() <= self._base
        assert httpx2.get(f"{self.url}/_mock/health").json()["status"] == "ok"
        send = httpx2.post(f"{self.url}/v3/messages", json=PAGE_REQUEST, headers={"x-api-key": "after-the-fuzz"})
        assert send.status_code == 202
        assert self._errors
        for line in self._errors.read_text().splitlines():
            assert "bug in mock-sent" not in line, line
            assert isinstance(json.loads(line), dict), line

    def _descriptors(self) -> int:
        return descriptors_of(self.pid)
