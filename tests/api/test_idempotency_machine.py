"""Idempotency against a model of a few lines: sends, replays, bodies, clock moves and resets in any order."""

from io import StringIO
from typing import Any

import pytest
from conftest import Client
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from replies import Replies

from mock_sent.settings import Settings

KEYS = st.sampled_from(["a", "b", "c", None])
NUMBERS = st.sampled_from(["+14155551234", "+447700900123"])
HOURS = st.sampled_from([1, 7, 23, 24, 25])
WINDOW = 24
_REPLIES = Replies()


class Keys(RuleBasedStateMachine):
    """The model: for each key, the answer that it got and the hour until which it counts; and how many were kept."""

    @initialize()
    def start(self) -> None:
        self.client = Client(_REPLIES, Settings(seed="machine"))
        self.client.log = StringIO()
        self.client.__enter__()
        self.client.post("/_mock/clock", json={"freeze": "2026-03-11T00:00:00Z"})
        self.hour, self.kept = 0, 0
        self.answers: dict[str, tuple[bytes, int]] = {}

    @rule(key=KEYS, number=NUMBERS, sandbox=st.booleans())
    def send(self, key: str | None, number: str, sandbox: bool) -> None:
        headers = {"idempotency-key": key} if key else {}
        response = self.client.send(to=[number], channel=["sms"], sandbox=sandbox, headers=headers)
        assert response.status_code == 202
        known = self.answers.get(key or "")
        if key and known and self.hour < known[1]:
            assert response.content == known[0]
            assert response.headers["idempotent-replayed"] == "true"
            return
        assert "idempotent-replayed" not in response.headers
        self.kept += not sandbox
        if key:
            self.answers[key] = (response.content, self.hour + WINDOW)

    @rule(key=KEYS)
    def send_invalid(self, key: str | None) -> None:
        headers: dict[str, Any] = {"idempotency-key": key} if key else {}
        assert self.client.send(to=["nobody"], headers=headers).status_code == 400

    @rule(key=KEYS)
    def fail(self, key: str | None) -> None:
        headers = {"x-mock-scenario": "internal-error", **({"idempotency-key": key} if key else {})}
        known = self.answers.get(key or "")
        expected = 202 if key and known and self.hour < known[1] else 500
        assert self.client.send(headers=headers).status_code == expected

    @rule(hours=HOURS)
    def advance(self, hours: int) -> None:
        self.client.post("/_mock/clock", json={"advance": f"{hours}h"})
        self.hour += hours

    @rule()
    def reset(self) -> None:
        self.client.post("/_mock/reset", json={})
        self.client.post("/_mock/clock", json={"freeze": "2026-03-11T00:00:00Z"})
        self.hour, self.kept, self.answers = 0, 0, {}

    @invariant()
    def as_many_as_the_model(self) -> None:
        account = self.client.get("/_mock/accounts").json()["accounts"][0]
        assert account["messages"] == self.kept

    def teardown(self) -> None:
        if hasattr(self, "client"):
            self.client.__exit__()


TestKeys = pytest.mark.slow(Keys.TestCase)
TestKeys.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
