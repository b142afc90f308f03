"""Carries one delivery over HTTP. One for each server: all accounts share its connections and their limit."""

import asyncio
from collections.abc import AsyncIterable, Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from mock_sent.ground.clock import ticks
from mock_sent.ground.errors import one_line
from mock_sent.webhooks.targets import Forbidden, Target, Targets

if TYPE_CHECKING:
    from httpx2 import AsyncHTTPTransport, Response

# Deliveries in flight at one time, all accounts together.
IN_FLIGHT = 20
# Bytes of an answer that are read, and characters of it that are shown.
MOST_READ, MOST_SHOWN = 64 * 1024, 1_000
# Connecting has a limit of its own, below the whole one: the library lets go of a socket properly only when it is it
# that loses patience, not when it is broken off in a handshake.
_CONNECT_SECONDS, _CONNECT_SHARE = 5.0, 0.8
_HEADERS = {"content-type": "application/json", "user-agent": "mock-sent", "accept": "*/*"}


class Outcome(NamedTuple):
    """What came of an attempt. `spent` is how long it took, in nanoseconds of the machine."""

    status: int | None
    answer: str | None
    error: str | None
    spent: int = 0

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Log(Protocol):
    """Where what nobody asked for, but somebody must know, is told."""

    def event(self, event: str, **about: Any) -> None: ...


class Courier:
    """Posts bodies to where `targets` lets them go."""

    def __init__(self, targets: Targets, log: Log, in_flight: int = IN_FLIGHT) -> None:
        self._targets = targets
        self._in_flight = in_flight
        self._turns: asyncio.Semaphore | None = None
        self._pools: dict[str, AsyncHTTPTransport] = {}
        self.log = log

    @property
    def targets(self) -> Targets:
        return self._targets

    async def carry(self, url: str, body: bytes, headers: Callable[[], Mapping[str, str]], timeout: float) -> Outcome:
        """One attempt. Never raises: what went wrong is told in the outcome. The headers are made at the last moment.

        The time-out is the machine's time: the receiver is a real program, whatever the account's clock says.
        """
        if self._turns is None:
            self._turns = asyncio.Semaphore(self._in_flight)
        started = ticks()
        async with self._turns:
            outcome = await self._attempt(url, body, headers, timeout)
        return outcome._replace(spent=ticks() - started)

    async def close(self) -> None:
        while self._pools:
            _, pool = self._pools.popitem()
            await pool.aclose()

    async def _attempt(
        self, url: str, body: bytes, headers: Callable[[], Mapping[str, str]], timeout: float
    ) -> Outcome:
        self._transport("https" if url.lower().startswith("https:") else "http")  # its first use loads httpx2
        try:
            async with asyncio.timeout(timeout):
                target = await self._targets.aim(url)
                connect = min(_CONNECT_SECONDS, timeout) * _CONNECT_SHARE
                return await self._post(target, body, headers(), connect)
        except Forbidden as e:
            return Outcome(None, None, f"not delivered: {e}")
        except TimeoutError:
            return Outcome(None, None, f"no answer within {timeout:g} s")
        except Exception as e:  # whatever a receiver or a library does, the next delivery must go out
            return Outcome(None, None, one_line(f"{type(e).__name__}: {e}".rstrip(": "), 300))

    async def _post(self, target: Target, body: bytes, headers: Mapping[str, str], connect: float) -> Outcome:
        from httpx2 import ConnectError, ConnectTimeout

        for address in target.addresses[:-1]:
            try:
                return await self._post_to(address, target, body, headers, connect)
            except (ConnectError, ConnectTimeout):
                pass  # `localhost` is ::1 and 127.0.0.1, and a receiver often listens on one of them
        return await self._post_to(target.addresses[-1], target, body, headers, connect)

    async def _post_to(
        self, address: str, target: Target, body: bytes, headers: Mapping[str, str], connect: float
    ) -> Outcome:
        from httpx2 import Request

        host = f"[{address}]" if ":" in address else address
        # The URL holds the address that was judged, so that no second look-up can give another one.
        request = Request(
            "POST",
            f"{target.scheme}://{host}:{target.port}{target.path}",
            content=body,
            headers={"host": target.authority, **_HEADERS, **headers},
            extensions={"sni_hostname": target.host, "timeout": {"connect": connect}},
        )
        response = await self._transport(target.scheme).handle_async_request(request)
        try:
            return _judged(response, await _beginning(response))
        finally:
            await response.aclose()

    def _transport(self, scheme: str) -> "AsyncHTTPTransport":
        """The pool of a scheme. Below httpx2's client there are no redirects, no proxies and no cookies to mix up."""
        pool = self._pools.get(scheme)
        if pool is None:
            from httpx2 import AsyncHTTPTransport, Limits  # heavy, and only a webhook needs it

            limits = Limits(max_connections=self._in_flight, max_keepalive_connections=self._in_flight)
            # Loading the certificates takes a while, and http needs none.
            pool = AsyncHTTPTransport(verify=scheme == "https", trust_env=False, limits=limits)
            self._pools[scheme] = pool
        return pool


async def _beginning(response: "Response") -> bytes:
    """As much of the answer as anybody looks at."""
    chunks, size = [], 0
    assert isinstance(response.stream, AsyncIterable)
    async for chunk in response.stream:
        chunks.append(chunk)
        size += len(chunk)
        if size >= MOST_READ:
            break
    return b"".join(chunks)[:MOST_READ]


def _judged(response: "Response", content: bytes) -> Outcome:
    text = content[: 4 * MOST_SHOWN].decode("utf-8", "replace")[:MOST_SHOWN]
    status = response.status_code
    if 200 <= status < 300:
        return Outcome(status, text, None)
    if 300 <= status < 400:
        return Outcome(status, text, f"the receiver answered {status}; redirects are not followed")
    return Outcome(status, text, f"the receiver answered {status}")
