"""The same protocol under uvicorn's own server."""

from collections.abc import Callable
from typing import Any

from mock_sent.wire.limits import Limits
from mock_sent.wire.outbox import Outbox
from mock_sent.wire.protocol import Connection
from mock_sent.wire.refusals import Refusal


def for_uvicorn(limits: Limits, refusal: Refusal) -> Callable[..., Connection]:
    """What uvicorn's setting `http` takes: `uvicorn.Config(app, http=for_uvicorn(limits, refusal))`."""
    outbox = Outbox()

    def connected(config: Any, server_state: Any, app_state: dict[str, Any], **_: object) -> Connection:
        return Connection(config.loaded_app, server_state, app_state, limits, refusal, outbox)

    return connected
