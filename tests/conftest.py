from __future__ import annotations

import pytest

from tests import factories


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def team(db):
    return factories.make_team()


@pytest.fixture
def editor(team):
    return factories.make_member(team=team, email="editor@example.org")


@pytest.fixture
def editor_client(client, editor):
    client.force_login(editor, backend="clipboard.teams.backend.MemberBackend")
    return client
