"""Examples mode: every described operation answers with its documented success, and nothing is judged or kept."""

from typing import Any

import orjson
from starlette.types import Receive

from mock_sent.api.calls import Call
from mock_sent.api.counter import Counter
from mock_sent.api.envelope import Reply
from mock_sent.api.reading import read
from mock_sent.contract import Operation


class ExamplesCounter(Counter):
    """Answers one path of the contract from the file alone: an unknown path or method is all that it refuses."""

    async def _answer(self, call: Call, receive: Receive) -> Reply:
        call.operation = self._operation(call)  # 404 405
        await read(call, receive, self._house.max_body)  # 413: even what nobody judges must end
        return _example(call.operation)


def _example(operation: Operation) -> Reply:
    """The first example of the success, letter by letter; what has none, such as a 204, has no body."""
    response: dict[str, Any] = operation.content["responses"][str(operation.success)]
    examples = response.get("content", {}).get("application/json", {}).get("examples", {})
    example = next(iter(examples.values()), None)
    return Reply(operation.success, b"" if example is None else orjson.dumps(example["value"]))
