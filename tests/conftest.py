from __future__ import annotations

import fcntl
import gc
import shutil
from itertools import count

import hypothesis
import pytest
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, connections
from django.test import TransactionTestCase

from tests import factories
from tests.prepared import once, prepare

# The same examples in every run, and none that is too slow: who looks for new ones says
# --hypothesis-profile=default.
hypothesis.settings.register_profile(
    "same",
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("same")

# Workers take whole files, so that each starts its browser or product once. What takes longest
# starts first, so that no worker is left alone with it in the end; what mostly waits takes turns
# with what mostly computes.
LONG_FIRST = (
    "tests/kill/test_points.py",
    "tests/faults/test_scalereach.py",
    "tests/browser/test_demo.py",
    "tests/engine/test_hostile.py",
    "tests/kill/test_processes.py",
    "tests/faults/test_sync.py",
    "tests/browser/test_upload.py",
    "tests/faults/test_reka.py",
    "tests/browser/test_axe.py",
    "tests/faults/test_reelbot.py",
    "tests/sandbox/test_canary.py",
    "tests/faults/test_vizard.py",
    "tests/browser/test_main_job.py",
    "tests/kill/",
    "tests/engine/test_find.py",
    "tests/browser/",
    "tests/test_postgres.py",
    "tests/faults/",
    "tests/clips/test_prepare.py",
    "tests/clips/test_analyse.py",
    "tests/media/test_tus_clients.py",
    "tests/engine/",
    "tests/clips/",
)
numbers = count(1)
gc.disable()  # until all tests are known: until then next to nothing becomes garbage


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """Workers begin with the same files at the same time: one compiles each, and the others wait
    for it instead of doing the same."""
    if not isinstance(collector, pytest.Module):
        return (yield)
    with (settings.VAR_DIR / f"{collector.path.stem}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return (yield)


def pytest_collection_modifyitems(items):
    items.sort(key=place)


def pytest_collection_finish():
    """What stands by now stays to the end: no collection of garbage need look at it again."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    gc.enable()


def place(item):
    return next(
        (at for at, path in enumerate(LONG_FIRST) if item.nodeid.startswith(path)), len(LONG_FIRST)
    )


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """A VAR_DIR as a first start leaves it, to be copied."""
    return once(tmp_path_factory, "prepared", prepare)


@pytest.fixture(scope="session")
def django_db_keepdb():
    return connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, request):
    """Migrations take seconds: each worker begins with a copy of the same database."""
    if connection.vendor == "sqlite":
        ready = request.getfixturevalue("prepared") / "clipboard.sqlite3"
        shutil.copy(ready, connection.settings_dict["TEST"]["NAME"])


def empty(case):
    """After a test that commits: all but content types and permissions, which Django's own way
    deletes and makes anew, for longer than most tests take."""
    for name in case._databases_names(include_mirrors=False):
        here = connections[name]
        tables = sorted(set(here.introspection.django_table_names(only_existing=True)) - KEPT)
        here.ops.execute_sql_flush(here.ops.sql_flush(no_style(), tables))


KEPT = {"django_migrations", "django_content_type", "auth_permission"}
TransactionTestCase._fixture_teardown = empty


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path_factory):
    """A folder of the test's own, which only those tests make that put something there."""
    settings.MEDIA_ROOT = tmp_path_factory.getbasetemp() / f"media-{next(numbers)}"
    return settings.MEDIA_ROOT


@pytest.fixture
def team(db):
    return factories.make_team()


@pytest.fixture
def editor(team):
    return factories.make_member(team=team, email="editor@example.org")


@pytest.fixture
def editor_client(client, editor):
    factories.sign_in(client, editor)
    return client
