"""A server that is wrong in planted ways: ours, with its answers changed on their way out."""

import json
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Reply:
    """An answer that may still be changed."""

    def __init__(self, scope: Scope, request: bytes, start: Message, content: bytes) -> None:
        self.request = request
        self.path: str = scope["path"]
        self.asked = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.status: int = start["status"]
        self.headers = {name.decode(): value.decode() for name, value in start["headers"]}
        self.content = content

    @property
    def json(self) -> Any:
        return json.loads(self.content) if self.content else None

    def replace(self, body: Any) -> None:
        self.content = json.dumps(body).encode()


Deviation = Callable[[Reply], None]


class Wrong:
    """Plays the deviations on every answer of an app. An ASGI application."""

    def __init__(self, app: ASGIApp, *deviations: Deviation) -> None:
        self._app, self._deviations = app, deviations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        parts: list[Message] = []
        request: list[bytes] = []

        async def listen() -> Message:
            message = await receive()
            request.append(message.get("body", b""))
            return message

        async def keep(message: Message) -> None:
            parts.append(message)

        await self._app(scope, listen, keep)
        reply = Reply(scope, b"".join(request), parts[0], b"".join(part.get("body", b"") for part in parts[1:]))
        for deviation in self._deviations:
            deviation(reply)
        reply.headers["content-length"] = str(len(reply.content))
        headers = [(name.encode(), value.encode()) for name, value in reply.headers.items()]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.content})


def another_success(reply: Reply) -> None:
    if reply.status == 202:
        reply.status = 200


def channel_by_channel(reply: Reply) -> None:
    if reply.status in (200, 202) and reply.path == "/v3/messages":
        body = reply.json
        body["data"]["recipients"].sort(key=lambda r: str(r["channel"]))
        reply.replace(body)


def no_details(reply: Reply) -> None:
    if reply.status >= 400 and reply.content:
        body = reply.json
        del body["error"]["details"]
        reply.replace(body)


def talkative_refusal(reply: Reply) -> None:
    if reply.status == 401:
        reply.headers["content-type"] = "application/json"
        reply.replace({"error": "unauthorized"})


def silent_replay(reply: Reply) -> None:
    reply.headers.pop("idempotent-replayed", None)


def other_body_refused() -> Deviation:
    """A used key with another body is a conflict: what a server does that compares bodies."""
    kept: dict[str, bytes] = {}

    def deviation(reply: Reply) -> None:
        key = reply.asked.get("idempotency-key", "")
        if reply.status in (200, 202) and key and kept.setdefault(key, reply.request) != reply.request:
            reply.status = 409

    return deviation


def hidden_sandbox(reply: Reply) -> None:
    reply.headers.pop("x-sandbox", None)


def prices_are_numbers(reply: Reply) -> None:
    if reply.path.endswith("/activities") and reply.status == 200:
        body = reply.json
        for activity in body["data"]["activities"]:
            activity["price"] = float(activity["price"])
        reply.replace(body)


def general_not_found(reply: Reply) -> None:
    if b"RESOURCE_013" in reply.content:
        reply.content = reply.content.replace(b"RESOURCE_013", b"RESOURCE_001")


def two_request_ids(reply: Reply) -> None:
    if "x-request-id" in reply.headers and "idempotent-replayed" not in reply.headers:
        reply.headers["x-request-id"] = "req_0000000000"


# statement -> how it is broken
DEVIATIONS: dict[str, Deviation] = {
    "SEND-1": another_success,
    "SEND-2": channel_by_channel,
    "ERR-2": no_details,
    "ERR-3": talkative_refusal,
    "IDEM-3": silent_replay,
    "IDEM-5": other_body_refused(),
    "SAND-1": hidden_sandbox,
    "READ-2": prices_are_numbers,
    "ERR-8": general_not_found,
    "HEAD-1": two_request_ids,
}
