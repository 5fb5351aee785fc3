"""The same promises on PostgreSQL: a real server, started here on loopback and ended afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.install import search_path
from tests.running import ROOT, free_port

# What talks to the database in its own words: triggers, full-text search, keyset pages, leases.
PROMISES = [
    "tests/clips/test_due.py",
    "tests/clips/test_queue.py",
    "tests/review/test_favourite.py",
    "tests/review/test_filters.py",
    "tests/review/test_search.py",
    "tests/review/test_tally.py",
    "tests/sharing/test_share_link.py",
]
CHOSEN = "not absurd and not any_address"  # they take a minute
AS_POSTGRES = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


def binaries():
    found = shutil.which("initdb", path=search_path())
    return Path(found).parent if found else None


@pytest.fixture
def postgres():
    programs = binaries()
    if programs is None:
        assert os.environ.get("REQUIRE_ALL") != "1", "REQUIRE_ALL=1 needs PostgreSQL"
        pytest.skip("needs PostgreSQL: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="clipboard-postgres-"))
    if AS_POSTGRES:
        shutil.chown(folder, "postgres")
    port = free_port()
    listen = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    control = [*AS_POSTGRES, programs / "pg_ctl", "-D", folder / "data", "-w", "-s"]
    run(
        [
            *AS_POSTGRES,
            programs / "initdb",
            "-D",
            folder / "data",
            "-A",
            "trust",
            "-N",
            "-E",
            "UTF8",
        ]
    )
    run([*control, "-l", folder / "log", "-o", listen, "start"])
    try:
        user = "postgres" if AS_POSTGRES else os.environ["USER"]
        yield f"postgres://{user}@127.0.0.1:{port}/postgres"
    finally:
        run([*control, "-m", "immediate", "stop"])
        shutil.rmtree(folder)


def run(command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")


@pytest.mark.timeout(240)
def test_it_keeps_its_promises_on_postgresql(postgres, tmp_path):
    outcome = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-k", CHOSEN, *PROMISES],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": postgres, "VAR_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert outcome.returncode == 0, outcome.stdout[-4000:]
