from __future__ import annotations

import pytest

from tests.clips.service import Service
from tests.sandbox.conftest import clock, sample, sandbox

__all__ = ["clock", "sample", "sandbox"]


@pytest.fixture
def service(settings):
    service = Service()
    settings.OUTBOUND_ALLOW_HOSTS = [service.netloc]
    yield service
    service.close()


@pytest.fixture
def owner(editor):
    editor.memberships.update(role="owner")
    return editor


@pytest.fixture
def owner_client(client, owner):
    client.force_login(owner, backend="clipboard.teams.backend.MemberBackend")
    return client
