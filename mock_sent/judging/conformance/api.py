"""The server under judgement: requests to it, its answers, and what a check may say about them."""

import http.client
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from mock_sent.ground.clock import Clock, new_seed

ORDER_CONFIRMATION = "7ba7b820-9dad-11d1-80b4-00c04fd430c8"
# The page's request: two recipients, two channels.
FIRST, SECOND = "+14155551234", "+14155555678"
CHANNELS = ["sms", "whatsapp"]
PARAMETERS = {"name": "John Doe", "order_id": "12345"}
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

_PATIENCE = 30
# A member with this value is left out of a body.
LEFT_OUT: Any = object()


class Differs(Exception):
    """The server does something else than the statement says."""


class Unknown(Exception):
    """Nothing can be said: it would take what this run has not got."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """Which server, and what may be used there. What is left empty leaves statements unknown."""

    base_url: str
    api_key: str
    sandbox: bool = False
    template: str = ORDER_CONFIRMATION
    other_key: str = ""
    poor_key: str = ""
    profile: str = ""
    profile_key: str = ""


class Answer:
    """One answer. `code` and `data` are those of the envelope, or None."""

    def __init__(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.status, self.content = status, content
        self.headers = {name.lower(): value for name, value in headers}

    @property
    def json(self) -> Any:
        try:
            return json.loads(self.content)
        except ValueError:
            raise Differs(f"the body of a {self.status} is no JSON: {self.content[:80]!r}") from None

    @property
    def data(self) -> Any:
        """`data` of a success. Raises `Differs` where there is none."""
        if not (isinstance(self.json, dict) and isinstance(self.json.get("data"), dict)):
            raise Differs(f"a {self.status} without data: {self.content[:200]!r}")
        return self.json["data"]

    @property
    def recipients(self) -> list[tuple[Any, Any]]:
        return [(r.get("to"), r.get("channel")) for r in self.data.get("recipients", [])]

    @property
    def ids(self) -> list[Any]:
        return [r.get("message_id") for r in self.data.get("recipients", [])]

    @property
    def accepted(self) -> "Answer":
        """The answer, if it is a success with data: which status it must have is for SEND-1 to say."""
        if not 200 <= self.status < 300:
            raise Differs(f"status {self.status} instead of a success: {self.content[:200]!r}")
        _ = self.data
        return self

    def is_failure(self, status: int, code: str | None) -> None:
        """Raises `Differs` unless it is exactly this failure."""
        same("status", self.status, status)
        if code is not None:
            error = self.json.get("error") if isinstance(self.json, dict) else None
            same("error.code", error.get("code") if isinstance(error, dict) else None, code)


class Api:
    """Asks the server. Every request is one connection, so that no check disturbs the next."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._ids = Clock(new_seed())
        address = urlsplit(target.base_url)
        self._path = address.path.rstrip("/")
        connection = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        self._connect: Callable[[], http.client.HTTPConnection] = lambda: connection(address.netloc, timeout=_PATIENCE)

    def real(self) -> None:
        """For a check that needs what only a real send leaves behind."""
        if self.target.sandbox:
            raise Unknown("needs a real send; --sandbox forbids it")

    def given(self, option: str) -> str:
        """What an option of the command gives."""
        value: str = getattr(self.target, option)
        if not value:
            raise Unknown(f"needs --{option.replace('_', '-')}")
        return value

    def fresh_id(self) -> str:
        """A UUID that the server cannot have seen."""
        return self._ids.message_ids(1)[0]

    def fresh_key(self) -> str:
        return f"conformance_{self.fresh_id()}"

    def body(self, **changes: Any) -> dict[str, Any]:
        """The page's request to one recipient by SMS, changed."""
        members = {
            "to": [FIRST],
            "channel": ["sms"],
            "template": {"id": self.target.template, "parameters": PARAMETERS},
            "sandbox": self.target.sandbox,
            **changes,
        }
        return {name: value for name, value in members.items() if value is not LEFT_OUT}

    def send(self, *, as_: str | None = None, key: str | None = None, profile: str = "", **changes: Any) -> Answer:
        """POST /v3/messages. `as_` is another API key; an empty one sends none."""
        headers = [("Content-Type", "application/json")]
        if key is not None:
            headers.append(("Idempotency-Key", key))
        if profile:
            headers.append(("x-profile-id", profile))
        return self.ask("POST", "/v3/messages", json.dumps(self.body(**changes)).encode(), headers, as_=as_)

    def post(self, content: bytes, *headers: tuple[str, str]) -> Answer:
        """POST /v3/messages with any bytes."""
        return self.ask("POST", "/v3/messages", content, [("Content-Type", "application/json"), *headers])

    def get(self, path: str, *headers: tuple[str, str], as_: str | None = None) -> Answer:
        return self.ask("GET", path, None, list(headers), as_=as_)

    def ask(
        self,
        method: str,
        path: str,
        content: bytes | None,
        headers: list[tuple[str, str]],
        *,
        as_: str | None = None,
    ) -> Answer:
        """Any request. Raises `Unknown` where no answer comes."""
        api_key = self.target.api_key if as_ is None else as_
        connection = self._connect()
        try:
            connection.putrequest(method, self._path + path)
            for name, value in [*headers, *([("x-api-key", api_key)] if api_key else [])]:
                connection.putheader(name, value)
            if content is not None:
                connection.putheader("Content-Length", str(len(content)))
            return _answer(connection, content)
        except (OSError, http.client.HTTPException) as e:
            raise Unknown(f"no answer to {method} {path}: {e}") from None
        finally:
            connection.close()


def _answer(connection: http.client.HTTPConnection, content: bytes | None) -> Answer:
    try:
        connection.endheaders(content)
    except (BrokenPipeError, ConnectionResetError):
        pass  # a server may refuse a body before it has read it; its answer is there all the same
    response = connection.getresponse()
    return Answer(response.status, response.getheaders(), response.read())


def same(what: str, got: Any, wanted: Any) -> None:
    """Raises `Differs` unless the two are equal; True is not 1 here."""
    if got != wanted or type(got) is not type(wanted):
        raise Differs(f"{what} is {_short(got)}, not {_short(wanted)}")


def holds(what: str, condition: bool) -> None:
    """Raises `Differs` with what should have held."""
    if not condition:
        raise Differs(f"not so: {what}")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 200 else text[:197] + "..."
