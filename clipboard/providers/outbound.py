"""The one HTTP client: every byte that leaves for, or comes from, another server passes here.

Guarded at connect time (`guard.py`), with a deadline over the whole exchange, a byte cap,
redirects followed by hand, no proxies, cookies or credentials from the surroundings.
"""

from __future__ import annotations

import functools
import logging
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

import httpcore
import httpx

from clipboard.providers.answer import Answer
from clipboard.providers.errors import ProviderError
from clipboard.providers.guard import Guard, GuardedBackend, refusal

REDIRECTS = {301, 302, 303, 307, 308}
MAX_HOPS = 5
JSON_BYTES = 2 * 1024 * 1024
IDLE_SECONDS = 60.0
POOL_SECONDS = 10.0
COMPRESSED = {"gzip", "x-gzip", "deflate", "compress", "x-compress", "br", "zstd"}
REPEATABLE = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"}
HEADERS_LEAVE = "http11.send_request_headers.started"
KEPT_ON_REDIRECT = {"accept", "range"}

# At INFO both write whole URLs, signatures and all.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


def open_client(
    *,
    allow: Iterable[str] | None = None,
    idle: float = IDLE_SECONDS,
    while_waiting: Callable[[], None] = lambda: None,
) -> Client:
    """A client to use in a `with` block and in one thread.

    `allow`: "host:port" entries exempt from the guard instead of OUTBOUND_ALLOW_HOSTS.
    `idle`: seconds without a byte after which an answer counts as dead.
    `while_waiting` runs every second in which nothing comes; it may raise to give up.
    """
    return Client(Guard.from_settings(allow), idle=idle, while_waiting=while_waiting)


class Incoming:
    """An answer whose body is still to come."""

    def __init__(self, response: httpx.Response, *, method: str, max_bytes: int) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.url = response.request.url
        self._response = response
        self._method = method
        self._max_bytes = max_bytes

    @property
    def length(self) -> int | None:
        return length_in(self.headers)

    def chunks(self) -> Iterator[bytes]:
        """The body as it comes over the wire; ProviderError(code="too_large") past the cap."""
        check_head(self.headers, method=self._method, max_bytes=self._max_bytes)
        return self._read()

    def _read(self) -> Iterator[bytes]:
        received = 0
        for chunk in self._response.iter_raw():
            received += len(chunk)
            if received > self._max_bytes:
                raise too_large(self._method, self._max_bytes)
            yield chunk


def check_head(headers: Mapping[str, str], *, method: str, max_bytes: int) -> None:
    """Raises ProviderError for a body that need not be read."""
    if method == "HEAD":
        return
    encodings = headers.get("content-encoding", "").lower().replace(",", " ").split()
    if COMPRESSED & set(encodings):
        raise _fault(method, "The service sent a compressed answer.", "compressed")
    if (length_in(headers) or 0) > max_bytes:
        raise too_large(method, max_bytes)


def length_in(headers: Mapping[str, str]) -> int | None:
    """What Content-Length promises, in bytes, where it counts (not in a chunked answer)."""
    if "transfer-encoding" in headers:
        return None
    text = headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() else None


