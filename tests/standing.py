"""Rows that stand throughout a file of tests: made once, and for each test as if for it alone.

    from tests.standing import editor, foreign, rows, standing, team

What a test changes is undone after it, as always, and so is what it does to the files.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.test import override_settings

from clipboard.teams.models import Team, User
from tests import factories
from tests.routes import make_rows

__all__ = ["editor", "foreign", "rows", "standing", "team"]


@contextmanager
def standing_rows(blocker, make):
    """What `make` made in the database, until the block ends. For fixtures of a whole module, which
    ask for django_db_setup and django_db_blocker; their tests may change rows, not the objects."""
    around = transaction.atomic()
    with blocker.unblock():
        around.__enter__()
        made = make()
    yield made
    with blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


@pytest.fixture(scope="module")
def standing(django_db_setup, django_db_blocker, tmp_path_factory):
    """The rows of a team, those of another one, and the folder of their files."""
    media = tmp_path_factory.mktemp("standing") / "media"
    with standing_rows(django_db_blocker, lambda: make_both(media)) as made:
        made.files = Files(media)
        yield made


class Files:
    """Those in a folder, put back after a test only where it has touched them."""

    def __init__(self, folder):
        self.folder, self.copy = folder, folder.with_name("copy")
        shutil.copytree(folder, self.copy)
        self.seen = self.look()

    def look(self):
        """Each file's size and when it was written."""
        found = {}
        for where, _, names in os.walk(self.folder):
            for name in names:
                file = os.stat(os.path.join(where, name))
                found[where, name] = (file.st_size, file.st_mtime_ns)
        return found

    def put_back(self):
        if self.look() != self.seen:
            shutil.rmtree(self.folder)
            shutil.copytree(self.copy, self.folder)


def make_both(media):
    with override_settings(MEDIA_ROOT=media):
        team = factories.make_team()
        editor = factories.make_member(team=team, email="editor@example.org")
        south = factories.make_team(name="South")
        foreign = make_rows(south, factories.make_member(team=south))
        rows = make_rows(team, editor)
    return SimpleNamespace(rows=rows, foreign=foreign, editor=editor.pk)


@pytest.fixture
def team(standing, db):
    return Team.objects.get(pk=standing.rows.team)


@pytest.fixture
def editor(standing, db):
    return User.objects.get(pk=standing.editor)


@pytest.fixture
def rows(standing, db, settings):
    settings.MEDIA_ROOT = standing.files.folder
    yield standing.rows
    standing.files.put_back()


@pytest.fixture
def foreign(rows, standing):
    """The rows of a team that nobody in these tests belongs to."""
    return standing.foreign
