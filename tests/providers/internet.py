"""A small internet: servers that misbehave on purpose, a resolver and a record of connections."""

from __future__ import annotations

import asyncio
import errno
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from ipaddress import ip_address
from typing import Any, TypeVar

import pytest

from clipboard.providers.answer import Answer
from clipboard.providers.errors import ProviderError
from clipboard.providers.outbound import open_client
from clipboard.providers.outbound_async import open_async_client

SECRET = "canary-5d1f"
MB = 1024 * 1024
SOON = 20  # seconds, for what would never end by itself: machines may be busy

T = TypeVar("T")
Handler = Callable[[socket.socket, bytes], None]


class Server:
    """Accepts on loopback; the handler gets the connection and the request, of which
    `peek` takes only a look at the first bytes."""

    def __init__(self, handler: Handler, *, peek: bool = False) -> None:
        self.requests: list[bytes] = []
        self._peek = peek
        self._handler = handler
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.closed = threading.Semaphore(0)  # released for each connection that it has closed
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> tuple[str, int]:
        return self._listener.getsockname()

    @property
    def netloc(self) -> str:
        return f"127.0.0.1:{self.address[1]}"

    def url(self, path: str = "/clip.mp4") -> str:
        return f"http://{self.netloc}{path}"

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        for connection in [self._listener, *self._open]:
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        try:
            request = (
                connection.recv(65536, socket.MSG_PEEK) if self._peek else _request(connection)
            )
            self.requests.append(request)
            self._handler(connection, request)
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the client hung up, which many of these tests want
        finally:
            connection.close()
            self.closed.release()


def _request(connection: socket.socket) -> bytes:
    """The head, and the body if it is a small one."""
    got = connection.recv(65536)
    while got and b"\r\n\r\n" not in got:
        got += connection.recv(65536) or b"\r\n\r\n"
    head, _, body = got.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: ([0-9]+)", head.lower())
    if length and int(length[1]) < 65536:
        while len(body) < int(length[1]):
            body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


class Internet:
    """`names` holds the answers of one look-up after the other, the last one repeating;
    `routes` sends a public address to a server on loopback, a `silent` one
    never answers. Nothing else is reachable."""

    def __init__(self) -> None:
        self.names: dict[str, list[list[str]]] = {}
        self.routes: dict[tuple[str, int], Server] = {}
        self.reachable: set[tuple[str, int]] = set()
        self.silent: set[tuple[str, int]] = set()
        self.lookups: list[str] = []
        self.connects: list[tuple[str, int]] = []
        self._really_resolve = socket.getaddrinfo
        self._really_connect = socket.socket.connect

    def resolve(self, host: str, port: int, *args: object, **kwargs: object) -> list[tuple]:
        self.lookups.append(host)
        if host not in self.names:
            return self._really_resolve(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
            )
        answers = self.names[host]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [_address_info(ip, port) for ip in found]

    def connect(self, connection: socket.socket, address: tuple[str, int]) -> None:
        place = (address[0], address[1])
        self.connects.append(place)
        if place in self.silent:
            raise TimeoutError
        if place in self.routes:
            address = self.routes[place].address
        elif place not in self.reachable:
            raise OSError(errno.ENETUNREACH, "Network is unreachable")
        self._really_connect(connection, address)


def _address_info(ip: str, port: int) -> tuple:
    if ip_address(ip).version == 4:
        return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port))
    return (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (ip, port, 0, 0))


def sends(*parts: bytes) -> Handler:
    def handler(connection: socket.socket, _: bytes) -> None:
        for part in parts:
            connection.sendall(part)

    return handler


def answer(body: bytes = b"", *, status: str = "200 OK", **headers: str) -> bytes:
    """A whole answer; `content_length=None` style overrides are given as header names with `_`."""
    fields = {"content_length": str(len(body)), **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode("latin-1") + body


def drips(head: bytes, drop: bytes = b"a") -> Handler:
    def handler(connection: socket.socket, _: bytes) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(drop)
            time.sleep(0.03)

    return handler


def says_nothing(connection: socket.socket, _: bytes) -> None:
    connection.recv(1)


def never_finds(*_: object, **__: object) -> list[tuple]:
    time.sleep(3 * SOON)
    return []


def resets(connection: socket.socket, _: bytes) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def never_stops(counter: list[int], head: bytes, part: bytes) -> Handler:
    def handler(connection: socket.socket, _: bytes) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(part)
            counter.append(len(part))

    return handler


def ask(url: str, method: str = "GET", **arguments) -> Answer:
    with open_client() as client:
        return client.request(method, url, **{"deadline": 60, **arguments})


def fault_of(url: str, method: str = "GET", **arguments) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        ask(url, method, **arguments)
    assert SECRET not in repr(caught.value) + str(caught.value)
    return caught.value


def run(work: Coroutine[Any, Any, T]) -> T:
    """As asyncio.run, also beside browser tests, which leave a loop running in their thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def ask_async(
    *urls: str, method: str = "GET", client: dict | None = None, **arguments
) -> list[Answer | ProviderError]:
    """The answers (or errors) of one client that asks for one after the other."""

    async def ask_all() -> list[Answer | ProviderError]:
        got: list[Answer | ProviderError] = []
        async with open_async_client(**client or {}) as one:
            for url in urls:
                try:
                    got.append(await one.request(method, url, **{"deadline": 60, **arguments}))
                except ProviderError as error:
                    got.append(error)
        return got

    return run(ask_all())


def fault_of_async(url: str, method: str = "GET", **arguments) -> ProviderError:
    (got,) = ask_async(url, method=method, **arguments)
    assert isinstance(got, ProviderError)
    assert SECRET not in repr(got) + str(got)
    return got
