"""Why bytes are no valid request, and what is answered to them."""

from collections.abc import Callable

from mock_sent.wire.asgi import HeaderLines

# (status, one sentence) -> the body, and its headers with its length
Refusal = Callable[[int, str], tuple[bytes, HeaderLines]]


class Refused(Exception):
    """Raised inside the parser's callbacks."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason
