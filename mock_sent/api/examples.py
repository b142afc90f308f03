"""Documented examples as answers: for an operation without a handler, and for every operation in examples mode."""

import orjson
from starlette.types import Receive

from mock_sent.api.calls import Call
from mock_sent.api.envelope import Reply
from mock_sent.api.plane import Endpoint
from mock_sent.api.reading import read
from mock_sent.contract import Operation
from mock_sent.contract.paths import of_method


async def answer_by_example(call: Call) -> Reply:
    """The handler of operations that have no other handler."""
    operation = call.operation
    call.exchange.by_example = True
    by = "its documented example" if operation.success_examples else "its documented status, for it has no example"
    call.warn(f"{operation.id} is answered by {by}; the mock keeps nothing of it")
    return example_of(operation)


def example_of(operation: Operation) -> Reply:
    """The first example of the success, unchanged; without an example, such as for a 204, there is no body."""
    return Reply(operation.success, b"" if operation.example is None else orjson.dumps(operation.example))


class ExamplesEndpoint(Endpoint):
    """Answers one path with examples. It refuses only unknown paths, unknown methods, and too large bodies."""

    async def _answer(self, call: Call, receive: Receive) -> Reply:
        if "origin" in call.headers or "sec-fetch-site" in call.headers:
            self._plane.admission.refuse_rebound_page(call)  # 403
        call.operation = of_method(self._operations, call.exchange.method) or await self._missing(call)  # 404 405
        await read(call, receive, self._plane.max_body)  # 413: the body is not checked, but its size is limited
        return example_of(call.operation)
