"""Carries the product's requests to the sandbox's vendors by a call, instead of over a network.

It sits where the outbound clients hand a finished request to their transport, so that everything
above is the product's own: guard, redirects, caps, and what the clients make of a broken answer.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote

import aiohttp
import httpx

from clipboard.providers import outbound
from clipboard.sandbox.vendor import Ask, Reply, Vendor
from tests.faults.mishaps import Does
from tests.faults.moments import Killed
from tests.faults.vendors import Trade

HOST = "sandbox.example"
ORIGIN = f"https://{HOST}"
SYNC_TROUBLES: dict[str, Callable[[], Exception]] = {
    "refused": lambda: httpx.ConnectError("refused"),
    "tls": lambda: httpx.ConnectError("handshake"),
    "timeout": lambda: httpx.ReadTimeout("silence"),
    "broken": lambda: httpx.RemoteProtocolError("closed without an answer"),
}
ASYNC_TROUBLES: dict[str, Callable[[], Exception]] = {
    "refused": lambda: aiohttp.ConnectionTimeoutError(),
    "tls": lambda: aiohttp.ConnectionTimeoutError(),
    "timeout": lambda: aiohttp.ServerTimeoutError(),
    "broken": lambda: aiohttp.ServerDisconnectedError(),
}
PATIENCE = {"order": 60.0, "ask": 30.0, "list": 30.0, "file": 60.0}


class Lost(Exception):
    """The connection ended like this."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


class Near(Protocol):
    """What a schedule offers to its carrier."""

    trade: Trade

    def meets(self, kind: str, what: str) -> Does: ...
    def reaches(self, place: str) -> None: ...
    def waits(self, seconds: float) -> None: ...
    def asked(self, vendor: Vendor, ask: Ask) -> Reply: ...
    def gives(self, name: str, params: dict[str, list[str]], *, changed: bool) -> bytes | None: ...
    def escapes(self, url: str) -> None: ...


class Carrier:
    """One for all schedules; `near` is the one that runs."""

    near: Near

    def __init__(self, vendors: dict[str, Vendor]) -> None:
        self.vendors = vendors

    def carry(self, request: httpx.Request) -> httpx.Response:
        """Raises Lost."""
        if request.url.host != HOST:
            self.near.escapes(str(request.url))
            raise Lost("refused")
        parts, method = request.url, request.method
        area, _, rest = unquote(parts.path).lstrip("/").partition("/")
        kind = "file" if area == "files" else self.kind_of(method, f"/{rest}")
        does = self.near.meets(kind, rest)
        self.near.reaches(f"before {kind}")
        look_before_sending(request)
        if not does.get("after"):
            self.lose(does, kind)
            if "status" in does:
                return self.respond(reply_of(does), does)
        query = parse_qs(parts.query.decode(), keep_blank_values=True)
        reply = self.reply(area, rest, query, request, does)
        self.near.reaches(f"after {kind}")
        self.lose(does, kind)
        return self.respond(reply_of(does) if "status" in does else reply, does)

    def kind_of(self, method: str, path: str) -> str:
        trade = self.near.trade
        if method == "POST" and path == trade.order_path:
            return "order"
        return "list" if path == trade.jobs_listed_at else "ask"

    def lose(self, does: Does, kind: str) -> None:
        if how := does.get("lost"):
            if how == "timeout":
                self.near.waits(PATIENCE[kind])
            raise Lost(how)

    def reply(
        self, area: str, rest: str, query: dict[str, list[str]], request: httpx.Request, does: Does
    ) -> Reply:
        if area == "files":
            if does.get("round"):
                return Reply(302, "", {"Location": str(request.url)})
            content = self.near.gives(rest, query, changed=bool(does.get("changed")))
            return Reply(403, "<Error/>") if content is None else Reply(200, content)
        headers = {name.lower(): value for name, value in request.headers.items()}
        vendor = self.vendors[area]
        ask = Ask(request.method, f"/{rest}", query, headers, request.read(), f"{ORIGIN}/{area}",
                  None, None)  # type: ignore[arg-type]  # fmt: skip
        return self.near.asked(vendor, ask)

    def respond(self, reply: Reply, does: Does) -> httpx.Response:
        trade = self.near.trade
        body, kind = twisted(reply, does, trade).raw()
        if "raw" in does:
            body = str(does["raw"]).encode()
        if "part" in does:
            body = body[: int(len(body) * does["part"])]
        body += b" " * does.get("pad", 0)
        headers = {"Content-Type": "video/mp4" if kind.endswith("stream") else kind}
        headers |= reply.headers | {str(k): str(v) for k, v in does.get("headers", {}).items()}
        if not does.get("no_length"):
            headers["Content-Length"] = str(len(body))
        sent = body[: int(len(body) * does["cut"])] if "cut" in does else body
        is_short = len(sent) < len(body) and not does.get("no_length")
        return httpx.Response(reply.status, headers=headers, stream=Body(sent, is_short=is_short))


