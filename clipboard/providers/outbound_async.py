"""The same as `outbound.py` for many questions at once, carried by aiohttp.

httpx's own pool gets slower by the square of the requests in flight (encode/httpx#3215). The guard
sits where aiohttp resolves names and where it makes sockets, since it resolves no literal address.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Self

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

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
    as_provider_errors,
    build,
    check_head,
    headers_from,
    tls,
    too_large,
)

CONNECTIONS = 1000
MOST_KEPT = 100
HEADER_BYTES = 64 * 1024  # each; about what httpcore takes of them all
# What every parser reads alike: a lower-case name or four numbers, and a path already quoted.
PLAIN = re.compile(
    r"(https?://[a-z0-9.-]{1,253}(?::[0-9]{1,5})?)/[A-Za-z0-9._~/?&=%+,:;!*'()$@-]{0,2000}"
)


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
        self._connections = connections
        self._checked: set[str] = set()
        self._headers: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}

    async def __aenter__(self) -> Self:
        self.kept = _session(self._guard, self._connections, is_kept=True)
        # A kept connection may just be closing: a submission lost in it would look like a sent one.
        self.fresh = _session(self._guard, self._connections, is_kept=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kept.close()
        await self.fresh.close()

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
        session = self.kept if method in REPEATABLE else self.fresh
        timeout = _timeout(deadline, self._idle)
        try:
            address, sent = self._encoded(method, url, send)
            async with (
                asyncio.timeout(deadline),
                session.request(
                    method, address, timeout=timeout, allow_redirects=False, **sent
                ) as response,
            ):
                body = await _gathered(response, method, max_bytes)
        except Exception:
            with as_provider_errors(method), _as_httpx_errors():
                raise
        return Answer(response.status, response.headers, body)

    def _encoded(self, method: str, url: str, send: dict[str, Any]) -> tuple[URL, dict[str, Any]]:
        """What has a body is encoded by httpx, as in `outbound.py`."""
        if send.keys() - {"headers", "params"}:
            request = build(method, url, {}, send)
            self._check(request.url)
            content = request.read() or None
            return URL(str(request.url)), {"headers": request.headers, "data": content}
        if params := send.get("params"):
            url = f"{url}?{httpx.QueryParams(params)}"
        plain = PLAIN.fullmatch(url)
        if plain is None or plain[1] not in self._checked:
            self._check(httpx.URL(url))
            self._checked.update(plain.groups() if plain else ())
        address = URL(url, encoded=plain is not None)
        return address, {"headers": self._headers_from(send.get("headers") or {})}

    def _headers_from(self, given: Mapping[str, str]) -> dict[str, str]:
        """The same for every poll of an account."""
        name = tuple(given.items())
        if name not in self._headers:
            if len(self._headers) >= MOST_KEPT:
                self._headers.clear()
            self._headers[name] = headers_from(given)
        return self._headers[name]

    def _check(self, url: httpx.URL) -> None:
        if url.userinfo:
            raise refusal()
        host = url.raw_host.decode("ascii")
        port = url.port or (443 if url.scheme == "https" else 80)
        self._guard.check(url.scheme, host, port)
        if ":" in host or host.replace(".", "").isdigit():  # aiohttp asks no resolver then
            self._guard.admit(host, port, [host.strip("[]")])


@lru_cache(maxsize=32)
def _timeout(deadline: float, idle: float) -> aiohttp.ClientTimeout:
    """Connecting is told apart from an answer that was lost; the deadline is kept by the caller."""
    connect = min(CONNECT_SECONDS, 0.9 * deadline)
    return aiohttp.ClientTimeout(
        total=None, connect=connect, sock_read=idle if idle < deadline else None
    )


async def _gathered(response: aiohttp.ClientResponse, method: str, max_bytes: int) -> bytes:
    check_head(response.headers, method=method, max_bytes=max_bytes)
    received = bytearray()
    async for chunk in response.content.iter_any():
        received += chunk
        if len(received) > max_bytes:
            raise too_large(method, max_bytes)
    return bytes(received)


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


def _session(guard: Guard, connections: int, *, is_kept: bool) -> aiohttp.ClientSession:
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
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        max_line_size=HEADER_BYTES,
        max_field_size=HEADER_BYTES,
    )


@contextmanager
def _as_httpx_errors() -> Iterator[None]:
    """A request that may have gone out must not look like one whose connection failed."""
    try:
        yield
    except aiohttp.InvalidURL as error:
        raise httpx.InvalidURL("url") from error
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise httpx.ConnectError("connect") from error
    except TimeoutError as error:
        raise httpx.ReadTimeout("deadline") from error
    except aiohttp.ClientError as error:
        raise httpx.ReadError("broken") from error
    except ValueError as error:
        raise httpx.LocalProtocolError("header") from error
