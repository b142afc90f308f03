"""Assembly: one ASGI application of all parts."""

from mock_sent.app.assembly import create_app
from mock_sent.app.parts import edition_of, editions_of, library_of

__all__ = ["create_app", "edition_of", "editions_of", "library_of"]
