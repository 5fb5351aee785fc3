"""Jobs at providers: sent once, asked after, brought home; nothing is lost, nothing paid twice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from clipboard.clips import tasks
from clipboard.clips.models import Account, Clip, Download, Job
from tests import factories, recordings

pytestmark = pytest.mark.django_db

GENERATE = "POST /api/v1/video/generate"
STATUS = "GET /api/v1/video/status/abc123"
FILE = "GET /api/v1/video/download/abc123"
TAKEN = (200, {"success": True, "projectId": "abc123", "status": "queued"})
DONE = (200, {"status": "completed", "message": "Done", "outputKey": "x.mp4"})
CANARY = "rb_live_canary-0123456789"


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    return recordings.make(tmp_path_factory.mktemp("recordings") / "talk.mp4")


@pytest.fixture
def account(team, service):
    return factories.make_account(team=team, base_url=service.url)


@pytest.fixture
def order(account):
    return factories.make_remote_job(
        account=account,
        state=Job.State.QUEUED,
        remote_id="",
        sent_at=None,
        options={"videoType": "cinematic", "topic": "sea", "brollKeys": ["shared/sea.mp4"]},
    )


def words(job):
    return list(job.events.order_by("id").values_list("words", flat=True))


def test_it_sends_an_order_once_and_keeps_its_number(service, order):
    service.says(GENERATE, TAKEN)

    tasks.speak_now()
    tasks.speak_now()

    order.refresh_from_db()
    assert (order.state, order.remote_id) == ("running", "abc123")
    assert order.sent_at
    assert order.deadline_at > timezone.now()
    assert service.calls(GENERATE) == [order.options]
    assert service.asked[0][2]["x-api-key"] == CANARY
    assert words(order) == ["Sent to ReelBot.", "ReelBot took it as abc123."]


@pytest.mark.parametrize(
    "answer", ["hang up", (500, b"Oops"), (502, b"<html>"), (200, b"<html>"), (200, {"ok": 1})]
)
def test_an_order_without_a_clear_answer_is_parked_and_never_sent_again(service, order, answer):
    service.says(GENERATE, answer)

    tasks.speak_now()
    Job.objects.update(lease_until=None)
    tasks.speak_now()

    order.refresh_from_db()
    assert (order.state, order.next_action_at) == ("outcome_unknown", None)
    assert "say here whether it was taken" in order.error
    assert len(service.calls(GENERATE)) == 1


def test_an_order_that_was_surely_not_taken_is_sent_again(service, order):
    down = (503, {"code": "SERVICE_UNAVAILABLE", "message": "Later."})
    service.says(GENERATE, down, TAKEN)
    tasks.speak_now()
    order.refresh_from_db()
    assert (order.state, order.sent_at) == ("queued", None)
    Job.objects.update(next_action_at=timezone.now())
    tasks.speak_now()
    order.refresh_from_db()
    assert order.remote_id == "abc123"


@pytest.mark.parametrize(("remote_id", "state"), [("abc123", "running"), ("", "queued")])
def test_a_person_says_what_became_of_it(account, remote_id, state):
    job = factories.make_remote_job(
        account=account, state=Job.State.OUTCOME_UNKNOWN, remote_id="", next_action_at=None
    )
    assert job.tell_outcome(remote_id=remote_id)
    job.refresh_from_db()
    assert (job.state, job.remote_id) == (state, remote_id)
    assert job.next_action_at
    assert not job.tell_outcome(remote_id="other"), "it is known already"


def test_a_worker_that_died_while_sending_leaves_no_second_order(service, order):
    Job.objects.filter(pk=order.pk).update(state="submitting", sent_at=timezone.now())
    tasks.speak_now()
    order.refresh_from_db()
    assert order.state == "outcome_unknown"
    assert service.asked == []


@pytest.mark.parametrize(
    ("answer", "trouble", "state"),
    [
        ((401, {"code": "UNAUTHORIZED", "message": "No."}), True, "failed"),
        ((402, {"code": "QUOTA_EXCEEDED", "message": "Used up."}), True, "failed"),
        ((400, {"code": "VALIDATION_ERROR", "message": "topic"}), False, "failed"),
        ((429, {"code": "RATE_LIMITED", "message": "Slow."}), False, "queued"),
    ],
)
def test_a_refusal_says_why_and_whom_it_concerns(service, order, account, answer, trouble, state):
    service.says(GENERATE, answer)
    tasks.speak_now()
    order.refresh_from_db()
    account.refresh_from_db()
    assert order.state == state
    assert order.error
    assert bool(account.trouble) is trouble
    assert account.spent.exclude(paused_until=None).exists() is (answer[0] == 429)


def test_an_account_in_trouble_sends_nothing(service, order, account):
    account.report_trouble("The key is not accepted.")
    tasks.speak_now()
    order.refresh_from_db()
    assert (order.state, order.error) == ("failed", "The key is not accepted.")
    assert service.asked == []


def test_the_accounts_budget_is_kept(service, account):
    for _ in range(11):
        factories.make_remote_job(
            account=account, state=Job.State.QUEUED, remote_id="", sent_at=None
        )
    service.says(GENERATE, *((200, {"projectId": f"p{number}"}) for number in range(11)))
    tasks.speak_now()
    assert len(service.calls(GENERATE)) == 10, "ten an hour, whatever the jobs"
    assert Job.objects.filter(state="queued", next_action_at__gt=timezone.now()).count() == 1


def test_it_asks_after_a_job_until_it_is_done(service, account):
    job = factories.make_remote_job(account=account)
    service.says(STATUS, (200, {"status": "processing", "message": "Rendering"}), DONE)
    url = "https://cdn.example/v.mp4?s=1"
    service.says(FILE, (200, {"downloadUrl": url, "expiresAt": "2999-01-01T00:00:00Z"}))

    tasks.speak_now()
    job.refresh_from_db()
    assert (job.state, job.remote_word, job.stage) == ("running", "processing", "Rendering")
    assert job.next_action_at > timezone.now()

    Job.objects.update(next_action_at=timezone.now())
    tasks.speak_now()
    job.refresh_from_db()
    clip = job.clips.get()
    assert (job.state, job.finished_at is not None) == ("succeeded", True)
    assert (clip.status, clip.score, clip.provider) == ("generating", None, "reelbot")
    assert clip.download.url == url


def test_a_job_that_failed_there_says_what_the_provider_said(service, account):
    job = factories.make_remote_job(account=account)
    service.says(STATUS, (200, {"status": "failed", "error": "B-roll not found"}))
    tasks.speak_now()
    job.refresh_from_db()
    assert job.state == "failed"
    assert "B-roll not found" in job.error
    assert job.can_retry


@pytest.mark.parametrize("answer", [(500, b"<h1>"), (200, b"not json"), "hang up"])
def test_a_poll_that_fails_loses_nothing(service, account, answer):
    job = factories.make_remote_job(account=account)
    service.says(STATUS, answer)
    tasks.speak_now()
    job.refresh_from_db()
    assert (job.state, job.lease_owner) == ("running", "")
    assert job.next_action_at > timezone.now() + timedelta(seconds=20)


def test_a_job_that_never_ends_is_given_up(service, account):
    job = factories.make_remote_job(account=account, deadline_at=timezone.now())
    service.says(STATUS, (200, {"status": "processing"}))
    tasks.speak_now()
    job.refresh_from_db()
    assert job.state == "failed"
    assert "did not finish in time" in job.error


def test_no_key_is_told_anywhere(service, account, order, caplog):
    service.says(GENERATE, (500, {"message": f"You sent X-API-Key: {CANARY}"}))
    tasks.speak_now()
    order.refresh_from_db()
    stored = Account.objects.values().get()
    everything = f"{stored} {caplog.text} {order.error} {words(order)} {account.connection()!r}"
    assert CANARY not in everything
    assert account.key_tail == "6789"


def test_a_clips_file_comes_home(service, account, settings, talk):
    clip = factories.make_clip(
        team=account.team,
        job=factories.make_remote_job(account=account),
        status=Clip.Status.GENERATING,
        remote_id="output",
        start=None,
    )
    body = talk.read_bytes()
    service.says("GET /v.mp4", (200, body))
    Download.objects.create(
        clip=clip, url=f"{service.url}/v.mp4?signature=1", next_action_at=timezone.now()
    )

    assert tasks.look_now([Download])

    clip.refresh_from_db()
    assert clip.status == "completed"
    assert Path(clip.file.path).read_bytes() == body
    assert clip.poster
    assert clip.filmstrip
    assert clip.duration > 0
    assert Download.objects.get().sha256


@pytest.mark.parametrize(("times", "state"), [(2, "running"), (3, "expired")])
def test_a_job_that_the_provider_misses_is_looked_for_three_times(service, account, times, state):
    job = factories.make_remote_job(account=account)
    service.says(STATUS, *[(404, {"code": "NOT_FOUND"})] * times, (200, {"status": "queued"}))
    for _ in range(times):
        Job.objects.update(next_action_at=timezone.now())
        tasks.speak_now()
    job.refresh_from_db()
    assert (job.state, job.error) == (state, "ReelBot does not know it any more.")
    if state == "running":
        assert job.next_action_at - timezone.now() > timedelta(minutes=4)
        Job.objects.update(next_action_at=timezone.now())
        tasks.speak_now()
        job.refresh_from_db()
        assert (job.attempts, job.error) == (0, "")


def test_an_address_that_has_run_out_is_refreshed(service, account, talk):
    clip = factories.make_clip(
        team=account.team,
        job=factories.make_remote_job(account=account),
        status=Clip.Status.GENERATING,
        remote_id="output",
        start=None,
    )
    service.says("GET /old.mp4", (403, b""))
    service.says("GET /new.mp4", (200, talk.read_bytes()))
    service.says(FILE, (200, {"downloadUrl": f"{service.url}/new.mp4"}))
    Download.objects.create(clip=clip, url=f"{service.url}/old.mp4", next_action_at=timezone.now())

    tasks.look_now([Download])

    clip.refresh_from_db()
    assert clip.status == "completed"
    assert len(service.calls(FILE)) == 1
