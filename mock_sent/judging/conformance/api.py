"""A client of the server that is checked: sends requests, and compares the answers."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any
from urllib.parse import quote

from mock_sent.contract import Outcome
from mock_sent.ground.clock import Clock, new_seed
from mock_sent.ground.headers import joined
from mock_sent.judging.conformance.comparing import Differs, Unanswered, Unknown, same
from mock_sent.judging.conformance.expected import READ, SEND, Expected
from mock_sent_client.address import address_of
from mock_sent_client.connection import ask_server
from mock_sent_client.errors import BrokenAnswer, NoAnswer
from mock_sent_client.forms import read_json

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

# The bytes that an answer may have. One to a send to a thousand recipients by sixteen channels has three million.
_MOST = 8 * 1024 * 1024
# The value of a member that a body must not have.
LEFT_OUT: Any = object()


@dataclass(frozen=True, kw_only=True)
class Target:
    """The server, and the keys, template and profile to use there.

    Without a template, the checks use that of the contract's example. If another value is empty, the statements that
    need it are unknown.
    """

    base_url: str
    api_key: str
    sandbox: bool = False
    template: str = ""
    other_key: str = ""
    poor_key: str = ""
    profile: str = ""
    profile_key: str = ""
    # Seconds that a whole answer may take.
    timeout: float = 30

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no report may show."""
        return self.api_key, self.other_key, self.poor_key, self.profile_key


class Answer:
    """One answer. `failure` returns the contract's failure of a name."""

    def __init__(
        self, status: int, headers: Sequence[tuple[str, str]], content: bytes, failure: Callable[[str], Outcome]
    ) -> None:
        self.status, self.content = status, content
        self.headers = joined([(name.lower(), value) for name, value in headers])[0]
        self._failure = failure

    @cached_property
    def json(self) -> Any:
        try:
            return read_json(self.content)
        except ValueError as e:
            raise Differs(f"the body of a {self.status} is no JSON: {e}: {self.content!r}") from None

    @property
    def data(self) -> Any:
        """`data` of a success. Raises `Differs` if there is none."""
        if not (isinstance(self.json, dict) and isinstance(self.json.get("data"), dict)):
            raise Differs(f"a {self.status} without data: {self.content!r}")
        return self.json["data"]

    @property
    def text(self) -> Any:
        """The text of the first message: beside the recipients, or with each of them."""
        return text_in(self.data)

    @property
    def recipients(self) -> list[tuple[Any, Any]]:
        return [(r.get("to"), r.get("channel")) for r in self.data.get("recipients", [])]

    @property
    def ids(self) -> list[Any]:
        return [r.get("message_id") for r in self.data.get("recipients", [])]

    @property
    def accepted(self) -> "Answer":
        """The answer itself. Raises `Differs` unless it is a success with data; SEND-1 checks the exact status."""
        if not 200 <= self.status < 300:
            raise Differs(f"status {self.status} instead of a success: {self.content!r}")
        _ = self.data
        return self

    def is_failure(self, wanted: str | Outcome) -> Outcome:
        """Check status and code of an expected failure, and return it. Raises `Differs` if they are different."""
        outcome = self._failure(wanted) if isinstance(wanted, str) else wanted
        same("status", self.status, outcome.status)
        if outcome.has_body:
            error = self.json.get("error") if isinstance(self.json, dict) else None
            same("error.code", error.get("code") if isinstance(error, dict) else None, outcome.code)
        return outcome

    def has_status_of(self, name: str) -> None:
        """Raises `Differs` unless the answer has the status of the failure; the code may be any."""
        same("status", self.status, self._failure(name).status)


def text_in(data: Any) -> Any:
    """The text of the first message in `data` of an answer to a send; None if it has none."""
    recipients = data.get("recipients") or [{}]
    return data["body"] if "body" in data else recipients[0].get("body")


