"""Replies of the control plane: plain JSON; an error is one sentence."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from mock_sent.ground.errors import MockSentError
from mock_sent.ground.strictjson import Unreadable, loads

MOST = 1024 * 1024


class ControlError(MockSentError):
    """The control plane refuses: status and sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def answer(content: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")


def refusal(error: ControlError) -> Response:
    return answer({"error": str(error)}, error.status)


async def body_of(request: Request) -> bytes:
    """The request's body, as far as it is not too large."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST:
            raise ControlError(413, f"the body must be at most {MOST} bytes")
    return body


async def json_of(request: Request) -> Any:
    """The request's JSON."""
    try:
        return loads(await body_of(request))
    except Unreadable as e:
        raise ControlError(400, f"the body {e}") from None


async def member_of(request: Request, *names: str) -> tuple[str, Any]:
    """The one member that the request's object has, out of those that it may have."""
    content = await json_of(request)
    if not isinstance(content, dict) or len(content) != 1 or (name := next(iter(content))) not in names:
        raise ControlError(400, f"send an object with one member: {' or '.join(names)}")
    return name, content[name]
