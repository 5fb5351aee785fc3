"""Decides at connect time which addresses we speak to, and how long an exchange may take.

Checking a URL before the request is not enough: its name can resolve to something else a moment
later. So the check sits where the socket is opened: resolve once, refuse unless every answer is
allowed, connect to one of those very answers.
"""

from __future__ import annotations

import re
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpcore
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.http import is_same_domain

from clipboard.lib.addresses import is_public
from clipboard.providers.errors import REFUSED, ProviderError

PORTS = {80, 443}
CONNECT_SECONDS = 10.0
TICK_SECONDS = 1.0
ADDRESSES_TRIED = 4
REFUSAL = (
    "We can't use that address: its name was not found, or it is not public. "
    "Paste a public https:// link that opens in a private window."
)

Answers = list[tuple[socket.AddressFamily, tuple[Any, ...]]]


def refusal() -> ProviderError:
    """One sentence for every refusal, so that it tells nothing about what is inside our network: a
    name that is known there sounds like one that is not."""
    return ProviderError("input", REFUSAL, code=REFUSED)


@dataclass(frozen=True)
class Guard:
    """The rule itself: pure, so that any transport (threads or asyncio) can hold on to it."""

    exempt: frozenset[tuple[str, int]]
    own_hosts: frozenset[str]
    allow_http: bool

    @classmethod
    def from_settings(cls, allow: Iterable[str] | None = None) -> Guard:
        """`allow` ("host:port" each) replaces OUTBOUND_ALLOW_HOSTS; an empty one is strictest."""
        hosts = getattr(settings, "OUTBOUND_ALLOW_HOSTS", ()) if allow is None else allow
        own = {*settings.ALLOWED_HOSTS, urlsplit(getattr(settings, "PUBLIC_BASE_URL", "")).hostname}
        return cls(
            exempt=frozenset(pair for entry in hosts for pair in _hosts_and_ports(entry)),
            own_hosts=frozenset(plain_host(host) for host in own if host and host != "*"),
            allow_http=bool(getattr(settings, "OUTBOUND_ALLOW_HTTP", False)),
        )

    def check(self, scheme: str, host: str, port: int) -> None:
        """Raise the refusal unless such a URL may be asked for at all."""
        if scheme != "https" and not (scheme == "http" and self._may_be_plain(host, port)):
            raise refusal()
        self.check_host(host, port)

    def check_host(self, host: str, port: int) -> None:
        if self.is_exempt(host, port):
            return
        name = plain_host(host)
        if not name or port not in PORTS:
            raise refusal()
        if any(is_same_domain(name, own) for own in self.own_hosts):
            raise refusal()

    def admit(self, host: str, port: int, answers: Iterable[str]) -> None:
        """Raise the refusal unless every address that `host` resolved to is allowed."""
        if self.is_exempt(host, port):
            return
        for answer in answers:
            if not is_public(answer) or answer.removeprefix("::ffff:") in self.own_hosts:
                raise refusal()

    def is_exempt(self, host: str, port: int) -> bool:
        return (plain_host(host), port) in self.exempt

    def _may_be_plain(self, host: str, port: int) -> bool:
        return self.allow_http or self.is_exempt(host, port)


def plain_host(host: str) -> str:
    return host.strip("[]").rstrip(".").lower()


def _hosts_and_ports(entry: str) -> list[tuple[str, int]]:
    parts = re.fullmatch(r"(\[.*\]|[^:]+)(?::([0-9]{1,5}))?", entry.strip())
    if parts is None:
        raise ImproperlyConfigured(f"OUTBOUND_ALLOW_HOSTS: write host:port, not {entry!r}.")
    host, port = parts.groups()
    return [(plain_host(host), number) for number in ([int(port)] if port else sorted(PORTS))]


class GuardedBackend(httpcore.NetworkBackend):
    """Opens sockets for httpcore. The `timeout` that reaches it is a *moment* on the monotonic
    clock, not a span: a server that sends a byte a second can't stretch it."""

    def __init__(self, guard: Guard, *, idle: float, while_waiting: Callable[[], None]) -> None:
        self.guard = guard
        self.idle = idle
        self.while_waiting = while_waiting

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        moment = min(time.monotonic() + CONNECT_SECONDS, _moment(timeout))
        self.guard.check_host(host, port)
        answers = resolve(host, port, moment)
        self.guard.admit(host, port, [str(address[0]) for _, address in answers])
        return GuardedStream(_connect_to_one_of(answers, moment), self.idle, self.while_waiting)


