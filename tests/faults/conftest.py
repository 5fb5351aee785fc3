from __future__ import annotations

import pytest

from tests.faults.stage import opened
from tests.faults.videos import Videos, prepare
from tests.prepared import once


@pytest.fixture
def media_root():
    """The stage has its own."""


@pytest.fixture(scope="session")
def videos(tmp_path_factory):
    return Videos(once(tmp_path_factory, "faults", prepare))


@pytest.fixture(scope="module")
def stage(prepared, videos, django_db_blocker):
    with django_db_blocker.unblock(), opened(prepared / "clipboard.sqlite3", videos) as stage:
        yield stage
