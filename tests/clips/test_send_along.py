"""A clip's own file sent along with its order, where no link can be given."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from clipboard.clips import submit, tasks, watched
from clipboard.clips.models import Job
from tests import factories
from tests.clips.at_sandbox import account_at, due, fault, words
from tests.clips.ordering import HTMX, given, post

pytestmark = pytest.mark.django_db

KEY = "sk-0123456789"
GENERATE = "POST /v2/generate"
DUB = {"model": "sync-3", "sound": "dub", "dubParams.targetLang": "es"}


@pytest.fixture
def account(sandbox, team):
    return account_at(sandbox, team, "sync", KEY)


@pytest.fixture
def clip(team, sample):
    name = factories.make_file("clips/1/a.mp4", sample.read_bytes())
    return factories.make_clip(team=team, file=name)


@pytest.fixture
def order(editor_client, account, clip):
    post(editor_client, "order_create", clip.source, given(account, options=DUB, clip=clip.pk))
    return Job.objects.get(provider="sync")


@pytest.fixture
def there(sandbox):
    """What was made there, and what was charged."""

    def look():
        made = sandbox.world("sync", KEY).all("generation")
        return len(made), len(sandbox.memory.ledger())

    return look


def work():
    """One look of each kind of worker."""
    due(Job)
    tasks.speak_now()
    while tasks.look_now([Job]):
        pass


def test_the_form_says_that_the_file_goes_along(editor_client, account, clip):
    data = given(account, options=DUB, clip=clip.pk)
    page = post(editor_client, "order_form", clip.source, data, **HTMX).content.decode()
    assert "sync.so gets these choices and the file of this clip itself" in page
    assert "PUBLIC_BASE_URL" not in page
    page = post(editor_client, "order_estimate", clip.source, data, **HTMX).content.decode()
    assert "It costs" in page


def test_it_goes_along_once(order, sandbox, sample, there, clock):
    assert order.wants_upload
    work()
    order.refresh_from_db()
    assert (order.state, order.progress) == ("running", 0)
    assert there() == (1, 1)
    (made,) = sandbox.world("sync", KEY).all("generation")
    name = made["input"][-1]["url"].partition("/files/")[2].partition("?")[0]
    assert sandbox.outputs.file(name).read_bytes() == sample.read_bytes()

    clock.skip(20)
    work()
    order.refresh_from_db()
    assert (order.state, order.clips.get().version_of) == ("succeeded", order.clip)


def test_workers_for_short_steps_leave_it_alone(order, there):
    tasks.speak_now()
    order.refresh_from_db()
    assert (order.state, there()) == ("queued", (0, 0))


@pytest.mark.parametrize("does", [{"hang_up": "after"}, {"hang_up": "before"}, {"status": 502}])
def test_an_order_whose_answer_is_lost_goes_again_under_its_key(order, sandbox, there, does):
    fault(sandbox, does, matches=GENERATE, provider="sync", key=KEY)
    work()
    order.refresh_from_db()
    assert order.state == "outcome_unknown"

    for _ in range(3):
        work()

    order.refresh_from_db()
    assert order.state == "running"
    assert there() == (1, 1)


def test_the_list_tells_of_it_when_its_key_may_be_forgotten(order, sandbox, there):
    fault(sandbox, {"hang_up": "after"}, matches=GENERATE, provider="sync", key=KEY)
    work()
    Job.objects.update(sent_at=timezone.now() - timedelta(hours=30))
    work()
    order.refresh_from_db()
    assert (order.state, there()) == ("running", (1, 1))


def test_no_clip_gets_another_s_version(order, editor_client, sandbox, sample, there):
    name = factories.make_file("clips/1/b.mp4", sample.read_bytes() + b"\0" * 8)
    other = factories.make_clip(team=order.source.team, job=order.clip.job, file=name)
    again = given(order.account, options=DUB, clip=other.pk)
    post(editor_client, "order_create", order.source, again)
    second = Job.objects.get(clip=other)
    for does in ({"hang_up": "before"}, {"hang_up": "after"}):
        fault(sandbox, does, matches=GENERATE, provider="sync", key=KEY)
    work()
    Job.objects.update(sent_at=timezone.now() - timedelta(hours=30))
    work()
    for job in (order, second):
        job.refresh_from_db()
        assert (job.state, job.next_action_at) == ("outcome_unknown", None)
        assert "which may be this one" in job.error
    assert there() == (1, 1)


def test_cancelling_stops_it(order, there, monkeypatch):
    def cancelled_meanwhile(self):
        order.cancel()
        return True

    monkeypatch.setattr(submit.Lease, "should_stop", cancelled_meanwhile)
    monkeypatch.setattr(watched, "TICK_SECONDS", 0)
    work()
    order.refresh_from_db()
    assert (order.state, there()) == ("cancelled", (0, 0))


def test_a_link_is_rather_given(editor_client, account, clip, settings, there):
    settings.PUBLIC_BASE_URL = "https://clips.example.org"
    data = given(account, options=DUB, clip=clip.pk)
    page = post(editor_client, "order_form", clip.source, data, **HTMX).content.decode()
    assert "How sync.so gets the clip" in page
    post(editor_client, "order_create", clip.source, data)
    order = Job.objects.get(provider="sync")
    assert not order.wants_upload

    settings.PUBLIC_BASE_URL = ""
    work()
    order.refresh_from_db()
    assert (order.state, order.wants_upload, there()) == ("running", True, (1, 1))
    assert words(order)[-1].startswith("sync.so took it as")
