from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest

from tests import factories
from tests.providers.internet import Handler, Internet, Server


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> Internet:
    net = Internet()
    monkeypatch.setattr(socket, "getaddrinfo", net.resolve)
    monkeypatch.setattr(
        socket.socket, "connect", lambda sock, address: net.connect(sock, address), raising=False
    )
    return net


@pytest.fixture
def start(internet: Internet) -> Iterator[Callable[[Handler], Server]]:
    """Starts servers that only their own loopback address and the internet's routes reach."""
    servers: list[Server] = []

    def start_one(handler: Handler, **options) -> Server:
        servers.append(Server(handler, **options))
        internet.reachable.add(servers[-1].address)
        return servers[-1]

    yield start_one
    for server in servers:
        server.close()


@pytest.fixture
def serve(start: Callable[[Handler], Server], settings) -> Callable[[Handler], Server]:
    """Starts servers that the settings exempt from the guard."""

    def serve_one(handler: Handler) -> Server:
        server = start(handler)
        settings.OUTBOUND_ALLOW_HOSTS = [*settings.OUTBOUND_ALLOW_HOSTS, server.netloc]
        return server

    return serve_one


@pytest.fixture
def owner_client(client, team):
    """One who sees everything, the admin site too."""
    person = factories.make_member(team=team, role="owner")
    person.is_staff = person.is_superuser = True
    person.save()
    factories.sign_in(client, person)
    return client


@pytest.fixture
def account_of(team):
    """account_of("reka") → an account there."""
    return lambda name: factories.make_account(team=team, provider=name)