class Api:
    """Sends requests to the server. Each request has its own connection, so that a check cannot affect the next one."""

    def __init__(self, target: Target, expected: Expected) -> None:
        self.target, self.expected = target, expected
        self._ids = Clock(new_seed())
        self._address = address_of(target.base_url)
        self.url = str(self._address)

    def demand_real_sends(self) -> None:
        """Raises `Unknown` if only sandbox sends are allowed. For checks that need the effects of a real send."""
        if self.target.sandbox:
            raise Unknown("needs a real send; --sandbox forbids it")

    def option(self, name: str) -> str:
        """The value of an option of the command. Raises `Unknown` if it was not given."""
        value: str = getattr(self.target, name)
        if not value:
            raise Unknown(f"needs --{name.replace('_', '-')}")
        return value

    @property
    def template(self) -> str:
        """The id of the template to send."""
        return self.target.template or self.expected.template

    def fresh_id(self) -> str:
        """A new UUID, which the server does not know."""
        return self._ids.message_ids(1)[0]

    def fresh_key(self) -> str:
        return f"conformance_{self.fresh_id()}"

    def body(self, **changes: Any) -> dict[str, Any]:
        """The contract's example of a send, to one recipient by SMS, with changed members."""
        members = {
            "to": self.expected.numbers[:1],
            "channel": ["sms"],
            "template": {"id": self.template, "parameters": self.expected.parameters},
            "sandbox": self.target.sandbox,
            **changes,
        }
        return {name: value for name, value in members.items() if value is not LEFT_OUT}

    def send(self, *, as_: str | None = None, key: str | None = None, profile: str = "", **changes: Any) -> Answer:
        """Send a message. `as_` replaces the API key; if it is empty, the request has no key."""
        headers = []
        if key is not None:
            headers.append(("Idempotency-Key", key))
        if profile:
            headers.append(("x-profile-id", profile))
        return self.call(SEND, self.body(**changes), *headers, as_=as_)

    def post(self, content: bytes, *headers: tuple[str, str]) -> Answer:
        """Send a message with these bytes as the body."""
        return self.call(SEND, content, *headers)

    def read(self, id: str, *headers: tuple[str, str], as_: str | None = None) -> Answer:
        """Read a message."""
        return self.call(READ, None, *headers, as_=as_, id=id)

    def ask_unknown_path(self) -> Answer:
        """Send a request to a path that the API does not have."""
        return self.ask("GET", "/v3/nothing", None, [])

    def declared_deviations(self, first: Answer | None = None) -> Mapping[str, str]:
        """What a mock says about its settings: a reason for each statement from which they make it differ.

        Empty for another server, which is asked for an unknown path of its API alone; `first` is its answer to that.
        """
        if "x-mock-explain" not in (first or self.ask_unknown_path()).headers:
            return {}
        try:
            found = self.ask("GET", "/_mock/ready", None, []).json["deviations"]
        except (Differs, Unknown, LookupError, TypeError):
            return {}
        return {str(id): str(reason) for id, reason in found.items()} if isinstance(found, dict) else {}

    def call(
        self,
        operation: str,
        body: dict[str, Any] | bytes | None,
        *headers: tuple[str, str],
        as_: str | None = None,
        id: str = "",
        query: str = "",
    ) -> Answer:
        """Call an operation of the contract; `id` is the parameter in its path."""
        if not isinstance(id, str):
            raise Differs(f"the id {id!r} is no text")
        method = self.expected.operation(operation).method
        path = self.expected.path(operation, quote(id, "")) + query
        content = json.dumps(body).encode() if isinstance(body, dict) else body
        has_type = content is None or any(name == "Content-Type" for name, _ in headers)
        json_type = [] if has_type else [("Content-Type", "application/json")]
        return self.ask(method, path, content, [*json_type, *headers], as_=as_, operation=operation)

    def ask(
        self,
        method: str,
        path: str,
        content: bytes | None,
        headers: list[tuple[str, str]],
        *,
        as_: str | None = None,
        operation: str = "",
    ) -> Answer:
        """Send a request. Raises `Unanswered` if nothing comes, and `Differs` if what comes is no answer of HTTP."""
        api_key = self.target.api_key if as_ is None else as_
        keys = [("x-api-key", api_key)] if api_key else []
        try:
            answer = ask_server(
                self._address, method, path, [*headers, *keys], content, timeout=self.target.timeout, most=_MOST
            )
        except BrokenAnswer as e:
            raise Differs(f"no answer to {method} {path}: {e}") from None
        except NoAnswer as e:
            raise Unanswered(f"no answer to {method} {path}: {e}") from None
        return Answer(*answer, partial(self.expected.failure, operation=operation))
