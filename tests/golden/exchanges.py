"""A conversation with one server process, written down as it goes.

Nothing here imports the package: the server is run as a command, and every byte that goes to it is made here.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from commands import serving
from rawline import Heard, Reply, connect, dechunked, hear, send
from receiver import Received, Receiver
from sends import PAGE_REQUEST
from writing import MOST, Mask, as_lines, masked_length

FREEZE = "2026-03-11T21:50:50Z"
SEED = "golden"
# The request of the page for one message.
ONE: dict[str, Any] = {**PAGE_REQUEST, "to": ["+14155551234"], "channel": ["sms"]}


class Chapter(NamedTuple):
    """A part of the transcript, with a server of its own: its name is the name of its file."""

    name: str
    play: Callable[["Talk"], None]
    settings: Mapping[str, str]


class Talk:
    """Sends requests and writes them down with what came back. `account` is the x-api-key of those to come."""

    def __init__(self, port: int, mask: Mask) -> None:
        self.port, self._mask, self.lines = port, mask, list[str]()
        self.account: str | None = None
        self.log: Path | None = None
        mask.hide_port(port)

    def text(self) -> str:
        return "\n".join(self.lines) + "\n"

    # What is no exchange

    def hide_port(self, port: int) -> None:
        """Another port that differs from run to run."""
        self._mask.hide_port(port)

    def part(self, title: str) -> None:
        self.lines += ["", f"===== {title} =====", ""]

    def use(self, account: str | None, at: str = FREEZE) -> None:
        """Go on as this account, its clock frozen."""
        self.account = account
        self.quietly("POST /_mock/clock", {"freeze": at})
        self.lines += [f"--- the account is {account or 'nobody'}, its clock stands at {at}", ""]

    def quietly(self, line: str, body: Any = None, *headers: str) -> Reply:
        """An exchange that is not written down."""
        heard = self._exchange(_request(line, body, self._all(headers))[0], line)
        return heard.replies[-1]

    def settle(self) -> None:
        """Wait for the deliveries that are due, and for what a broken connection leaves to do."""
        self.quietly("POST /_mock/clock", {"advance": "0s"})

    def says(self, title: str, text: str) -> None:
        """Lines that came out otherwise than as a reply: of the log, say."""
        self.lines += [f"### {title}", *self._marked("|", map(self._mask.log_line, text.splitlines())), ""]

    # Exchanges

    def ask(self, title: str, line: str, body: Any = None, *headers: str, patience: float = 20) -> Reply:
        """A request and its whole reply. The body is JSON, raw bytes, or YAML as text."""
        data = self._asked(title, line, body, headers)
        heard = self._exchange(data, line, patience)
        self._heard(heard)
        return heard.replies[-1] if heard.replies else Reply("HTTP/1.1 0 none", [], b"")

    def send(self, title: str, *headers: str, **changes: Any) -> Reply:
        """The page's request for one message, with changes to its members."""
        return self.ask(title, "POST /v3/messages", {**ONE, **changes}, *headers)

    def raw(self, title: str, data: bytes, *, patience: float = 20, end: bool = False, whole: bool = False) -> Heard:
        """Bytes as they stand. `end` closes the client's half; `whole` reads to the end of the connection."""
        self.lines += [f"### {title}", *self._marked(">", _wire(data, self._mask))]
        with connect(self.port) as line:
            send(line, data)
            if end:
                line.shutdown(1)
            heard = hear(line, patience=patience, whole=whole, bodyless=data.startswith(b"HEAD "))
        self._heard(heard)
        return heard

    def waits(self, title: str, *advances: str, headers: tuple[str, ...] = (), **changes: Any) -> None:
        """A send that gets no answer until the account's clock is moved, by each of the advances in turn."""
        data = self._asked(title, "POST /v3/messages", {**ONE, **changes}, headers)
        with connect(self.port) as line:
            send(line, data)
            self.settle()
            for advance in advances:
                line.setblocking(False)
                try:
                    early = line.recv(1)
                except BlockingIOError:
                    self.lines.append(f"  (no answer until the clock is advanced by {advance})")
                    self.quietly("POST /_mock/clock", {"advance": advance})
                else:
                    self.lines.append(f"  (an answer before the clock was advanced by {advance}: {early!r}...)")
            self._heard(hear(line))
        self.settle()

    @contextmanager
    def pending(self, title: str, *headers: str, **changes: Any) -> Iterator[None]:
        """A send whose answer comes, and is written down, when the block has been left."""
        data = self._asked(title, "POST /v3/messages", {**ONE, **changes}, headers)
        self.lines += ["  (no answer yet)", ""]
        with connect(self.port) as line:
            send(line, data)
            self.settle()
            yield
            self.lines.append(f"### {title}: the answer")
            self._heard(hear(line))
        self.settle()

    def stream(self, title: str, line: str, *headers: str, until: bytes, then: Callable[[], None]) -> None:
        """The beginning of a reply that has no end: read until it has said something, after `then` was done."""
        data = self._asked(title, line, None, headers)
        with connect(self.port) as open_line:
            send(open_line, data)
            first = hear(open_line, until=b"retry: 1000\n\n")
            then()
            more = hear(open_line, until=until).rest if until not in first.rest else b""
        head, body = dechunked(first.rest + more)
        self.lines += self._marked("<", map(self._mask.header, head.split("\r\n")))
        self.lines += ["<", *self._marked("<", as_lines(body, self._mask, MOST)), "  (it goes on)", ""]

    def received(self, title: str, receiver: Receiver) -> None:
        """What a receiver of webhooks got since it was asked last."""
        self.settle()
        got: list[Received] = receiver.received[:]
        receiver.received.clear()
        self.lines += [f"### {title}: the receiver got {len(got)}"]
        for each in got:
            head = [f"{each.path}", *(f"{name}: {self._mask.text(value)}" for name, value in each.headers.items())]
            self.lines += self._marked("+", [*head, "", *as_lines(each.body, self._mask)])
        self.lines.append("")

    def _all(self, headers: tuple[str, ...]) -> list[str]:
        named = any(header.lower().startswith("x-api-key:") for header in headers)
        return [*([f"x-api-key: {self.account}"] if self.account and not named else []), *headers]

    def _asked(self, title: str, line: str, body: Any, headers: tuple[str, ...]) -> bytes:
        data, shown, raw = _request(line, body, self._all(headers))
        self.lines += [f"### {title}", *self._marked(">", shown)]
        if raw:
            self.lines += [">", *self._marked(">", as_lines(raw, self._mask))]
        return data

    def _exchange(self, data: bytes, line: str, patience: float = 20) -> Heard:
        with connect(self.port) as open_line:
            send(open_line, data)
            return hear(open_line, patience=patience, bodyless=line.startswith("HEAD "))

    def _heard(self, heard: Heard) -> None:
        for reply in heard.replies:
            self.lines += self._marked("<", [reply.status_line, *map(self._header(reply), reply.headers)])
            if reply.body:
                self.lines += ["<", *self._marked("<", as_lines(reply.body, self._mask, MOST))]
        if heard.rest:
            self.lines += self._marked("<", _wire(heard.rest, self._mask))
        self.lines += [*([f"  ({heard.ending})"] if heard.ending else []), ""]

    def _header(self, reply: Reply) -> Callable[[tuple[str, str]], str]:
        def shown(header: tuple[str, str]) -> str:
            name, value = header
            if name.lower() == "content-length" and value == str(len(reply.body)):
                value = str(masked_length(reply.body, self._mask))
            return self._mask.header(f"{name}: {value}")

        return shown

    @staticmethod
    def _marked(mark: str, lines: Iterable[str]) -> list[str]:
        return [f"{mark} {line}".rstrip() for line in lines]


