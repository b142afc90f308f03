"""The wire: what a request must look like before it is one, and how long it may take."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mock_sent.clock import SECOND

if TYPE_CHECKING:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# (status, one sentence) -> the body, and its headers
Refusal = Callable[[int, str], tuple[bytes, list[tuple[bytes, bytes]]]]


@dataclass(frozen=True)
class Limits:
    """How much and how long. Spans are nanoseconds."""

    head_bytes: int = 65_536
    head_count: int = 100
    head_timeout: int = 10 * SECOND
    body_timeout: int = 30 * SECOND
    keep_alive: int = 5 * SECOND


def protocol_class(limits: Limits, refusal: Refusal) -> "type[HttpToolsProtocol]":
    """The protocol of one server."""
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

    return HttpToolsProtocol
