"""Documented examples as answers: of an operation without a handler, and of every operation in examples mode."""

import orjson
from starlette.types import Receive

from mock_sent.api.calls import Call
from mock_sent.api.envelope import Reply
from mock_sent.api.plane import Endpoint
from mock_sent.api.reading import read
from mock_sent.contract import Operation


async def answer_by_example(call: Call) -> Reply:
    """The handler of an operation that has no other."""
    operation = call.operation
    call.exchange.by_example = True
    by = "its documented example" if operation.success_examples else "its documented status, for it has no example"
    call.warn(f"{operation.id} is answered by {by}; the mock keeps nothing of it")
    return example_of(operation)


def example_of(operation: Operation) -> Reply:
    """The first example of the success, letter by letter; what has none, such as a 204, has no body."""
    return Reply(operation.success, b"" if operation.example is None else orjson.dumps(operation.example))


class ExamplesEndpoint(Endpoint):
    """Answers one path from the document alone: an unknown path or method is all that it refuses."""

    async def _answer(self, call: Call, receive: Receive) -> Reply:
        call.operation = self._operation(call)  # 404 405
        await read(call, receive, self._plane.max_body)  # 413: even a body that is not checked must end
        return example_of(call.operation)