def transcript_of(chapter: Chapter, log: Path) -> str:
    """Play a chapter against a server of its own."""
    mask = Mask()
    settings = {"MOCK_SENT_PORT": "0", "MOCK_SENT_SEED": SEED, "MOCK_SENT_LOG": "off", **chapter.settings}
    with serving(command=(sys.executable, "-m", "mock_sent"), log=log, variables=settings) as server:
        talk = Talk(int(server.url.rpartition(":")[2]), mask)
        talk.log = log
        shown = " ".join(f"{name}={value!r}" for name, value in chapter.settings.items())
        talk.lines += [f"Chapter {chapter.name}. Settings: {shown or 'as usual'}", ""]
        talk.says("what the server says when it starts", "\n".join(server.lines))
        chapter.play(talk)
    return talk.text()


def forget_settings() -> None:
    """What the developer has set must not reach a server."""
    for name in list(os.environ):
        if name.startswith("MOCK_SENT_") or name == "PORT":
            del os.environ[name]


def _request(line: str, body: Any, headers: list[str]) -> tuple[bytes, list[str], bytes]:
    """The bytes of a request, its head as it is written down, and its body. Host and length go without saying."""
    raw, media = _body(body)
    named = any(header.lower().startswith("content-type:") for header in headers)
    shown = [f"{line} HTTP/1.1", *headers, *([f"content-type: {media}"] if media and not named else [])]
    length = [f"content-length: {len(raw)}"] if raw or body is not None else []
    head = "\r\n".join([shown[0], "host: localhost", *shown[1:], *length]).encode("latin-1")
    return head + b"\r\n\r\n" + raw, shown, raw


def _body(body: Any) -> tuple[bytes, str]:
    if body is None:
        return b"", ""
    if isinstance(body, str):
        return body.encode(), "application/yaml"
    if isinstance(body, bytes):
        return body, "application/json"
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode(), "application/json"


def _wire(data: bytes, mask: Mask) -> list[str]:
    """Bytes that are no whole message, as Python writes them, a line of the wire each."""
    if len(data) > MOST // 3:
        return as_lines(data, mask)
    lines = [mask.header(line) for line in data.decode("latin-1").splitlines(keepends=True)]
    return [repr(line.encode("latin-1"))[1:] for line in lines] or ["''"]
