"""Bodies that are no request: each is refused in the envelope, and the server goes on."""

from time import perf_counter

import pytest
from conftest import Client
from malformed import PAGE, bodies

BODIES = list(bodies())
_PARTS = 8


@pytest.mark.parametrize("part", range(_PARTS))
def test_malformed_bodies(client: Client, part: int) -> None:
    """Every body of the corpus gets a documented 4xx within a second, whatever came before it."""
    for raw in BODIES[part::_PARTS]:
        started = perf_counter()
        response = client.post("/v3/messages", content=raw, headers={"content-type": "application/json"})

        assert perf_counter() - started < 1, raw[:100]
        assert response.status_code in (400, 413), raw[:100]
        answer = response.json()
        assert answer["success"] is False
        assert answer["data"] is None
        assert answer["error"]["code"].startswith("VALIDATION_"), raw[:100]
        assert answer["error"]["message"] == "Request validation failed"
        assert answer["error"]["details"], raw[:100]
    assert client.send().status_code == 202


def test_the_corpus(client: Client) -> None:
    """The corpus is large, has no body twice, and its starting point is right: the faults are the corpus's own."""
    assert len(BODIES) >= 200
    assert len(set(BODIES)) == len(BODIES)
    assert client.post("/v3/messages", content=PAGE, headers={"content-type": "application/json"}).status_code == 202
