"""Reads the requests of one connection with httptools, with the checks that its parser leaves out."""

from typing import TYPE_CHECKING, Any

import httptools

from mock_sent.wire import heads
from mock_sent.wire.asgi import HeaderLines
from mock_sent.wire.limits import Limits
from mock_sent.wire.refusals import Refused

if TYPE_CHECKING:
    from mock_sent.wire.protocol import Connection

# The parser is fed in slices, so that the limits are checked before it has taken much more than is allowed.
_SLICE = 16_384


class Reader:
    """The parser of one connection. Its public attributes are those of the last head."""

    def __init__(self, connection: "Connection", limits: Limits) -> None:
        self._connection, self._limits = connection, limits
        # A part of a head has come; of a body.
        self.in_head = self.in_body = False
        # Bytes that may still come before a head, or a piece of a body, is complete.
        self._room = limits.head_bytes
        self._upgrade_ignored = False
        self._parser = self._new_parser()

    def feed(self, data: bytes) -> None:
        """Read. Raises `Refused` for what is no valid HTTP, or too much."""
        left = data if len(data) <= _SLICE else memoryview(data)
        try:
            while left:
                part = left[: min(_SLICE, self._room)]
                # Counted before the parser sees it, because what it completes gives new room.
                self._room -= len(part)
                fed = len(part)
                try:
                    self._parser.feed_data(part)
                except httptools.HttpParserUpgrade as upgrade:
                    fed = upgrade.args[0]
                if self._upgrade_ignored:
                    self._start_over_without_upgrade()
                left = left[fed:]
                if not self._room:
                    raise self._too_large()
        except httptools.HttpParserCallbackError as error:
            raise error.__context__ or error from None
        except httptools.HttpParserError as error:
            raise Refused(400, f"this is not valid HTTP/1.1: {error}") from None

    def end(self) -> None:
        """Release the parser, which refers to this reader."""
        del self._parser, self._connection

    @property
    def is_head(self) -> bool:
        """Whether the method of the request is HEAD, as far as it has been read."""
        return (self.in_head or self.in_body) and bool(self.target) and self._parser.get_method() == b"HEAD"

    def _new_parser(self) -> Any:
        parser: Any = httptools.HttpRequestParser(self)
        # Requests may follow one that asks for the end of the connection: they are dropped, and are no error.
        parser.set_dangerous_leniencies(lenient_data_after_close=True)
        return parser

    def _start_over_without_upgrade(self) -> None:
        """Parse the head again without its `Upgrade`, because the parser stops at one and loses the body.

        A server may ignore an upgrade (RFC 9110, 7.8). Java's client asks for h2c with every first request.
        """
        head = heads.without_upgrade(self.method, self.target, self.version, self.headers)
        self._upgrade_ignored = False
        self._parser = self._new_parser()
        self._parser.feed_data(head)

    def _too_large(self) -> Refused:
        what = "framing of the body" if self.in_body else "head"
        is_target = self.in_head and len(self.target) > self._limits.head_bytes // 2
        return Refused(414 if is_target else 431, f"the {what} must be at most {self._limits.head_bytes} bytes")

    # The parser's callbacks

    def on_message_begin(self) -> None:
        self.target, self.expects = b"", False
        self.headers: HeaderLines = []
        self.in_head = True
        self._connection.head_begins()

    def on_url(self, part: bytes) -> None:
        self.target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.in_body:
            return  # a trailer: it must not look like a header
        name, value = name.lower(), value.rstrip(b" \t")
        if name == b"expect" and b"100-continue" in map(bytes.strip, value.lower().split(b",")):
            self.expects = True
        self.headers.append((name, value))
        if len(self.headers) > self._limits.head_count:
            raise Refused(431, f"the head must have at most {self._limits.head_count} headers")

    def on_headers_complete(self) -> None:
        parser = self._parser
        self.version, self.method = parser.get_http_version(), parser.get_method()
        if self._limits.check_heads:
            fault = heads.fault_of(self.version, self.method, self.target, self.headers)
            if fault:
                raise Refused(400, fault)
        if parser.should_upgrade():
            self._upgrade_ignored = True
            return
        self.keep_alive = parser.should_keep_alive()
        self._room = self._limits.head_bytes
        self._connection.head_complete()
        self.in_head, self.in_body = False, True

    def on_body(self, data: bytes) -> None:
        self._room = self._limits.head_bytes
        self._connection.body_comes(data)

    def on_message_complete(self) -> None:
        if self._upgrade_ignored:
            return
        self._room = self._limits.head_bytes
        self.in_body = False
        self._connection.body_complete()
