from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib import admin
from django.core.checks import run_checks
from django_q.models import Schedule

ROOT = Path(__file__).parent.parent
PRODUCTION = {
    "HTTPS": "1",
    "SECRET_KEY": "a-key-for-this-test-only-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
    "ALLOWED_HOSTS": "clips.example.org",
    "PUBLIC_BASE_URL": "https://clips.example.org",
    "MEDIA_SERVE": "accel",
}


BAD = [
    ("PORT", "eighty", "whole number from 1 to 65535"),
    ("HTTPS", "yes", "write 1 for yes or 0 for no"),
    ("MEDIA_SERVE", "apache", "python or accel"),
    ("DATABASE_URL", "nonsense", "postgres://"),
    ("LOG_LEVEL", "LOUD", "DEBUG or INFO"),
    ("TIME_ZONE", "Mars/Olympus", "such as Europe/Berlin"),
    ("CACHE_URL", "nonsense", "redis://"),
    ("PUBLIC_BASE_URL", "clips.example.org", "such as https://clips.example.org"),
    ("SPEECH_MODEL_DIR", "/nowhere", "CTranslate2"),
    ("SANDBOX_SAMPLE", "/nowhere.mp4", "Name a recording"),
    ("ALLOWED_HOSTS", "https://clips.example.org", "such as clips.example.org"),
    ("OUTBOUND_ALLOW_HOSTS", "http://nas/videos", "host names"),
    ("VAR_DIR", "/dev/null/var", "name a folder that this user may write to"),
    ("UPLOAD_KEEP_HOURS", "9000000000", "whole number from 1 to 87600"),
    ("MEDIA_URL_SECONDS", "9000000000000", "whole number from 5 to 31536000"),
]
# Each in a process of its own that has loaded Django already, since to load it takes longest.
CHECK_EACH = """
import json, os, runpy, subprocess, sys
import django.core.management, django.contrib.admin, environ, csp, clipboard.lib.env
for name, value in json.loads(sys.argv[1]):
    sys.stdout.flush()
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        os.environ[name], sys.argv = value, ["manage.py", "check"]
        os.dup2(writer, 2)
        os.close(writer)
        runpy.run_path("manage.py", run_name="__main__")
        sys.exit(0)
    os.close(writer)
    said = open(reader).read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(json.dumps([name, status, said]))
"""


def python(*arguments, var, **environment):
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=kept | {"VAR_DIR": str(var)} | environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def manage(*arguments, var, **environment):
    return python("manage.py", *arguments, var=var, **environment)


def ids():
    return {message.id for message in run_checks() if message.id.startswith("clipboard.")}


def test_the_production_settings_leave_nothing_to_say(tmp_path):
    done = manage("check", "--deploy", "--fail-level", "WARNING", var=tmp_path, **PRODUCTION)

    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What `manage.py check` answers to each bad value: its exit status and what it says."""
    asked = json.dumps([(name, value) for name, value, _ in BAD])
    done = python("-c", CHECK_EACH, asked, var=tmp_path_factory.mktemp("var"))
    assert done.returncode == 0, done.stderr
    return {name: (status, said) for name, status, said in map(json.loads, lines_of(done))}


def lines_of(done):
    return [line for line in done.stdout.splitlines() if line.startswith("[")]


@pytest.mark.parametrize(("name", "advice"), [(name, advice) for name, _, advice in BAD])
def test_a_bad_value_is_named_with_what_would_do(name, advice, told):
    status, said = told[name]

    assert status == 1
    assert name in said
    assert advice in said
    assert "Traceback" not in said


def test_the_secret_key_is_made_once_and_is_for_the_owner_alone(tmp_path):
    shown = "from clipboard.settings import SECRET_KEY; print(SECRET_KEY)"
    made = python("-c", shown, var=tmp_path).stdout.strip()

    assert python("-c", shown, var=tmp_path).stdout.strip() == made
    assert (tmp_path / "secret_key").read_text().strip() == made
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_the_tests_own_settings_pass():
    assert not ids()


def test_media_below_static_files_is_refused(settings):
    settings.MEDIA_ROOT = settings.STATIC_ROOT / "media"

    assert ids() == {"clipboard.E004"}


def test_any_host_is_refused(settings):
    settings.ALLOWED_HOSTS = ["*"]

    assert ids() == {"clipboard.E003"}


def test_an_address_without_tls_is_refused_behind_tls(settings):
    settings.HTTPS, settings.PUBLIC_BASE_URL = True, "http://clips.example.org"

    assert ids() == {"clipboard.E002"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTPS", True),
        ("HOST", "0.0.0.0"),
        ("HOST", "clips.example.org"),
        ("ALLOWED_HOSTS", ["127.0.0.1", "clips.example.org"]),
        ("PUBLIC_BASE_URL", "http://clips.example.org"),
    ],
)
def test_the_sandbox_is_refused_where_others_come(settings, name, value):
    settings.SANDBOX, settings.PUBLIC_BASE_URL = True, ""
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    assert not ids()

    setattr(settings, name, value)

    assert ids() == {"clipboard.E010"}


def test_the_sandbox_opens_its_own_port_and_nothing_else(tmp_path):
    asked = "from clipboard import settings as s; print(s.OUTBOUND_ALLOW_HOSTS, s.PUBLIC_BASE_URL)"

    without = python("-c", asked, var=tmp_path, PORT="9000")
    within = python("-c", asked, var=tmp_path, PORT="9000", SANDBOX="1")

    assert without.stdout.split() == ["[]"]
    assert within.stdout.split() == ["['127.0.0.1:8010']", "http://127.0.0.1:9000"]


def test_the_demonstration_is_set_up_in_the_sandbox_only(tmp_path):
    done = manage("demo_setup", var=tmp_path)

    assert done.returncode == 1
    assert "make demo" in done.stderr


def test_a_queue_that_repeats_itself_is_refused(settings):
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"retry": 10, "timeout": 60}

    assert "clipboard.E008" in ids()


@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
@pytest.mark.parametrize(
    ("change", "code"),
    [({"OPTIONS": {}}, "clipboard.E006"), ({"ATOMIC_REQUESTS": True}, "clipboard.E007")],
)
def test_a_database_that_locks_is_refused(change, code, settings):
    fine = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": {"transaction_mode": "IMMEDIATE"}}
    settings.DATABASES = {"default": fine | change}

    assert code in {message.id for message in checks_of_ours()}


def test_the_queue_on_the_admin_site_is_refused(monkeypatch):
    monkeypatch.setitem(admin.site._registry, Schedule, admin.ModelAdmin(Schedule, admin.site))

    assert {message.id for message in checks_of_ours()} == {"clipboard.E009"}


def checks_of_ours():
    from clipboard.teams.checks import check_settings

    return check_settings(None)
