"""Health, readiness, and the OpenAPI description of the control plane."""

from pathlib import Path
from typing import Any

from mock_sent import __version__
from mock_sent.contract import Document
from mock_sent.control.calls import ControlCall
from mock_sent.scenarios.findings import fill_kinds

PATH = Path(__file__).with_name("control.yaml")


async def health(call: ControlCall) -> Any:
    """Answer, to show that the process runs."""
    return {"status": "ok", "version": __version__}


async def ready(call: ControlCall) -> Any:
    """The server is ready as soon as it answers: it does not start without contract, fixtures and scenarios."""
    from mock_sent.judging.conformance.deviations import deviations_of

    plane = call.plane
    return {
        "status": "ready",
        "version": __version__,
        "seed": plane.seed,
        "scenarios": len(plane.library.names),
        "deviations": deviations_of(plane.accounts.settings),
    }


async def openapi(call: ControlCall) -> Any:
    """`control.yaml` as JSON."""
    return call.plane.document.raw


def load() -> Document:
    """The description, with the kinds of the audit filled in."""
    document = Document(PATH)
    fill_kinds(document.raw)
    return document
