"""Schemathesis in this process: examples, coverage and fuzzing for each operation, and sequences over the links.

A few examples for each operation here, all of them with `scripts/test --long`, and `scripts/contract` runs the longest
version on a real server.
"""

import os
from collections import Counter
from typing import Any

import generation  # noqa: F401  (registers its hook)
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from replies import ROOT
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.schemas import OpenApiSchema
from starlette.testclient import TestClient

from mock_sent.app import create_app
from mock_sent.settings import Settings

EXAMPLES = int(os.environ.get("MOCK_SENT_TEST_EXAMPLES", "120"))
FEW = 15

config = SchemathesisConfig.from_path(ROOT / "tests" / "schemathesis.toml")
# Made-up names are accepted as templates: else nearly every send were a 404, and no link could be followed.
mock_settings = Settings(
    auth="required", api_keys=("schemathesis-key",), unknown_templates="accept", seed="schemathesis", log="off"
)


def served() -> OpenApiSchema:
    """The contract that a server serves. Schemathesis learns from answers, and keeps what it learned beside it."""
    return schemathesis.openapi.from_asgi("/openapi.json", create_app(mock_settings), config=config)


schema = served()
cases: Counter[str] = Counter()
answered: Counter[int] = Counter()


@pytest.mark.slow
@schema.parametrize()
@settings(max_examples=FEW, deadline=None, database=None, derandomize=True, suppress_health_check=[*HealthCheck])
def test_operation(case: schemathesis.Case[Any]) -> None:
    """Whatever is sent to an operation, its answer is one that the contract describes."""
    case.call_and_validate()


@pytest.mark.volume
@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=[*HealthCheck])
def test_operation_at_length(case: schemathesis.Case[Any]) -> None:
    """The same with as many examples as mean something."""
    cases[case.operation.label] += 1
    case.call_and_validate()


@pytest.mark.volume
def test_sequences() -> None:
    """A message that was sent can be read over the links, in any order of calls.

    hypothesis plays a sequence again and expects the same answers. So each one has a server of its own, whose time is
    frozen and moves by a second with each call, and nothing learned by other tests counts.
    """

    class Sequence(served().as_state_machine()):  # type: ignore[misc]
        def setup(self) -> None:
            self.client = TestClient(create_app(mock_settings), headers={"x-api-key": "schemathesis-key"})
            self.move(freeze=True)

        def move(self, **how: object) -> None:
            assert self.client.post("/_mock/clock", json=how).is_success

        def get_call_kwargs(self, case: schemathesis.Case[Any]) -> dict[str, Any]:
            return {"app": self.client.app}

        def after_call(self, response: schemathesis.Response, case: schemathesis.Case[Any]) -> None:
            cases["sequences"] += 1
            answered[response.status_code] += 1
            self.move(advance="1s")

    steps = settings(
        max_examples=EXAMPLES // 2,
        stateful_step_count=6,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=[*HealthCheck],
    )

    Sequence.run(settings=steps)

    assert answered[202] > 5
    assert answered[200] > 10, "no link was followed to its end"


@pytest.mark.volume
def test_enough_cases(request: pytest.FixtureRequest) -> None:
    """The operations were tried often enough to mean something."""
    if request.config.option.keyword or len(cases) < 4:
        pytest.skip("only a part of this file was asked for")
    print(dict(cases), dict(answered))
    assert sum(cases.values()) >= 600, cases
