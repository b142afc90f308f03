"""Tests use a mock-sent server by this package: a pytest plugin, and a client that needs only the standard library.

The names below are imported at their first use: every pytest run imports this package, and most do not use it.
`dir` does not list them, because freezegun asks for whatever `dir` lists of each module.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mock_sent_client.account import SentMock as SentMock
    from mock_sent_client.control import Control as Control
    from mock_sent_client.errors import HandleError as HandleError
    from mock_sent_client.facts import AuditReport as AuditReport
    from mock_sent_client.facts import Finding as Finding
    from mock_sent_client.facts import SentMessage as SentMessage
    from mock_sent_client.facts import SentRequest as SentRequest
    from mock_sent_client.server import MockServer as MockServer
    from mock_sent_client.server import ServerStartError as ServerStartError
    from mock_sent_client.server import running as running

__version__ = "0.1.0"

_MODULES = {
    "Finding": "facts",
    "AuditReport": "facts",
    "Control": "control",
    "HandleError": "errors",
    "MockServer": "server",
    "SentMessage": "facts",
    "SentMock": "account",
    "SentRequest": "facts",
    "ServerStartError": "server",
    "running": "server",
}

if not TYPE_CHECKING:  # with this function, a type checker would accept any name

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
