"""uvicorn's httptools protocol, with the checks that its parser leaves out, time-outs, and refusals in JSON."""

import asyncio
import socket
from typing import Any, ClassVar

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from mock_sent.wire import cycles, heads, refusals
from mock_sent.wire.asgi import AsgiSend, HeaderLines
from mock_sent.wire.line import EXTENSION, Deadline, Joined, Limits, Line, Outbox, Refusal
from mock_sent.wire.refusals import Refused

# Where the parser stands: between two requests, in a head, in a body.
_BETWEEN, _HEAD, _BODY = range(3)

# The parser is fed in slices, so that the limits are checked before it has taken much more than is allowed.
_SLICE = 16_384


class WireProtocol(HttpToolsProtocol):
    """One connection. `protocol_class` makes the subclass that knows its limits."""

    limits: ClassVar[Limits]
    refusal: ClassVar[Refusal]
    outbox: ClassVar[Outbox]

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.access_log = False
        self._extensions: dict[str, Any] = {}
        self._phase = _BETWEEN
        # Has the phase changed since the deadline was set?
        self._moved = False
        self._deadline = Deadline(self.loop, self._too_slow)
        # Bytes that may come before something is complete.
        self._room = self.limits.head_bytes
        self._linger_room = self.limits.linger_bytes
        self._upgrade_ignored = False
        self._running: RequestResponseCycle | None = None
        self._refused: tuple[int, str] | None = None

    # The connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # asyncio does it only where the socket names its protocol, and sockets that were bound before do not. Without
        # it the kernel holds a body back until the client has confirmed the head: 40 ms.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        joined = Joined(transport, self.loop, self.outbox)
        self.transport = joined  # type: ignore[assignment]
        self._unread = Deadline(self.loop, joined.abort)
        self._line = Line(joined, self._end, self._answer)
        self._extensions = {EXTENSION: self._line}
        self._deadline.expect(self.limits.head_timeout)

    def eof_received(self) -> None:
        """The client sends nothing more. asyncio closes the transport below `Joined` right after this."""
        self.transport.flush()  # type: ignore[attr-defined]

    def connection_lost(self, exc: Exception | None) -> None:
        self._deadline.end()
        self._unread.end()
        if self._running is not None:
            cycles.disconnect(self._running)
        self.pipeline.clear()
        super().connection_lost(exc)
        self._line.cut()
        # Otherwise they keep each other alive, with the unread body.
        self.cycle = self._running = None  # type: ignore[assignment]

    def shutdown(self) -> None:
        if self._line.parked:
            self.transport.abort()
        else:
            super().shutdown()

    def data_received(self, data: bytes) -> None:
        if self._refused is not None or self._line.ended:
            self._discard(data)
            return
        try:
            self._feed(data)
        except Refused as refused:
            self._refuse(refused.status, refused.reason)
        except httptools.HttpParserError as error:
            self._refuse(*refusals.why(error))
        else:
            if self._moved:
                self._moved = False
                self._time_phase()

    # Feeding the parser

    def _feed(self, data: bytes) -> None:
        left = data if len(data) <= _SLICE else memoryview(data)
        while left:
            part = left[: min(_SLICE, self._room)]
            try:
                self.parser.feed_data(part)
                fed = len(part)
            except httptools.HttpParserUpgrade as upgrade:
                fed = upgrade.args[0]
                self._start_over_without_upgrade()
            left = left[fed:]
            if self._phase != _BETWEEN:
                self._room -= fed
                if self._room <= 0:
                    raise Refused(431, f"the head must be at most {self.limits.head_bytes} bytes")

    def _start_over_without_upgrade(self) -> None:
        """Parse the head again without its `Upgrade`, because the parser stops at one and loses the body.

        A server may ignore an upgrade (RFC 9110, 7.8). Java's client asks for h2c with every first request.
        """
        head = heads.without_upgrade(self.parser.get_method(), self.url, self.headers)
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self.parser.feed_data(head)

    # The parser's callbacks

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = self._extensions
        self._room = self.limits.head_bytes
        self._enter(_HEAD)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._phase == _BODY:
            return  # a trailer: it must not look like a header
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))
        if len(self.headers) > self.limits.head_count:
            raise Refused(431, f"the head must have at most {self.limits.head_count} headers")

    def on_headers_complete(self) -> None:
        parser = self.parser
        if self.limits.check_heads:
            version, method = parser.get_http_version(), parser.get_method()
            fault = heads.fault_of(version, method, self.url, self.headers)
            if fault:
                raise Refused(400, fault)
        if parser.should_upgrade():
            self._upgrade_ignored = True
            return
        self._queue()
        self._room = self.limits.head_bytes
        self._enter(_BODY)

    def _queue(self) -> None:
        """Start the request, or let it wait behind the one before it."""
        if len(self.pipeline) >= self.limits.pipeline:
            raise Refused(400, f"at most {self.limits.pipeline} requests may wait on one connection")
        super().on_headers_complete()
        self.cycle.transport = self._line  # type: ignore[assignment]  # its close() knows how to end
        if self.pipeline:
            # uvicorn stops reading here, and would not notice that the client leaves.
            self.flow.resume_reading()

    def on_body(self, body: bytes) -> None:
        self._room = self.limits.head_bytes
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self._upgrade_ignored:
            self._upgrade_ignored = False
            return
        super().on_message_complete()
        self._enter(_BETWEEN)

    def _enter(self, phase: int) -> None:
        self._phase = phase
        self._moved = True

    # Time

    def _time_phase(self) -> None:
        if self._phase == _HEAD:
            self._deadline.expect(self.limits.head_timeout)
        elif self._phase == _BODY:
            self._deadline.expect(self.limits.body_timeout)
        elif self._running is None:
            self._deadline.expect(self.limits.keep_alive)
        else:
            self._deadline.lift()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread.expect(self.limits.write_timeout)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._unread.lift()

    def _too_slow(self) -> None:
        if self._line.ended or self._phase == _BETWEEN:
            self._close()
        elif self.flow.read_paused or (self._phase == _BODY and self.cycle.waiting_for_100_continue):
            self._deadline.expect(self.limits.body_timeout)  # the server keeps the client waiting
        elif self._phase == _HEAD:
            self._refuse(408, f"the head must be complete within {refusals.seconds(self.limits.head_timeout)}")
        else:
            self._refuse(408, f"the body must be complete within {refusals.seconds(self.limits.body_timeout)}")

    # Refusing

    def _refuse(self, status: int, reason: str) -> None:
        """Answer and close, as soon as no other answer is on the line."""
        self._refused = (status, reason)
        self._deadline.stop()
        if self._phase == _BODY and not self._drop(self.cycle):
            self._close()
        elif self._running is None:
            self._send_refusal(status, reason)

    def _drop(self, cycle: RequestResponseCycle) -> bool:
        """Take back a request whose body is invalid. False if its answer has begun: there is no second one."""
        if cycle.response_started:
            return False
        cycles.disconnect(cycle)
        if self._running is cycle:
            self._running = None
        else:
            self.pipeline.popleft()
        return True

    def _send_refusal(self, status: int, reason: str) -> None:
        if not self._line.is_closing():
            body, headers = type(self).refusal(status, reason)
            self._line.write(refusals.answer(status, [*self.server_state.default_headers, *headers], body))
            self._linger()

    # Ending

    def _end(self) -> None:
        """The orderly end, for uvicorn after an answer, and for a fault."""
        if self._phase == _BETWEEN:
            self._close()
        elif not self._line.is_closing():
            self._linger()

    def _close(self) -> None:
        """Close. A client that does not read the rest is cut off after the write time-out."""
        self.transport.close()
        if self.transport.get_write_buffer_size():
            self._unread.expect(self.limits.write_timeout)

    def _linger(self) -> None:
        """Close our half and read on: a close with unread bytes is a reset, and the client may lose the answer."""
        self._line.ended = True
        if self._running is not None:
            cycles.disconnect(self._running)
        self.transport.write_eof()
        self.flow.resume_reading()
        self._deadline.expect(self.limits.linger)

    def _discard(self, data: bytes) -> None:
        self._linger_room -= len(data)
        if self._linger_room < 0:
            self._close()

    # Answering

    def _answer(self, send: AsgiSend, status: int, headers: HeaderLines, body: bytes) -> bool:
        return self._running is not None and cycles.answer(self._running, send, status, headers, body)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        self._line.parked = False
        if self._phase == _BODY:
            self._deadline.expect(self.limits.body_timeout)  # it waited behind another request, so its time begins now
        self.loop.create_task(cycles.run(cycle, self.app, self._line, type(self).refusal, self.tasks))

    def on_response_complete(self) -> None:
        self._running = None
        self.server_state.total_requests += 1
        if self._line.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self._refused is not None:
            self._send_refusal(*self._refused)
        elif self._phase == _BODY and self.expect_100_continue:
            # The client may keep its body to itself, and its next head would be read as that body.
            self._end()
        elif self._phase == _BETWEEN:
            self._deadline.expect(self.limits.keep_alive)


def protocol_class(limits: Limits, refusal: Refusal) -> type[WireProtocol]:
    """The protocol of one server."""
    return type("Protocol", (WireProtocol,), {"limits": limits, "refusal": staticmethod(refusal), "outbox": Outbox()})
