"""Schemathesis against the edition of October 2026, in this process."""

from typing import Any

import generation  # noqa: F401  (registers its hook)
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from replies import ROOT
from schemathesis.config import SchemathesisConfig

from mock_sent.app import create_app
from mock_sent.settings import Settings

app = create_app(
    Settings(
        edition="2026-10",
        auth="required",
        api_keys=("schemathesis-key",),
        unknown_templates="accept",
        seed="schemathesis",
        log="off",
    )
)
schema = schemathesis.openapi.from_asgi(
    "/openapi.json", app, config=SchemathesisConfig.from_path(ROOT / "tests" / "schemathesis.toml")
)


@pytest.mark.slow
@schema.parametrize()
@settings(max_examples=25, deadline=None, database=None, derandomize=True, suppress_health_check=[*HealthCheck])
def test_operation_of_october(case: schemathesis.Case[Any]) -> None:
    """Whatever is sent to an operation, its answer is one that October's contract describes."""
    case.call_and_validate()
