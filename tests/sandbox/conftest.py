from __future__ import annotations

import time

import pytest

from clipboard.providers.errors import ProviderError
from clipboard.providers.outbound import open_client
from clipboard.providers.registry import PROVIDERS
from clipboard.providers.speak import Connection, carry_out
from clipboard.sandbox.outputs import Outputs
from clipboard.sandbox.registry import VENDORS
from clipboard.sandbox.server import Sandbox
from clipboard.sandbox.world import Memory
from tests import recordings
from tests.remembered import engine_remembers

__all__ = ["engine_remembers"]


class Clock:
    """Stands still but for what is skipped, however slow the machine is, unless it `runs`."""

    def __init__(self):
        self.began = time.time()
        self.skipped = 0.0
        self.runs = False

    def __call__(self):
        return (time.time() if self.runs else self.began) + self.skipped

    def skip(self, seconds):
        self.skipped += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    return recordings.make(tmp_path_factory.mktemp("sandbox") / "sample.mp4")


@pytest.fixture
def sandbox(tmp_path, clock, sample, settings):
    outputs = Outputs(tmp_path / "files", fallback=sample, secret=b"s", now=clock)
    sandbox = Sandbox((vendor() for vendor in VENDORS), Memory(now=clock), outputs)
    sandbox.start()
    settings.OUTBOUND_ALLOW_HOSTS = [sandbox.netloc]
    yield sandbox
    sandbox.close()


@pytest.fixture
def connect(sandbox):
    """connect("reka", "key") → our own connection to the sandbox as that vendor."""

    def to(name, key):
        return Connection(PROVIDERS[name], base_url=sandbox.base_url(name), key=key)

    return to


@pytest.fixture
def asking(connect):
    """asking("reka", "key") → what carries out our adapter's steps there: ask(steps)."""

    def to(name, key):
        def ask(steps, key=key):
            with open_client() as client:
                return carry_out(steps, connect(name, key), client)

        return ask

    return to


@pytest.fixture
def refused():
    """refused(ask, steps) → the ProviderError that it must come to."""

    def by(ask, *steps, **more):
        with pytest.raises(ProviderError) as caught:
            ask(*steps, **more)
        return caught.value

    return by
