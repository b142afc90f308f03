"""The control plane about itself: is it up, is it ready, and its own OpenAPI description."""

from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mock_sent import __version__
from mock_sent.control.replies import answer
from mock_sent.scenarios.findings import with_kinds
from mock_sent.scenarios.library import Library

PATH = Path(__file__).with_name("control.yaml")


class Described:
    """The endpoints."""

    def __init__(self, seed: str, library: Library) -> None:
        self._seed, self._library = seed, library
        self._document: Any = None

    async def health(self, request: Request) -> Response:
        """The process answers."""
        return answer({"status": "ok", "version": __version__})

    async def ready(self, request: Request) -> Response:
        """Contract, fixtures and scenarios are there: without them there would be no server."""
        return answer(
            {"status": "ready", "version": __version__, "seed": self._seed, "scenarios": len(self._library.names)}
        )

    async def openapi(self, request: Request) -> Response:
        """`control.yaml` as JSON."""
        if self._document is None:
            self._document = load()
        return answer(self._document)


def load() -> Any:
    """The description, with the kinds of the audit filled in. It is our own file, so the fast loader may read it."""
    import yaml  # only whoever asks for the description pays for it

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(with_kinds(PATH.read_text("utf-8")), Loader=loader)
