"""The client of a server's control plane, over HTTP, with only the standard library."""

import json
from typing import Any

from mock_sent_client.address import address_of
from mock_sent_client.connection import RawAnswer, ask_server
from mock_sent_client.errors import HandleError, NoAnswer, escaped, fault_of_header_value, without_secrets
from mock_sent_client.forms import ANYTHING, Form, misfit, read_json

# pytest shows the line of the test that asked, and not these.
__tracebackhide__ = HandleError.hides

# Seconds that a whole answer may take.
_TIMEOUT = 30
# The longest wait for a message that a server accepts.
LONGEST_WAIT = 60


class Control:
    """The control plane of a server, for one key.

    `name` is what the server shows of the key's account. Raises `HandleError` for a URL that names no server, and for
    a key or token that cannot be sent.
    """

    def __init__(self, url: str, api_key: str = "", token: str = "", timeout: float = _TIMEOUT, name: str = "") -> None:
        for what, value in (("API key", api_key), ("control token (MOCK_SENT_CONTROL_TOKEN)", token)):
            if fault := fault_of_header_value(value):
                raise HandleError(f"the {what} {fault}")
        self._address = address_of(url)
        self.url = str(self._address)
        self._secrets = [(n, v) for n, v in (("x-api-key", api_key), ("x-mock-token", token)) if v]
        self._headers = [*self._secrets, *([("x-mock-name", shown)] if (shown := _shown(name)) else [])]
        self._timeout = timeout

    def ask(
        self,
        method: str,
        path: str,
        content: Any = None,
        media_type: str = "application/json",
        *,
        form: Form = ANYTHING,
        wait: float = 0,
    ) -> Any:
        """The answer's JSON, which has at least the members of `form`. Raises `HandleError`.

        The server may take `wait` seconds more than usual.
        """
        data = None if method in ("GET", "DELETE") else content if isinstance(content, bytes) else _dumps(content)
        headers = self._headers if data is None else [*self._headers, ("content-type", media_type)]
        try:
            answer = ask_server(self._address, method, f"/_mock{path}", headers, data, timeout=self._timeout + wait)
        except NoAnswer as e:
            raise self._error(f"no mock-sent server answers at {self.url}: {e}") from None
        if not 200 <= answer.status < 300:
            raise self._refusal(answer, path.partition("?")[0])
        try:
            found = read_json(answer.content or b"null")
        except ValueError as e:
            raise self._error(f"{self.url} is no mock-sent server: its answer is no JSON, because {e}") from None
        if fault := misfit(found, form):
            raise self._error(f"{self.url} is no mock-sent server of this version: {fault}")
        return found

    def _refusal(self, answer: RawAnswer, path: str) -> HandleError:
        """The error sentence of the server's answer, or what another service answers."""
        if 300 <= answer.status < 400:
            where = next((value for name, value in answer.headers if name.lower() == "location"), "nowhere")
            return self._error(
                f"{self.url} answers {answer.status} and points elsewhere, where no key or token is sent: "
                f"give the URL of the mock-sent server itself (is it {where.partition('?')[0]}?)"
            )
        try:
            text = read_json(answer.content)["error"]
        except (ValueError, LookupError, TypeError):
            text = None
        if not isinstance(text, str) or not text.strip():
            text = f"{self.url}/_mock{path} answers {answer.status}, which is no control plane of mock-sent"
        return self._error(text)

    def _error(self, text: str) -> HandleError:
        return HandleError(escaped(without_secrets(text, (value for _, value in self._secrets))))


def _dumps(content: Any) -> bytes:
    return json.dumps(content).encode()


def _shown(name: str) -> str:
    """A name as the value of a header."""
    return escaped(name.encode("ascii", "backslashreplace").decode(), 100).strip()
