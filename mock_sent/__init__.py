"""mock-sent: a local server that answers as Sent's messaging API, for the tests of its clients."""

__version__ = "0.1.0"