def too_large(method: str, max_bytes: int) -> ProviderError:
    limit = max(1, max_bytes // 1024**2)
    return _fault(method, f"The answer is larger than {limit:,} MB.", "too_large")


class Client:
    def __init__(self, guard: Guard, *, idle: float, while_waiting: Callable[[], None]) -> None:
        self._guard = guard
        backend = GuardedBackend(guard, idle=idle, while_waiting=while_waiting)
        self._transport = _GuardedTransport(backend, keep_alive=10)
        # A kept connection may just be closing: a submission lost in it would look like a sent one.
        self._fresh = _GuardedTransport(backend, keep_alive=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._transport.close()
        self._fresh.close()

    def request(
        self,
        method: str,
        url: str,
        *,
        deadline: float = 30,
        max_bytes: int = JSON_BYTES,
        follows: bool = True,
        **send: Any,
    ) -> Answer:
        """Send and read the whole answer within `deadline` seconds and `max_bytes`.

        `send` takes httpx.Request's arguments: headers, params, json, data, files, content; and
        `last_look`, which is called when the connection stands, before the first byte of the
        request, and may raise to send nothing.
        `follows`: redirects, of a GET. Any status is an answer; only none raises ProviderError.
        """
        limits: dict[str, Any] = {"deadline": deadline, "max_bytes": max_bytes, "follows": follows}
        with self.stream(method, url, **limits, **send) as incoming:
            body = b"".join(incoming.chunks())
        return Answer(incoming.status, incoming.headers, body)

    @contextmanager
    def stream(
        self,
        method: str,
        url: str,
        *,
        deadline: float,
        max_bytes: int,
        follows: bool = True,
        **send: Any,
    ) -> Iterator[Incoming]:
        """As `request`, the body left to be read with `chunks()` inside the block."""
        moment = time.monotonic() + deadline
        method = method.upper()
        with as_provider_errors(method):
            request = _build(method, url, moment, send)
            response = self._follow(method, request, moment) if follows else self._send(request)
            try:
                yield Incoming(response, method=method, max_bytes=max_bytes)
            finally:
                response.close()

    def _follow(self, method: str, request: httpx.Request, moment: float) -> httpx.Response:
        for _ in range(MAX_HOPS + 1):
            response = self._send(request)
            if response.status_code not in REDIRECTS or "location" not in response.headers:
                return response
            response.close()
            if method not in {"GET", "HEAD"}:  # what costs money is never sent a second time
                raise _fault(method, "The service redirects this request.", "redirected")
            request = _next_hop(request, response.headers["location"], moment)
        raise _fault(method, "That address redirects too many times.", "redirects")

    def _send(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.userinfo:
            raise refusal()
        port = url.port or (443 if url.scheme == "https" else 80)
        self._guard.check(url.scheme, url.raw_host.decode("ascii"), port)
        transport = self._transport if request.method in REPEATABLE else self._fresh
        response = transport.handle_request(request)
        response.request = request
        return response


class _GuardedTransport(httpx.HTTPTransport):
    def __init__(self, backend: GuardedBackend, *, keep_alive: int) -> None:
        super().__init__(verify=tls(), trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls(),
            network_backend=backend,
            max_connections=10,
            max_keepalive_connections=keep_alive,
            keepalive_expiry=15,
        )


@functools.cache
def tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def _build(method: str, url: str, moment: float, send: Mapping[str, Any]) -> httpx.Request:
    # The guard's backend reads these as moments; only the pool's is a span.
    timeout = {"connect": moment, "read": moment, "write": moment, "pool": POOL_SECONDS}
    return build(method, url, timeout, send)


def build(
    method: str, url: str, timeout: Mapping[str, float | None], send: Mapping[str, Any]
) -> httpx.Request:
    headers = headers_from(send.get("headers") or {})
    extensions: dict[str, Any] = {"timeout": dict(timeout)}
    if look := send.get("last_look"):
        extensions["trace"] = functools.partial(_look_before, look)
        send = {name: value for name, value in send.items() if name != "last_look"}
    arguments = {**send, "headers": headers, "extensions": extensions}
    try:
        return httpx.Request(method, url, **arguments)
    except UnicodeError:
        raise unsendable() from None


def _look_before(look: Callable[[], None], event: str, _: object) -> None:
    """For httpcore, which tells of each of its steps (https://www.encode.io/httpcore/extensions)."""
    if event == HEADERS_LEAVE:
        look()


def headers_from(given: Mapping[str, str]) -> dict[str, str]:
    headers = {"user-agent": "clipboard", "accept": "*/*"}
    headers |= {name.lower(): value for name, value in given.items()}
    headers["accept-encoding"] = "identity"  # a bomb can only be unpacked by those who unpack
    if not "".join(headers.values()).isascii():
        raise unsendable()
    return headers


def unsendable() -> ProviderError:
    return ProviderError(
        "input", "The key or a header holds a character that can't be sent.", code="header"
    )


def _next_hop(request: httpx.Request, location: str, moment: float) -> httpx.Request:
    target = request.url.join(location)
    if request.url.scheme == "https" and target.scheme != "https":
        raise refusal()
    kept = {name: request.headers[name] for name in KEPT_ON_REDIRECT if name in request.headers}
    return _build(request.method, str(target), moment, {"headers": kept})


@contextmanager
def as_provider_errors(method: str) -> Iterator[None]:
    try:
        yield
    except (httpx.InvalidURL, httpx.UnsupportedProtocol):
        raise refusal() from None
    except httpx.LocalProtocolError:
        raise ProviderError(
            "input", "The request can't be sent like this.", code="header"
        ) from None
    except (httpx.ConnectTimeout, httpx.ConnectError, httpx.PoolTimeout) as error:
        raise _not_connected(error) from error
    except httpx.TimeoutException as error:
        raise _fault(method, "The server took too long.", "timeout", "network") from error
    except (httpx.HTTPError, httpx.StreamError) as error:
        message = "The connection broke before everything had come."
        raise _fault(method, message, "broken", "network") from error


def _not_connected(error: httpx.HTTPError) -> ProviderError:
    if _caused_by(error, ssl.SSLError):
        return ProviderError(
            "network", "The server's certificate or encryption isn't valid.", code="tls"
        )
    return ProviderError("network", "The server can't be reached.", code="connect")


def _fault(method: str, message: str, code: str, kind: str = "provider") -> ProviderError:
    """After the request went out: for one that may not be repeated, nobody knows what it did."""
    if method not in REPEATABLE:
        return ProviderError("unknown", f"{message} It may have been carried out.", code=code)
    if kind == "network":
        return ProviderError("network", message, code=code)
    return ProviderError("provider", message, code=code, retryable=False)


def _caused_by(error: BaseException | None, kind: type[BaseException]) -> bool:
    while error is not None:
        if isinstance(error, kind):
            return True
        error = error.__cause__ or error.__context__
    return False
