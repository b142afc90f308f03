"""Replies of the control plane: plain JSON; an error is one sentence."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

from mock_sent.control.listing import ListAnswer, Listing
from mock_sent.ground.errors import MockSentError


class ControlError(MockSentError):
    """A refusal of the control plane: status, sentence, and extra headers."""

    def __init__(self, status: int, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status, self.headers = status, headers


def answer(content: Any, status: int = 200) -> Response:
    if isinstance(content, dict) and any(isinstance(value, Listing) for value in content.values()):
        return ListAnswer(content, status)
    return Response(orjson.dumps(content), status, media_type="application/json")


def refusal(error: ControlError) -> Response:
    response = answer({"error": str(error)}, error.status)
    response.headers.update(error.headers or {})
    return response
