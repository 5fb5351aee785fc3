"""The same as `outbound.py` for many questions at once: httpx's requests and answers, carried by
aiohttp's connections.

httpx's own pool gets slower by the square of the requests in flight (encode/httpx#3215). The guard
sits where aiohttp resolves names and where it makes sockets, since it resolves no literal address.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Self

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from httpx_aiohttp import AiohttpTransport

from clipboard.lib.addresses import is_public
from clipboard.providers.answer import Answer
from clipboard.providers.guard import (
    ADDRESSES_TRIED,
    CONNECT_SECONDS,
    PORTS,
    Guard,
    ask_resolver,
    refusal,
)
from clipboard.providers.outbound import (
    IDLE_SECONDS,
    JSON_BYTES,
    REPEATABLE,
    Incoming,
    as_provider_errors,
    build,
    tls,
)

CONNECTIONS = 500


def open_async_client(
    *,
    allow: Iterable[str] | None = None,
    idle: float = IDLE_SECONDS,
    connections: int = CONNECTIONS,
) -> AsyncClient:
    """A client to use in an `async with` block; `allow` and `idle` as for `open_client`.

    `connections`: at most so many at a time; who has waited ten seconds for one gives up.
    """
    return AsyncClient(Guard.from_settings(allow), idle=idle, connections=connections)


class AsyncClient:
    def __init__(self, guard: Guard, *, idle: float, connections: int) -> None:
        self._guard = guard
        self._idle = idle
        self._transport = _transport(guard, connections, is_kept=True)
        # A kept connection may just be closing: a submission lost in it would look like a sent one.
        self._fresh = _transport(guard, connections, is_kept=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._transport.aclose()
        await self._fresh.aclose()

    async def request(
        self,
        method: str,
        url: str,
        *,
        deadline: float = 30,
        max_bytes: int = JSON_BYTES,
        **send: Any,
    ) -> Answer:
        """As `Client.request`, but a redirect is an answer like any other."""
        method = method.upper()
        connect = min(CONNECT_SECONDS, 0.9 * deadline)  # told apart from a lost answer
        timeout = {"connect": None, "read": self._idle, "write": None, "pool": connect}
        with as_provider_errors(method), _as_httpx_errors():
            request = build(method, url, timeout, send)
            async with asyncio.timeout(deadline):
                return await self._ask(request, max_bytes)

    async def _ask(self, request: httpx.Request, max_bytes: int) -> Answer:
        self._check(request.url)
        transport = self._transport if request.method in REPEATABLE else self._fresh
        response = await transport.handle_async_request(request)
        response.request = request
        try:
            incoming = Incoming(response, method=request.method, max_bytes=max_bytes)
            return Answer(incoming.status, incoming.headers, await incoming.gathered())
        finally:
            await response.aclose()

    def _check(self, url: httpx.URL) -> None:
        if url.userinfo:
            raise refusal()
        host = url.raw_host.decode("ascii")
        port = url.port or (443 if url.scheme == "https" else 80)
        self._guard.check(url.scheme, host, port)
        if ":" in host or host.replace(".", "").isdigit():  # aiohttp asks no resolver then
            self._guard.admit(host, port, [host.strip("[]")])


class _GuardedResolver(AbstractResolver):
    """Asks once, and lets aiohttp connect to those very addresses if all of them are allowed."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._exempt: set[tuple[str, int]] = set()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        self._guard.check_host(host, port)
        answers = await asyncio.wrap_future(ask_resolver(host, port))
        found = [(kind, str(address[0])) for kind, address in answers]
        self._guard.admit(host, port, [ip for _, ip in found])
        if self._guard.is_exempt(host, port):
            self._exempt.update((ip, port) for _, ip in found)
        return [
            ResolveResult(hostname=host, host=ip, port=port, family=kind, proto=0, flags=0)
            for kind, ip in found[:ADDRESSES_TRIED]
        ]

    async def close(self) -> None:
        """There is nothing to close."""

    def open_socket(self, found: tuple[Any, ...]) -> socket.socket:
        """The last look, whatever way aiohttp came to that address."""
        family, kind, protocol, _, address = found
        ip, port = str(address[0]), int(address[1])
        is_exempt = (ip, port) in self._exempt or self._guard.is_exempt(ip, port)
        if not is_exempt and not (port in PORTS and is_public(ip)):
            raise refusal()
        return socket.socket(family, kind, protocol)


def _transport(guard: Guard, connections: int, *, is_kept: bool) -> AiohttpTransport:
    def session() -> aiohttp.ClientSession:
        resolver = _GuardedResolver(guard)
        connector = aiohttp.TCPConnector(
            resolver=resolver,
            socket_factory=resolver.open_socket,
            use_dns_cache=False,
            ssl=tls(),
            limit=connections,
            force_close=not is_kept,
        )
        return aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
        )

    return AiohttpTransport(verify=tls(), trust_env=False, client=session)


@contextmanager
def _as_httpx_errors() -> Iterator[None]:
    """What the transport leaves as it was, or calls a failed connection though the request went out
    (a lost submission must not look like one that never left)."""
    try:
        yield
    except httpx.UnsupportedProtocol:
        raise
    except (aiohttp.ClientError, httpx.TransportError) as error:
        raise _rightly(error) from error
    except TimeoutError as error:
        raise httpx.ReadTimeout("deadline") from error
    except UnicodeError:
        raise
    except ValueError as error:
        raise httpx.LocalProtocolError("header") from error


def _rightly(error: Exception) -> httpx.TransportError:
    told = error if isinstance(error, aiohttp.ClientError) else error.__cause__
    if isinstance(told, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)):
        return httpx.ConnectError("connect")
    if isinstance(told, (TimeoutError, aiohttp.ServerTimeoutError)):
        return httpx.ReadTimeout("read")
    return httpx.ReadError("broken")