def look_before_sending(request: httpx.Request) -> None:
    """As httpcore does once the connection stands, before it writes anything."""
    request.extensions.get("trace", lambda event, info: None)(outbound.HEADERS_LEAVE, {})


def reply_of(does: Does) -> Reply:
    return Reply(does["status"], does.get("body", {}), dict(does.get("headers", {})))


def twisted(reply: Reply, does: Does, trade: Trade) -> Reply:
    """With another word for the job, or another list of clips."""
    body = reply.body
    if not isinstance(body, dict) or reply.status >= 400:
        return reply
    body = json.loads(json.dumps(body))
    if "word" in does:
        say(body, trade, {"running": trade.running, "failed": trade.failed}.get(does["word"]))
    if does.get("types"):
        body = {name: [value] for name, value in body.items()}
    items = body.get(trade.list_in)
    if "list" in does and isinstance(items, list) and items:
        body[trade.list_in] = listed(items, does["list"])
    return Reply(reply.status, body, reply.headers)


def say(body: dict[str, Any], trade: Trade, word: str | None) -> None:
    *path, last = trade.word
    for name in path:
        body = body.get(name, {})
    if last in body:
        body[last] = "defragmenting" if word is None else int(word) if word.isdigit() else word


def listed(items: list[Any], how: str) -> list[Any]:
    """Shorter only where the service says that there is more to come: who says "this is all" and
    leaves something out cannot be told from one who is right."""
    if how == "reversed":
        return items[::-1]
    if how == "doubled":
        return [*items[1:], *items]
    is_waiting = any(one.get("status") in ("detected", "generating") for one in items)
    return [one for one in items if one.get("status") in ("detected", "generating")] or items \
        if is_waiting else items  # fmt: skip


class Body(httpx.SyncByteStream):
    def __init__(self, content: bytes, *, is_short: bool) -> None:
        self.content, self.is_short = content, is_short

    def __iter__(self) -> Iterator[bytes]:
        yield self.content
        if self.is_short:
            raise httpx.RemoteProtocolError("closed before the whole body had come")

    async def pieces(self) -> AsyncIterator[bytes]:
        """As aiohttp gives them."""
        yield self.content
        if self.is_short:
            raise aiohttp.ClientPayloadError("closed before the whole body had come")


class Transport(httpx.BaseTransport):
    """For `outbound.Client`."""

    def __init__(self, carrier: Carrier) -> None:
        self.carrier = carrier

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return self.carrier.carry(request)
        except Lost as lost:
            raise SYNC_TROUBLES[lost.how]() from None


class Session:
    """For `outbound_async.AsyncClient`, in the place of aiohttp's."""

    def __init__(self, carrier: Carrier) -> None:
        self.carrier = carrier

    @asynccontextmanager
    async def request(
        self, method: str, url: Any, *, headers: Any, data: bytes | None = None, **more: Any
    ) -> AsyncIterator[Any]:
        request = httpx.Request(method, str(url), headers=headers, content=data)
        try:
            response = self.carrier.carry(request)
        except Killed:  # its own thread is told by the next thing that it does
            raise aiohttp.ServerDisconnectedError from None
        except Lost as lost:
            raise ASYNC_TROUBLES[lost.how]() from None
        content = SimpleNamespace(iter_any=response.stream.pieces)
        yield SimpleNamespace(
            status=response.status_code, headers=response.headers, content=content
        )

    async def close(self) -> None:
        """There is nothing to close."""
