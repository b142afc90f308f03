"""Sends deliveries over HTTP. A server has one sender: all accounts share its connections and their limit."""

import asyncio
import os
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

from mock_sent.ground.clock import ticks
from mock_sent.ground.errors import one_line
from mock_sent.journal import Log
from mock_sent.webhooks.destinations import Destination, Destinations, Forbidden

if TYPE_CHECKING:
    from ssl import SSLContext

    from httpx2 import AsyncHTTPTransport, Response

# Deliveries in flight at one time that all accounts share; each account may have one more.
IN_FLIGHT = 20
# Bytes of an answer that are read, and characters of it that are shown.
MOST_READ, MOST_SHOWN = 64 * 1024, 1_000
# The time-out of connecting is shorter than that of the whole attempt: the library closes a socket properly only if its
# own time-out ends the handshake, and not if the task is cancelled during the handshake.
_CONNECT_SECONDS, _CONNECT_SHARE = 5.0, 0.8
_HEADERS = {"content-type": "application/json", "user-agent": "mock-sent", "accept": "*/*"}


class AttemptResult(NamedTuple):
    """The result of one attempt. `spent` is how long it took, in nanoseconds; waiting for a slot aside."""

    status: int | None
    answer: str | None
    error: str | None
    spent: int = 0

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Shares:
    """The slots for deliveries: the first of an account never waits for another account's, the others share `most`."""

    def __init__(self, most: int) -> None:
        self._shared = asyncio.Semaphore(most)
        self._with_own: set[str] = set()

    @asynccontextmanager
    async def slot(self, account_id: str) -> AsyncIterator[None]:
        if account_id in self._with_own:
            async with self._shared:
                yield
            return
        self._with_own.add(account_id)
        try:
            yield
        finally:
            self._with_own.discard(account_id)


class HttpSender:
    """Posts bodies to the URLs that `destinations` allows."""

    def __init__(self, destinations: Destinations, log: Log, in_flight: int = IN_FLIGHT) -> None:
        self.destinations = destinations
        self.log = log
        self._in_flight = in_flight
        self._shares: Shares | None = None
        self._pools: dict[str, AsyncHTTPTransport] = {}

    async def post(
        self, account_id: str, url: str, body: bytes, headers: Callable[[], Mapping[str, str]], timeout: float
    ) -> AttemptResult:
        """Make one attempt of an account. Never raises: the result has the error. The headers are made just before it.

        The time-out, in seconds, is real time, not time of the account's clock: the receiver is a real program.
        """
        if self._shares is None:
            self._shares = Shares(self._in_flight)
        # The first use loads httpx2. The time of the receiver is measured after that.
        self._transport("https" if url.lower().startswith("https:") else "http")
        async with self._shares.slot(account_id):
            started = ticks()
            result = await self._attempt(url, body, headers, timeout)
            return result._replace(spent=ticks() - started)

    async def close(self) -> None:
        while self._pools:
            _, pool = self._pools.popitem()
            await pool.aclose()

    async def _attempt(
        self, url: str, body: bytes, headers: Callable[[], Mapping[str, str]], timeout: float
    ) -> AttemptResult:
        try:
            async with asyncio.timeout(timeout):
                destination = await self.destinations.find(url)
                connect = min(_CONNECT_SECONDS, timeout) * _CONNECT_SHARE
                return await self._post(destination, body, headers(), connect)
        except Forbidden as e:
            return AttemptResult(None, None, f"not delivered: {e}")
        except TimeoutError:
            return AttemptResult(None, None, f"no answer within {timeout:g} s")
        except Exception as e:  # no error of a receiver or of a library may stop the next delivery
            return AttemptResult(None, None, one_line(f"{type(e).__name__}: {e}".rstrip(": "), 300))

    async def _post(
        self, destination: Destination, body: bytes, headers: Mapping[str, str], connect: float
    ) -> AttemptResult:
        from httpx2 import ConnectError, ConnectTimeout

        for address in destination.addresses[:-1]:
            try:
                return await self._post_to(address, destination, body, headers, connect)
            except (ConnectError, ConnectTimeout):
                pass  # `localhost` is ::1 and 127.0.0.1, and a receiver often listens on one of them
        return await self._post_to(destination.addresses[-1], destination, body, headers, connect)

    async def _post_to(
        self, address: str, destination: Destination, body: bytes, headers: Mapping[str, str], connect: float
    ) -> AttemptResult:
        from httpx2 import Request

        host = f"[{address}]" if ":" in address else address
        # The URL has the address that was checked, so that no second look-up can return another one.
        request = Request(
            "POST",
            f"{destination.scheme}://{host}:{destination.port}{destination.path}",
            content=body,
            headers={"host": destination.authority, **_HEADERS, **headers},
            extensions={"sni_hostname": destination.host, "timeout": {"connect": connect}},
        )
        response = await self._transport(destination.scheme).handle_async_request(request)
        try:
            return _result_of(response, await _beginning(response))
        finally:
            await response.aclose()

    def _transport(self, scheme: str) -> "AsyncHTTPTransport":
        """The connection pool of a scheme. A transport of httpx2 has no redirects, proxies or cookies."""
        pool = self._pools.get(scheme)
        if pool is None:
            from httpx2 import AsyncHTTPTransport, Limits  # heavy, and only a webhook needs it

            limits = Limits(max_connections=None, max_keepalive_connections=self._in_flight)
            # Loading the certificates takes a while, and http needs none.
            pool = AsyncHTTPTransport(verify=_trusted() if scheme == "https" else False, trust_env=False, limits=limits)
            self._pools[scheme] = pool
        return pool


def _trusted() -> "SSLContext":
    """The certificates of the library, and those of SSL_CERT_FILE and SSL_CERT_DIR, for receivers with an own CA."""
    from httpx2 import create_ssl_context

    context: SSLContext = create_ssl_context(trust_env=False)
    file, folder = os.environ.get("SSL_CERT_FILE") or None, os.environ.get("SSL_CERT_DIR") or None
    if file or folder:
        context.load_verify_locations(cafile=file, capath=folder)
    return context


async def _beginning(response: "Response") -> bytes:
    """The first bytes of the answer, at most `MOST_READ`."""
    chunks, size = [], 0
    assert isinstance(response.stream, AsyncIterable)
    async for chunk in response.stream:
        chunks.append(chunk)
        size += len(chunk)
        if size >= MOST_READ:
            break
    return b"".join(chunks)[:MOST_READ]


def _result_of(response: "Response", content: bytes) -> AttemptResult:
    text = content[: 4 * MOST_SHOWN].decode("utf-8", "replace")[:MOST_SHOWN]
    status = response.status_code
    if 200 <= status < 300:
        return AttemptResult(status, text, None)
    if 300 <= status < 400:
        return AttemptResult(status, text, f"the receiver answered {status}; redirects are not followed")
    return AttemptResult(status, text, f"the receiver answered {status}")
