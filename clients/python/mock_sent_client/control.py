"""The client of a server's control plane, over HTTP, with only the standard library."""

import json
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

# Seconds; the server may wait one minute for a message.
_TIMEOUT = 90


class HandleError(Exception):
    """The server cannot be reached, or refuses the request; the text says why."""


class Control:
    """The control plane of a server, for one key."""

    def __init__(self, url: str, api_key: str = "", token: str = "") -> None:
        self.url = url.rstrip("/")
        self._headers = {n: v for n, v in (("x-api-key", api_key), ("x-mock-token", token)) if v}
        # Proxies of the environment are not used, because the server is usually on this machine.
        self._opener = build_opener(ProxyHandler({}))

    def ask(self, method: str, path: str, content: Any = None, media_type: str = "application/json") -> Any:
        """The answer's JSON. Raises `HandleError`."""
        data = None if method in ("GET", "DELETE") else content if isinstance(content, bytes) else _dumps(content)
        headers = {**self._headers, "content-type": media_type} if data is not None else self._headers
        try:
            request = Request(f"{self.url}/_mock{path}", data, headers, method=method)
            with self._opener.open(request, timeout=_TIMEOUT) as reply:
                return json.loads(reply.read() or b"null")
        except HTTPError as e:
            raise HandleError(_error_text(e)) from None
        except (URLError, HTTPException, OSError, ValueError) as e:
            reason = getattr(e, "reason", e)
            raise HandleError(f"no mock-sent server answers at {self.url}: {reason}") from None


def _error_text(error: HTTPError) -> str:
    """The error sentence of the server's answer."""
    with error:
        try:
            text = json.loads(error.read())["error"]
        except (ValueError, KeyError, TypeError):
            text = None
    return (
        text if isinstance(text, str) else f"{error.url} answers {error.code}, which is no control plane of mock-sent"
    )


def _dumps(content: Any) -> bytes:
    return json.dumps(content).encode()