def resolve(host: str, port: int, moment: float) -> Answers:
    """All addresses of `host`, asked once. The system's resolver has no time limit of its own,
    so it is left behind in its thread when `moment` passes."""
    try:
        return ask_resolver(host, port).result(_left(moment, httpcore.ConnectTimeout))
    except TimeoutError:
        raise httpcore.ConnectTimeout("name lookup") from None
    except socket.gaierror as error:
        raise httpcore.ConnectError("name lookup") from error


def ask_resolver(host: str, port: int) -> Future[Answers]:
    """Holds the addresses later, or the refusal of a name that there isn't, or socket.gaierror."""
    asked: Future[Answers] = Future()
    asked.set_running_or_notify_cancel()  # who loses patience must not cancel what the thread fills
    threading.Thread(target=_ask_resolver, args=(asked, host, port), daemon=True).start()
    return asked


def _ask_resolver(asked: Future[Answers], host: str, port: int) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        asked.set_result([(family, address) for family, _, _, _, address in found])
    except socket.gaierror as error:
        is_unknown = error.errno in {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", None)}
        asked.set_exception(refusal() if is_unknown else error)
    except ValueError:  # a name that no DNS label can hold
        asked.set_exception(refusal())
    except OSError as error:
        asked.set_exception(socket.gaierror(socket.EAI_AGAIN, str(error)))


def _connect_to_one_of(answers: Answers, moment: float) -> socket.socket:
    failure: Exception = httpcore.ConnectError("no address")
    for family, address in answers[:ADDRESSES_TRIED]:
        try:
            return _connect(family, address, moment)
        except TimeoutError:
            raise httpcore.ConnectTimeout("connect") from None
        except OSError as error:
            failure = httpcore.ConnectError(error.strerror or "connect")
    raise failure


def _connect(
    family: socket.AddressFamily, address: tuple[Any, ...], moment: float
) -> socket.socket:
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.settimeout(_left(moment, httpcore.ConnectTimeout))
        connection.connect(address)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        connection.close()
        raise
    return connection


class GuardedStream(httpcore.NetworkStream):
    """A socket whose reads and writes end at a moment, wherever the other side dawdles.

    While nothing comes or goes, `while_waiting` is called every second (it may raise to give up).
    """

    def __init__(
        self, connection: socket.socket, idle: float, while_waiting: Callable[[], None]
    ) -> None:
        self._socket = connection
        self._idle = idle
        self._while_waiting = while_waiting

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        moment = self._until(timeout)
        while True:
            left = _left(moment, httpcore.ReadTimeout)
            try:
                self._socket.settimeout(min(left, TICK_SECONDS))
                return self._socket.recv(max_bytes)
            except TimeoutError:
                self._while_waiting()
            except OSError as error:
                raise httpcore.ReadError(error.strerror or "read") from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        rest, moment = memoryview(buffer), self._until(timeout)
        while rest:
            left = _left(moment, httpcore.WriteTimeout)
            try:
                self._socket.settimeout(min(left, TICK_SECONDS))
                rest = rest[self._socket.send(rest) :]
                moment = self._until(timeout)
            except TimeoutError:
                self._while_waiting()
            except OSError as error:
                raise httpcore.WriteError(error.strerror or "write") from error

    def _until(self, timeout: float | None) -> float:
        return min(_moment(timeout), time.monotonic() + self._idle)

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(_moment(timeout), httpcore.ConnectTimeout)
        try:
            self._socket.settimeout(min(left, CONNECT_SECONDS))
            wrapped = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
        except TimeoutError:
            self.close()
            raise httpcore.ConnectTimeout("tls") from None
        except (OSError, ValueError) as error:
            self.close()
            raise httpcore.ConnectError("tls") from error
        return GuardedStream(wrapped, self._idle, self._while_waiting)

    def close(self) -> None:
        self._socket.close()

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":  # an idle connection that has something to say was closed
            return _is_readable(self._socket)
        return None


def _is_readable(connection: socket.socket) -> bool:
    if connection.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))


def _moment(timeout: float | None) -> float:
    return float("inf") if timeout is None else timeout


def _left(moment: float, error: type[Exception]) -> float:
    left = moment - time.monotonic()
    if left <= 0:
        raise error("deadline")
    return left
