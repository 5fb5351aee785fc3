"""The demonstration: everything alive without a key, against the providers as the sandbox plays
them."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from clipboard.clips import demo, tasks
from clipboard.clips.fetch import source_folder
from clipboard.clips.models import Account, Clip, Download, Job, Source
from clipboard.clips.prepare import stored_name
from clipboard.sandbox.outputs import Outputs
from clipboard.sandbox.registry import VENDORS
from clipboard.sandbox.server import Sandbox
from clipboard.sandbox.sync_webhook import secret_of
from clipboard.sandbox.world import Memory
from tests import factories, recordings

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return recordings.make(tmp_path_factory.mktemp("demo") / "sample.mp4", seconds=6)


@pytest.fixture
def clock():
    class Clock:
        skipped = 0.0

        def __call__(self):
            return timezone.now().timestamp() + self.skipped

    return Clock()


@pytest.fixture
def sandbox(tmp_path, settings, sample, clock):
    outputs = Outputs(tmp_path / "files", fallback=sample, secret=b"s", now=clock)
    sandbox = Sandbox((vendor() for vendor in VENDORS), Memory(now=clock), outputs)
    sandbox.start()
    settings.SANDBOX, settings.SANDBOX_PORT = True, sandbox.server.server_port
    settings.OUTBOUND_ALLOW_HOSTS = [sandbox.netloc]
    settings.PUBLIC_BASE_URL = "http://127.0.0.1:9"
    yield sandbox
    sandbox.close()


@pytest.fixture
def owner(team):
    return factories.make_member(team=team, role="owner")


@pytest.fixture
def ready(team, owner, sandbox):
    """The demonstration, its recording prepared."""
    demo.set_up(team=team, user=owner)
    source = Source.objects.get()
    file = stored_name(source_folder(source) / "recording.mp4")
    Source.objects.update(state=Source.State.READY, file=file, duration=6, next_action_at=None)
    Job.objects.exclude(account=None).update(next_action_at=timezone.now())
    return source


def go_on(clock, *, seconds=60):
    """Let time pass, and do what is due then."""
    clock.skipped += seconds
    Job.objects.filter(account__isnull=False, next_action_at__isnull=False).update(
        next_action_at=timezone.now()
    )
    tasks.speak_now()


def test_it_adds_everything_once(team, owner, sandbox):
    for _ in range(2):
        assert not demo.set_up(team=team, user=owner), "there is no clip for sync.so to change yet"

    assert Source.objects.count() == 1
    accounts = Account.objects.order_by("provider")
    assert [one.provider for one in accounts] == ["reelbot", "reka", "scalereach", "sync"]
    assert all(one.base_url == f"{sandbox.origin}/{one.provider}" for one in accounts)
    assert Account.objects.get(provider="sync").webhook_secret() == secret_of(demo.KEYS["sync"])
    jobs = Job.objects.order_by("provider")
    assert [job.provider for job in jobs] == ["local", "reelbot", "reka", "scalereach"]


def test_another_port_moves_the_accounts(team, owner, sandbox, settings):
    demo.set_up(team=team, user=owner)
    settings.SANDBOX_PORT = 9999
    demo.set_up(team=team, user=owner)
    addresses = Account.objects.values_list("base_url", flat=True)
    assert {address.rpartition("/")[0] for address in addresses} == {"http://127.0.0.1:9999"}
    assert len(addresses) == 4


def test_a_job_at_each_brings_clips(team, owner, ready, sandbox, clock):
    tasks.speak_now()
    states = Job.objects.exclude(account=None).values_list("provider", "state", "error")
    assert all(state == "running" for _, state, _ in states), list(states)
    for _ in range(4):
        go_on(clock)
    assert not Job.objects.exclude(account=None).exclude(state="succeeded").exists()
    counts = {one: Clip.objects.filter(provider=one).count() for one in demo.KEYS}
    assert counts == {"reka": 3, "scalereach": 3, "reelbot": 1, "sync": 0}

    assert tasks.look_now([Download])
    assert demo.set_up(team=team, user=owner), "sync.so was given the first clip"
    tasks.speak_now()
    go_on(clock)
    version = Clip.objects.get(provider="sync")
    assert version.version_of.file
    assert demo.set_up(team=team, user=owner)
    assert Job.objects.filter(provider="sync").count() == 1
    assert {row["vendor"] for row in sandbox.memory.ledger()} == set(demo.KEYS)


def test_the_command_wants_a_team(sandbox):
    with pytest.raises(CommandError, match="setup"):
        call_command("demo_setup")


def test_the_command_says_what_follows(owner, sandbox, capsys):
    call_command("demo_setup")
    assert "sync.so" in capsys.readouterr().out
